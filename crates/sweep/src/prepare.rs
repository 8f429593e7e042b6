//! What comes before the cells: data and judges, once for all that share them.

use std::fs;
use std::io;
use std::path::Path;
use std::process::ExitStatus;
use std::thread;
use std::time::{Duration, Instant};

use config::RunConfig;
use record::{last_lines, quotation};

use crate::child::{Threads, Worker};
use crate::error::SweepError;
use crate::launch::{Launcher, POLL, StopRequest};
use crate::program::Paths;
use crate::remaining::exactly;
use crate::retry::{Trouble, delay};

impl Launcher<'_> {
    /// Makes ready what cells share, once per distinct data and judges, one after the other: each
    /// uses all cores itself. Cells whose preparation fails fail with it.
    pub(crate) fn prepare(&mut self) -> Result<(), SweepError> {
        let mut groups: Vec<(&RunConfig, Vec<usize>)> = Vec::new();
        for job in &self.queue {
            let run = self.run(job.index);
            match groups.iter_mut().find(|(first, _)| shares_preparation(first, run)) {
                Some((_, members)) => members.push(job.index),
                None => groups.push((run, vec![job.index])),
            }
        }
        let total = groups.len();
        for (number, (run, members)) in groups.into_iter().enumerate() {
            if self.stopping() {
                break;
            }
            let first = self.cell(members[0]);
            let config = self.plan.write_config(first, run)?;
            let dir = self.plan.cell_dir(first);
            let paths = Paths { config: &config, dir: &dir, cache: &self.options.cache };
            let log = self.plan.dir.join("prepare.log");
            self.watch.prepare(number + 1, total);
            if let Err(trouble) = self.prepare_group(run, paths, &log) {
                self.queue.retain(|job| !members.contains(&job.index));
                for index in members {
                    self.fail(index, trouble.clone(), log.clone());
                }
            }
        }
        Ok(())
    }

    /// Prepares for one group, again after failures of the infrastructure. A preparation that was
    /// stopped on request is no failure: the cells resume with the next launch.
    fn prepare_group(
        &mut self,
        run: &RunConfig,
        paths: Paths<'_>,
        log: &Path,
    ) -> Result<(), Trouble> {
        let mut retries = 0;
        loop {
            let written = fs::metadata(log).map_or(0, |about| about.len());
            let command = self.program.prepare(run, paths);
            let ended = Worker::start(command, &run.backend, "prepare", Threads::All, log)
                .and_then(|worker| self.wait(worker, log));
            let trouble = match ended {
                Ok(status) if status.success() || self.heard > 0 => {
                    warnings(log, written).iter().for_each(|line| self.watch.say(line));
                    return Ok(());
                }
                Ok(status) => {
                    let trouble = Trouble::of(status, None);
                    let reason = format!("preparing data and judges {}", trouble.reason);
                    Trouble { reason, ..trouble }
                }
                Err(e) => Trouble::passing(format!("cannot start {}: {e}", self.program.name())),
            };
            if !trouble.passing || retries == self.options.retries {
                return Err(trouble);
            }
            retries += 1;
            let pause = delay(self.options.backoff, retries);
            self.watch.say(&format!("{}; again in {}", trouble.reason, exactly(pause)));
            self.rest(pause);
            if self.heard > 0 {
                return Ok(());
            }
        }
    }

    /// Waits for a preparation while passing on requests to stop.
    fn wait(&mut self, mut worker: Worker, log: &Path) -> io::Result<ExitStatus> {
        loop {
            if let Some(status) = worker.ended()? {
                return Ok(status);
            }
            match self.heed() {
                StopRequest::Nothing => {}
                StopRequest::Stop => worker.ask_to_stop(),
                StopRequest::Kill => worker.kill(),
            }
            if self.watch.due() {
                self.watch.detail(last_lines(log, 1).pop());
            }
            thread::sleep(POLL);
        }
    }

    /// Lets time pass unless the launch is asked to stop.
    fn rest(&mut self, pause: Duration) {
        let end = Instant::now() + pause;
        while Instant::now() < end && matches!(self.heed(), StopRequest::Nothing) {
            thread::sleep(POLL.min(pause));
        }
    }
}

/// How the worker marks what a person should know.
const MARK: &str = " WARN ";
/// Warnings that are repeated on the screen, at most; all of them stand in the log.
const MOST: usize = 10;

/// Warnings in a log behind these bytes: images that were left out, lists that were read another way.
fn warnings(log: &Path, behind: u64) -> Vec<String> {
    let text = fs::read(log).unwrap_or_default();
    let new = text.get(usize::try_from(behind).unwrap_or(usize::MAX)..).unwrap_or_default();
    let new = String::from_utf8_lossy(new);
    let said = new.lines().filter_map(|line| line.split_once(MARK));
    said.take(MOST).map(|(_, warning)| format!("warning: {}", quotation(warning.trim()))).collect()
}

/// Whether one preparation serves both: same data, judges and backend.
pub(crate) fn shares_preparation(a: &RunConfig, b: &RunConfig) -> bool {
    a.data == b.data && a.eval == b.eval && a.backend == b.backend
}
