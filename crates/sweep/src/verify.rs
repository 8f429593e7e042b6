//! Reads again everything that is a result, every byte of it, and names what is not what was written.

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use record::{
    Cell, CellState, DONE, Damage, Manifest, PlanError, PlanFile, Proof, Snapshot, cell_dir,
};

use crate::error::SweepError;

/// The manifest of tables, figures and page.
const OUTPUTS: &str = "outputs.json";
/// Event logs, whose lines carry a checksum each.
const LOGS: [&str; 2] = ["metrics.jsonl", "timing.jsonl"];
/// Bytes that one line of a log has at most; a longer one has lost its end.
const LONGEST_LINE: u64 = 1 << 20;

/// What reading everything again gave.
#[derive(Clone, Debug, Default)]
pub struct Verified {
    /// Cells of the plan.
    pub cells: usize,
    /// Cells that claim to be finished.
    pub done: usize,
    /// Cells that a process works on: what changes under the reader is not read.
    pub busy: usize,
    /// Checkpoints.
    pub checkpoints: usize,
    /// Tables, figures and pages; `None` if no `outputs.json` vouches for them.
    pub outputs: Option<usize>,
    /// Whether tables and figures show other cells than those that are finished now.
    pub outputs_outdated: bool,
    /// Every file that is not what was written.
    pub damages: Vec<Damage>,
}

/// Reads the plan, every cell of it (finished outputs, checkpoints, event logs), and tables, figures
/// and page. A damaged plan is named and ends the search: it would say wrongly what to expect.
///
/// # Errors
/// There is no plan.
pub fn verify(dir: &Path) -> Result<Verified, SweepError> {
    let plan = match PlanFile::read(dir) {
        Ok(plan) => plan,
        Err(PlanError::Format { path, reason }) => {
            let damages = vec![Damage { path, problem: reason }];
            return Ok(Verified { damages, ..Verified::default() });
        }
        Err(e) => return Err(e.into()),
    };
    let mut all = Verified { cells: plan.cells.len(), ..Verified::default() };
    let mut done = Vec::new();
    let verified: Vec<_> = plan.cells.par_iter().map(|cell| verify_cell(dir, cell)).collect();
    for (cell, planned) in verified.into_iter().zip(&plan.cells) {
        if cell.done {
            done.push(planned.id.as_str());
        }
        all.busy += usize::from(cell.busy);
        all.checkpoints += cell.checkpoints;
        all.damages.extend(cell.damages);
    }
    all.done = done.len();
    verify_outputs(dir, &mut all, done);
    Ok(all)
}

#[derive(Default)]
struct CellVerified {
    done: bool,
    busy: bool,
    checkpoints: usize,
    damages: Vec<Damage>,
}

fn verify_cell(dir: &Path, cell: &Cell) -> CellVerified {
    let dir = cell_dir(dir, &cell.id);
    let mut found = CellVerified::default();
    if record::is_claimed(&dir) {
        found.busy = true;
        return found;
    }
    let proof = Proof::read(&dir, DONE, &cell.hash);
    found.done = proof != Proof::Absent;
    let said = Snapshot::read(&dir).is_some_and(|snapshot| snapshot.state == Some(CellState::Done));
    // Without a proof a cell simply runs again, unless its worker said that it wrote one.
    if found.done || said {
        found.damages.extend(damages_of(proof, &dir.join(DONE)));
    }
    for checkpoint in checkpoints(&dir) {
        found.checkpoints += 1;
        let proof = Proof::read(&checkpoint, "manifest.json", &cell.hash);
        found.damages.extend(damages_of(proof, &checkpoint.join("manifest.json")));
    }
    for log in LOGS {
        let path = dir.join(log);
        // What the cell's proof vouches for is named once.
        if !found.damages.iter().any(|damage| damage.path == path) {
            found.damages.extend(verify_log(&path, found.done));
        }
    }
    found
}

fn damages_of(proof: Proof, manifest: &Path) -> Vec<Damage> {
    let own =
        |problem: &str| vec![Damage { path: manifest.to_owned(), problem: problem.to_owned() }];
    match proof {
        Proof::Sound => Vec::new(),
        Proof::Damaged(damages) => damages,
        Proof::Stale => own("belongs to another configuration or to other data"),
        Proof::Absent => own("is missing"),
    }
}

/// Committed checkpoints: directories that are named by their step.
fn checkpoints(dir: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(dir.join("checkpoints")).into_iter().flatten().flatten();
    let is_step = |path: &PathBuf| {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        !name.is_empty() && name.bytes().all(|b| b.is_ascii_digit())
    };
    let mut found: Vec<PathBuf> = entries.map(|entry| entry.path()).filter(is_step).collect();
    found.sort();
    found
}

/// The first line of an event log that is not what was written. A kill may cut the last line of an
/// unfinished cell; the next attempt drops it.
fn verify_log(path: &Path, done: bool) -> Option<Damage> {
    let problem = match File::open(path).map(|file| first_unsound(BufReader::new(file), done)) {
        Ok(Ok(None)) => return None,
        Ok(Ok(Some(line))) => format!("was changed: line {line} does not have its checksum"),
        Err(e) if e.kind() == io::ErrorKind::NotFound => return None,
        Ok(Err(e)) | Err(e) => format!("cannot be read: {e}"),
    };
    Some(Damage { path: path.to_owned(), problem })
}

fn first_unsound(mut log: impl BufRead, done: bool) -> io::Result<Option<usize>> {
    let mut line = Vec::new();
    for number in 1.. {
        line.clear();
        if io::Read::take(&mut log, LONGEST_LINE).read_until(b'\n', &mut line)? == 0 {
            break;
        }
        let cut = !done && line.last() != Some(&b'\n') && log.fill_buf()?.is_empty();
        let sound = std::str::from_utf8(&line).is_ok_and(record::is_sound_line);
        if !sound && !cut {
            return Ok(Some(number));
        }
    }
    Ok(None)
}

fn verify_outputs(dir: &Path, all: &mut Verified, done: Vec<&str>) {
    let path = dir.join(OUTPUTS);
    let text = match fs::read(&path) {
        Ok(text) => text,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return,
        Err(e) => {
            return all.damages.push(Damage { path, problem: format!("cannot be read: {e}") });
        }
    };
    match Manifest::parse(&text) {
        Ok(manifest) => {
            all.outputs = Some(manifest.files.len());
            all.outputs_outdated = manifest.config_hash != shown(done);
            all.damages.extend(manifest.damages(dir));
        }
        Err(problem) => all.damages.push(Damage { path, problem }),
    }
}

/// What `outputs.json` says of the cells that it shows: BLAKE3 over their ids, sorted, one a line.
fn shown(mut ids: Vec<&str>) -> String {
    ids.sort_unstable();
    blake3::hash(ids.join("\n").as_bytes()).to_hex().to_string()
}
