//! The signed-rank test: whether differences lean to one side, by rank instead of size.

use statrs::function::erf::erfc;

use crate::{ROUNDING, usable};

/// Up to this many differences other than 0 the null distribution is counted.
const EXACT_LIMIT: usize = 50;

/// Result of [`wilcoxon_signed_rank`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Wilcoxon {
    /// The smaller of the rank sums of the positive and of the negative differences.
    pub statistic: f64,
    /// Two-sided p.
    pub p: f64,
    /// The smallest p that these absolute differences can reach, whatever their signs:
    /// `2^(1 - n_used)` when exact. Above 0.05 no data at all could have been significant.
    pub p_floor: f64,
    /// Whether the null distribution was counted rather than approximated.
    pub exact: bool,
    /// Differences other than 0: the ones that were ranked.
    pub n_used: usize,
}

/// Two-sided Wilcoxon signed-rank test (Wilcoxon 1945, "Individual comparisons by ranking
/// methods"); `None` without pairs.
///
/// Differences of 0 are dropped and equal absolute differences share the mean of their ranks;
/// values that only rounding tells apart count as equal. Up to 50 differences all sign vectors
/// are counted, with ties as well as without; above, the normal approximation with tie
/// correction and without continuity correction is used. Where nothing is left p is 1.
pub fn wilcoxon_signed_rank(differences: &[f64]) -> Option<Wilcoxon> {
    if !usable(differences) {
        return None;
    }
    let Ranks { doubled, positive, tie_term } = rank(differences);
    let n_used = doubled.len();
    let total: usize = doubled.iter().sum();
    let smaller = positive.min(total - positive);
    let exact = n_used <= EXACT_LIMIT;
    let p_of = |smaller| {
        if exact { exact_p(&doubled, smaller) } else { normal_p(n_used, tie_term, smaller) }
    };
    Some(Wilcoxon {
        statistic: smaller as f64 / 2.0,
        p: p_of(smaller),
        p_floor: p_of(0),
        exact,
        n_used,
    })
}

/// Doubled midranks are whole numbers.
struct Ranks {
    /// Twice the midrank of each difference other than 0, ascending.
    doubled: Vec<usize>,
    /// Their sum over the positive differences.
    positive: usize,
    /// Sum of `t^3 - t` over the groups of `t` tied values.
    tie_term: f64,
}

fn rank(differences: &[f64]) -> Ranks {
    let noise = ROUNDING * differences.iter().fold(0.0f64, |largest, d| largest.max(d.abs()));
    let mut sorted: Vec<f64> = differences.iter().copied().filter(|d| d.abs() > noise).collect();
    sorted.sort_by(|a, b| a.abs().total_cmp(&b.abs()));
    let mut ranks = Ranks { doubled: Vec::new(), positive: 0, tie_term: 0.0 };
    for tied in sorted.chunk_by(|a, b| b.abs() - a.abs() <= noise) {
        // Ranks start + 1 ..= start + t: twice their mean is 2 start + t + 1.
        let doubled = 2 * ranks.doubled.len() + tied.len() + 1;
        ranks.doubled.extend(tied.iter().map(|_| doubled));
        ranks.positive += doubled * tied.iter().filter(|d| **d > 0.0).count();
        let t = tied.len() as f64;
        ranks.tie_term += t * t * t - t;
    }
    ranks
}

/// Share of sign vectors at least as far from the middle: both tails up to `smaller`.
fn exact_p(doubled: &[usize], smaller: usize) -> f64 {
    // ways[s]: sign vectors whose positive ranks add up to s. At most 2^50, whole in an f64.
    let mut ways = vec![0.0; smaller + 1];
    ways[0] = 1.0;
    for rank in doubled {
        for sum in (*rank..=smaller).rev() {
            ways[sum] += ways[sum - rank];
        }
    }
    let tail = ways.iter().sum::<f64>() * 0.5f64.powi(doubled.len() as i32);
    (2.0 * tail).min(1.0)
}

fn normal_p(n: usize, tie_term: f64, smaller: usize) -> f64 {
    let n = n as f64;
    let mean = n * (n + 1.0) / 4.0;
    let variance = (n * (n + 1.0) * (2.0 * n + 1.0) - 0.5 * tie_term) / 24.0;
    let z = (smaller as f64 / 2.0 - mean) / variance.sqrt();
    erfc(z.abs() / std::f64::consts::SQRT_2)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn three_pairs_by_hand() {
        // Ranks 1, 2, 3; negative rank sum 1. Sums 0 and 1 have one sign vector each: 2 x 2 / 8.
        let test = wilcoxon_signed_rank(&[-0.1, 5.0, 9.0]).unwrap();
        let expected = Wilcoxon { statistic: 1.0, p: 0.5, p_floor: 0.25, exact: true, n_used: 3 };
        assert_eq!(test, expected);
    }

    #[test]
    fn ties_share_ranks_even_where_rounding_parts_them() {
        // Absolute values 0.1, 0.1, 0.2: midranks 1.5, 1.5, 3. Negative sum 1.5; sums up to 1.5:
        // {}, {1.5}, {1.5}: 2 x 3 / 8.
        let test = wilcoxon_signed_rank(&[-(0.3 - 0.2), 0.2 - 0.1, 0.2]).unwrap();
        assert_eq!((test.statistic, test.p), (1.5, 0.75));
    }

    #[test]
    fn zeros_are_dropped() {
        let with = wilcoxon_signed_rank(&[0.0, -0.1, 5.0, 0.0, 9.0]).unwrap();
        assert_eq!(Some(with), wilcoxon_signed_rank(&[-0.1, 5.0, 9.0]));
        let nothing = wilcoxon_signed_rank(&[0.0, 0.0]).unwrap();
        assert_eq!((nothing.p, nothing.p_floor, nothing.n_used), (1.0, 1.0, 0));
        assert_eq!(wilcoxon_signed_rank(&[]), None);
        assert_eq!(wilcoxon_signed_rank(&[1.0, f64::NAN]), None);
    }

    #[test]
    fn one_side_only_reaches_the_floor() {
        let test = wilcoxon_signed_rank(&[1.0, 2.0, 3.0, 4.0, 5.0]).unwrap();
        assert_eq!((test.p, test.p_floor), (0.0625, 0.0625));
        let fifty: Vec<f64> = (1..=50).map(f64::from).collect();
        assert_eq!(wilcoxon_signed_rank(&fifty).unwrap().p, 2.0f64.powi(-49));
    }

    #[test]
    fn fifty_one_pairs_are_approximated() {
        let values: Vec<f64> = (1..=51).map(|i| f64::from(i * (1 - 2 * (i % 2)))).collect();
        assert!(wilcoxon_signed_rank(&values[..50]).unwrap().exact);
        let test = wilcoxon_signed_rank(&values).unwrap();
        // Even ranks are positive: 650 against 676, sd sqrt(51 x 52 x 103 / 24) = 106.7.
        assert!(!test.exact && (test.p - 0.9029).abs() < 1e-3, "{test:?}");
        assert_eq!(test.statistic, 650.0);
    }

    proptest! {
        #[test]
        fn counting_agrees_with_every_sign_vector(
            // Few distinct values: many ties and zeros.
            differences in prop::collection::vec(-4i32..5, 1..11),
        ) {
            let differences: Vec<f64> = differences.into_iter().map(f64::from).collect();
            let test = wilcoxon_signed_rank(&differences).unwrap();
            let used: Vec<f64> = differences.into_iter().filter(|d| *d != 0.0).collect();
            let vectors = 1u32 << used.len();
            let hits = (0..vectors).filter(|vector| {
                let flip = |(i, d): (usize, &f64)| if vector >> i & 1 == 1 { -d } else { *d };
                let flipped: Vec<f64> = used.iter().enumerate().map(flip).collect();
                let Ranks { doubled, positive, .. } = rank(&flipped);
                let smaller = positive.min(doubled.iter().sum::<usize>() - positive);
                smaller as f64 / 2.0 <= test.statistic
            });
            prop_assert_eq!(test.p, hits.count() as f64 / f64::from(vectors));
            prop_assert!(test.p >= test.p_floor);
        }
    }
}
