//! What a launch came to.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::plan::Cell;

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
