//! Shares of successes.

use crate::Interval;

/// 97.5 % quantile of the standard normal.
const Z: f64 = 1.959_963_984_540_054;

/// 95 % Wilson score interval of a proportion (Wilson 1927, "Probable inference, the law of
/// succession, and statistical inference"), inside 0 to 1 and of some width even at 0 or `n`
/// successes.
///
/// `None` without trials or with more successes than trials. The trials have to be independent.
pub fn confidence_interval_of_proportion(successes: u64, n: u64) -> Option<Interval> {
    if n == 0 || successes > n {
        return None;
    }
    let (k, n) = (successes as f64, n as f64);
    let squared = Z * Z;
    let center = (k + 0.5 * squared) / (n + squared);
    let half = Z * (k * (n - k) / n + 0.25 * squared).sqrt() / (n + squared);
    // At 0 and at n successes an end is 0 or 1 but for rounding.
    let lo = if successes == 0 { 0.0 } else { center - half };
    let hi = if k == n { 1.0 } else { center + half };
    Some(Interval { lo, hi })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_of_ten_by_hand() {
        // z^2 = 3.8415: centre 0.5, half 1.96 sqrt(2.5 + 0.9604) / 13.8415 = 0.2634.
        let interval = confidence_interval_of_proportion(5, 10).unwrap();
        assert!((interval.lo - 0.2366).abs() < 1e-4 && (interval.hi - 0.7634).abs() < 1e-4);
    }

    #[test]
    fn the_ends_are_reached_and_never_passed() {
        // No success in n: upper end z^2 / (n + z^2).
        let none = confidence_interval_of_proportion(0, 10).unwrap();
        assert!(none.lo == 0.0 && (none.hi - 0.277_532_8).abs() < 1e-6, "{none:?}");
        let all = confidence_interval_of_proportion(10, 10).unwrap();
        assert!(all.hi == 1.0 && (all.lo + none.hi - 1.0).abs() < 1e-12, "{all:?}");
        assert_eq!(confidence_interval_of_proportion(0, 0), None);
        assert_eq!(confidence_interval_of_proportion(3, 2), None);
    }

    #[test]
    fn contains_the_share_and_narrows_with_trials() {
        let mut last = 1.0;
        for n in [3, 30, 300, 3_000_000_000] {
            let interval = confidence_interval_of_proportion(n / 3, n).unwrap();
            let share = 1.0 / 3.0;
            assert!(interval.lo < share && share < interval.hi, "{n}: {interval:?}");
            assert!(interval.hi - interval.lo < last);
            last = interval.hi - interval.lo;
        }
    }
}
