//! What became of each cell, with the reason in words, read from the files that lie there.

use std::fs::{File, TryLockError};
use std::path::Path;

use serde::Serialize;

use crate::plan::{Cell, PlanFile, cell_dir};
use crate::state::Snapshot;
use proof::{Damage, Proof};

/// What became of a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum CellState {
    /// Its outputs are proved.
    Done,
    /// A live process works on it.
    Running,
    /// Stopped on request or killed; resumes.
    Interrupted,
    /// Stopped by an error.
    Failed,
    /// A loss was not finite.
    Diverged,
    /// Finished once, for another configuration or data.
    Stale,
    /// Finished once, but a file is not what was written.
    Damaged,
    /// Never ran.
    New,
}

impl CellState {
    /// The word for tables and JSON.
    pub fn name(self) -> &'static str {
        match self {
            CellState::Done => "done",
            CellState::Running => "running",
            CellState::Interrupted => "interrupted",
            CellState::Failed => "failed",
            CellState::Diverged => "diverged",
            CellState::Stale => "stale",
            CellState::Damaged => "damaged",
            CellState::New => "new",
        }
    }
}

/// The state of one cell and what a run would do about it.
#[derive(Clone, Debug)]
pub struct CellStatus {
    /// The cell.
    pub cell: Cell,
    /// What became of it.
    pub state: CellState,
    /// Whether a run would start it.
    pub will_run: bool,
    /// Why, in words.
    pub reason: String,
    /// Attempt that last worked on it, as the worker named it.
    pub attempt: Option<String>,
    /// What the worker last said.
    pub snapshot: Option<Snapshot>,
}

/// Inspects every cell of a plan whose results lie in `dir`; touches nothing. `retry_failed` says
/// whether a run would take failed and diverged cells up again.
pub fn inspect(dir: &Path, plan: &PlanFile, retry_failed: bool) -> Vec<CellStatus> {
    plan.cells.iter().map(|cell| inspect_cell(dir, cell, retry_failed)).collect()
}

/// Inspects one cell.
pub fn inspect_cell(dir: &Path, cell: &Cell, retry_failed: bool) -> CellStatus {
    let dir = cell_dir(dir, &cell.id);
    let snapshot = Snapshot::read(&dir);
    let (state, will_run, reason) = judge(&dir, cell, snapshot.as_ref(), retry_failed);
    let attempt = snapshot.as_ref().map(|s| s.attempt.clone()).filter(|a| !a.is_empty());
    CellStatus { cell: cell.clone(), state, will_run, reason, attempt, snapshot }
}

fn judge(
    dir: &Path,
    cell: &Cell,
    snapshot: Option<&Snapshot>,
    retry_failed: bool,
) -> (CellState, bool, String) {
    if locked(dir) {
        let who = snapshot.map_or("a process".to_owned(), |s| {
            format!(
                "process {} on {}",
                s.pid,
                if s.host.is_empty() { "this host" } else { &s.host }
            )
        });
        return (CellState::Running, false, format!("{who} works on it"));
    }
    match Proof::read(dir, "done.json", &cell.hash) {
        Proof::Sound => {
            return (CellState::Done, false, "finished, and its files verify".to_owned());
        }
        Proof::Stale => {
            let reason = "finished for another configuration; runs again".to_owned();
            return (CellState::Stale, true, reason);
        }
        Proof::Damaged(damages) => {
            let first = damages.first().map_or_else(String::new, Damage::to_string);
            return (CellState::Damaged, true, format!("{first}; runs again"));
        }
        Proof::Absent => {}
    }
    let Some(snapshot) = snapshot else {
        return (CellState::New, true, "never ran".to_owned());
    };
    let (step, steps) = (snapshot.step, snapshot.steps);
    let error = snapshot.error.as_deref().unwrap_or("no reason given");
    let error = error.lines().next().unwrap_or_default().trim_start_matches("error: ");
    let retried = |what: &str| match retry_failed {
        true => format!("{what}: {error}; runs again as asked"),
        false => format!("{what}: {error}; runs again only with --retry-failed"),
    };
    match snapshot.state.as_str() {
        "failed" => (CellState::Failed, retry_failed, retried("failed")),
        "diverged" => (CellState::Diverged, retry_failed, retried("diverged")),
        "interrupted" => {
            let reason = format!("interrupted at step {step} of {steps}; resumes");
            (CellState::Interrupted, true, reason)
        }
        "running" => {
            let reason = format!(
                "its process ended without a word near step {step} of {steps}; \
                 resumes from its last checkpoint"
            );
            (CellState::Interrupted, true, reason)
        }
        _ => (CellState::Damaged, true, "its done.json is gone; runs again".to_owned()),
    }
}

/// Whether a live process holds the cell's lock. The probe holds it for an instant at most, shared
/// with other probes.
fn locked(dir: &Path) -> bool {
    File::open(dir.join("lock"))
        .is_ok_and(|file| matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)))
}

/// Reads the proof of every cell again: each cell that claims to be done, with the files that are
/// not what was written (none: it is sound).
pub fn verify(dir: &Path, plan: &PlanFile) -> Vec<(Cell, Vec<Damage>)> {
    let check = |cell: &Cell| {
        let dir = cell_dir(dir, &cell.id);
        match Proof::read(&dir, "done.json", &cell.hash) {
            Proof::Absent => None,
            Proof::Sound => Some((cell.clone(), Vec::new())),
            Proof::Damaged(damages) => Some((cell.clone(), damages)),
            Proof::Stale => {
                let problem = "belongs to another configuration or to other data".to_owned();
                Some((cell.clone(), vec![Damage { path: dir.join("done.json"), problem }]))
            }
        }
    };
    plan.cells.iter().filter_map(check).collect()
}
