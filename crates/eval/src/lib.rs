//! Judging: how often an edit succeeds, what it costs, and what it does to landmark detection.
//!
//! The judges ([`judges`]) are trained on the training split's real images, never see an edited
//! image in training, are reported with their own accuracy on real test images, and are shared by
//! every cell of the same data. Every metric is computed on edited images as a user would see
//! them: clamped and rounded to 8 bits.

mod evaluate;
pub mod fidelity;
pub mod jitter;
pub mod judges;
pub mod landmarks;
mod row;

pub use evaluate::{EvalError, evaluate};
pub use row::{Row, Summary};
