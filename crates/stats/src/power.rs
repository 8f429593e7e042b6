//! How many seeds a difference needs to be seen.

use statrs::distribution::{ContinuousCDF, StudentsT};
use statrs::function::erf::erfc;

use crate::{has_spread, mean, sample_sd, usable};

/// No answer above this many pairs: such a difference is of no practical interest.
const MOST: usize = 10_000;

/// Weights below `exp(FAINTEST)` of the largest do not reach the last bit of a sum.
const FAINTEST: f64 = -45.0;

/// Number of pairs at which the two-sided paired t test at 5 % finds, with a chance of at least
/// 80 %, a difference as large as the observed one: the smallest `n` whose [`paired_t_power`] for
/// `mean / sd` of `differences` is at least 0.8.
///
/// It is a plan for the next sweep, not a verdict on this one: the observed effect of a handful
/// of pairs is itself uncertain. `None` below two pairs, without spread, at mean 0, and where
/// more than 10 000 pairs would be needed.
pub fn seeds_needed(differences: &[f64]) -> Option<usize> {
    if !usable(differences) || differences.len() < 2 || !has_spread(differences) {
        return None;
    }
    let effect = mean(differences)? / sample_sd(differences)?;
    let enough = |n| paired_t_power(effect, n, 0.05) >= 0.8;
    if !enough(MOST) {
        return None;
    }
    // Power grows with n: bisect between `few`, too few, and `many`, enough.
    let (mut few, mut many) = (1, MOST);
    while many - few > 1 {
        let middle = few + (many - few) / 2;
        if enough(middle) { many = middle } else { few = middle }
    }
    Some(many)
}

/// Power of the two-sided paired t test: its chance to reject at level `alpha` with `n` pairs
/// whose differences are normal with `mean / sd = effect` (Cohen 1988, "Statistical power
/// analysis for the behavioral sciences", chapter 2).
///
/// At effect 0 it is `alpha`. 0 below two pairs, where there is no test; NaN where `effect` is
/// not finite or `alpha` not between 0 and 1.
pub fn paired_t_power(effect: f64, n: usize, alpha: f64) -> f64 {
    if !(effect.is_finite() && alpha > 0.0 && alpha < 1.0) {
        return f64::NAN;
    }
    if n < 2 {
        return 0.0;
    }
    let df = (n - 1) as f64;
    let Ok(student) = StudentsT::new(0.0, 1.0, df) else { return f64::NAN };
    // The lower tail keeps a small alpha exact.
    let critical = -student.inverse_cdf(0.5 * alpha);
    beyond(critical, df, effect.abs() * (n as f64).sqrt())
}

/// `P(|T| > critical)` of the noncentral t with `df` degrees of freedom and noncentrality
/// `shift >= 0`.
///
/// `T = (Z + shift) / S` with `Z` normal and `df S^2` chi-square, so given `S = e^u` the
/// probability is that of two normal tails. Its mean over the density of `u`, proportional to
/// `exp(df (u - (e^2u - 1) / 2))`, is taken by the trapezoidal rule, whose error falls
/// exponentially for smooth integrands that fade at both ends (Trefethen and Weideman 2014).
/// Nothing cancels, unlike in the usual series of incomplete beta functions.
fn beyond(critical: f64, df: f64, shift: f64) -> f64 {
    // S stays below 10 wherever its weight counts: the normal tail is full throughout.
    if shift > 10.0 * critical + 9.0 {
        return 1.0;
    }
    // The density has width 1 / sqrt(2 df), the tail turns within 1 / shift.
    let width = (1.0 / (2.0 * df).sqrt()).min(1.0 / (1.0 + shift.min(1e4)));
    let step = width / 8.0;
    let (mut weights, mut sum) = (0.0, 0.0);
    let mut add = |u: f64| {
        let exponent = df * (u - 0.5 * (2.0 * u).exp_m1());
        let (weight, bound) = (exponent.exp(), critical * u.exp());
        weights += weight;
        sum += weight * (upper_tail(bound - shift) + upper_tail(bound + shift));
        exponent > FAINTEST
    };
    add(0.0);
    for direction in [step, -step] {
        let mut i = 1.0;
        while add(i * direction) {
            i += 1.0;
        }
    }
    (sum / weights).min(1.0)
}

/// `P(Z > z)` of the standard normal.
fn upper_tail(z: f64) -> f64 {
    0.5 * erfc(z / std::f64::consts::SQRT_2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_an_effect_power_is_the_level_of_the_test() {
        for n in [2, 3, 5, 10, 100, 5000] {
            for alpha in [0.5, 0.05, 1e-4] {
                let power = paired_t_power(0.0, n, alpha);
                assert!((power / alpha - 1.0).abs() < 1e-9, "{n} {alpha}: {power}");
            }
        }
    }

    #[test]
    fn the_textbook_sample_size() {
        // Medium effect 0.5, power 0.8 at 5 % two-sided: 34 pairs (Cohen 1988).
        assert!(paired_t_power(0.5, 34, 0.05) >= 0.8);
        assert!(paired_t_power(0.5, 33, 0.05) < 0.8);
        // mean 1, sd 2: effect 0.5.
        let differences = [1.0 - 2.0f64.sqrt(), 1.0 + 2.0f64.sqrt()];
        assert_eq!(seeds_needed(&differences), Some(34));
        assert_eq!(seeds_needed(&differences.map(|d| -d)), Some(34));
    }

    #[test]
    fn power_grows_with_pairs_and_effect_and_ends_at_one() {
        for effect in [0.03, 0.3, 3.0, 30.0] {
            let powers = [2, 3, 4, 8, 50, 900].map(|n| paired_t_power(effect, n, 0.05));
            assert!(powers.is_sorted() && powers[0] >= 0.05, "{effect}: {powers:?}");
            assert!(paired_t_power(2.0 * effect, 5, 0.05) > powers[3].min(0.9));
        }
        assert_eq!(paired_t_power(1e9, 2, 0.05), 1.0);
        assert_eq!(paired_t_power(1.0, 10_000, 0.05), 1.0);
        assert_eq!(paired_t_power(1.0, 1, 0.05), 0.0);
        assert!(paired_t_power(f64::INFINITY, 5, 0.05).is_nan());
        assert!(paired_t_power(1.0, 5, 0.0).is_nan());
    }

    #[test]
    fn no_answer_where_there_is_none() {
        assert_eq!(seeds_needed(&[]), None);
        assert_eq!(seeds_needed(&[1.0]), None);
        assert_eq!(seeds_needed(&[0.1; 3]), None);
        assert_eq!(seeds_needed(&[-1.0, 1.0]), None);
        // Effect 0.02 needs (2.8 / 0.02)^2 = 19 600 pairs.
        assert_eq!(seeds_needed(&[0.02 - 0.5f64.sqrt(), 0.02 + 0.5f64.sqrt()]), None);
        assert_eq!(seeds_needed(&[1.0, 1.0 + 1e-9]), Some(2));
    }
}
