//! One plan at a time: while a run of an experiment goes on, no other changes which cells it has.

use std::fs;
use std::path::Path;
use std::thread;
use std::time::Duration;

use record::{Lock, Locking, PlanFile};
use sweep::Plan;

use crate::failure::Failure;
use crate::which;

/// Held by the run that wrote the plan.
const LOCK: &str = "run.lock";
/// How long a run that has just begun gets to write its plan.
const PATIENCE: [Duration; 40] = [Duration::from_millis(50); 40];

/// A run that may show the results of its plan as its own.
#[derive(Debug)]
pub(crate) struct Going {
    /// `None` beside another run of the same cells, and on a file system without locks.
    _lock: Option<Lock>,
}

impl Going {
    /// Makes the plan that of the results, unless a run with another plan goes on there. A run of the very
    /// same cells may go on beside the first: workers share them out.
    ///
    /// # Errors
    /// Such a run goes on, the results belong to another file, or the plan cannot be written.
    pub(crate) fn begin(plan: &Plan, file: &Path, adopt: bool) -> Result<Going, Failure> {
        let path = plan.dir.join(LOCK);
        let failed = |e| Failure::Failed(format!("error: cannot lock {}: {e}", path.display()));
        fs::create_dir_all(&plan.dir).map_err(failed)?;
        let lock = match Lock::try_exclusive(&path).map_err(failed)? {
            Locking::Got(lock) => Some(lock),
            Locking::Unsupported => None,
            Locking::Held => {
                beside(plan)?;
                return Ok(Going { _lock: None });
            }
        };
        // Asked again: another file of this name may have come first.
        which::take(&plan.dir, file, adopt)?;
        plan.write(None)?;
        Ok(Going { _lock: lock })
    }
}

/// Lets a run of the same cells pass.
fn beside(plan: &Plan) -> Result<(), Failure> {
    for pause in PATIENCE {
        if is_still(plan) {
            return Ok(());
        }
        thread::sleep(pause);
    }
    Err(Failure::Failed(format!(
        "error: another run goes on in {}, with other cells than these\n\
         help: wait for it or stop it, or keep these results elsewhere with --results DIRECTORY",
        plan.dir.display()
    )))
}

/// Whether the plan of the results is this one.
pub(crate) fn is_still(plan: &Plan) -> bool {
    PlanFile::read(&plan.dir)
        .is_ok_and(|there| there.cells == plan.file.cells && there.compare == plan.file.compare)
}
