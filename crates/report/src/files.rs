//! Where tables, figures and pages are written.

use std::fs;
use std::path::Path;

use crate::ReportError;

/// Writes a whole file or none, creating its directory.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<(), ReportError> {
    let remedy = "check that the results directory can be written and has space";
    let directory = path.parent().map_or(Ok(()), fs::create_dir_all);
    directory
        .and_then(|()| record::write_atomic(path, bytes))
        .map_err(ReportError::io(path, remedy))
}
