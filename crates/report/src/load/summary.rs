//! `eval/summary.json`: what the judges are worth on real test images.

use std::path::Path;

use record::tables::Summary;

use super::text::{REMEDY, parse_json};
use crate::ReportError;

/// Reads the text of a `summary.json`; `path` names it in messages.
///
/// # Errors
/// The text is not such a summary; the message names the line.
pub fn summary(path: &Path, text: &str) -> Result<Summary, ReportError> {
    parse_json(path, text, REMEDY)
}
