//! What a submission would look like; nothing is handed over, nothing is written among the results.

use std::fs;
use std::path::Path;

use crate::error::SweepError;
use crate::plan::Plan;
use crate::slurm::submissions::InQueue;
use crate::slurm::submit::{Draft, Order, to_submit};
use crate::slurm::{client, in_queue};

/// A submission that was not made.
#[derive(Clone, Debug, Default)]
pub struct Preview {
    /// Names of scripts with their texts.
    pub scripts: Vec<(String, String)>,
    /// What is in the queue already; absent if this machine has no Slurm to ask.
    pub queue: Option<InQueue>,
}

/// Size of arrays that Slurm allows unless told otherwise.
const USUAL_ARRAY: usize = 1001;

/// Writes the scripts of a submission into `scratch`, and lets Slurm say whether it would take them
/// if it is here.
///
/// # Errors
/// As [`submit`](crate::slurm::submit).
pub fn preview(plan: &Plan, order: &Order, scratch: &Path) -> Result<Preview, SweepError> {
    let here = client::present();
    let queue = if here { Some(in_queue(&plan.dir)?) } else { None };
    let cells = to_submit(plan, order, queue.as_ref().unwrap_or(&InQueue::default()));
    if cells.is_empty() {
        return Ok(Preview { scripts: Vec::new(), queue });
    }
    let largest = if here { client::largest_array()? } else { USUAL_ARRAY };
    let draft = Draft::new(plan, order, &cells, largest)?;
    let name = &plan.file.experiment;
    draft.write(plan, order, scratch, name, &order.worker, &order.xtask)?;
    let names = draft.preparations.iter().chain(&draft.cells).map(|array| array.name.as_str());
    let mut scripts = Vec::new();
    for name in names.chain(["report"]) {
        let path = scratch.join(format!("{name}.sh"));
        if here {
            client::test(&path)?;
        }
        let text = fs::read_to_string(&path).map_err(SweepError::io("read", &path))?;
        scripts.push((format!("{name}.sh"), text));
    }
    Ok(Preview { scripts, queue })
}
