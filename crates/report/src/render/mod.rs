//! A comparison as text, CSV and JSON.

mod csv;
mod screen;
mod sentences;

use crate::columns::{noted, parted};
use crate::compare::Comparison;

pub(crate) use csv::{csv, field, into_text};
pub(crate) use screen::{NUMERIC, Section, cells_of, sections, titles};
pub(crate) use sentences::{judged_on, progress};

/// How to print a comparison or a landmark table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// For people: the metrics that matter first, with notes.
    Table,
    /// One line per row, every metric.
    Csv,
    /// One JSON document, every metric.
    Json,
}

/// The comparison as text; it ends with a newline.
pub fn render(comparison: &Comparison, format: Format) -> String {
    match format {
        Format::Table => screen::table(comparison),
        Format::Csv => {
            noted(parted(csv(comparison), &comparison.part), comparison.mixed.as_deref())
        }
        Format::Json => json(comparison),
    }
}

/// Pretty JSON with a final newline.
pub(crate) fn json<T: serde::Serialize>(value: &T) -> String {
    let mut text = serde_json::to_string_pretty(value).expect("numbers and text are plain JSON");
    text.push('\n');
    text
}
