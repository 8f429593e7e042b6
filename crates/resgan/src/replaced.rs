//! A training that is made again: the earlier one is kept aside until the new one is whole.

use std::fs;
use std::path::Path;

use record::{Again, DONE, TRAINED, sync_dir};

use crate::cell::Cell;
use crate::failure::Failure;

/// Holds what a finished cell consisted of, while it is made again.
const ASIDE: &str = "replaced";

/// Everything that training and judging write; the proof first, so that no half of it counts.
const PARTS: [&str; 9] = [
    DONE,
    TRAINED,
    "checkpoints",
    "provenance.json",
    "metrics.jsonl",
    "timing.jsonl",
    "samples",
    "weights",
    "eval",
];

/// Moves an earlier training aside and answers the wish: from here on the cell is one that has not run.
/// Cut off in between, it goes on where it was; what is aside already is the older and stays.
pub(crate) fn put_aside(cell: &Cell<'_>) -> Result<(), Failure> {
    cell.claim.check()?;
    let aside = cell.dir.join(ASIDE);
    fs::create_dir_all(&aside)?;
    for part in PARTS {
        let (from, to) = (cell.dir.join(part), aside.join(part));
        match (from.exists(), to.exists()) {
            (false, _) => {}
            (true, false) => fs::rename(&from, &to)?,
            (true, true) if from.is_dir() => fs::remove_dir_all(&from)?,
            (true, true) => fs::remove_file(&from)?,
        }
    }
    sync_dir(cell.dir)?;
    tracing::info!("training again; the earlier results stand in {} until then", aside.display());
    Ok(Again::answered(cell.dir)?)
}

/// Removes what the new results have taken the place of. Failing to tidy up loses nothing.
pub(crate) fn discard(dir: &Path) {
    let _ = fs::remove_dir_all(dir.join(ASIDE));
}
