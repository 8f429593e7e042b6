//! `done.json`: whether a cell's outputs are what its worker wrote.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;

/// Size and BLAKE3 of one output, as the worker wrote them down.
#[derive(Debug, Deserialize)]
struct FileProof {
    path: String,
    bytes: u64,
    blake3: String,
}

#[derive(Debug, Deserialize)]
struct DoneFile {
    config_hash: String,
    files: Vec<FileProof>,
}

/// What reading a cell's proof gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Proof {
    /// There is no `done.json`.
    Absent,
    /// Every output is what was written, for this very configuration.
    Sound,
    /// The proof belongs to another configuration or to other data.
    Stale,
    /// `done.json` itself or outputs that it lists are missing or changed.
    Damaged(Vec<Damage>),
}

/// One file that is not what was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Damage {
    /// The file.
    pub path: PathBuf,
    /// What is wrong with it.
    pub problem: String,
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.path.display(), self.problem)
    }
}

impl Proof {
    /// Reads `done.json` in a cell's directory and every file it lists.
    pub fn read(dir: &Path, hash: &str) -> Proof {
        let path = dir.join("done.json");
        let damaged =
            |problem: String| Proof::Damaged(vec![Damage { path: path.clone(), problem }]);
        let text = match fs::read(&path) {
            Ok(text) => text,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Proof::Absent,
            Err(e) => return damaged(format!("cannot be read: {e}")),
        };
        let done: DoneFile = match serde_json::from_slice(&text) {
            Ok(done) => done,
            Err(e) => return damaged(format!("is not a proof: {e}")),
        };
        if done.config_hash != hash {
            return Proof::Stale;
        }
        // Without files nothing would be proved.
        if done.files.is_empty() {
            return damaged("lists no files".to_owned());
        }
        let damages: Vec<Damage> = done.files.iter().filter_map(|file| file.check(dir)).collect();
        if damages.is_empty() { Proof::Sound } else { Proof::Damaged(damages) }
    }
}

impl FileProof {
    fn check(&self, dir: &Path) -> Option<Damage> {
        let path = dir.join(&self.path);
        let problem = match fs::read(&path) {
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => "is missing".to_owned(),
            Err(e) => format!("cannot be read: {e}"),
            Ok(bytes) if bytes.len() as u64 != self.bytes => {
                format!("has {} bytes, {} were written", bytes.len(), self.bytes)
            }
            Ok(bytes) if blake3::hash(&bytes).to_hex().as_str() != self.blake3 => {
                "was changed: its checksum differs".to_owned()
            }
            Ok(_) => return None,
        };
        Some(Damage { path, problem })
    }
}
