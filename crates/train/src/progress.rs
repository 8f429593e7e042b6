//! `state.json`: what a cell is doing right now, for whoever watches.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

/// What became of a cell, or what it is at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CellState {
    /// At work.
    Running,
    /// Stopped on request; resumes from its checkpoint.
    Interrupted,
    /// Stopped by an error.
    Failed,
    /// A loss was not finite.
    Diverged,
    /// Complete.
    Done,
}

/// The part of the work that is under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Phase {
    /// Reading or making data.
    Data,
    /// Training or loading judges.
    Judges,
    /// Optimising.
    Train,
    /// Judging the test images.
    Eval,
}

/// The content of `state.json`.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Content {
    state: CellState,
    phase: Phase,
    step: usize,
    steps: usize,
    rate: f64,
    eta_s: f64,
    pid: u32,
    host: String,
    attempt: String,
    updated: u64,
    error: Option<String>,
}

/// Keeps `state.json` current, at most once a second unless something changes.
pub struct Progress {
    path: PathBuf,
    content: Content,
    written: Option<Instant>,
    /// Step and moment that the rate is measured from.
    anchor: (usize, Instant),
}

impl Progress {
    /// Starts reporting for a cell directory; `steps` of training lie ahead.
    pub fn new(dir: &Path, steps: usize, attempt: &str) -> Self {
        let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
        let content = Content {
            state: CellState::Running,
            phase: Phase::Data,
            step: 0,
            steps,
            rate: 0.0,
            eta_s: 0.0,
            pid: std::process::id(),
            host: host.trim().to_owned(),
            attempt: attempt.to_owned(),
            updated: 0,
            error: None,
        };
        let path = dir.join("state.json");
        Progress { path, content, written: None, anchor: (0, Instant::now()) }
    }

    /// Enters a phase at a step.
    pub fn phase(&mut self, phase: Phase, step: usize) {
        self.content.phase = phase;
        self.content.step = step;
        self.anchor = (step, Instant::now());
        self.write();
    }

    /// Reports a step; writes at most once a second.
    pub fn step(&mut self, step: usize) {
        self.content.step = step;
        let (from, since) = self.anchor;
        let seconds = since.elapsed().as_secs_f64();
        if seconds > 0.0 && step > from {
            self.content.rate = (step - from) as f64 / seconds;
            let left = self.content.steps.saturating_sub(step);
            self.content.eta_s = left as f64 / self.content.rate;
        }
        if self.written.is_none_or(|at| at.elapsed() >= Duration::from_secs(1)) {
            self.write();
        }
    }

    /// Steps per second since the phase began.
    pub fn rate(&self) -> f64 {
        self.content.rate
    }

    /// Seconds until the last step at the present rate.
    pub fn seconds_left(&self) -> f64 {
        self.content.eta_s
    }

    /// Reports the end, with the error if there was one.
    pub fn end(&mut self, state: CellState, error: Option<String>) {
        self.content.state = state;
        self.content.error = error;
        self.write();
    }

    fn write(&mut self) {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        self.content.updated = now.as_secs();
        self.written = Some(Instant::now());
        // A watcher that misses one update loses nothing; training must not stop for it.
        if let Ok(bytes) = serde_json::to_vec(&self.content) {
            let _ = proof::write_atomic(&self.path, &bytes);
        }
    }
}
