//! What a launch came to.

use std::collections::BTreeMap;
use std::path::PathBuf;

use record::{Cell, CellState, Snapshot, inspect, last_lines};

use crate::plan::Plan;

/// Lines of a failing cell's log that are shown.
const TAIL: usize = 8;

/// A cell that did not come to its end.
#[derive(Clone, Debug)]
pub struct Failure {
    /// The cell.
    pub cell: Cell,
    /// What went wrong, in words.
    pub reason: String,
    /// The worker's exit code, if it had one.
    pub code: Option<i32>,
    /// Where it logged.
    pub log: PathBuf,
    /// The last lines of that log.
    pub tail: Vec<String>,
}

/// What a launch came to.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// Cells that were run and are proved now.
    pub finished: Vec<Cell>,
    /// Cells that failed in this launch.
    pub failures: Vec<Failure>,
    /// Cells that were stopped, or not started any more, and will resume.
    pub interrupted: Vec<Cell>,
    /// Cells that another process works on.
    pub elsewhere: Vec<Cell>,
    /// Id of each cell that this launch tried to start, with how often: more than once after
    /// failures of the infrastructure or when memory was short.
    pub attempts: BTreeMap<String, usize>,
    /// Whether a signal asked the launch to stop.
    pub stopped: bool,
}

/// What became of cells (ids) that something else has run, by their files.
pub(crate) fn judged(plan: &Plan, cells: &[String]) -> Outcome {
    let mut outcome = Outcome::default();
    for status in inspect(&plan.dir, &plan.file, false) {
        let cell = status.cell;
        if !cells.contains(&cell.id) {
            continue;
        }
        match status.state {
            CellState::Done if !status.will_run => outcome.finished.push(cell),
            CellState::Running => outcome.elsewhere.push(cell),
            CellState::Failed | CellState::Diverged => {
                let dir = plan.cell_dir(&cell);
                let said = Snapshot::read(&dir);
                let said = said.as_ref().and_then(Snapshot::error_line).map(str::to_owned);
                let reason = said.unwrap_or(status.reason);
                let log = dir.join("log.txt");
                let tail = last_lines(&log, TAIL);
                outcome.failures.push(Failure { cell, reason, code: Some(1), log, tail });
            }
            _ => outcome.interrupted.push(cell),
        }
    }
    outcome
}
