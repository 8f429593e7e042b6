//! The cell whose generators edit pictures: found, proved, read.

use std::path::Path;

use config::RunConfig;
use model::weights::{NamedArrays, from_bytes};
use record::{CellState, DONE, FileProof, ID_DIGITS, Manifest, PlanFile, TRAINED, glance};

use crate::failure::Failure;

/// Cells that a message lists, at most.
const LISTED: usize = 10;

/// A trained cell.
pub(crate) struct Finished {
    /// Its configuration.
    pub(crate) run: RunConfig,
    /// The first digits of its hash.
    pub(crate) id: String,
    /// The arrays of the weights that were asked for.
    pub(crate) weights: NamedArrays,
}

/// Reads configuration and weights of a trained cell; both must be what its proof says. Nothing else of
/// the cell is looked at, no data and no judge.
///
/// # Errors
/// The directory is no cell (those that lie below it are listed), is not trained to the end, or a file is
/// not what was written.
pub(crate) fn open(dir: &Path, weights: &str) -> Result<Finished, Failure> {
    let manifest = proof(dir)?;
    let id: String = manifest.config_hash.chars().take(ID_DIGITS).collect();
    // A directory that bears another cell's id is a mix-up; one that was copied under a name of its own is not.
    let name = dir.file_name().unwrap_or_default().to_string_lossy();
    let is_id = name.len() == ID_DIGITS && name.bytes().all(|b| b.is_ascii_hexdigit());
    if is_id && name != id {
        return Err(bad(dir, &format!("holds the results of cell {id}, not of its own"), AGAIN));
    }
    sound(dir, &manifest, "config.toml")?;
    let run = RunConfig::load(&dir.join("config.toml"), &[])?;
    let bytes = sound(dir, &manifest, weights)?;
    let weights = from_bytes(&dir.join(weights), &bytes)?;
    Ok(Finished { run, id, weights })
}

const AGAIN: &str = "`cargo xtask run EXPERIMENT` makes the cell again, `cargo xtask verify EXPERIMENT` \
                     reads every file";

fn bad(path: &Path, problem: &str, help: &str) -> Failure {
    Failure::BadInput(format!("error: {} {problem}\nhelp: {help}", path.display()))
}

/// The manifest that vouches for a cell's training.
fn proof(dir: &Path) -> Result<Manifest, Failure> {
    for name in [TRAINED, DONE] {
        let path = dir.join(name);
        match std::fs::read(&path) {
            Ok(text) => {
                return Manifest::parse(&text).map_err(|problem| bad(&path, &problem, AGAIN));
            }
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => {}
            // `--checkpoint FILE`.
            Err(e) if e.kind() == std::io::ErrorKind::NotADirectory => {}
            Err(e) => return Err(bad(&path, &format!("cannot be read: {e}"), AGAIN)),
        }
    }
    Err(no_cell(dir))
}

/// A file of the cell, if it is what was written.
fn sound(dir: &Path, manifest: &Manifest, name: &str) -> Result<Vec<u8>, Failure> {
    let path = dir.join(name);
    let Some(proof) = manifest.files.iter().find(|file| file.path == name) else {
        return Err(bad(&path, "is not among the files that the cell's proof lists", AGAIN));
    };
    let bytes = std::fs::read(&path).map_err(|e| match e.kind() {
        std::io::ErrorKind::NotFound => bad(&path, "is missing", AGAIN),
        _ => bad(&path, &format!("cannot be read: {e}"), AGAIN),
    })?;
    match FileProof::of_bytes(name, &bytes) == *proof {
        true => Ok(bytes),
        false => Err(bad(&path, "was changed: its checksum differs", AGAIN)),
    }
}

/// What was meant instead of this path.
fn no_cell(dir: &Path) -> Failure {
    let wanted =
        "--checkpoint takes the directory of a trained cell, results/<experiment>/cells/<id>";
    if !dir.exists() {
        return bad(dir, "does not exist", wanted);
    }
    if dir.join("config.toml").is_file() && dir.join("state.json").is_file() {
        let help = "`cargo xtask status EXPERIMENT` says how far it is, `cargo xtask run EXPERIMENT` goes on";
        return bad(dir, "is a cell that is not trained to its end", help);
    }
    let is_cell = |place: &&Path| place.join(TRAINED).is_file() || place.join(DONE).is_file();
    if let Some(cell) = dir.ancestors().skip(1).take(3).find(is_cell) {
        return bad(dir, "lies inside of a cell", &format!("give --checkpoint {}", cell.display()));
    }
    // `results/<experiment>`, or `cells` in it.
    let homes = [Some(dir), dir.parent()];
    let plan =
        homes.into_iter().flatten().find_map(|home| Some((home, PlanFile::read(home).ok()?)));
    match plan {
        Some((home, plan)) => bad(dir, "is no cell", &format!("{wanted}{}", cells(home, &plan))),
        None => bad(dir, "is no cell", wanted),
    }
}

/// The cells of a sweep, those that can be used first.
fn cells(home: &Path, plan: &PlanFile) -> String {
    let mut statuses: Vec<_> = glance(home, plan, false).collect();
    let usable = |state| matches!(state, CellState::Done | CellState::Trained);
    statuses.sort_by_key(|status| !usable(status.state));
    let mut text = format!("; those of {}:", plan.experiment);
    for status in statuses.iter().take(LISTED) {
        let (cell, state) = (&status.cell, status.state.name());
        let place = cell.dir(home);
        text += &format!("\n  {}  {} seed {}: {state}", place.display(), cell.arm(), cell.seed);
    }
    if statuses.len() > LISTED {
        text += &format!("\n  and {} more", statuses.len() - LISTED);
    }
    text
}
