//! The sign-flip test: under the null hypothesis every paired difference could as well have had
//! the other sign.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::{ROUNDING, usable};

/// Up to this many pairs all sign vectors are counted; above, a seeded sample of them.
pub const EXACT_LIMIT: usize = 20;

/// Sign vectors drawn above [`EXACT_LIMIT`] pairs.
const DRAWS: u64 = 99_999;

/// Result of [`sign_flip`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Permutation {
    /// Two-sided p.
    pub p: f64,
    /// The smallest p that this number of pairs can reach, whatever the data: `2^(1 - n)` when
    /// exact. Above 0.05 no data at all could have been significant.
    pub p_floor: f64,
    /// Whether all sign vectors were counted.
    pub exact: bool,
}

/// Two-sided sign-flip permutation test of the mean difference (Fisher 1935, "The design of
/// experiments", section 21; Good 2005, "Permutation, parametric and bootstrap tests"); `None`
/// without pairs.
///
/// p is the share of sign vectors whose sum is at least as far from 0 as the observed one. Above
/// [`EXACT_LIMIT`] pairs it is estimated from drawn vectors as `(1 + hits) / (1 + draws)`, which
/// never reaches 0 (Phipson and Smyth 2010); `seed` matters only there.
pub fn sign_flip(differences: &[f64], seed: u64) -> Option<Permutation> {
    if !usable(differences) {
        return None;
    }
    let observed: f64 = differences.iter().sum();
    // Sums of the same numbers in another order differ by rounding; ties must stay ties.
    let scale: f64 = differences.iter().map(|d| d.abs()).sum();
    let bound = observed.abs() - ROUNDING * scale;
    if differences.len() <= EXACT_LIMIT {
        // Flipping every sign keeps the distance from 0: the first sign can stay fixed.
        let vectors = 1u64 << (differences.len() - 1);
        let hits = count(&differences[1..], differences[0], bound);
        let p = hits as f64 / vectors as f64;
        return Some(Permutation { p, p_floor: 1.0 / vectors as f64, exact: true });
    }
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let hits = (0..DRAWS).filter(|_| drawn_sum(differences, &mut random).abs() >= bound).count();
    let all = (DRAWS + 1) as f64;
    Some(Permutation { p: (1 + hits) as f64 / all, p_floor: 1.0 / all, exact: false })
}

/// Number of sign vectors of `rest` that bring `sum` at least `bound` away from 0.
fn count(rest: &[f64], sum: f64, bound: f64) -> u64 {
    match rest.split_first() {
        None => u64::from(sum.abs() >= bound),
        Some((first, rest)) => count(rest, sum + first, bound) + count(rest, sum - first, bound),
    }
}

fn drawn_sum(differences: &[f64], random: &mut ChaCha8Rng) -> f64 {
    differences.iter().map(|d| if random.random::<bool>() { *d } else { -d }).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_pairs_by_hand() {
        // Sums over the 8 sign vectors of 1, 2, 3: +-6, +-4, +-2, 0, 0; observed 6.
        let all = sign_flip(&[1.0, 2.0, 3.0], 0).unwrap();
        assert_eq!(all, Permutation { p: 0.25, p_floor: 0.25, exact: true });
        // Observed -1 + 2 + 3 = 4: +-6 and +-4 are as far.
        assert_eq!(sign_flip(&[-1.0, 2.0, 3.0], 0).unwrap().p, 0.5);
        // Observed 0: everything is as far.
        assert_eq!(sign_flip(&[-3.0, 1.0, 2.0], 0).unwrap().p, 1.0);
    }

    #[test]
    fn few_pairs_cannot_be_significant() {
        assert_eq!(sign_flip(&[9.0, 8.0], 0).unwrap().p_floor, 0.5);
        assert_eq!(
            sign_flip(&[9.0], 0).unwrap(),
            Permutation { p: 1.0, p_floor: 1.0, exact: true }
        );
        assert_eq!(sign_flip(&[1.0; 6], 0).unwrap().p, 1.0 / 32.0);
        assert_eq!(sign_flip(&[], 0), None);
        assert_eq!(sign_flip(&[f64::NAN], 0), None);
    }

    #[test]
    fn ties_that_rounding_would_break_are_ties() {
        // 0.1 + 0.2 + 0.3 in two orders differs in the last bit.
        assert_eq!(sign_flip(&[0.3, 0.2, 0.1], 0).unwrap().p, 0.25);
        assert_eq!(sign_flip(&[0.0, 0.0, 0.0], 0).unwrap().p, 1.0);
        // Sums +-0.5, +-0.3, +-0.3, +-0.1; observed -0.3, by rounding a little further.
        assert_eq!(sign_flip(&[-0.3, -0.1, 0.1], 0).unwrap().p, 0.75);
    }

    #[test]
    fn twenty_pairs_are_exact_and_more_are_drawn() {
        let exact = sign_flip(&[1.0; 20], 0).unwrap();
        assert!(exact.exact);
        assert_eq!(exact.p, 2.0f64.powi(-19));
        let drawn = sign_flip(&[1.0; 21], 7).unwrap();
        assert_eq!(drawn, Permutation { p: 1e-5, p_floor: 1e-5, exact: false });
    }

    #[test]
    fn drawn_p_is_near_the_exact_one_and_seeded() {
        // 21 pairs: 14 of +1 and 7 of -1, sum 7. By the binomial law, P(|sum| >= 7) = 0.1892.
        let mut differences = vec![1.0; 14];
        differences.extend([-1.0; 7]);
        let first = sign_flip(&differences, 3).unwrap();
        assert!((first.p - 0.1892).abs() < 0.005, "{}", first.p);
        assert_eq!(sign_flip(&differences, 3), Some(first));
        assert_ne!(sign_flip(&differences, 4).unwrap().p, first.p);
    }
}
