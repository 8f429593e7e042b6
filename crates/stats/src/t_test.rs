//! The paired t test and the distribution behind it.

use statrs::function::beta::beta_reg;

use crate::{has_spread, mean, sample_sd, usable};

/// Result of [`paired_t_test`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TTest {
    /// Mean difference over its standard error, `mean / (s / sqrt(n))`.
    pub t: f64,
    /// Degrees of freedom, `n - 1`.
    pub df: f64,
    /// Two-sided p.
    pub p: f64,
}

/// Two-sided paired t test of a mean difference of 0 (Student 1908, "The probable error of a
/// mean"); it rejects at 5 % exactly where [`paired_t_interval`](crate::paired_t_interval)
/// excludes 0.
///
/// `None` below two pairs, and where all differences are the same number other than 0: without
/// spread t is infinite and p would be 0 for any two equal differences. Differences that are all 0
/// have p = 1.
pub fn paired_t_test(differences: &[f64]) -> Option<TTest> {
    if !usable(differences) || differences.len() < 2 {
        return None;
    }
    let df = (differences.len() - 1) as f64;
    if differences.iter().all(|d| *d == 0.0) {
        return Some(TTest { t: 0.0, df, p: 1.0 });
    }
    if !has_spread(differences) {
        return None;
    }
    let t = mean(differences)? / (sample_sd(differences)? / (differences.len() as f64).sqrt());
    Some(TTest { t, df, p: two_sided_p(t, df) })
}

/// `P(|T| >= |t|)` of Student's t with `df` degrees of freedom, which keeps its relative accuracy
/// in the tail (`1 - cdf` does not).
fn two_sided_p(t: f64, df: f64) -> f64 {
    beta_reg(0.5 * df, 0.5, df / (df + t * t))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::paired_t_interval;

    #[test]
    fn two_pairs_by_hand() {
        // mean 2, s / sqrt 2 = 1, t = 2; with one degree of freedom p = 1 - 2 atan(t) / pi.
        let test = paired_t_test(&[1.0, 3.0]).unwrap();
        assert_eq!((test.t, test.df), (2.0, 1.0));
        let cauchy = 1.0 - 2.0 * 2.0f64.atan() / std::f64::consts::PI;
        assert!((test.p - cauchy).abs() < 1e-12, "{test:?}");
    }

    #[test]
    fn no_spread_is_no_test() {
        assert_eq!(paired_t_test(&[]), None);
        assert_eq!(paired_t_test(&[1.0]), None);
        assert_eq!(paired_t_test(&[0.5; 4]), None);
        // The mean of three times 0.1 is not 0.1: rounding is no spread.
        assert_eq!(paired_t_test(&[0.1; 3]), None);
        assert_eq!(paired_t_test(&[0.3 - 0.2, 0.2 - 0.1]), None);
        assert_eq!(paired_t_test(&[0.0; 4]), Some(TTest { t: 0.0, df: 3.0, p: 1.0 }));
        assert_eq!(paired_t_test(&[0.0, f64::NAN]), None);
    }

    proptest! {
        #[test]
        fn agrees_with_the_interval(
            differences in prop::collection::vec(-1.0f64..1.5, 2..12),
        ) {
            let Some(test) = paired_t_test(&differences) else { return Ok(()) };
            prop_assume!((test.p - 0.05).abs() > 1e-9);
            let interval = paired_t_interval(&differences).unwrap();
            prop_assert_eq!(test.p < 0.05, interval.excludes(0.0));
        }

        #[test]
        fn ignores_scale_and_direction(
            differences in prop::collection::vec(-1.0f64..1.5, 2..12),
        ) {
            let Some(test) = paired_t_test(&differences) else { return Ok(()) };
            let turned: Vec<f64> = differences.iter().map(|d| -8.0 * d).collect();
            let turned = paired_t_test(&turned).unwrap();
            prop_assert!((test.p - turned.p).abs() < 1e-12 && (test.t + turned.t).abs() < 1e-9);
        }
    }
}
