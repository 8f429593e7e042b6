//! What became of each cell, with the reason in words, read from the files that lie there.

use std::path::{Path, PathBuf};

use rayon::prelude::*;

use crate::Owner;
use crate::again::Again;
use crate::life;
use crate::made::Made;
use crate::manifest::{Damage, FileProof, Manifest, Proof};
use crate::plan::{Cell, PlanFile};
use crate::state::{CellState, ErrorKind, Snapshot};
use crate::tail::last_lines;

/// The proof that a cell is done, below its directory.
pub const DONE: &str = "done.json";
/// The proof that a cell is trained.
pub const TRAINED: &str = "trained.json";
/// The configuration that the next judgement of a trained cell is made with, where it is not the
/// training's own.
pub const JUDGE_CONFIG: &str = "judge.toml";

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
    /// What made its outputs, as its proof says it; of cells that were finished.
    pub made: Option<Made>,
    /// Its outputs, as its proof lists them; of cells that were finished.
    pub files: Vec<FileProof>,
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
    plan.cells.par_iter().map(|cell| inspect_cell(dir, cell, retry_failed)).collect()
}

/// Inspects one cell, as [`inspect`] does.
pub fn inspect_cell(dir: &Path, cell: &Cell, retry_failed: bool) -> CellStatus {
    look(dir, cell, retry_failed, Depth::Thorough)
}

/// Like [`inspect`], one cell after the other, but compares sizes alone: quick, and blind to a changed
/// byte, which the sweep's `verify` finds.
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
    let dir = cell.dir(dir);
    let mut snapshot = Snapshot::read(&dir);
    let log = snapshot.as_ref().map(|_| dir.join("log.txt"));
    let thorough = depth == Depth::Thorough;
    let (state, will_run, reason, done) = match life::is_claimed(&dir) {
        true => {
            snapshot = of_owner(&dir, snapshot);
            let reason = format!("{} works on it", who(snapshot.as_ref()));
            (CellState::Running, false, reason, None)
        }
        false => {
            let (proof, done) = Proof::with_manifest(&dir, DONE, &cell.hash, thorough);
            let (state, will_run, reason) =
                judge(&dir, cell, (proof, done.as_ref()), snapshot.as_ref(), retry_failed, depth);
            (state, will_run, reason, done)
        }
    };
    let (made, files) = done.map_or_else(Default::default, |done| (done.made, done.files));
    let error = matches!(state, CellState::Failed | CellState::Diverged)
        .then(|| error_line(&dir, snapshot.as_ref()))
        .flatten();
    let attempt = snapshot.as_ref().map(|s| s.attempt.clone()).filter(|a| !a.is_empty());
    let cell = cell.clone();
    CellStatus { cell, state, will_run, reason, attempt, snapshot, error, log, made, files }
}

/// What the process that holds the lock last said. Before its first word the file still holds an
/// earlier attempt's.
fn of_owner(dir: &Path, snapshot: Option<Snapshot>) -> Option<Snapshot> {
    let Some(owner) = Owner::read(dir) else { return snapshot };
    match snapshot {
        Some(snapshot) if snapshot.attempt == owner.attempt => Some(snapshot),
        _ => Some(Snapshot {
            state: Some(CellState::Running),
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
    (proof, done): (Proof, Option<&Manifest>),
    snapshot: Option<&Snapshot>,
    retry_failed: bool,
    depth: Depth,
) -> (CellState, bool, String) {
    match proof {
        Proof::Sound => return finished(dir, cell, done, depth),
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
        Some(snapshot) => unproven(dir, snapshot, retry_failed),
    }
}

/// What is to be done about a cell whose files are all what was written.
fn finished(
    dir: &Path,
    cell: &Cell,
    done: Option<&Manifest>,
    depth: Depth,
) -> (CellState, bool, String) {
    let judged = done.and_then(|done| done.made.as_ref()?.judged.as_ref());
    let as_asked =
        judged.is_none_or(|judged| cell.judgement.is_empty() || judged.keys == cell.judgement);
    if !as_asked {
        let reason = "judged with other [eval] keys; is judged again, not trained".to_owned();
        return (CellState::Trained, true, reason);
    }
    match (Again::asked(dir), depth) {
        (Some(again), _) => {
            (CellState::Done, true, format!("finished; {} again as asked", again.verb()))
        }
        (None, Depth::Glance) => {
            (CellState::Done, false, "finished, and its files have their sizes".to_owned())
        }
        (None, Depth::Thorough) => {
            (CellState::Done, false, "finished, and its files verify".to_owned())
        }
    }
}

/// What follows from a worker's last word, where no proof stands and no process lives.
fn unproven(dir: &Path, snapshot: &Snapshot, retry_failed: bool) -> (CellState, bool, String) {
    let (step, steps) = (snapshot.step, snapshot.steps);
    let error = || error_line(dir, Some(snapshot)).unwrap_or("no reason given".to_owned());
    let retried = |what: &str| {
        let error = error();
        match retry_failed {
            true => format!("{what}: {error}; runs again as asked"),
            false => format!("{what}: {error}; runs again only with --retry-failed"),
        }
    };
    match snapshot.state {
        // A full disk is no fault of the cell: once it is mended, the same command goes on.
        Some(CellState::Failed) if snapshot.error_kind == Some(ErrorKind::Infrastructure) => {
            let reason = format!("failed by the machine: {}; runs again", error());
            (CellState::Failed, true, reason)
        }
        Some(CellState::Failed) => (CellState::Failed, retry_failed, retried("failed")),
        Some(CellState::Diverged) => (CellState::Diverged, retry_failed, retried("diverged")),
        Some(CellState::Interrupted) => {
            let reason = format!("interrupted at step {step} of {steps}; resumes");
            (CellState::Interrupted, true, reason)
        }
        Some(CellState::Running) => {
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
    let line = match snapshot.and_then(Snapshot::error_line) {
        Some(line) => Some(line.to_owned()),
        None => last_lines(&dir.join("log.txt"), 1).pop(),
    };
    line.map(|line| crate::quote::quotation(&line))
}

/// Whether a worker on another machine said lately that it is running.
fn beats_elsewhere(snapshot: &Snapshot) -> bool {
    snapshot.state == Some(CellState::Running)
        && life::beats_elsewhere(&snapshot.host, snapshot.updated)
}
