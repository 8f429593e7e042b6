//! `again.json`: the wish that a finished cell be made again. It lies in the cell's directory, so that
//! whatever starts the worker next, and however often, the worker finds it.

use std::fs;
use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::files::write_atomic;

/// What is to be made again of a finished cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Again {
    /// Training and judgement.
    Training,
    /// The judgement alone.
    Judgement,
}

#[derive(Serialize, Deserialize)]
struct File {
    make: Again,
}

impl Again {
    /// Its name below a cell's directory.
    pub const FILE: &str = "again.json";

    /// Asks for it. The finished cell counts until the worker begins (training) or ends (judgement).
    ///
    /// # Errors
    /// The directory cannot be written.
    pub fn ask(self, dir: &Path) -> io::Result<()> {
        write_atomic(&dir.join(Again::FILE), &serde_json::to_vec(&File { make: self })?)
    }

    /// What is asked for. A file that cannot be understood asks for everything.
    pub fn asked(dir: &Path) -> Option<Again> {
        let text = fs::read(dir.join(Again::FILE)).ok()?;
        Some(serde_json::from_slice(&text).map_or(Again::Training, |file: File| file.make))
    }

    /// Takes the wish away, if there is one.
    ///
    /// # Errors
    /// The directory cannot be written.
    pub fn answered(dir: &Path) -> io::Result<()> {
        match fs::remove_file(dir.join(Again::FILE)) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => Err(e),
            _ => Ok(()),
        }
    }

    /// `trained` or `judged`, as in "is trained again".
    pub fn verb(self) -> &'static str {
        match self {
            Again::Training => "trained",
            Again::Judgement => "judged",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wish_stands_until_it_is_answered() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(Again::asked(dir.path()), None);
        Again::Judgement.ask(dir.path()).unwrap();
        assert_eq!(Again::asked(dir.path()), Some(Again::Judgement));
        Again::Training.ask(dir.path()).unwrap();
        assert_eq!(Again::asked(dir.path()), Some(Again::Training));
        Again::answered(dir.path()).unwrap();
        Again::answered(dir.path()).unwrap();
        assert_eq!(Again::asked(dir.path()), None);
    }
}
