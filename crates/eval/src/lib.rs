#![cfg_attr(test, allow(clippy::unwrap_used))]
//! Judging: how often an edit succeeds, what it costs, and what it does to landmark detection.
//!
//! The judges ([`judges`], [`landmarks`]) learn from real images of the training part, never see an
//! edited image in training, are reported with their own quality on real test images, and are shared
//! by every cell of the same data. Every metric is computed on edited images as a user would see
//! them: clamped and rounded to 8 bits.

mod accuracy;
mod attributes;
mod augment;
mod batch;
mod calibration;
mod disturbance;
mod evaluate;
pub mod jitter;
mod judge;
pub mod judges;
mod kind;
pub mod landmarks;
mod means;
mod panel;
mod pass;
mod people;
mod refusal;
mod robustness;
mod tables;

pub use attributes::STRENGTHS;
pub use evaluate::{EvalError, Judgement, evaluate};
pub use judge::Judge;
