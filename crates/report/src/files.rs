//! Where tables, figures and pages are written.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::ReportError;

/// Writes a whole file or none, creating its directory.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<(), ReportError> {
    let remedy = "check that the results directory can be written and has space";
    let directory = path.parent().map_or(Ok(()), fs::create_dir_all);
    directory
        .and_then(|()| record::write_atomic(path, bytes))
        .map_err(ReportError::io(path, remedy))
}

/// Refuses a list of files in which a name stands twice, in whatever case: one would take the other's
/// place, and everybody would be content.
pub(crate) fn distinct(paths: &[PathBuf]) -> Result<(), ReportError> {
    let mut known = HashSet::new();
    let twice = paths.iter().find(|path| !known.insert(path.to_string_lossy().to_lowercase()));
    twice.map_or(Ok(()), |path| Err(ReportError::WrittenTwice { path: path.clone() }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_stands_twice_is_refused_in_whatever_case() {
        let paths = |names: &[&str]| names.iter().map(PathBuf::from).collect::<Vec<_>>();
        assert!(distinct(&paths(&["a.svg", "a.png", "b.svg"])).is_ok());
        for name in ["a.svg", "A.svg"] {
            let refused = distinct(&paths(&["a.svg", "a.png", name])).unwrap_err().to_string();
            assert!(refused.contains(name), "{refused}");
        }
    }
}
