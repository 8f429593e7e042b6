//! Tables, figures and a one-file report, read from `results/<experiment>`.
//!
//! Nothing here computes a result: [`load`] reads what cells wrote and proved, [`compare`] pairs
//! twins, [`landmarks`] sums up what detectors found, and [`render`], [`render_landmarks`], [`plot`],
//! [`write_tables`] and [`html`] show them. Cells that are not complete are counted and named
//! everywhere.
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod attributes;
mod bootstrap;
mod columns;
mod compare;
mod error;
mod files;
mod grid;
mod html;
mod landmarks;
mod level;
mod load;
mod matching;
mod mixture;
mod names;
mod outputs;
mod plot;
mod poses;
mod refusal;
mod render;
mod tables;

pub use compare::{
    CompareOptions, Comparison, ComparisonRow, JudgeQuality, NamedCell, Verdict, compare,
};
pub use error::ReportError;
pub use html::html;
pub use landmarks::{
    Change, GroupError, LandmarkArm, LandmarkRow, LandmarkTable, landmarks, render_landmarks,
};
pub use load::{
    Cell, Curves, Detection, Flips, ImageRow, Images, Landmarks, Results, Strength, last_sample,
    load, scores, summary,
};
pub use mixture::mixture;
pub use outputs::{Outputs, Renewal};
pub use plot::{FIGURES, FigureKind, plot};
pub use render::{Format, render};
pub use tables::write_tables;
