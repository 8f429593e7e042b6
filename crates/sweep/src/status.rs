//! What became of each cell, with the reason in words, read from the files that lie there.

use std::path::{Path, PathBuf};

use record::{Damage, Owner, Proof};
use serde::Serialize;

use crate::parallel;
use crate::plan::{Cell, PlanFile, cell_dir};
use crate::state::Snapshot;
use crate::tail::last_lines;

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
    Waiting,
}

impl CellState {
    /// Every state, in the order of tables.
    pub const ALL: [CellState; 8] = [
        CellState::Done,
        CellState::Running,
        CellState::Interrupted,
        CellState::Failed,
        CellState::Diverged,
        CellState::Stale,
        CellState::Damaged,
        CellState::Waiting,
    ];

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
            CellState::Waiting => "waiting",
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
    /// What the worker last said; of a running cell nothing that an earlier attempt said.
    pub snapshot: Option<Snapshot>,
    /// The last attempt's error in one line; of failed and diverged cells only.
    pub error: Option<String>,
    /// The log of all attempts; `None` if there was none.
    pub log: Option<PathBuf>,
}

/// How much of a cell's files is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Depth {
    /// Sizes.
    Glance,
    /// Every byte.
    Thorough,
}

/// Inspects every cell of a plan whose results lie in `dir`, every byte that a proof vouches for;
/// touches nothing. `retry_failed` says whether a run would take failed and diverged cells up again.
pub fn inspect(dir: &Path, plan: &PlanFile, retry_failed: bool) -> Vec<CellStatus> {
    parallel::map(&plan.cells, |cell| inspect_cell(dir, cell, retry_failed))
}

/// Inspects one cell, as [`inspect`] does.
pub fn inspect_cell(dir: &Path, cell: &Cell, retry_failed: bool) -> CellStatus {
    look(dir, cell, retry_failed, Depth::Thorough)
}

/// Like [`inspect`], one cell after the other, but compares sizes alone: quick, and blind to a changed
/// byte, which [`verify`](crate::verify) finds.
pub fn glance<'a>(
    dir: &'a Path,
    plan: &'a PlanFile,
    retry_failed: bool,
) -> impl Iterator<Item = CellStatus> + 'a {
    plan.cells.iter().map(move |cell| glance_cell(dir, cell, retry_failed))
}

/// Like [`inspect_cell`], but compares sizes alone.
pub fn glance_cell(dir: &Path, cell: &Cell, retry_failed: bool) -> CellStatus {
    look(dir, cell, retry_failed, Depth::Glance)
}

fn look(dir: &Path, cell: &Cell, retry_failed: bool, depth: Depth) -> CellStatus {
    let dir = cell_dir(dir, &cell.id);
    let mut snapshot = Snapshot::read(&dir);
    let log = snapshot.as_ref().map(|_| dir.join("log.txt"));
    let (state, will_run, reason) = match record::is_claimed(&dir) {
        true => {
            snapshot = of_owner(&dir, snapshot);
            let reason = format!("{} works on it", who(snapshot.as_ref()));
            (CellState::Running, false, reason)
        }
        false => judge(&dir, cell, snapshot.as_ref(), retry_failed, depth),
    };
    let error = matches!(state, CellState::Failed | CellState::Diverged)
        .then(|| error_line(&dir, snapshot.as_ref()))
        .flatten();
    let attempt = snapshot.as_ref().map(|s| s.attempt.clone()).filter(|a| !a.is_empty());
    CellStatus { cell: cell.clone(), state, will_run, reason, attempt, snapshot, error, log }
}

/// What the process that holds the lock last said. Before its first word the file still holds an
/// earlier attempt's.
fn of_owner(dir: &Path, snapshot: Option<Snapshot>) -> Option<Snapshot> {
    let Some(owner) = Owner::read(dir) else { return snapshot };
    match snapshot {
        Some(snapshot) if snapshot.attempt == owner.attempt => Some(snapshot),
        _ => Some(Snapshot {
            state: "running".to_owned(),
            pid: owner.pid,
            host: owner.host,
            attempt: owner.attempt,
            updated: owner.started,
            ..Snapshot::default()
        }),
    }
}

fn who(snapshot: Option<&Snapshot>) -> String {
    snapshot.map_or("a process".to_owned(), |s| {
        let host = if s.host.is_empty() { "this host" } else { &s.host };
        format!("process {} on {host}", s.pid)
    })
}

fn judge(
    dir: &Path,
    cell: &Cell,
    snapshot: Option<&Snapshot>,
    retry_failed: bool,
    depth: Depth,
) -> (CellState, bool, String) {
    let proof = match depth {
        Depth::Glance => Proof::glance(dir, "done.json", &cell.hash),
        Depth::Thorough => Proof::read(dir, "done.json", &cell.hash),
    };
    match proof {
        Proof::Sound => {
            let reason = match depth {
                Depth::Glance => "finished, and its files have their sizes",
                Depth::Thorough => "finished, and its files verify",
            };
            return (CellState::Done, false, reason.to_owned());
        }
        _ if snapshot.is_some_and(beats_elsewhere) => {
            return (CellState::Running, false, format!("{} works on it", who(snapshot)));
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
    match snapshot {
        None => (CellState::Waiting, true, "never ran".to_owned()),
        Some(snapshot) => said(dir, snapshot, retry_failed),
    }
}

/// What follows from a worker's last word, where no proof stands and no process lives.
fn said(dir: &Path, snapshot: &Snapshot, retry_failed: bool) -> (CellState, bool, String) {
    let (step, steps) = (snapshot.step, snapshot.steps);
    let error = || error_line(dir, Some(snapshot)).unwrap_or("no reason given".to_owned());
    let retried = |what: &str| {
        let error = error();
        match retry_failed {
            true => format!("{what}: {error}; runs again as asked"),
            false => format!("{what}: {error}; runs again only with --retry-failed"),
        }
    };
    match snapshot.state.as_str() {
        // A full disk is no fault of the cell: once it is mended, the same command goes on.
        "failed" if snapshot.error_kind.as_deref() == Some("infrastructure") => {
            let reason = format!("failed by the machine: {}; runs again", error());
            (CellState::Failed, true, reason)
        }
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

/// The error of the last attempt in one line, as the worker wrote it down, else the log's last line.
fn error_line(dir: &Path, snapshot: Option<&Snapshot>) -> Option<String> {
    let said = snapshot.and_then(|s| s.error.as_deref()).and_then(|text| text.lines().next());
    let line = match said {
        Some(line) => Some(line.trim_start_matches("error: ").to_owned()),
        None => last_lines(&dir.join("log.txt"), 1).pop(),
    };
    line.map(|line| record::quotation(&line))
}

/// Whether a worker on another machine said lately that it is running.
fn beats_elsewhere(snapshot: &Snapshot) -> bool {
    snapshot.state == "running" && record::beats_elsewhere(&snapshot.host, snapshot.updated)
}
