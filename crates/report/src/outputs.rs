//! `outputs.json`: the proof of tables, figures and page.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use record::{FileProof, Manifest};

use crate::ReportError;
use crate::files;
use crate::load::Results;

const NAME: &str = "outputs.json";
const REMEDY: &str = "check that the results directory can be written and has space";

/// Derived files that are being written anew.
///
/// While they are, nothing vouches for them: the old manifest is gone, and the new one is written last.
#[derive(Debug)]
#[must_use = "without `seal` nothing vouches for the files"]
pub struct Outputs {
    dir: PathBuf,
    cells: String,
    old: Vec<FileProof>,
    keep: bool,
}

impl Outputs {
    /// Takes the old manifest away.
    ///
    /// # Errors
    /// The directory cannot be written.
    pub fn renew(results: &Results) -> Result<Outputs, ReportError> {
        let path = results.dir.join(NAME);
        let old = fs::read(&path).ok().and_then(|text| Manifest::parse(&text).ok());
        match fs::remove_file(&path) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => {
                return Err(ReportError::io(&path, REMEDY)(e));
            }
            _ => {}
        }
        let old = old.map_or_else(Vec::new, |manifest| manifest.files);
        Ok(Outputs { dir: results.dir.clone(), cells: shown(results), old, keep: false })
    }

    /// Files that are not written anew stay in the manifest, with what it said of them.
    pub fn keep_others(self) -> Outputs {
        Outputs { keep: true, ..self }
    }

    /// Writes the manifest of these files, which were just written.
    ///
    /// # Errors
    /// A file was written twice or cannot be read again, or the manifest cannot be written.
    pub fn seal(self, written: &[PathBuf]) -> Result<(), ReportError> {
        files::distinct(written)?;
        let path = self.dir.join(NAME);
        let proofs = written.iter().map(|file| {
            let relative = file.strip_prefix(&self.dir).unwrap_or(file).to_string_lossy();
            FileProof::of(&self.dir, &relative).map_err(ReportError::io(file, REMEDY))
        });
        let mut files = proofs.collect::<Result<Vec<FileProof>, _>>()?;
        if self.keep {
            let known: Vec<String> = files.iter().map(|file| file.path.clone()).collect();
            files.extend(self.old.into_iter().filter(|old| !known.contains(&old.path)));
        }
        files.sort_by(|a, b| a.path.cmp(&b.path));
        let program = concat!("report ", env!("CARGO_PKG_VERSION")).to_owned();
        let manifest = Manifest { config_hash: self.cells, program, files, ..Manifest::default() };
        let text = manifest.to_sealed().map_err(ReportError::io(&path, REMEDY))?;
        files::write(Path::new(&path), &text)
    }
}

/// Which cells the files show: BLAKE3 over the ids of the complete ones, sorted, one a line.
fn shown(results: &Results) -> String {
    let complete = results.cells.iter().filter(|cell| cell.is_complete());
    let mut ids: Vec<&str> = complete.map(|cell| cell.id.as_str()).collect();
    ids.sort_unstable();
    FileProof::of_bytes("", ids.join("\n").as_bytes()).blake3
}
