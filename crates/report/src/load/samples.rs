//! Sample grids, `samples/step-000600.png`.

use std::fs;
use std::path::{Path, PathBuf};

/// The grid of the latest step in a directory of samples. Names are zero-padded to six digits, which a
/// long run outgrows: the number counts, not the name.
pub fn last_sample(samples: &Path) -> Option<PathBuf> {
    let paths = fs::read_dir(samples).ok()?.filter_map(|entry| Some(entry.ok()?.path()));
    paths.filter_map(|path| Some((step_of(&path)?, path))).max().map(|(_, path)| path)
}

/// The step that a grid shows; `None` if the file is none.
pub(crate) fn step_of(path: &Path) -> Option<u64> {
    path.file_name()?.to_str()?.strip_prefix("step-")?.strip_suffix(".png")?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_latest_step_is_the_largest_number() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(last_sample(dir.path()), None);
        let names = ["step-999900.png", "step-1000200.png", "step-1000100.png", "zzz.png", "step-"];
        for name in names {
            fs::write(dir.path().join(name), "").unwrap();
        }
        assert_eq!(last_sample(dir.path()), Some(dir.path().join("step-1000200.png")));
    }
}
