#![cfg_attr(test, allow(clippy::unwrap_used))]
//! Image, landmark and set metrics as plain functions, defined once: evaluation (burn) computes
//! rows with them and the report (no burn) curves.
//!
//! A function returns `None` where the metric is not defined for its input (no change, no errors,
//! coinciding eyes), so that an average is never taken over a made-up number. Golden values from
//! other implementations: `scripts/metrics_reference.py`.

pub mod fidelity;
pub mod landmarks;
pub mod locality;
pub mod sets;
mod verdict;

pub use verdict::{VERDICT_THRESHOLD, verdict};
