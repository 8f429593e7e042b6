//! What becomes of a cell whose process has ended: proved, stopped, failed, or tried again.

use std::path::PathBuf;
use std::process::ExitStatus;
use std::time::Instant;

use record::{Cell, CellState, Exit, inspect_cell, last_lines};

use crate::job::{Job, Running, Why};
use crate::launch::Launcher;
use crate::outcome::Failure;
use crate::remaining::exactly;
use crate::retry::{Trouble, delay};

/// Exit code of a worker that saved its work on request.
const INTERRUPTED: i32 = Exit::Interrupted.code() as i32;
/// Lines of a failing cell's log that are shown.
const TAIL: usize = 8;

impl Launcher<'_> {
    /// Judges a cell whose process has ended: by its proof first, then by its exit.
    pub(crate) fn conclude(&mut self, ended: Running, status: ExitStatus) {
        let cell = self.cell(ended.job.index);
        let found = inspect_cell(&self.plan.dir, cell, true);
        // What an earlier attempt wrote down says nothing about this one.
        let own = found.snapshot.filter(|said| said.pid == ended.worker.id());
        if let Some(own) = &own {
            self.footprints.note(self.run(ended.job.index), own);
        }
        match found.state {
            CellState::Done if !found.will_run => return self.finish(cell),
            CellState::Running => {
                self.watch.ended(cell, "is worked on by another process");
                return self.outcome.elsewhere.push(cell.clone());
            }
            _ => {}
        }
        let stopped = matches!(status.code(), None | Some(INTERRUPTED));
        match (ended.asked, status.code()) {
            (Some((Why::Time, _)), _) if stopped => self.time_out(ended.job),
            (Some((Why::Memory, _)), _) if stopped => self.put_back(ended),
            (Some((Why::Launch, _)), None) | (_, Some(INTERRUPTED)) => self.interrupt(cell),
            (_, Some(0)) => {
                let reason = "ended without an error, but its done.json does not verify";
                self.trouble(ended.job, Trouble::lasting(reason, Some(0)));
            }
            _ => self.trouble(ended.job, Trouble::of(status, own.as_ref())),
        }
    }

    pub(crate) fn finish(&mut self, cell: &Cell) {
        self.watch.finished(cell);
        self.outcome.finished.push(cell.clone());
    }

    fn interrupt(&mut self, cell: &Cell) {
        self.watch.ended(cell, "interrupted; resumes with the next run");
        self.outcome.interrupted.push(cell.clone());
    }

    fn time_out(&mut self, job: Job) {
        let limit = self.options.timeout.map_or_else(String::new, exactly);
        let reason = format!(
            "did not finish within {limit}; its checkpoint stands: run again to go on, or raise \
             --timeout"
        );
        self.trouble(job, Trouble::lasting(reason, None));
    }

    /// Queues a cell again that was stopped because memory was short.
    fn put_back(&mut self, ended: Running) {
        let mut job = ended.job;
        job.paused = true;
        self.queue.push_back(job);
    }

    /// Tries a cell again later if that may help, else counts it as failed.
    pub(crate) fn trouble(&mut self, mut job: Job, trouble: Trouble) {
        let retries = self.options.retries;
        if !trouble.passing || job.retries >= retries || self.stopping() {
            return self.fail(job.index, trouble, self.log(job.index));
        }
        job.retries += 1;
        let pause = delay(self.options.backoff, job.retries);
        let (reason, number) = (&trouble.reason, job.retries);
        let said = format!("{reason}; retry {number} of {retries} in {}", exactly(pause));
        self.watch.tell("retry", self.cell(job.index), &said);
        job.again = Some((trouble, Instant::now() + pause));
        // Its turn had come already: once its time is there, it goes first.
        self.queue.push_front(job);
    }

    pub(crate) fn fail(&mut self, index: usize, trouble: Trouble, log: PathBuf) {
        let cell = self.cell(index);
        let reason = match self.outcome.attempts.get(&cell.id) {
            Some(&attempts) if attempts > 1 => format!("{} ({attempts} attempts)", trouble.reason),
            _ => trouble.reason,
        };
        self.watch.ended(cell, &format!("FAILED: {reason}"));
        let tail = last_lines(&log, TAIL);
        let (cell, code) = (cell.clone(), trouble.code);
        self.outcome.failures.push(Failure { cell, reason, code, log, tail });
    }

    /// Says of every cell that will not start any more what becomes of it: the next launch takes it
    /// up by itself, unless an attempt of this one has left it as failed.
    pub(crate) fn dismiss(&mut self) {
        for job in std::mem::take(&mut self.queue) {
            let cell = self.cell(job.index);
            match job.again {
                Some((trouble, _)) if !inspect_cell(&self.plan.dir, cell, false).will_run => {
                    self.fail(job.index, trouble, self.log(job.index));
                }
                _ => self.outcome.interrupted.push(cell.clone()),
            }
        }
    }
}
