//! Intervals for a mean paired difference.

use statrs::distribution::{ContinuousCDF, StudentsT};

use crate::{mean, sample_sd};

/// A closed interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// Lower end.
    pub lo: f64,
    /// Upper end.
    pub hi: f64,
}

impl Interval {
    /// Whether the whole interval lies on one side of `value`.
    pub fn excludes(&self, value: f64) -> bool {
        self.lo > value || self.hi < value
    }
}

/// 95 % paired t interval of the mean difference, `mean +- t(0.975, n - 1) s / sqrt(n)`
/// (Student 1908, "The probable error of a mean"); `None` below two pairs.
///
/// It takes the differences as normal. With 2 pairs the factor is 12.7: wide, and rightly so.
pub fn paired_t_interval(differences: &[f64]) -> Option<Interval> {
    let (mean, sd) = (mean(differences)?, sample_sd(differences)?);
    let n = differences.len() as f64;
    let t = StudentsT::new(0.0, 1.0, n - 1.0).ok()?.inverse_cdf(0.975);
    let half = t * sd / n.sqrt();
    Some(Interval { lo: mean - half, hi: mean + half })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(found: f64, expected: f64) {
        assert!((found - expected).abs() < 1e-3, "{found} is not {expected}");
    }

    #[test]
    fn two_pairs_by_hand() {
        // mean 2, s = sqrt 2, s / sqrt 2 = 1, t(0.975, 1) = 12.7062.
        let interval = paired_t_interval(&[1.0, 3.0]).unwrap();
        close(interval.lo, 2.0 - 12.7062);
        close(interval.hi, 2.0 + 12.7062);
        assert!(!interval.excludes(0.0));
    }

    #[test]
    fn five_pairs_by_hand() {
        // mean 3, s^2 = 10 / 4, s / sqrt 5 = sqrt 0.5, t(0.975, 4) = 2.77645.
        let interval = paired_t_interval(&[1.0, 2.0, 3.0, 4.0, 5.0]).unwrap();
        close(interval.lo, 3.0 - 2.77645 * 0.5f64.sqrt());
        close(interval.hi, 3.0 + 2.77645 * 0.5f64.sqrt());
        assert!(interval.excludes(0.0));
    }

    #[test]
    fn one_pair_has_no_interval_and_equal_pairs_have_no_width() {
        assert_eq!(paired_t_interval(&[1.0]), None);
        assert_eq!(paired_t_interval(&[0.5, 0.5]), Some(Interval { lo: 0.5, hi: 0.5 }));
        assert!(!paired_t_interval(&[0.0, 0.0]).unwrap().excludes(0.0));
    }
}
