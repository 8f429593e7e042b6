//! What a directory must hold to be believed.

use std::fs::{self, File};
use std::io;
use std::path::{Component, Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::made::Made;
use crate::quote::quotation;
use crate::seal::{seal, unseal};

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
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// Hash of the configuration and data that the files belong to.
    pub config_hash: String,
    /// The attempt that wrote them.
    pub attempt: String,
    /// The backend that computed them; empty in manifests older than this field.
    #[serde(default)]
    pub backend: String,
    /// Name and version of the program that wrote them; empty in manifests older than this field.
    #[serde(default)]
    pub program: String,
    /// What made the files; absent where nothing says so, as in manifests older than this field.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub made: Option<Made>,
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

impl Damage {
    /// What is wrong with the file at `path`.
    pub fn new(path: &Path, problem: impl Into<String>) -> Damage {
        Damage { path: path.to_owned(), problem: problem.into() }
    }
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
        let mut hasher = blake3::Hasher::new();
        // In pieces: a file may be larger than the memory at hand.
        hasher.update_reader(File::open(dir.join(path))?)?;
        let blake3 = hasher.finalize().to_hex().to_string();
        Ok(FileProof { path: path.to_owned(), bytes: hasher.count(), blake3 })
    }

    /// States size and hash of content that is written to `path`.
    pub fn of_bytes(path: &str, bytes: &[u8]) -> FileProof {
        let blake3 = blake3::hash(bytes).to_hex().to_string();
        FileProof { path: path.to_owned(), bytes: bytes.len() as u64, blake3 }
    }

    /// What is wrong with the file below `dir`, if anything; `thorough` reads its content too.
    fn check(&self, dir: &Path, thorough: bool) -> Option<Damage> {
        let path = dir.join(&self.path);
        let problem = match fs::metadata(&path).map(|found| found.len()) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => "is missing".to_owned(),
            Err(e) => format!("cannot be read: {e}"),
            Ok(bytes) if bytes != self.bytes => {
                format!("has {bytes} bytes, {} were written", self.bytes)
            }
            Ok(_) if !thorough => return None,
            Ok(_) => match FileProof::of(dir, &self.path) {
                Err(e) => format!("cannot be read: {e}"),
                Ok(found) if found != *self => "was changed: its checksum differs".to_owned(),
                Ok(_) => return None,
            },
        };
        Some(Damage { path, problem })
    }
}

impl Manifest {
    /// Every listed file that is missing or differs.
    pub fn damages(&self, dir: &Path) -> Vec<Damage> {
        self.files.iter().filter_map(|file| file.check(dir, true)).collect()
    }

    /// What the files come to; the error is what is wrong with the manifest itself.
    fn proof(&self, dir: &Path, hash: &str, thorough: bool) -> Result<Proof, String> {
        if self.config_hash != hash {
            return Ok(Proof::Stale);
        }
        // Without files nothing would be proved.
        if self.files.is_empty() {
            return Err("lists no files".to_owned());
        }
        let damages = self.files.iter().filter_map(|file| file.check(dir, thorough));
        Ok(match damages.collect::<Vec<_>>() {
            damages if damages.is_empty() => Proof::Sound,
            damages => Proof::Damaged(damages),
        })
    }

    /// Reads a manifest and its own checksum, but none of the files that it lists.
    ///
    /// # Errors
    /// What is wrong with the text, or a file's path that leads out of the directory.
    pub fn parse(bytes: &[u8]) -> Result<Manifest, String> {
        unseal(bytes)?;
        let manifest: Manifest = serde_json::from_slice(bytes)
            .map_err(|e| quotation(&format!("is not a manifest: {e}")))?;
        match manifest.files.iter().find(|file| !stays_below(&file.path)) {
            Some(file) => Err(format!("lists {}, which leads elsewhere", quotation(&file.path))),
            None => Ok(manifest),
        }
    }

    /// The manifest as it is written, with a checksum over its own text.
    ///
    /// # Errors
    /// Never in practice: a manifest is plain JSON.
    pub fn to_sealed(&self) -> io::Result<Vec<u8>> {
        Ok(seal(serde_json::to_string_pretty(self)?).into_bytes())
    }
}

/// Whether a path that somebody wrote down leads to a file below whatever directory it is joined to:
/// names alone, no `..`, no root. Where it does not, a file of somebody else would be read or written.
pub(crate) fn stays_below(path: &str) -> bool {
    let normal = |part| matches!(part, Component::Normal(_));
    !path.is_empty() && Path::new(path).components().all(normal)
}

impl Proof {
    /// Reads the manifest `name` in `dir` and every file that it lists; it must carry `hash`.
    pub fn read(dir: &Path, name: &str, hash: &str) -> Proof {
        Proof::check(dir, name, hash, true)
    }

    /// Like [`Proof::read`], but compares the files' sizes alone: quick, and blind to changed bytes.
    pub fn glance(dir: &Path, name: &str, hash: &str) -> Proof {
        Proof::check(dir, name, hash, false)
    }

    fn check(dir: &Path, name: &str, hash: &str, thorough: bool) -> Proof {
        Proof::with_manifest(dir, name, hash, thorough).0
    }

    /// Like [`Proof::read`] (`thorough`) or [`Proof::glance`], and the manifest, if it could be read.
    pub fn with_manifest(
        dir: &Path,
        name: &str,
        hash: &str,
        thorough: bool,
    ) -> (Proof, Option<Manifest>) {
        let path = dir.join(name);
        let damaged =
            |problem: String| Proof::Damaged(vec![Damage { path: path.clone(), problem }]);
        let manifest = match fs::read(&path).map(|text| Manifest::parse(&text)) {
            Ok(Ok(manifest)) => manifest,
            Ok(Err(problem)) => return (damaged(problem), None),
            Err(e) if e.kind() == io::ErrorKind::NotFound => return (Proof::Absent, None),
            Err(e) => return (damaged(format!("cannot be read: {e}")), None),
        };
        let proof = manifest.proof(dir, hash, thorough).unwrap_or_else(damaged);
        (proof, Some(manifest))
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
        let manifest = Manifest { config_hash: "h".into(), files, ..Manifest::default() };
        write_atomic(&dir.join("done.json"), &manifest.to_sealed().unwrap()).unwrap();
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
    fn a_glance_sees_sizes_and_no_bytes() {
        let dir = tempfile::tempdir().unwrap();
        let dir = dir.path();
        fs::write(dir.join("a.bin"), b"hello").unwrap();
        let files = vec![FileProof::of_bytes("a.bin", b"hello")];
        assert_eq!(files[0], FileProof::of(dir, "a.bin").unwrap());
        let manifest = Manifest { config_hash: "h".into(), files, ..Manifest::default() };
        fs::write(dir.join("m"), manifest.to_sealed().unwrap()).unwrap();
        fs::write(dir.join("a.bin"), b"hellp").unwrap();
        assert_eq!(Proof::glance(dir, "m", "h"), Proof::Sound);
        assert!(matches!(Proof::read(dir, "m", "h"), Proof::Damaged(_)));
        fs::write(dir.join("a.bin"), b"hell").unwrap();
        assert!(matches!(Proof::glance(dir, "m", "h"), Proof::Damaged(_)));
    }

    #[test]
    fn a_changed_manifest_is_named_itself() {
        let dir = tempfile::tempdir().unwrap();
        let dir = dir.path();
        fs::write(dir.join("a.bin"), b"hello").unwrap();
        let files = vec![FileProof::of(dir, "a.bin").unwrap()];
        let manifest = Manifest { config_hash: "h".into(), files, ..Manifest::default() };
        let text = manifest.to_sealed().unwrap();
        for position in 0..text.len() {
            let mut changed = text.clone();
            changed[position] ^= 0x2a;
            fs::write(dir.join("m"), changed).unwrap();
            let Proof::Damaged(damages) = Proof::read(dir, "m", "h") else {
                panic!("a changed byte at {position} went unnoticed");
            };
            assert_eq!(damages[0].path, dir.join("m"));
        }
    }

    #[test]
    fn a_path_that_leads_elsewhere_is_refused() {
        for path in ["../a.bin", "/etc/passwd", "a/../../b", "", "."] {
            let files = vec![FileProof::of_bytes(path, b"")];
            let manifest = Manifest { config_hash: "h".into(), files, ..Manifest::default() };
            let refused = Manifest::parse(&manifest.to_sealed().unwrap()).unwrap_err();
            assert!(refused.contains("leads elsewhere"), "{refused}");
        }
        assert!(stays_below("eval/images.csv") && stays_below("a..b"));
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
