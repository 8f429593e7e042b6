#![cfg_attr(test, allow(clippy::unwrap_used))]
//! Image, landmark and set metrics, defined once: evaluation (burn) computes rows with them and the
//! report (no burn) tables and curves. [`catalogue`] lists what is measured of every edit.
//!
//! A function returns `None` where the metric is not defined for its input (no change, no errors,
//! coinciding eyes), so that an average is never taken over a made-up number. Golden values from
//! other implementations: `scripts/metrics_reference.py`.

pub mod catalogue;
mod edit;
pub mod explained;
pub mod fidelity;
mod judged;
pub mod landmarks;
pub mod locality;
mod metric;
pub mod pixels;
pub mod sets;
#[cfg(test)]
mod testing;
mod verdict;

pub use edit::{Edit, EditImages, EditedSet, Opinions, Picture};
pub use judged::Judged;
pub use metric::{Better, Measure, Metric};
pub use verdict::{VERDICT_THRESHOLD, verdict};
