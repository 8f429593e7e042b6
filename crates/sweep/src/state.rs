//! `state.json`: what a worker says it is doing.

use std::fs;
use std::path::Path;

use serde::Deserialize;

/// The content of `state.json`. A worker's word: used for display and reasons, never as proof.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Snapshot {
    /// `running`, `interrupted`, `failed`, `diverged` or `done`.
    pub state: String,
    /// `data`, `judges`, `train` or `eval`.
    pub phase: String,
    /// Steps of training behind it.
    pub step: usize,
    /// Steps of training in all.
    pub steps: usize,
    /// Steps per second.
    pub rate: f64,
    /// Seconds of training left.
    pub eta_s: f64,
    /// Process.
    pub pid: u32,
    /// Machine.
    pub host: String,
    /// Names the attempt among all that ever worked on the cell.
    pub attempt: String,
    /// When it was written, seconds since 1970.
    pub updated: u64,
    /// What went wrong.
    pub error: Option<String>,
    /// Whose fault that was: `infrastructure` or `failure`.
    pub error_kind: Option<String>,
    /// The largest resident set of the process so far, in MiB.
    pub peak_mib: Option<f64>,
}

impl Snapshot {
    /// Reads a cell's state; absent or unreadable means that nothing is known.
    pub fn read(dir: &Path) -> Option<Snapshot> {
        serde_json::from_slice(&fs::read(dir.join("state.json")).ok()?).ok()
    }
}
