//! How large a difference is, without a unit.

use crate::usable;

/// Cliff's delta, `P(level > baseline) - P(level < baseline)` over all pairs of one value each
/// (Cliff 1993, "Dominance statistics: ordinal analyses to answer ordinal questions"); `None`
/// where an arm has no values.
///
/// From -1 (every value of the level below every value of the baseline) to 1; 0 where neither
/// side is ahead. It compares the two arms as wholes and does not use the pairing.
pub fn cliffs_delta(level: &[f64], baseline: &[f64]) -> Option<f64> {
    if !usable(level) || !usable(baseline) {
        return None;
    }
    let mut sorted = baseline.to_vec();
    sorted.sort_by(f64::total_cmp);
    let (mut above, mut below) = (0, 0);
    for value in level {
        above += sorted.partition_point(|b| b < value);
        below += sorted.len() - sorted.partition_point(|b| b <= value);
    }
    let pairs = level.len() as f64 * baseline.len() as f64;
    Some((above as f64 - below as f64) / pairs)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn pairs_by_hand() {
        // 2 beats 1, ties 2, loses to 3; 3 beats 1 and 2, ties 3: (3 - 1) / 6.
        assert_eq!(cliffs_delta(&[2.0, 3.0], &[1.0, 2.0, 3.0]), Some(2.0 / 6.0));
        assert_eq!(cliffs_delta(&[5.0, 6.0], &[1.0]), Some(1.0));
        assert_eq!(cliffs_delta(&[-0.0], &[0.0]), Some(0.0));
        assert_eq!(cliffs_delta(&[], &[1.0]), None);
        assert_eq!(cliffs_delta(&[1.0], &[f64::NAN]), None);
    }

    proptest! {
        #[test]
        fn changes_sign_with_the_arms_and_ignores_monotone_rescaling(
            level in prop::collection::vec(-3i32..4, 1..20),
            baseline in prop::collection::vec(-3i32..4, 1..20),
        ) {
            let arm = |values: &[i32]| values.iter().map(|v| f64::from(*v)).collect::<Vec<_>>();
            let delta = cliffs_delta(&arm(&level), &arm(&baseline)).unwrap();
            prop_assert!((-1.0..=1.0).contains(&delta));
            prop_assert_eq!(cliffs_delta(&arm(&baseline), &arm(&level)), Some(-delta));
            let cubed = |values: &[i32]| arm(values).iter().map(|v| v.powi(3)).collect::<Vec<_>>();
            prop_assert_eq!(cliffs_delta(&cubed(&level), &cubed(&baseline)), Some(delta));
        }
    }
}
