//! `state.json`: what a cell is doing right now, for whoever watches.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use record::{CellState, Claim, ErrorKind, Phase, Snapshot};

use crate::memory::peak_mib;

/// At least this often a live process says so.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// Keeps `state.json` current: at most once a second unless something changes, and at least every
/// 15 seconds as long as it lives. An attempt that was outdated writes nothing. Clones share it.
#[derive(Clone)]
pub struct Progress(Arc<Mutex<Inner>>);

struct Inner {
    path: PathBuf,
    claim: Claim,
    content: Snapshot,
    written: Option<Instant>,
    /// Step and moment that the rate is measured from.
    anchor: (usize, Instant),
}

impl Progress {
    /// Starts reporting for a claimed cell directory; `steps` of training lie ahead.
    pub fn new(dir: &Path, steps: usize, claim: &Claim) -> Self {
        let owner = claim.owner();
        let content = Snapshot {
            state: Some(CellState::Running),
            phase: Some(Phase::Data),
            step: 0,
            steps,
            rate: 0.0,
            eta_s: 0.0,
            pid: owner.pid,
            host: owner.host.clone(),
            attempt: owner.attempt.clone(),
            updated: 0,
            peak_mib: None,
            error: None,
            error_kind: None,
        };
        let path = dir.join(Snapshot::FILE);
        let anchor = (0, Instant::now());
        let inner = Inner { path, claim: claim.clone(), content, written: None, anchor };
        let inner = Arc::new(Mutex::new(inner));
        let alive = Arc::downgrade(&inner);
        thread::spawn(move || {
            loop {
                thread::sleep(HEARTBEAT);
                let Some(inner) = alive.upgrade() else { return };
                let mut inner = inner.lock().unwrap_or_else(|e| e.into_inner());
                let running = inner.content.state == Some(CellState::Running);
                if running && inner.written.is_none_or(|at| at.elapsed() >= HEARTBEAT) {
                    inner.write();
                }
            }
        });
        Progress(inner)
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(|e| e.into_inner())
    }

    /// Enters a phase at a step.
    pub fn phase(&self, phase: Phase, step: usize) {
        let mut inner = self.inner();
        inner.content.phase = Some(phase);
        inner.content.step = step;
        inner.anchor = (step, Instant::now());
        inner.write();
    }

    /// Reports a step; writes at most once a second.
    pub fn step(&self, step: usize) {
        let mut inner = self.inner();
        inner.content.step = step;
        let (from, since) = inner.anchor;
        let seconds = since.elapsed().as_secs_f64();
        if seconds > 0.0 && step > from {
            inner.content.rate = (step - from) as f64 / seconds;
            let left = inner.content.steps.saturating_sub(step);
            inner.content.eta_s = left as f64 / inner.content.rate;
        }
        if inner.written.is_none_or(|at| at.elapsed() >= Duration::from_secs(1)) {
            inner.write();
        }
    }

    /// Steps per second since the phase began.
    pub fn rate(&self) -> f64 {
        self.inner().content.rate
    }

    /// Seconds until the last step at the present rate.
    pub(crate) fn seconds_left(&self) -> f64 {
        self.inner().content.eta_s
    }

    /// Reports the end, with the error if there was one.
    pub fn end(&self, state: CellState, error: Option<(String, ErrorKind)>) {
        let mut inner = self.inner();
        inner.content.state = Some(state);
        let (error, kind) = error.unzip();
        inner.content.error = error;
        inner.content.error_kind = kind;
        inner.write();
    }
}

impl Inner {
    fn write(&mut self) {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        self.content.updated = now.as_secs();
        self.content.peak_mib = peak_mib();
        self.written = Some(Instant::now());
        if self.claim.check().is_err() {
            return;
        }
        // A watcher that misses one update loses nothing; training must not stop for it.
        if let Ok(bytes) = serde_json::to_vec(&self.content) {
            let _ = record::write_atomic(&self.path, &bytes);
        }
    }
}
