//! What `state.json` says of a cell, where no proof stands.

use std::fs::{self, File, TryLockError};
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use serde::Deserialize;

use super::CellState;

/// Seconds without a word after which a worker on another machine is taken for dead; a live one
/// speaks at least every 30.
const SILENCE: u64 = 180;

#[derive(Deserialize)]
struct StateFile {
    state: String,
    error: Option<String>,
    #[serde(default)]
    host: String,
    #[serde(default)]
    updated: u64,
}

/// The state, as `cargo xtask status` has it, and the worker's error.
pub(super) fn state_of(dir: &Path) -> (CellState, Option<String>) {
    if locked(dir) {
        return (CellState::Running, None);
    }
    let Ok(text) = fs::read(dir.join("state.json")) else { return (CellState::Waiting, None) };
    let Ok(file) = serde_json::from_slice::<StateFile>(&text) else {
        return (CellState::Waiting, Some("state.json cannot be read".to_owned()));
    };
    let state = match file.state.as_str() {
        "running" if beats_elsewhere(&file) => CellState::Running,
        "running" => {
            let note = "its process ended without a word".to_owned();
            return (CellState::Interrupted, Some(note));
        }
        "interrupted" => CellState::Interrupted,
        "failed" => CellState::Failed,
        "diverged" => CellState::Diverged,
        _ => {
            let note = format!("state.json says `{}`, but there is no done.json", file.state);
            return (CellState::Damaged, Some(note));
        }
    };
    (state, file.error)
}

/// Whether a live process holds the cell's lock.
fn locked(dir: &Path) -> bool {
    File::open(dir.join("lock"))
        .is_ok_and(|file| matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)))
}

/// Whether a worker on another machine, whose lock cannot be seen, spoke lately.
fn beats_elsewhere(file: &StateFile) -> bool {
    let here = fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let elsewhere = !file.host.is_empty() && file.host != here.trim();
    elsewhere && now.abs_diff(file.updated) <= SILENCE
}
