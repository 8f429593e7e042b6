//! The local launcher: one process per cell, as many at a time as cores, devices and memory allow,
//! stopped and resumed as a whole.

use std::collections::VecDeque;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use config::RunConfig;
use record::{Cell, CellState, CellStatus, inspect};

use crate::error::SweepError;
use crate::footprint::Footprints;
use crate::job::{Job, Running, Why};
use crate::options::Options;
use crate::outcome::Outcome;
use crate::plan::Plan;
use crate::program::{Direct, Program};
use crate::remaining::exactly;
use crate::retry::Trouble;
use crate::signals::Requests;
use crate::slots::{Needs, Slots};
use crate::stray::Stray;
use crate::watch::Watch;

pub(crate) const POLL: Duration = Duration::from_millis(50);
/// Between two looks at memory and at what the cells say.
pub(crate) const LOOK: Duration = Duration::from_millis(500);

/// Runs every cell of the plan that has to run with the program `worker`; blocks until all have
/// ended. SIGINT, SIGTERM or the end of the terminal (SIGHUP, unless that is ignored) asks the workers to
/// save and stop, a second SIGINT or SIGTERM kills them. Workers that a launch before this one has left
/// behind count as this one's.
///
/// # Errors
/// The plan or a configuration cannot be written, or signals cannot be listened to. Failing cells
/// are part of the outcome.
pub fn launch(plan: &Plan, options: &Options, worker: &Path) -> Result<Outcome, SweepError> {
    launch_with(plan, options, worker, &Direct(worker.to_owned()))
}

/// Like [`launch`], with commands that `program` makes; `worker` is what they end up running.
///
/// # Errors
/// As [`launch`].
pub fn launch_with(
    plan: &Plan,
    options: &Options,
    worker: &Path,
    program: &dyn Program,
) -> Result<Outcome, SweepError> {
    plan.write(Some(worker))?;
    let statuses = inspect(&plan.dir, &plan.file, options.retry_failed);
    let wanted = |id: &str| options.only.as_ref().is_none_or(|only| only.contains(id));
    let queue: VecDeque<Job> = (0..statuses.len())
        .filter(|&index| statuses[index].will_run && wanted(&statuses[index].cell.id))
        .map(Job::new)
        .collect();
    let finished = |s: &&CellStatus| s.state == CellState::Done && !s.will_run;
    let done = statuses.iter().filter(finished).count();
    let mut launcher = Launcher {
        plan,
        options,
        program,
        slots: Slots::new(options.machine.cores, options.per_device, options.jobs),
        footprints: Footprints::read(&plan.dir, options.machine.cuda),
        requests: Requests::listen().map_err(SweepError::io("listen to signals for", &plan.dir))?,
        heard: 0,
        watch: Watch::new(plan.file.cells.len(), done),
        queue,
        running: Vec::new(),
        looked: Instant::now(),
        refused: None,
        told_of_memory: false,
        outcome: Outcome::default(),
    };
    launcher.take_over(&statuses);
    launcher.prepare()?;
    launcher.run_cells();
    launcher.watch.close();
    Ok(launcher.outcome)
}

pub(crate) struct Launcher<'a> {
    pub(crate) plan: &'a Plan,
    pub(crate) options: &'a Options,
    pub(crate) program: &'a dyn Program,
    pub(crate) slots: Slots,
    pub(crate) footprints: Footprints,
    requests: Requests,
    /// Requests to stop that were acted on.
    pub(crate) heard: usize,
    pub(crate) watch: Watch,
    /// Cells that still have to start, in order.
    pub(crate) queue: VecDeque<Job>,
    pub(crate) running: Vec<Running>,
    /// When memory and cells were looked at last.
    looked: Instant,
    /// When memory last did not suffice for a cell.
    pub(crate) refused: Option<Instant>,
    /// Whether it was said that cells wait for memory.
    pub(crate) told_of_memory: bool,
    pub(crate) outcome: Outcome,
}

/// A request to stop that has come in since the last look.
pub(crate) enum StopRequest {
    Nothing,
    Stop,
    Kill,
}

impl<'a> Launcher<'a> {
    pub(crate) fn cell(&self, index: usize) -> &'a Cell {
        &self.plan.file.cells[index]
    }

    pub(crate) fn run(&self, index: usize) -> &'a RunConfig {
        &self.plan.configs[index]
    }

    pub(crate) fn needs(&self, index: usize) -> Needs {
        Needs::of(&self.run(index).backend, self.options.machine.cuda)
    }

    /// Takes workers that have lost their launcher into the count, whatever cells were asked for: they
    /// occupy what those need.
    fn take_over(&mut self, statuses: &[CellStatus]) {
        for (index, status) in statuses.iter().enumerate() {
            let cell = self.cell(index);
            let running = status.state == CellState::Running;
            let Some(stray) =
                Some(cell).filter(|_| running).and_then(|c| Stray::of(&self.plan.dir, c))
            else {
                continue;
            };
            self.watch.found(cell, self.run(index).train.steps, stray.pid());
            self.slots.take(self.needs(index));
            let job = Job::new(index);
            let expected = self.expected_mib(&job);
            self.running.push(Running::found(job, stray, expected));
        }
    }

    fn run_cells(&mut self) {
        loop {
            self.pass_on_requests();
            self.collect();
            self.start_ready();
            let over = self.running.is_empty() && (self.queue.is_empty() || self.stopping());
            if over {
                break;
            }
            self.enforce_time();
            if self.looked.elapsed() >= LOOK {
                self.looked = Instant::now();
                self.listen();
                self.relieve();
            }
            if self.watch.due() {
                self.show();
            }
            thread::sleep(POLL);
        }
        self.dismiss();
    }

    /// Whether no further cell may start.
    pub(crate) fn stopping(&self) -> bool {
        self.heard > 0 || (self.options.fail_fast && !self.outcome.failures.is_empty())
    }

    /// What was asked of the whole launch since the last look.
    pub(crate) fn heed(&mut self) -> StopRequest {
        let count = self.requests.count();
        if count == self.heard {
            return StopRequest::Nothing;
        }
        if self.heard == 0 {
            self.watch.say("stopping: waiting for checkpoints; once more to stop at once");
        }
        self.outcome.stopped = true;
        self.heard = count;
        if count > 1 { StopRequest::Kill } else { StopRequest::Stop }
    }

    fn pass_on_requests(&mut self) {
        if matches!(self.heed(), StopRequest::Kill) {
            self.running.iter_mut().for_each(|running| running.ask(Why::Launch));
            self.running.iter().for_each(|running| running.worker.kill());
        }
        if self.stopping() {
            self.running.iter_mut().for_each(|running| running.ask(Why::Launch));
        }
    }

    /// Judges the cells whose processes have ended.
    fn collect(&mut self) {
        for mut one in std::mem::take(&mut self.running) {
            let status = match one.worker.ended() {
                Ok(None) => {
                    self.running.push(one);
                    continue;
                }
                Ok(Some(status)) => Ok(status),
                Err(e) => {
                    one.worker.kill();
                    Err(e)
                }
            };
            self.slots.release(self.needs(one.job.index));
            self.refused = None;
            match status {
                Ok(status) => self.conclude(one, status),
                Err(e) => {
                    self.trouble(one.job, Trouble::passing(format!("its process was lost: {e}")));
                }
            }
        }
    }

    /// Asks cells whose time is up to stop, and ends those that do not.
    fn enforce_time(&mut self) {
        for running in &mut self.running {
            let limit = self.options.timeout.filter(|limit| running.started.elapsed() >= *limit);
            if let (Some(limit), None) = (limit, running.asked) {
                running.ask(Why::Time);
                let cell = &self.plan.file.cells[running.job.index];
                let said = format!("{} are over; it saves a checkpoint", exactly(limit));
                self.watch.tell("timeout", cell, &said);
            }
            running.press(self.options.grace);
        }
    }
}
