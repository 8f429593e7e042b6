//! The local launcher: one process per cell, so many at a time, stopped and resumed as a whole.

use std::collections::{BTreeSet, VecDeque};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};
use std::thread;
use std::time::Duration;

use config::{BackendKind, RunConfig};

use crate::child::{Threads, Worker};
use crate::error::SweepError;
use crate::plan::{Cell, Plan};
use crate::signals::Requests;
use crate::state::Snapshot;
use crate::status::{CellState, inspect, inspect_cell};
use crate::tail::last_lines;
use crate::watch::{Left, Watch};

/// Exit code of a worker that saved its work on request.
const INTERRUPTED: i32 = 75;
const POLL: Duration = Duration::from_millis(50);
/// Lines of a failing cell's log that are shown.
const TAIL: usize = 8;

/// How to launch.
#[derive(Clone, Debug)]
pub struct Options {
    /// Cells at a time; [`default_jobs`] if absent.
    pub jobs: Option<usize>,
    /// Take failed and diverged cells up again.
    pub retry_failed: bool,
    /// Stop everything at the first failing cell.
    pub fail_fast: bool,
    /// Data and judges shared by all cells.
    pub cache: PathBuf,
    /// Ids of the cells to start; all that have to run if absent.
    pub only: Option<BTreeSet<String>>,
}

/// A cell that did not come to its end.
#[derive(Clone, Debug)]
pub struct Failure {
    /// The cell.
    pub cell: Cell,
    /// What went wrong, in words.
    pub reason: String,
    /// The worker's exit code, if it had one.
    pub code: Option<i32>,
    /// Where it logged.
    pub log: PathBuf,
    /// The last lines of that log.
    pub tail: Vec<String>,
}

/// What a launch came to.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// Cells that were run and are proved now.
    pub finished: Vec<Cell>,
    /// Cells that failed in this launch.
    pub failures: Vec<Failure>,
    /// Cells that were stopped, or not started any more, and will resume.
    pub interrupted: Vec<Cell>,
    /// Cells that another process works on.
    pub elsewhere: Vec<Cell>,
    /// Whether a signal asked the launch to stop.
    pub stopped: bool,
}

/// Cells at a time that use this machine's cores: cores over threads per cell if all cells run on the
/// processor, one otherwise, since cells on one GPU only disturb each other.
pub fn default_jobs<'a>(runs: impl Iterator<Item = &'a RunConfig>) -> usize {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let mut threads = 1;
    for run in runs {
        if !on_processor(run.backend.kind) {
            return 1;
        }
        threads = threads.max(run.backend.threads);
    }
    (cores / threads).max(1)
}

/// Whether cells of this backend compute on the processor here; libtorch takes a CUDA device where
/// there is one.
fn on_processor(kind: BackendKind) -> bool {
    match kind {
        BackendKind::Flex => true,
        BackendKind::Libtorch => !Path::new("/proc/driver/nvidia/version").exists(),
        BackendKind::Wgpu => false,
    }
}

/// Runs every cell of the plan that has to run with the program `worker`; blocks until all have
/// ended. SIGINT or SIGTERM asks the workers to save and stop, a second one kills them.
///
/// # Errors
/// The plan or a configuration cannot be written, or signals cannot be listened to. Failing cells
/// are part of the outcome.
pub fn launch(plan: &Plan, options: &Options, worker: &Path) -> Result<Outcome, SweepError> {
    plan.write(Some(worker))?;
    let statuses = inspect(&plan.dir, &plan.file, options.retry_failed);
    let wanted = |id: &str| options.only.as_ref().is_none_or(|only| only.contains(id));
    let due = |index: &usize| statuses[*index].will_run && wanted(&statuses[*index].cell.id);
    let queue: VecDeque<usize> = (0..statuses.len()).filter(due).collect();
    let jobs = options
        .jobs
        .unwrap_or_else(|| default_jobs(queue.iter().map(|&index| &plan.configs[index])));
    let done = statuses.iter().filter(|s| s.state == CellState::Done).count();
    let mut launcher = Launcher {
        plan,
        options,
        worker,
        jobs: jobs.max(1),
        requests: Requests::listen().map_err(SweepError::io("listen to signals for", &plan.dir))?,
        heard: 0,
        watch: Watch::new(plan.file.cells.len(), done),
        queue,
        running: Vec::new(),
        outcome: Outcome::default(),
    };
    launcher.prepare()?;
    launcher.run_cells();
    launcher.watch.close();
    Ok(launcher.outcome)
}

/// A cell and the process that works on it.
struct Running {
    index: usize,
    worker: Worker,
}

struct Launcher<'a> {
    plan: &'a Plan,
    options: &'a Options,
    worker: &'a Path,
    jobs: usize,
    requests: Requests,
    /// Requests to stop that were acted on.
    heard: usize,
    watch: Watch,
    /// Indices of cells that still have to start.
    queue: VecDeque<usize>,
    running: Vec<Running>,
    outcome: Outcome,
}

impl<'a> Launcher<'a> {
    fn cell(&self, index: usize) -> &'a Cell {
        &self.plan.file.cells[index]
    }

    /// Makes ready what cells share, once per distinct data and judges, one after the other: each
    /// uses all cores itself. Cells whose preparation fails fail with it.
    fn prepare(&mut self) -> Result<(), SweepError> {
        let mut groups: Vec<(&RunConfig, Vec<usize>)> = Vec::new();
        for &index in &self.queue {
            let run = &self.plan.configs[index];
            match groups.iter_mut().find(|(first, _)| shares_preparation(first, run)) {
                Some((_, members)) => members.push(index),
                None => groups.push((run, vec![index])),
            }
        }
        let total = groups.len();
        for (number, (run, members)) in groups.into_iter().enumerate() {
            if self.stopping() {
                break;
            }
            let first = self.cell(members[0]);
            let config = self.plan.write_config(first, run)?;
            let log = self.plan.dir.join("prepare.log");
            self.watch.prepare(number + 1, total);
            let mut command = Command::new(self.worker);
            command.arg("prepare").arg("--config").arg(config);
            command.arg("--cache").arg(&self.options.cache);
            let ended = Worker::start(command, &run.backend, "prepare", Threads::All, &log)
                .and_then(|worker| self.wait(worker, &log));
            let (reason, code) = match ended {
                Ok(status) if status.success() => continue,
                // Stopped on request: the cells resume with the next launch.
                Ok(_) if self.heard > 0 => break,
                Ok(status) => {
                    (format!("preparing data and judges {}", words(status)), status.code())
                }
                Err(e) => (format!("cannot start {}: {e}", self.worker.display()), None),
            };
            self.queue.retain(|index| !members.contains(index));
            for index in members {
                self.fail(index, reason.clone(), code, log.clone());
            }
        }
        Ok(())
    }

    /// Waits for a preparation while passing on requests to stop.
    fn wait(&mut self, mut worker: Worker, log: &Path) -> std::io::Result<ExitStatus> {
        loop {
            if let Some(status) = worker.ended()? {
                return Ok(status);
            }
            self.heed(&[&worker]);
            if self.watch.due() {
                self.watch.detail(last_lines(log, 1).pop());
            }
            thread::sleep(POLL);
        }
    }

    fn run_cells(&mut self) {
        // Whether --fail-fast has asked the others to stop; a second signal would end them at once.
        let mut told = false;
        loop {
            let running = std::mem::take(&mut self.running);
            self.heed(&running.iter().map(|r| &r.worker).collect::<Vec<_>>());
            for mut one in running {
                match one.worker.ended() {
                    Ok(None) => self.running.push(one),
                    Ok(Some(status)) => self.settle(&one, status),
                    Err(e) => {
                        one.worker.kill();
                        let reason = format!("its process was lost: {e}");
                        self.fail(one.index, reason, None, self.log(one.index));
                    }
                }
            }
            while self.running.len() < self.jobs && !self.stopping() {
                let Some(index) = self.queue.pop_front() else { break };
                self.start(index);
            }
            if self.running.is_empty() {
                break;
            }
            if self.options.fail_fast && !self.outcome.failures.is_empty() && !told {
                self.running.iter().for_each(|running| running.worker.ask_to_stop());
                told = true;
            }
            if self.watch.due() {
                self.show();
            }
            thread::sleep(POLL);
        }
        for index in std::mem::take(&mut self.queue) {
            self.outcome.interrupted.push(self.cell(index).clone());
        }
    }

    /// Whether no further cell may start.
    fn stopping(&self) -> bool {
        self.heard > 0 || (self.options.fail_fast && !self.outcome.failures.is_empty())
    }

    /// Acts on requests to stop that have come in.
    fn heed(&mut self, workers: &[&Worker]) {
        let count = self.requests.count();
        if count > self.heard {
            self.outcome.stopped = true;
            if self.heard == 0 {
                workers.iter().for_each(|worker| worker.ask_to_stop());
                self.watch.say("stopping: waiting for checkpoints; once more to stop at once");
            }
            if count > 1 {
                workers.iter().for_each(|worker| worker.kill());
            }
            self.heard = count;
        }
    }

    fn log(&self, index: usize) -> PathBuf {
        self.plan.cell_dir(self.cell(index)).join("log.txt")
    }

    fn start(&mut self, index: usize) {
        let (cell, run) = (self.cell(index), &self.plan.configs[index]);
        // Another launch of the same sweep may have taken or finished it in the meantime.
        match inspect_cell(&self.plan.dir, cell, true).state {
            CellState::Running => return self.outcome.elsewhere.push(cell.clone()),
            CellState::Done => return self.finish(cell),
            _ => {}
        }
        let dir = self.plan.cell_dir(cell);
        let log = self.log(index);
        let config = match self.plan.write_config(cell, run) {
            Ok(config) => config,
            Err(e) => return self.fail(index, e.to_string(), None, log),
        };
        let mut command = Command::new(self.worker);
        command.arg("cell").arg("--config").arg(config).arg("--dir").arg(dir);
        command.arg("--cache").arg(&self.options.cache);
        match Worker::start(command, &run.backend, &cell.id, Threads::OfCell, &log) {
            Ok(worker) => {
                self.watch.started(cell, run.train.steps);
                self.running.push(Running { index, worker });
            }
            Err(e) => {
                let reason = format!("cannot start {}: {e}", self.worker.display());
                self.fail(index, reason, None, log);
            }
        }
    }

    /// Judges a cell whose process has ended: by its proof first, then by its exit.
    fn settle(&mut self, ended: &Running, status: ExitStatus) {
        let index = ended.index;
        let cell = self.cell(index);
        let found = inspect_cell(&self.plan.dir, cell, true);
        let asked = self.stopping();
        match (found.state, status.code()) {
            (CellState::Done, _) => self.finish(cell),
            (CellState::Running, _) => {
                self.watch.ended(cell, "is worked on by another process");
                self.outcome.elsewhere.push(cell.clone());
            }
            (_, Some(INTERRUPTED)) => self.interrupt(cell),
            (_, None) if asked => self.interrupt(cell),
            (_, Some(0)) => {
                let reason = "ended without an error, but its done.json does not verify";
                self.fail(index, reason.to_owned(), Some(0), self.log(index));
            }
            (_, code) => {
                // An error that an earlier attempt wrote down says nothing about this one.
                let own = found.snapshot.filter(|s| s.pid == ended.worker.id());
                let error = own.and_then(|s| s.error);
                let reason = error.map_or_else(|| words(status), |e| first_line(&e).to_owned());
                self.fail(index, reason, code, self.log(index));
            }
        }
    }

    fn finish(&mut self, cell: &Cell) {
        self.watch.finished(cell);
        self.outcome.finished.push(cell.clone());
    }

    fn interrupt(&mut self, cell: &Cell) {
        self.watch.ended(cell, "interrupted; resumes with the next run");
        self.outcome.interrupted.push(cell.clone());
    }

    fn fail(&mut self, index: usize, reason: String, code: Option<i32>, log: PathBuf) {
        let cell = self.cell(index);
        self.watch.ended(cell, &format!("FAILED: {reason}"));
        let tail = last_lines(&log, TAIL);
        self.outcome.failures.push(Failure { cell: cell.clone(), reason, code, log, tail });
    }

    fn show(&mut self) {
        let mut left = Left::default();
        for &index in &self.queue {
            left.waiting(self.plan.configs[index].train.steps);
        }
        let mut rows = Vec::new();
        for running in &self.running {
            let cell = self.cell(running.index);
            // What an earlier attempt said does not count.
            let snapshot = Snapshot::read(&self.plan.cell_dir(cell))
                .filter(|snapshot| snapshot.pid == running.worker.id());
            match &snapshot {
                Some(snapshot) => left.running(snapshot),
                None => left.waiting(self.plan.configs[running.index].train.steps),
            }
            let snapshot = snapshot.unwrap_or_default();
            rows.push((cell, snapshot));
        }
        self.watch.show(&rows, left.seconds(self.jobs));
    }
}

/// Whether one preparation serves both: same data, judges and backend.
fn shares_preparation(a: &RunConfig, b: &RunConfig) -> bool {
    a.data == b.data && a.eval == b.eval && a.backend == b.backend
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default().trim_start_matches("error: ")
}

/// How a process ended, in words.
fn words(status: ExitStatus) -> String {
    use std::os::unix::process::ExitStatusExt;
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("ended with exit code {code}"),
        (None, Some(9)) => "was killed (signal 9; was memory short?)".to_owned(),
        (None, signal) => format!("was ended by signal {}", signal.unwrap_or_default()),
    }
}
