//! The cell whose generators edit pictures: found, proved, read.

use std::io::ErrorKind;
use std::path::Path;

use config::RunConfig;
use model::weights::{NamedArrays, from_bytes};
use record::{CellState, DONE, FileProof, ID_DIGITS, Manifest, PlanFile, TRAINED, glance, is_id};

use crate::failure::Failure;
use crate::turns;

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
    /// How far the faces that it has learned from are turned, degrees; unknown of older cells.
    pub(crate) yaw: Option<[f32; 2]>,
}

/// Reads configuration and weights of a trained cell; both must be what its proof says. Nothing else of
/// the cell is looked at, no data and no judge.
///
/// # Errors
/// The directory is no cell (those that are meant are listed), is not trained to the end, or a file is
/// not what was written.
pub(crate) fn open(dir: &Path, weights: &str) -> Result<Finished, Failure> {
    let manifest = proof(dir)?;
    let id: String = manifest.config_hash.chars().take(ID_DIGITS).collect();
    // A directory that bears another cell's id is a mix-up; one that was copied under a name of its own is not.
    let name = dir.file_name().unwrap_or_default().to_string_lossy();
    if is_id(&name) && name != id {
        return Err(bad(dir, &format!("holds the results of cell {id}, not of its own"), AGAIN));
    }
    sound(dir, &manifest, "config.toml")?;
    let run = RunConfig::load(&dir.join("config.toml"), &[])?;
    let bytes = sound(dir, &manifest, weights)?;
    let weights = from_bytes(&dir.join(weights), &bytes)?;
    // A cell may have been handed on without it.
    let yaw = match dir.join("provenance.json").exists() {
        true => turns::recorded(&sound(dir, &manifest, "provenance.json")?),
        false => None,
    };
    Ok(Finished { run, id, weights, yaw })
}

const AGAIN: &str = "`cargo xtask run EXPERIMENT` makes the cell again, `cargo xtask verify EXPERIMENT` \
                     reads every file";

const WANTED: &str =
    "--checkpoint takes the directory of a trained cell, results/<experiment>/cells/<id>";

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
            // The latter: `--checkpoint FILE`.
            Err(e) if matches!(e.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {}
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
        ErrorKind::NotFound => bad(&path, "is missing", AGAIN),
        _ => bad(&path, &format!("cannot be read: {e}"), AGAIN),
    })?;
    match FileProof::of_bytes(name, &bytes) == *proof {
        true => Ok(bytes),
        false => Err(bad(&path, "was changed: its checksum differs", AGAIN)),
    }
}

/// What was meant instead of this path.
fn no_cell(dir: &Path) -> Failure {
    // `.` has parents too.
    let whole = std::path::absolute(dir).unwrap_or_else(|_| dir.to_owned());
    let whole = whole.canonicalize().unwrap_or(whole);
    let mut above = whole.ancestors().skip(1).take(2);
    if let Some(cell) = above.find(|place| is_trained(place)) {
        let problem = "lies inside of a cell and is none itself";
        return bad(dir, problem, &format!("give --checkpoint {}", cell.display()));
    }
    if dir.join("config.toml").is_file() {
        let help = "`cargo xtask status EXPERIMENT` says how far it is, `cargo xtask run EXPERIMENT` goes on";
        return bad(dir, "is a cell that is not trained to its end", help);
    }
    let problem = if dir.exists() { "is no cell" } else { "does not exist" };
    // `results/<experiment>`, `cells` in it, or a place in that.
    let homes = whole.ancestors().take(3);
    let mut plans = homes.filter_map(|home| Some((home, PlanFile::read(home).ok()?)));
    let listed = plans.next().map_or_else(String::new, |(home, plan)| cells(home, &plan));
    bad(dir, problem, &format!("{WANTED}{listed}"))
}

fn is_trained(cell: &Path) -> bool {
    cell.join(TRAINED).is_file() || cell.join(DONE).is_file()
}

/// The cells of a sweep: finished ones, then trained ones, then those that cannot be used yet.
fn cells(home: &Path, plan: &PlanFile) -> String {
    let mut cells: Vec<_> = glance(home, plan, false)
        .map(|status| match status.state {
            CellState::Done => (0, status.state, status.cell),
            _ if is_trained(&status.cell.dir(home)) => (1, CellState::Trained, status.cell),
            other => (2, other, status.cell),
        })
        .collect();
    cells.sort_by_key(|(rank, ..)| *rank);
    let mut text = format!("; in {} lie:", home.display());
    for (_, state, cell) in cells.iter().take(LISTED) {
        let (id, arm, seed) = (&cell.id, cell.arm(), cell.seed);
        text += &format!("\n  cells/{id}  {arm}, seed {seed}: {}", state.name());
    }
    if cells.len() > LISTED {
        let (more, name) = (cells.len() - LISTED, &plan.experiment);
        text += &format!("\n  and {more} more, see `cargo xtask status {name}`");
    }
    text
}
