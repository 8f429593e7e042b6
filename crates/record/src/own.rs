//! What a cell's directory holds that the program wrote, so that nothing else is taken for it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::again::Again;
use crate::files::is_scratch;
use crate::status::{DONE, JUDGE_CONFIG, TRAINED};
use crate::tables;

/// The judgement's directory.
const EVAL: &str = "eval";

/// Everything that the program writes into a cell's directory, uncommitted files aside.
const CELL: [&str; 18] = [
    "config.toml",
    "provenance.json",
    "state.json",
    "owner.json",
    "lock",
    "log.txt",
    "metrics.jsonl",
    "timing.jsonl",
    "samples",
    "checkpoints",
    "weights",
    EVAL,
    "eval.before",
    "replaced",
    TRAINED,
    DONE,
    JUDGE_CONFIG,
    Again::FILE,
];

/// What only a worker leaves: a directory with one of these and without `owner.json` is somebody's.
const RESULTS: [&str; 9] = [
    "provenance.json",
    "metrics.jsonl",
    "timing.jsonl",
    "samples",
    "checkpoints",
    "weights",
    EVAL,
    TRAINED,
    DONE,
];

/// Whether an entry of a judgement's directory is one that the program writes.
pub fn is_of_judgement(name: &str) -> bool {
    tables::FILES.contains(&name)
        || ["config.toml", "provenance.json"].contains(&name)
        || is_scratch(name)
}

/// What lies in a cell's directory and in its judgement but is none of the program's.
pub fn foreign(cell: &Path) -> Vec<PathBuf> {
    let is_of_cell = |name: &str| CELL.contains(&name) || is_scratch(name);
    let mut found = others(cell, is_of_cell);
    found.extend(others(&cell.join(EVAL), is_of_judgement));
    found
}

/// Results in a directory that no worker has ever claimed.
pub fn unclaimed(cell: &Path) -> Option<PathBuf> {
    let claimed = cell.join("owner.json").exists();
    let paths = RESULTS.map(|name| cell.join(name));
    paths.into_iter().find(|path| !claimed && fs::symlink_metadata(path).is_ok())
}

/// Whether a directory is a cell's: a link to one is not, nor is one that nothing of ours lies in.
pub fn is_cell(dir: &Path) -> bool {
    let is_dir = fs::symlink_metadata(dir).is_ok_and(|about| about.is_dir());
    is_dir
        && ["owner.json", "state.json", "config.toml"].iter().any(|name| dir.join(name).is_file())
}

/// Moves what is not `ours` out of a directory that is about to be removed, unless its name is taken.
///
/// # Errors
/// Something cannot be moved.
pub fn carry_over(from: &Path, to: &Path, ours: impl Fn(&str) -> bool) -> io::Result<()> {
    for path in others(from, ours) {
        let target = to.join(path.file_name().unwrap_or_default());
        if fs::symlink_metadata(&target).is_err() {
            fs::create_dir_all(to)?;
            fs::rename(&path, target)?;
        }
    }
    Ok(())
}

fn others(dir: &Path, ours: impl Fn(&str) -> bool) -> Vec<PathBuf> {
    let entries = fs::read_dir(dir).into_iter().flatten().flatten();
    let mut found: Vec<PathBuf> = entries
        .filter(|entry| !ours(&entry.file_name().to_string_lossy()))
        .map(|entry| entry.path())
        .collect();
    found.sort();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_somebody_put_into_a_cell_is_told_from_what_a_worker_writes() {
        let dir = tempfile::tempdir().unwrap();
        let cell = dir.path().join("cell");
        fs::create_dir_all(cell.join("eval")).unwrap();
        assert!(!is_cell(&cell) && unclaimed(&cell).is_some());
        for name in ["config.toml", "owner.json", "eval/images.csv", "done.json.tmp-1-2"] {
            fs::write(cell.join(name), "").unwrap();
        }
        assert!(is_cell(&cell) && unclaimed(&cell).is_none());
        assert_eq!(foreign(&cell), [""; 0].map(PathBuf::from));
        for name in ["notes.md", "eval/mine.png"] {
            fs::write(cell.join(name), "mine").unwrap();
        }
        assert_eq!(foreign(&cell), [cell.join("notes.md"), cell.join("eval/mine.png")]);
        let to = dir.path().join("new");
        carry_over(&cell.join("eval"), &to, is_of_judgement).unwrap();
        assert!(to.join("mine.png").exists() && cell.join("eval/images.csv").exists());
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink(&cell, dir.path().join("link")).unwrap();
            assert!(!is_cell(&dir.path().join("link")));
        }
    }
}
