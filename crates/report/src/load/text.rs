//! Texts of files, and what to do about those that are not what they should be.

use std::path::Path;

use serde::Deserialize;

use crate::ReportError;

/// What helps where a cell's file is not what was written.
pub(super) const REMEDY: &str = "remove the cell's directory and run the experiment again";

/// A JSON text as what it holds; `path` names it in messages.
pub(super) fn parse_json<'t, T: Deserialize<'t>>(
    path: &Path,
    text: &'t str,
    remedy: &'static str,
) -> Result<T, ReportError> {
    serde_json::from_str(text).map_err(|error| {
        ReportError::malformed(path, error.line().max(1), &error.to_string(), remedy)
    })
}
