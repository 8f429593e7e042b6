//! The tables of a judged cell: rows and columns as evaluation writes and reports read them, and as
//! `results/README.md` describes them.

mod column;
mod rows;
mod summary;

use std::borrow::Cow;

pub use column::LogColumn;
pub use rows::{AttributeRow, DetectionRow, ScoreRow, StrengthRow};
pub use summary::{DetectorQuality, Summary};

/// A name that is known when the program is written, or was read from a file.
pub type Name = Cow<'static, str>;

/// The files of a judgement; a table without rows is left out.
pub const FILES: [&str; 6] =
    ["images.csv", "landmarks.csv", "strength.csv", "attributes.csv", "scores.csv", "summary.json"];

/// The columns that hold names; all others hold numbers, and are empty where nothing was measured.
pub const NAMES: [&str; 7] =
    ["image", "direction", "group", "detector", "training", "attribute", "metric"];
