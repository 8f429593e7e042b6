#![cfg_attr(test, allow(clippy::unwrap_used))]
//! Paired statistics over images and seeds.
//!
//! Every arm of a sweep sees the same seeds and the same test images, so what is compared is the
//! difference within a pair, never two independent groups. With a handful of seeds no test has
//! much power: each function therefore says what it can reach at most ([`Permutation::p_floor`])
//! or returns `None` instead of a number that means nothing.
//!
//! Every function expects finite values and returns `None` where it meets another.

mod bootstrap;
mod describe;
mod holm;
mod interval;
mod permutation;

pub use bootstrap::hierarchical_bootstrap;
pub use describe::{LengthError, mean, paired_differences, sample_sd};
pub use holm::holm;
pub use interval::{Interval, paired_t_interval};
pub use permutation::{EXACT_LIMIT, Permutation, sign_flip};

/// Whether there is something to compute on.
fn usable(values: &[f64]) -> bool {
    !values.is_empty() && values.iter().all(|value| value.is_finite())
}
