//! Resampling images within seeds.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::{Interval, usable};

/// 95 % percentile bootstrap interval of a mean, hierarchical (Efron 1979; Davison and Hinkley
/// 1997, "Bootstrap methods and their application", section 3.8): seeds are drawn with
/// replacement, then images within each drawn seed.
///
/// `seeds` holds, per seed, one value (or paired difference) per test image; the statistic is the
/// mean over seeds of the means over images. Deterministic in `seed`. `None` without values.
/// Percentiles over fewer than about 10 seeds are too narrow: use it for the spread over images
/// and keep [`paired_t_interval`](crate::paired_t_interval) for claims over seeds.
pub fn hierarchical_bootstrap(seeds: &[Vec<f64>], resamples: usize, seed: u64) -> Option<Interval> {
    if seeds.is_empty() || resamples == 0 || !seeds.iter().all(|images| usable(images)) {
        return None;
    }
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut means: Vec<f64> = (0..resamples).map(|_| resampled_mean(seeds, &mut random)).collect();
    means.sort_by(f64::total_cmp);
    Some(Interval { lo: quantile(&means, 0.025), hi: quantile(&means, 0.975) })
}

fn resampled_mean(seeds: &[Vec<f64>], random: &mut ChaCha8Rng) -> f64 {
    let total: f64 = (0..seeds.len())
        .map(|_| {
            let images = &seeds[random.random_range(0..seeds.len())];
            let sum: f64 =
                (0..images.len()).map(|_| images[random.random_range(0..images.len())]).sum();
            sum / images.len() as f64
        })
        .sum();
    total / seeds.len() as f64
}

/// Linear interpolation between order statistics (definition 7 of Hyndman and Fan 1996).
fn quantile(sorted: &[f64], share: f64) -> f64 {
    let position = share * (sorted.len() - 1) as f64;
    let below = sorted[position.floor() as usize];
    let above = sorted[position.ceil() as usize];
    below + (above - below) * position.fract()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_by_hand() {
        assert_eq!(quantile(&[0.0, 10.0, 20.0, 30.0, 40.0], 0.5), 20.0);
        assert_eq!(quantile(&[0.0, 10.0, 20.0], 0.25), 5.0);
        assert_eq!(quantile(&[3.0], 0.975), 3.0);
    }

    #[test]
    fn constant_images_leave_only_the_seeds() {
        // Each draw of 2 from {0, 1}: means 0, 0.5, 1 with shares 1/4, 1/2, 1/4.
        let interval = hierarchical_bootstrap(&[vec![0.0; 5], vec![1.0; 5]], 4000, 1).unwrap();
        assert_eq!(interval, Interval { lo: 0.0, hi: 1.0 });
        let one = hierarchical_bootstrap(&[vec![2.5; 9]], 100, 1).unwrap();
        assert_eq!(one, Interval { lo: 2.5, hi: 2.5 });
    }

    #[test]
    fn one_seed_gives_the_plain_bootstrap_over_images() {
        // 100 images, half 0 and half 1: sd of the mean 0.05, normal interval 0.5 +- 0.098.
        let images: Vec<f64> = (0..100).map(|i| f64::from(i % 2)).collect();
        let interval = hierarchical_bootstrap(&[images], 4000, 5).unwrap();
        assert!((interval.lo - 0.402).abs() < 0.011, "{interval:?}");
        assert!((interval.hi - 0.598).abs() < 0.011, "{interval:?}");
    }

    #[test]
    fn seeded_and_refusing_nothing() {
        let seeds = [vec![0.1, 0.4, 0.2], vec![0.3, 0.9]];
        let first = hierarchical_bootstrap(&seeds, 500, 1);
        assert_eq!(hierarchical_bootstrap(&seeds, 500, 1), first);
        assert_ne!(hierarchical_bootstrap(&seeds, 500, 2), first);
        assert_eq!(hierarchical_bootstrap(&[], 500, 1), None);
        assert_eq!(hierarchical_bootstrap(&[vec![]], 500, 1), None);
    }
}
