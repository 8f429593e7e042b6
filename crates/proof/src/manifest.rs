//! What a directory must hold to be believed.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// Size and BLAKE3 of one file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileProof {
    /// Path relative to the directory of the manifest, with forward slashes.
    pub path: String,
    /// Size in bytes.
    pub bytes: u64,
    /// BLAKE3 in hexadecimal.
    pub blake3: String,
}

/// The files of a directory and whose they are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// Hash of the configuration and data that the files belong to.
    pub config_hash: String,
    /// The attempt that wrote them.
    pub attempt: String,
    /// Every file.
    pub files: Vec<FileProof>,
}

/// One file that is not what was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Damage {
    /// The file.
    pub path: PathBuf,
    /// What is wrong with it.
    pub problem: String,
}

impl std::fmt::Display for Damage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.path.display(), self.problem)
    }
}

/// What reading a directory's manifest gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Proof {
    /// There is no manifest.
    Absent,
    /// Every file is what was written, for this very configuration.
    Sound,
    /// The manifest belongs to another configuration or to other data.
    Stale,
    /// The manifest itself or files that it lists are missing or changed.
    Damaged(Vec<Damage>),
}

impl FileProof {
    /// Reads a file below `dir` and states its size and hash.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn of(dir: &Path, path: &str) -> io::Result<FileProof> {
        let bytes = fs::read(dir.join(path))?;
        let blake3 = blake3::hash(&bytes).to_hex().to_string();
        Ok(FileProof { path: path.to_owned(), bytes: bytes.len() as u64, blake3 })
    }

    fn check(&self, dir: &Path) -> Option<Damage> {
        let problem = match FileProof::of(dir, &self.path) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => "is missing".to_owned(),
            Err(e) => format!("cannot be read: {e}"),
            Ok(found) if found.bytes != self.bytes => {
                format!("has {} bytes, {} were written", found.bytes, self.bytes)
            }
            Ok(found) if found.blake3 != self.blake3 => {
                "was changed: its checksum differs".to_owned()
            }
            Ok(_) => return None,
        };
        Some(Damage { path: dir.join(&self.path), problem })
    }
}

impl Manifest {
    /// Every listed file that is missing or differs.
    pub fn damages(&self, dir: &Path) -> Vec<Damage> {
        self.files.iter().filter_map(|file| file.check(dir)).collect()
    }
}

impl Proof {
    /// Reads the manifest `name` in `dir` and every file that it lists; it must carry `hash`.
    pub fn read(dir: &Path, name: &str, hash: &str) -> Proof {
        let path = dir.join(name);
        let damaged =
            |problem: String| Proof::Damaged(vec![Damage { path: path.clone(), problem }]);
        let text = match fs::read(&path) {
            Ok(text) => text,
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Proof::Absent,
            Err(e) => return damaged(format!("cannot be read: {e}")),
        };
        let manifest: Manifest = match serde_json::from_slice(&text) {
            Ok(manifest) => manifest,
            Err(e) => return damaged(format!("is not a manifest: {e}")),
        };
        if manifest.config_hash != hash {
            return Proof::Stale;
        }
        // Without files nothing would be proved.
        if manifest.files.is_empty() {
            return damaged("lists no files".to_owned());
        }
        match manifest.damages(dir) {
            damages if damages.is_empty() => Proof::Sound,
            damages => Proof::Damaged(damages),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::write_atomic;

    #[test]
    fn one_flipped_byte_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let dir = dir.path();
        assert_eq!(Proof::read(dir, "done.json", "h"), Proof::Absent);
        write_atomic(&dir.join("a.bin"), b"hello").unwrap();
        let files = vec![FileProof::of(dir, "a.bin").unwrap()];
        let manifest = Manifest { config_hash: "h".into(), attempt: String::new(), files };
        write_atomic(&dir.join("done.json"), &serde_json::to_vec(&manifest).unwrap()).unwrap();
        assert_eq!(Proof::read(dir, "done.json", "h"), Proof::Sound);
        assert_eq!(Proof::read(dir, "done.json", "other"), Proof::Stale);
        let problem = |bytes: Option<&[u8]>| {
            match bytes {
                Some(bytes) => fs::write(dir.join("a.bin"), bytes).unwrap(),
                None => fs::remove_file(dir.join("a.bin")).unwrap(),
            }
            let Proof::Damaged(damages) = Proof::read(dir, "done.json", "h") else { panic!() };
            assert_eq!(damages[0].path, dir.join("a.bin"));
            damages[0].problem.clone()
        };
        assert!(problem(Some(b"hellp")).contains("checksum"));
        assert!(problem(Some(b"hell")).contains("4 bytes, 5 were written"));
        assert!(problem(None).contains("missing"));
    }

    #[test]
    fn an_empty_or_cut_manifest_proves_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let read = |text: &str| {
            fs::write(dir.path().join("m"), text).unwrap();
            Proof::read(dir.path(), "m", "h")
        };
        let empty = r#"{"config_hash":"h","attempt":"1","files":[]}"#;
        assert!(matches!(read(empty), Proof::Damaged(_)));
        assert!(matches!(read(&empty[..20]), Proof::Damaged(_)));
    }
}
