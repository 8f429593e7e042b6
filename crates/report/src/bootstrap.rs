//! One bootstrap for paired differences, whatever images the seeds were judged on.

/// Resamples of each bootstrap.
const RESAMPLES: usize = 2000;

/// 95 % bootstrap interval of the mean over seeds of the mean over images; `seeds` holds, per seed,
/// images with their paired differences, in the order of their names.
///
/// Where every seed has the same images they are drawn once for all seeds; otherwise anew within
/// each. Seeded by nothing in the data: the same results give the same interval.
pub(crate) fn bootstrap(seeds: &[Vec<(&str, f64)>]) -> Option<[f64; 2]> {
    let values: Vec<Vec<f64>> =
        seeds.iter().map(|images| images.iter().map(|(_, value)| *value).collect()).collect();
    // What nothing touched needs no resampling.
    if !values.is_empty() && values.iter().flatten().all(|value| *value == 0.0) {
        return Some([0.0, 0.0]);
    }
    let names = |images: &[(&str, f64)], other: &[(&str, f64)]| {
        images.len() == other.len() && images.iter().zip(other).all(|(a, b)| a.0 == b.0)
    };
    let shared = seeds.windows(2).all(|pair| names(&pair[0], &pair[1]));
    let interval = match shared {
        true => stats::crossed_bootstrap(&values, RESAMPLES, 1),
        false => stats::hierarchical_bootstrap(&values, RESAMPLES, 1),
    };
    interval.map(|interval| [interval.lo, interval.hi])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images_that_seeds_share_keep_their_spread() {
        let names: Vec<String> = (0..60).map(|i| format!("{i:02}")).collect();
        let seed = |shift: usize| -> Vec<(&str, f64)> {
            (0..60).map(|i| (names[i].as_str(), ((i + shift) % 7) as f64)).collect()
        };
        let width = |seeds: &[Vec<(&str, f64)>]| bootstrap(seeds).map(|[lo, hi]| hi - lo).unwrap();
        let shared = width(&[seed(0), seed(0), seed(0), seed(0)]);
        let mut others = [seed(0), seed(0), seed(0), seed(0)];
        others[3][59].0 = "another";
        assert!(width(&others) < 0.7 * shared);
        assert_eq!(bootstrap(&[vec![("a", 0.0)], vec![("a", 0.0)]]), Some([0.0, 0.0]));
        assert_eq!(bootstrap(&[]), None);
    }
}
