//! Tables, figures and a one-file report, read from `results/<experiment>`.
//!
//! Nothing here computes a result: [`load`] reads what cells wrote and proved, [`compare`] pairs
//! twins, and [`render`], [`plot`], [`write_tables`] and [`html`] show them. Cells that are not
//! complete are counted and named everywhere.
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod compare;
mod error;
mod files;
mod html;
mod load;
mod metric;
mod plot;
mod render;
mod tables;

pub use compare::{
    CompareOptions, Comparison, ComparisonRow, JudgeQuality, NamedCell, Verdict, compare,
};
pub use error::ReportError;
pub use html::html;
pub use load::{Cell, CellState, Curves, ImageRow, Images, Judge, Results, load};
pub use plot::plot;
pub use render::{Format, render};
pub use tables::write_tables;
