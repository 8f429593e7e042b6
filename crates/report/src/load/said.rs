//! What `state.json` says of a cell, where no proof stands.

use std::fs;
use std::path::Path;

use serde::Deserialize;

use super::CellState;

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
    if record::is_claimed(dir) {
        return (CellState::Running, None);
    }
    let Ok(text) = fs::read(dir.join("state.json")) else { return (CellState::Waiting, None) };
    let Ok(file) = serde_json::from_slice::<StateFile>(&text) else {
        return (CellState::Waiting, Some("state.json cannot be read".to_owned()));
    };
    let state = match file.state.as_str() {
        "running" if record::beats_elsewhere(&file.host, file.updated) => CellState::Running,
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
