//! What a column of `metrics.jsonl` is.

use serde::{Deserialize, Serialize};

/// A column of the training log, as `provenance.json` describes it: figures take their titles from
/// there, so that they know terms which other programs have.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LogColumn {
    /// The key in every line of `metrics.jsonl`.
    pub name: String,
    /// For a person.
    pub title: String,
    /// Its unit.
    pub unit: String,
    /// Whether it lies between 0 and 1.
    #[serde(default)]
    pub share: bool,
    /// Whether a figure of training curves shows it.
    #[serde(default)]
    pub shown: bool,
}
