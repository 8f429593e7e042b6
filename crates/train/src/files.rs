//! Files that are whole or absent, and proof of what they hold.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

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

/// What a directory must hold to be believed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// Hash of the configuration that it belongs to.
    pub config_hash: String,
    /// The attempt that wrote it.
    pub attempt: String,
    /// Every file.
    pub files: Vec<FileProof>,
}

impl Manifest {
    /// Names the first file that is missing or differs.
    ///
    /// # Errors
    /// A sentence that names the file.
    pub fn verify(&self, dir: &Path) -> Result<(), String> {
        for expected in &self.files {
            let found = file_proof(dir, &expected.path)
                .map_err(|error| format!("{}: {error}", dir.join(&expected.path).display()))?;
            if found != *expected {
                let path = dir.join(&expected.path);
                return Err(format!("{} is not what was written", path.display()));
            }
        }
        Ok(())
    }
}

/// Reads a file and states its size and hash.
///
/// # Errors
/// The file cannot be read.
pub fn file_proof(dir: &Path, path: &str) -> io::Result<FileProof> {
    let bytes = fs::read(dir.join(path))?;
    let blake3 = blake3::hash(&bytes).to_hex().to_string();
    Ok(FileProof { path: path.to_owned(), bytes: bytes.len() as u64, blake3 })
}

/// Writes through a temporary file and a rename: readers see the old content or the new one.
///
/// # Errors
/// The directory cannot be written; the temporary file is removed then.
pub fn write_atomic(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut temporary = path.as_os_str().to_owned();
    temporary.push(format!(".tmp-{}", std::process::id()));
    let temporary = Path::new(&temporary);
    let result = write_synced(temporary, bytes)
        .and_then(|()| fs::rename(temporary, path))
        .and_then(|()| sync_dir(path.parent().unwrap_or(Path::new("."))));
    if result.is_err() {
        let _ = fs::remove_file(temporary);
    }
    result
}

/// Writes a file and waits until it is on the disk.
pub(crate) fn write_synced(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Makes renames inside a directory durable.
pub(crate) fn sync_dir(dir: &Path) -> io::Result<()> {
    let dir = if dir.as_os_str().is_empty() { Path::new(".") } else { dir };
    File::open(dir)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_flipped_byte_is_named() {
        let dir = tempfile::tempdir().unwrap();
        write_atomic(&dir.path().join("a.bin"), b"hello").unwrap();
        let files = vec![file_proof(dir.path(), "a.bin").unwrap()];
        let manifest = Manifest { config_hash: String::new(), attempt: String::new(), files };
        assert_eq!(manifest.verify(dir.path()), Ok(()));
        fs::write(dir.path().join("a.bin"), b"hellp").unwrap();
        assert!(manifest.verify(dir.path()).unwrap_err().contains("a.bin"));
        fs::remove_file(dir.path().join("a.bin")).unwrap();
        assert!(manifest.verify(dir.path()).unwrap_err().contains("a.bin"));
    }
}
