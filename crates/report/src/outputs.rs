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
    edited: Vec<PathBuf>,
}

/// What is written anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Renewal {
    /// Tables, figures and page.
    Everything,
    /// Figures; the manifest keeps what it said of the rest.
    Figures,
}

impl Outputs {
    /// Takes the old manifest away. A file that somebody has changed since it was written steps aside, as
    /// `name.edited-1.ending`.
    ///
    /// # Errors
    /// The directory cannot be written.
    pub fn renew(results: &Results, what: Renewal) -> Result<Outputs, ReportError> {
        let path = results.dir.join(NAME);
        let old = fs::read(&path).ok().and_then(|text| Manifest::parse(&text).ok());
        match fs::remove_file(&path) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => {
                return Err(ReportError::io(&path, REMEDY)(e));
            }
            _ => {}
        }
        let mut edited = Vec::new();
        for damage in old.iter().flat_map(|manifest| manifest.damages(&results.dir)) {
            let own =
                what == Renewal::Everything || damage.path.starts_with(results.dir.join("figures"));
            if own && damage.path.is_file() {
                edited.extend(
                    put_aside(&damage.path).map_err(ReportError::io(&damage.path, REMEDY))?,
                );
            }
        }
        let old = old.map_or_else(Vec::new, |manifest| manifest.files);
        let keep = what == Renewal::Figures;
        Ok(Outputs { dir: results.dir.clone(), cells: shown(results), old, keep, edited })
    }

    /// Where changed files are now.
    pub fn edited(&self) -> &[PathBuf] {
        &self.edited
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

/// Files that step aside under one name, at most.
const MOST: usize = 1000;

/// Gives a changed file another name, and says which.
fn put_aside(path: &Path) -> io::Result<Option<PathBuf>> {
    let text =
        |part: Option<&std::ffi::OsStr>| part.unwrap_or_default().to_string_lossy().into_owned();
    let (stem, ending) = (text(path.file_stem()), text(path.extension()));
    let named = |n: usize| path.with_file_name(format!("{stem}.edited-{n}.{ending}"));
    let Some(free) = (1..=MOST).map(named).find(|path| path.symlink_metadata().is_err()) else {
        return Ok(None);
    };
    fs::rename(path, &free).map(|()| Some(free))
}

/// Which cells the files show: BLAKE3 over the ids of the complete ones, sorted, one a line.
fn shown(results: &Results) -> String {
    let complete = results.cells.iter().filter(|cell| cell.is_complete());
    let mut ids: Vec<&str> = complete.map(|cell| cell.id.as_str()).collect();
    ids.sort_unstable();
    FileProof::of_bytes("", ids.join("\n").as_bytes()).blake3
}
