//! A training that is made again: the earlier one is kept aside until the new one is whole.

use std::fs;
use std::path::Path;

use record::{Again, DONE, ID_DIGITS, Manifest, TRAINED, is_scratch, own, sync_dir};

use crate::cell::Cell;
use crate::failure::Failure;

/// Holds what a finished cell consisted of, while it is made again.
const ASIDE: &str = "replaced";

/// Everything that training and judging write; the proofs first: of what is half moved nothing counts.
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
    let aside = cell.dir.join(ASIDE);
    move_parts(cell, &aside, PARTS.into_iter())?;
    tracing::info!("training again; the earlier results stand in {} until then", aside.display());
    Ok(Again::answered(cell.dir)?)
}

/// Moves results of another cell, which somebody has put here, out of the way; they stay there.
pub(crate) fn put_aside_others(cell: &Cell<'_>) -> Result<(), Failure> {
    for name in [DONE, TRAINED] {
        let Ok(text) = fs::read(cell.dir.join(name)) else { continue };
        let Ok(manifest) = Manifest::parse(&text) else { continue };
        if manifest.config_hash == cell.hash {
            continue;
        }
        let id: String = manifest.config_hash.chars().take(ID_DIGITS).collect();
        let free = |number: usize| {
            let aside = cell.dir.join(format!("results-of-{id}-{number}"));
            (!aside.exists()).then_some(aside)
        };
        let Some(aside) = (1..=MOST).find_map(free) else { continue };
        // Its proof last: cut off in between, the rest is known for another's and follows.
        move_parts(cell, &aside, PARTS.into_iter().rev())?;
        tracing::warn!("the results of cell {id} lay here; they stand in {} now", aside.display());
    }
    Ok(())
}

/// Mix-ups of one cell's directory that are kept apart.
const MOST: usize = 1000;

fn move_parts(
    cell: &Cell<'_>,
    aside: &Path,
    parts: impl Iterator<Item = &'static str>,
) -> Result<(), Failure> {
    cell.claim.check()?;
    fs::create_dir_all(aside)?;
    for part in parts {
        let (from, to) = (cell.dir.join(part), aside.join(part));
        match (from.exists(), to.exists()) {
            (false, _) => {}
            (true, false) => fs::rename(&from, &to)?,
            (true, true) if from.is_dir() => fs::remove_dir_all(&from)?,
            (true, true) => fs::remove_file(&from)?,
        }
    }
    Ok(sync_dir(cell.dir)?)
}

/// Removes what the new results have taken the place of, but for what somebody has put beside it: that goes
/// on to the new ones. Failing to tidy up loses nothing.
pub(crate) fn discard(dir: &Path) {
    let aside = dir.join(ASIDE);
    type IsOurs = fn(&str) -> bool;
    let ours: [(&str, IsOurs); 4] = [
        ("eval", own::is_of_judgement),
        ("weights", |name| name.ends_with(".safetensors") || is_scratch(name)),
        ("samples", |name| name.starts_with("step-") || is_scratch(name)),
        ("checkpoints", |name| name.bytes().all(|b| b.is_ascii_digit()) || is_scratch(name)),
    ];
    for (part, ours) in ours {
        if own::carry_over(&aside.join(part), &dir.join(part), ours).is_err() {
            return;
        }
    }
    for part in PARTS.map(|part| aside.join(part)) {
        let _ = if part.is_dir() { fs::remove_dir_all(part) } else { fs::remove_file(part) };
    }
    // Unless there is something else in it.
    let _ = fs::remove_dir(aside);
}
