//! How to launch.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

use crate::machine::Machine;

/// How to launch.
#[derive(Clone, Debug)]
pub struct Options {
    /// Cells at a time at most; if absent, as many as cores and devices allow. A number larger than
    /// the cores allow wins over them, never over devices.
    pub jobs: Option<usize>,
    /// Cells that may share a GPU.
    pub per_device: usize,
    /// Take failed and diverged cells up again.
    pub retry_failed: bool,
    /// Stop everything at the first failing cell.
    pub fail_fast: bool,
    /// Data and judges shared by all cells.
    pub cache: PathBuf,
    /// Ids of the cells to start; all that have to run if absent.
    pub only: Option<BTreeSet<String>>,
    /// How long one attempt of a cell may take.
    pub timeout: Option<Duration>,
    /// How long a cell that is out of time or short of memory may take to save its checkpoint.
    pub grace: Duration,
    /// How often a cell is started again after failures of the infrastructure.
    pub retries: usize,
    /// Wait before the first retry; each further one waits four times as long, five minutes at most.
    pub backoff: Duration,
    /// What there is to share.
    pub machine: Machine,
}

impl Options {
    /// What a launch does unless told otherwise, on this machine.
    pub fn new(cache: PathBuf) -> Options {
        Options {
            jobs: None,
            per_device: 1,
            retry_failed: false,
            fail_fast: false,
            cache,
            only: None,
            timeout: None,
            grace: Duration::from_secs(60),
            retries: 2,
            backoff: Duration::from_secs(5),
            machine: Machine::this(),
        }
    }
}
