//! Starting cells: which may start now, and how a process begins.

use std::path::PathBuf;
use std::time::Instant;

use record::{CellState, inspect_cell};

use crate::child::{Threads, Worker};
use crate::job::{Job, Running};
use crate::launch::{LOOK, Launcher};
use crate::program::Paths;
use crate::retry::Trouble;
use crate::slots::Needs;

impl Launcher<'_> {
    /// Starts what may start, in order; a cell that has to wait lets none of its own kind pass.
    pub(crate) fn start_ready(&mut self) {
        if self.refused.is_some_and(|at| at.elapsed() < LOOK) && !self.running.is_empty() {
            return;
        }
        let now = Instant::now();
        self.queue.iter_mut().for_each(|job| job.held = false);
        let mut budget = self.budget();
        let mut full: Vec<Needs> = Vec::new();
        let mut at = 0;
        while at < self.queue.len() && !self.stopping() {
            let (job, needs) = (&self.queue[at], self.needs(self.queue[at].index));
            if !job.due(now) || full.iter().any(|other| other.rivals(needs)) {
                at += 1;
            } else if !self.slots.fit(needs) {
                full.push(needs);
                at += 1;
            } else if !self.affords(at, &mut budget) {
                at += 1;
            } else if let Some(job) = self.queue.remove(at) {
                self.start(job);
            }
        }
    }

    pub(crate) fn log(&self, index: usize) -> PathBuf {
        self.plan.cell_dir(self.cell(index)).join("log.txt")
    }

    fn start(&mut self, mut job: Job) {
        let (cell, run) = (self.cell(job.index), self.run(job.index));
        // Another launch of the same sweep may have taken or finished it in the meantime.
        let found = inspect_cell(&self.plan.dir, cell, true);
        match found.state {
            CellState::Running => {
                self.watch.ended(cell, "is worked on by another process");
                return self.outcome.elsewhere.push(cell.clone());
            }
            CellState::Done if !found.will_run => return self.finish(cell),
            _ => {}
        }
        let attempt = self.outcome.attempts.entry(cell.id.clone()).or_default();
        *attempt += 1;
        let attempt = *attempt;
        let started =
            self.plan.write_config(cell, run).map_err(|e| e.to_string()).and_then(|config| {
                let dir = self.plan.cell_dir(cell);
                let paths = Paths { config: &config, dir: &dir, cache: &self.options.cache };
                let command = self.program.cell(cell, run, paths);
                Worker::start(
                    command,
                    &run.backend,
                    &cell.id,
                    Threads::OfCell,
                    &self.log(job.index),
                )
                .map_err(|e| format!("cannot start {}: {e}", self.program.name()))
            });
        match started {
            Ok(worker) => {
                self.watch.started(cell, run.train.steps, attempt);
                self.slots.take(self.needs(job.index));
                let expected = self.expected_mib(&job);
                (job.paused, job.held) = (false, false);
                self.running.push(Running::new(job, worker, expected));
            }
            Err(reason) => self.trouble(job, Trouble::passing(reason)),
        }
    }
}
