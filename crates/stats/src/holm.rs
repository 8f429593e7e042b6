//! Many questions asked of the same data.

/// Holm's step-down correction of a family of p values (Holm 1979, "A simple sequentially
/// rejective multiple test procedure"), in the order given.
///
/// The smallest p is multiplied by the size of the family, the next by one less and so on; a
/// corrected p is never below that of a smaller one and never above 1. Rejecting where the
/// corrected p is at most 0.05 keeps the chance of any false rejection at 5 %.
pub fn holm(p: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..p.len()).collect();
    order.sort_by(|a, b| p[*a].total_cmp(&p[*b]));
    let mut corrected = vec![1.0; p.len()];
    let mut largest = 0.0f64;
    for (rank, index) in order.into_iter().enumerate() {
        largest = largest.max(p[index] * (p.len() - rank) as f64).min(1.0);
        corrected[index] = largest;
    }
    corrected
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn four_p_values_by_hand() {
        // Sorted 0.005 x 4, 0.01 x 3, 0.03 x 2 = 0.06, 0.04 x 1 raised to 0.06.
        let corrected = holm(&[0.01, 0.04, 0.03, 0.005]);
        let expected = [0.03, 0.06, 0.06, 0.02];
        assert!(corrected.iter().zip(expected).all(|(c, e)| (c - e).abs() < 1e-12));
        assert_eq!(holm(&[0.5, 0.5, 0.9]), vec![1.0, 1.0, 1.0]);
        assert_eq!(holm(&[]), Vec::<f64>::new());
    }

    proptest! {
        #[test]
        fn never_below_the_raw_p_nor_out_of_order(p in prop::collection::vec(0.0f64..=1.0, 0..30)) {
            let corrected = holm(&p);
            for i in 0..p.len() {
                prop_assert!(corrected[i] >= p[i] && corrected[i] <= 1.0);
                for j in 0..p.len() {
                    prop_assert!(p[i] > p[j] || corrected[i] <= corrected[j]);
                }
            }
        }
    }
}
