//! A comparison as text, CSV and JSON.

mod csv;
mod screen;

use crate::compare::{Comparison, JudgeQuality, NamedCell};
use crate::mixture::noted;

pub(crate) use csv::{csv, field, into_text};
pub(crate) use screen::{NUMERIC, Section, cells_of, sections, titles};

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
        Format::Csv => noted(csv(comparison), comparison.mixed.as_deref()),
        Format::Json => json(comparison),
    }
}

/// Pretty JSON with a final newline.
pub(crate) fn json<T: serde::Serialize>(value: &T) -> String {
    let mut text = serde_json::to_string_pretty(value).expect("numbers and text are plain JSON");
    text.push('\n');
    text
}

/// The number of complete cells, in a sentence.
pub(crate) fn progress(comparison: &Comparison) -> String {
    let Comparison { cells_complete, cells_total, cells_diverged, .. } = comparison;
    let text = format!("{cells_complete} of {cells_total} cells are complete");
    match cells_diverged {
        0 => text,
        count => format!("{text}, {count} diverged"),
    }
}

/// What a judge scores on real test images.
pub(crate) fn judge_line(judge: &JudgeQuality) -> String {
    let classifier = |name: &str| judge.classifier.get(name);
    let mut line = format!("judge of {}", judge.attribute);
    match (classifier("accuracy"), classifier("n")) {
        (Some(accuracy), Some(n)) => {
            line += &format!(": right on {:.1} % of {n} real test images", 100.0 * accuracy);
        }
        (Some(accuracy), None) => {
            line += &format!(": right on {:.1} % of the real test images", 100.0 * accuracy);
        }
        (None, _) => line += ": its accuracy was not recorded",
    }
    if let Some(nme) = judge.landmarks.get("nme") {
        line += &format!("; landmarks: error {nme:.2} % of the inter-ocular distance");
        if let Some(shape) = judge.landmarks.get("nme_mean_shape") {
            line += &format!(", mean shape {shape:.2} %");
        }
    }
    line
}

/// A cell with the reason why it is named.
pub(crate) fn named_line(cell: &NamedCell) -> String {
    format!("{} ({}, seed {}): {}", cell.id, cell.arm, cell.seed, cell.reason)
}
