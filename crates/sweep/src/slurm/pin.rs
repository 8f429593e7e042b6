//! Programs that a queued job will run are copied, under their hash: a later build on the login node
//! changes nothing about a sweep that waits.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use crate::error::SweepError;

/// Copies `program` to `<dir>/workers/<blake3>/<name>` unless it lies there already. Gives the path
/// and the hash.
pub(crate) fn pin(dir: &Path, program: &Path, name: &str) -> Result<(PathBuf, String), SweepError> {
    let bytes = fs::read(program).map_err(SweepError::io("read", program))?;
    let hash = blake3::hash(&bytes);
    let folder = dir.join("workers").join(hash.to_hex().as_str());
    let path = folder.join(name);
    let there = fs::read(&path).is_ok_and(|found| blake3::hash(&found) == hash);
    if !there {
        fs::create_dir_all(&folder).map_err(SweepError::io("create", &folder))?;
        record::write_atomic(&path, &bytes).map_err(SweepError::io("write", &path))?;
    }
    let mode = fs::Permissions::from_mode(0o755);
    fs::set_permissions(&path, mode).map_err(SweepError::io("make executable", &path))?;
    Ok((path, hash.to_hex().to_string()))
}

#[cfg(test)]
mod tests {
    use std::io::ErrorKind;
    use std::process::Command;

    use super::*;

    #[test]
    fn a_pinned_program_stays_what_it_was_and_is_mended_when_it_is_not() {
        let dir = tempfile::tempdir().unwrap();
        let program = dir.path().join("worker");
        fs::write(&program, "#!/bin/sh\necho first\n").unwrap();
        let (first, hash) = pin(dir.path(), &program, "resgan").unwrap();
        assert!(first.ends_with(format!("workers/{hash}/resgan")));
        let written = fs::metadata(&first).unwrap().modified().unwrap();
        assert_eq!(pin(dir.path(), &program, "resgan").unwrap().0, first);
        assert_eq!(fs::metadata(&first).unwrap().modified().unwrap(), written);
        // Another test's child may hold the file open for writing until it is a program of its own.
        let run = || match Command::new(&first).output() {
            Err(e) if e.kind() == ErrorKind::ExecutableFileBusy => None,
            output => Some(output.unwrap()),
        };
        let output = std::iter::repeat_with(run).take(1000).flatten().next();
        assert_eq!(output.unwrap().stdout, b"first\n");

        fs::write(&program, "#!/bin/sh\necho second\n").unwrap();
        assert_ne!(pin(dir.path(), &program, "resgan").unwrap().0, first);
        assert_eq!(fs::read(&first).unwrap(), b"#!/bin/sh\necho first\n");

        fs::write(&program, "#!/bin/sh\necho first\n").unwrap();
        fs::write(&first, "cut").unwrap();
        pin(dir.path(), &program, "resgan").unwrap();
        assert_eq!(fs::read(&first).unwrap(), b"#!/bin/sh\necho first\n");
    }
}
