//! A cell on its way through a launch: waiting, then running, perhaps waiting again.

use std::time::{Duration, Instant};

use record::Snapshot;

use crate::child::Worker;
use crate::retry::Trouble;
use crate::stray::Stray;

/// What the launch keeps about a cell that has still to come to its end.
#[derive(Debug, Default)]
pub(crate) struct Job {
    /// Its place in the plan.
    pub(crate) index: usize,
    /// Retries that were used up.
    pub(crate) retries: usize,
    /// What went wrong last, and when it may start again.
    pub(crate) again: Option<(Trouble, Instant)>,
    /// It was stopped because memory was short.
    pub(crate) paused: bool,
    /// It could start now, but the memory does not suffice.
    pub(crate) held: bool,
    /// MiB that it was seen to need before it was paused.
    pub(crate) seen_mib: f64,
}

impl Job {
    pub(crate) fn new(index: usize) -> Job {
        Job { index, ..Job::default() }
    }

    /// Whether it may start as far as time is concerned.
    pub(crate) fn due(&self, now: Instant) -> bool {
        self.again.as_ref().is_none_or(|(_, at)| *at <= now)
    }

    /// How long it still waits before its retry.
    pub(crate) fn wait(&self, now: Instant) -> Option<Duration> {
        let (_, at) = self.again.as_ref()?;
        Some(at.saturating_duration_since(now)).filter(|wait| !wait.is_zero())
    }
}

/// Why a worker was asked to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Why {
    /// The whole launch stops.
    Launch,
    /// Its time is up.
    Time,
    /// Memory is short.
    Memory,
}

/// A cell and the process that works on it.
pub(crate) struct Running {
    pub(crate) job: Job,
    pub(crate) worker: Worker,
    pub(crate) started: Instant,
    /// MiB that it is expected to need.
    pub(crate) expected_mib: f64,
    /// What it said last in this attempt.
    pub(crate) said: Option<Snapshot>,
    /// Why and when it was asked to stop.
    pub(crate) asked: Option<(Why, Instant)>,
    killed: bool,
}

impl Running {
    pub(crate) fn new(job: Job, worker: Worker, expected_mib: f64) -> Running {
        let started = Instant::now();
        Running { job, worker, started, expected_mib, said: None, asked: None, killed: false }
    }

    /// A cell whose worker was found at work.
    pub(crate) fn found(job: Job, stray: Stray, expected_mib: f64) -> Running {
        let now = Instant::now();
        let started = now.checked_sub(stray.age).unwrap_or(now);
        Running { started, ..Running::new(job, Worker::Stray(stray), expected_mib) }
    }

    /// Asks it to save and stop, once: a second signal would end it without a checkpoint.
    pub(crate) fn ask(&mut self, why: Why) {
        if self.asked.is_none() {
            self.worker.ask_to_stop();
            self.asked = Some((why, Instant::now()));
        }
    }

    /// Ends it if it was asked to stop for its own sake and does not within `grace`.
    pub(crate) fn press(&mut self, grace: Duration) {
        let late = |(why, at): (Why, Instant)| why != Why::Launch && at.elapsed() >= grace;
        if !self.killed && self.asked.is_some_and(late) {
            self.worker.kill();
            self.killed = true;
        }
    }

    /// MiB that it holds or has held in this attempt.
    pub(crate) fn peak_mib(&self) -> f64 {
        let said = self.said.as_ref().and_then(|said| said.peak_mib).unwrap_or(0.0);
        crate::memory::peak_mib(self.worker.id()).unwrap_or(0.0).max(said)
    }
}
