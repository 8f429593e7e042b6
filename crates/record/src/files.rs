//! Files that are whole or absent.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

/// Marks what is not committed yet; a name with this in it never counts.
const SCRATCH: &str = ".tmp-";

/// Writes through a temporary file and a rename: readers see the old content or the new one.
///
/// # Errors
/// The directory cannot be written; the temporary file is removed then.
pub fn write_atomic(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let temporary = &scratch_beside(path);
    let result = write_synced(temporary, bytes)
        .and_then(|()| fs::rename(temporary, path))
        .and_then(|()| sync_dir(path.parent().unwrap_or(Path::new("."))));
    if result.is_err() {
        let _ = fs::remove_file(temporary);
    }
    result
}

/// Where to write what a rename then brings to `path`: a name beside it that nobody else has, on any
/// machine that shares the disk. [`sweep_scratch`] clears it if the process dies before.
pub fn scratch_beside(path: &Path) -> PathBuf {
    let mut scratch = path.as_os_str().to_owned();
    scratch.push(format!("{SCRATCH}{}", unique()));
    scratch.into()
}

/// Whether a file's name says that it is not committed.
pub fn is_scratch(name: &str) -> bool {
    name.contains(SCRATCH)
}

/// A name that no other process has, on any machine that shares the disk.
fn unique() -> String {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    format!("{:x}-{:x}-{count:x}", now.as_nanos(), std::process::id())
}

/// Removes what killed processes left uncommitted in a directory and in those right below it; to be
/// called by its only writer.
pub fn sweep_scratch(dir: &Path) {
    for entry in fs::read_dir(dir).into_iter().flatten().flatten() {
        let (path, is_dir) = (entry.path(), entry.file_type().is_ok_and(|kind| kind.is_dir()));
        let scratch = is_scratch(&entry.file_name().to_string_lossy());
        // What cannot be removed harms nobody: no reader looks at it.
        match (scratch, is_dir) {
            (true, true) => drop(fs::remove_dir_all(path)),
            (true, false) => drop(fs::remove_file(path)),
            (false, true) => {
                let inside = fs::read_dir(path).into_iter().flatten().flatten();
                for entry in inside.filter(|e| is_scratch(&e.file_name().to_string_lossy())) {
                    let _ = fs::remove_dir_all(entry.path());
                    let _ = fs::remove_file(entry.path());
                }
            }
            (false, false) => {}
        }
    }
}

/// Writes a file and waits until it is on the disk.
///
/// # Errors
/// The file cannot be written; what was written of it stays.
pub fn write_synced(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Makes renames inside a directory durable.
///
/// # Errors
/// The directory cannot be opened.
pub fn sync_dir(dir: &Path) -> io::Result<()> {
    let dir = if dir.as_os_str().is_empty() { Path::new(".") } else { dir };
    File::open(dir)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_write_leaves_the_old_file_and_nothing_else() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a");
        write_atomic(&path, b"old").unwrap();
        write_atomic(&path, b"new").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"new");
        // A directory cannot be replaced by a file.
        fs::create_dir(dir.path().join("b")).unwrap();
        assert!(write_atomic(&dir.path().join("b"), b"x").is_err());
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 2);
    }

    #[test]
    fn scratch_of_killed_processes_is_swept() {
        let dir = tempfile::tempdir().unwrap();
        let dir = dir.path();
        fs::create_dir_all(dir.join("checkpoints/00000002.tmp-1/deep")).unwrap();
        fs::create_dir_all(dir.join("checkpoints/00000001")).unwrap();
        fs::write(dir.join("state.json.tmp-7"), "").unwrap();
        fs::write(dir.join("state.json"), "").unwrap();
        sweep_scratch(dir);
        let names = |dir: &Path| {
            let mut names: Vec<_> =
                fs::read_dir(dir).unwrap().map(|e| e.unwrap().file_name()).collect();
            names.sort();
            names
        };
        assert_eq!(names(dir), ["checkpoints", "state.json"]);
        assert_eq!(names(&dir.join("checkpoints")), ["00000001"]);
    }
}
