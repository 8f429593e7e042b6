#![cfg_attr(test, allow(clippy::unwrap_used))]
//! Paired statistics over images and seeds.
//!
//! Every arm of a sweep sees the same seeds and the same test images, so what is compared is the
//! difference within a pair, never two independent groups. With a handful of seeds no test has
//! much power: each function therefore says what it can reach at most ([`Permutation::p_floor`],
//! [`Wilcoxon::p_floor`]) or returns `None` instead of a number that means nothing.
//!
//! Every function expects finite values and returns `None` where it meets another.

mod bootstrap;
mod describe;
mod effect;
mod holm;
mod interval;
mod mcnemar;
mod permutation;
mod power;
mod proportion;
mod t_test;
mod wilcoxon;

pub use bootstrap::{crossed_bootstrap, hierarchical_bootstrap};
pub use describe::{LengthError, mean, paired_differences, sample_sd};
pub use effect::cliffs_delta;
pub use holm::holm;
pub use interval::{Interval, paired_t_interval};
pub use mcnemar::{McNemar, mcnemar};
pub use permutation::{EXACT_LIMIT, Permutation, sign_flip};
pub use power::{paired_t_power, seeds_needed};
pub use proportion::confidence_interval_of_proportion;
pub use t_test::{TTest, paired_t_test};
pub use wilcoxon::{Wilcoxon, wilcoxon_signed_rank};

/// Values closer than this, relative to the largest, differ by rounding alone: differences of
/// scores carry the rounding of the scores.
const ROUNDING: f64 = 1e-12;

/// Whether there is something to compute on.
fn usable(values: &[f64]) -> bool {
    !values.is_empty() && values.iter().all(|value| value.is_finite())
}

/// Whether the values differ by more than rounding.
fn has_spread(values: &[f64]) -> bool {
    let (lo, hi) = values.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(lo, hi), value| {
        (lo.min(*value), hi.max(*value))
    });
    hi - lo > ROUNDING * hi.abs().max(lo.abs())
}
