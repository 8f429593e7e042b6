//! What can go wrong with a sweep as a whole; a failing cell is no error but an
//! [outcome](crate::Outcome).

use std::io;
use std::path::{Path, PathBuf};

use record::PlanError;

/// Why a sweep cannot be planned, started or read.
#[derive(Debug, thiserror::Error)]
pub enum SweepError {
    /// The data of a cell could not be identified, so the cell has no id.
    #[error("{reason}")]
    Data {
        /// What the data's reader said.
        reason: String,
    },
    /// The plan of an earlier run cannot be had.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// Results that are not those of the experiment whose name they bear.
    #[error("{}: {reason}; nothing was removed", path.display())]
    Foreign {
        /// The plan.
        path: PathBuf,
        /// What does not fit.
        reason: String,
    },
    /// What starts cells elsewhere (Slurm, a command) cannot be asked, or refuses.
    #[error("{reason}")]
    Launcher {
        /// What it said, with the remedy where one is known.
        reason: String,
    },
    /// A launcher's profile or command does not fit the sweep.
    #[error("{reason}")]
    Profile {
        /// What is wrong, with the remedy.
        reason: String,
    },
    /// The operating system refused.
    #[error("cannot {action} {}: {source}", path.display())]
    Io {
        /// Verb: "read", "write", "start".
        action: &'static str,
        /// What on.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
}

impl SweepError {
    pub(crate) fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> SweepError {
        let path = path.to_owned();
        move |source| SweepError::Io { action, path, source }
    }

    /// Whether the input (experiment, data) is at fault rather than the work.
    pub fn is_bad_input(&self) -> bool {
        matches!(
            self,
            SweepError::Data { .. }
                | SweepError::Plan(PlanError::Absent { .. })
                | SweepError::Foreign { .. }
                | SweepError::Profile { .. }
        )
    }
}
