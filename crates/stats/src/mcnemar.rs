//! Two arms that succeed or fail on the same items.

use statrs::function::erf::erfc;

/// Up to this many discordant pairs p is exact.
const EXACT_LIMIT: u64 = 10_000;

/// Result of [`mcnemar`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct McNemar {
    /// Items on which only the baseline succeeds.
    pub only_baseline: u64,
    /// Items on which only the level succeeds.
    pub only_level: u64,
    /// Two-sided p.
    pub p: f64,
    /// Whether p is the binomial one rather than its approximation.
    pub exact: bool,
}

/// McNemar's test of equal success rates on paired items (McNemar 1947, "Note on the sampling
/// error of the difference between correlated proportions"); items on which both arms succeed or
/// both fail say nothing.
///
/// Up to 10 000 discordant pairs p is the exact binomial one, twice the smaller tail and at most
/// 1; above, chi-square with one degree of freedom and continuity correction (Edwards 1948).
/// Without discordant pairs p is 1. The items have to be independent: images of one seed compare
/// two trained models, not two methods.
pub fn mcnemar(only_baseline: u64, only_level: u64) -> McNemar {
    let discordant = only_baseline.saturating_add(only_level);
    let exact = discordant <= EXACT_LIMIT;
    let p = if exact {
        (2.0 * lower_tail(discordant, only_baseline.min(only_level))).min(1.0)
    } else {
        let gap = (only_baseline.abs_diff(only_level) as f64 - 1.0).max(0.0);
        // sqrt(chi2 / 2): a chi-square of one degree of freedom is a squared normal.
        erfc(gap / (2.0 * discordant as f64).sqrt())
    };
    McNemar { only_baseline, only_level, p, exact }
}

/// `P(X <= k)` of `X ~ Binomial(n, 1/2)` for `k <= n / 2`.
fn lower_tail(n: u64, k: u64) -> f64 {
    // C(n, k) / 2^n, halved whenever above 1: neither factor fits an f64 by itself.
    let (mut term, mut halvings) = (1.0, n);
    for i in 1..=k {
        term *= (n - k + i) as f64 / i as f64;
        while term > 1.0 && halvings > 0 {
            term *= 0.5;
            halvings -= 1;
        }
    }
    (0..halvings).for_each(|_| term *= 0.5);
    let mut tail = 0.0;
    for i in (0..=k).rev() {
        tail += term;
        term *= i as f64 / (n - i + 1) as f64;
    }
    tail
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_tables_by_hand() {
        // 1 of 5: 2 (1 + 5) / 32.
        let test = mcnemar(1, 4);
        assert_eq!(test, McNemar { only_baseline: 1, only_level: 4, p: 0.375, exact: true });
        assert_eq!(mcnemar(4, 1).p, 0.375);
        assert_eq!(mcnemar(0, 6).p, 2.0 / 64.0);
        assert_eq!(mcnemar(3, 3).p, 1.0);
        assert_eq!(mcnemar(0, 0).p, 1.0);
    }

    #[test]
    fn exact_and_approximate_meet_at_the_limit() {
        let (below, above) = (mcnemar(4900, 5100), mcnemar(4900, 5101));
        assert!(below.exact && !above.exact);
        assert!((below.p - above.p).abs() < 2e-3, "{} {}", below.p, above.p);
        assert_eq!(mcnemar(20_000, 20_000).p, 1.0);
        assert_eq!(mcnemar(0, 10_000).p, 0.0);
    }
}
