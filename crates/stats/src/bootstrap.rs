//! Resampling seeds and images.

use rand::{Rng, RngExt, SeedableRng};
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
    Some(percentiles(resamples, seed, |random| resampled_mean(seeds, random)))
}

/// 95 % percentile bootstrap interval of a mean, crossed (Owen 2007, "The pigeonhole bootstrap"):
/// seeds and images are drawn with replacement independently of each other, and every drawn seed
/// shows the same drawn images.
///
/// For seeds that were judged on the same images, `seeds[s][i]` being image i in each: an image that
/// is hard for one is hard for all, so [`hierarchical_bootstrap`], which draws images anew for every
/// seed, takes their spread for smaller than it is. `None` without values or where the seeds differ
/// in their number of images. What is said there of few seeds holds here.
pub fn crossed_bootstrap(seeds: &[Vec<f64>], resamples: usize, seed: u64) -> Option<Interval> {
    let n = seeds.first()?.len();
    if resamples == 0 || !seeds.iter().all(|images| usable(images) && images.len() == n) {
        return None;
    }
    let mut drawn = vec![0.0; n];
    Some(percentiles(resamples, seed, |random| {
        drawn.fill(0.0);
        for _ in 0..seeds.len() {
            let images = &seeds[random.random_range(0..seeds.len())];
            drawn.iter_mut().zip(images).for_each(|(sum, value)| *sum += value);
        }
        resampled_sum(&drawn, random) / (n * seeds.len()) as f64
    }))
}

/// The central 95 % of a statistic over seeded resamples.
fn percentiles(
    resamples: usize,
    seed: u64,
    mut statistic: impl FnMut(&mut ChaCha8Rng) -> f64,
) -> Interval {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut values: Vec<f64> = (0..resamples).map(|_| statistic(&mut random)).collect();
    values.sort_by(f64::total_cmp);
    Interval { lo: quantile(&values, 0.025), hi: quantile(&values, 0.975) }
}

fn resampled_mean(seeds: &[Vec<f64>], random: &mut ChaCha8Rng) -> f64 {
    let total: f64 = (0..seeds.len())
        .map(|_| {
            let images = &seeds[random.random_range(0..seeds.len())];
            resampled_sum(images, random) / images.len() as f64
        })
        .sum();
    total / seeds.len() as f64
}

/// Sum of as many draws with replacement as there are images.
///
/// Four draws come from one random word: nearly all the time of a bootstrap is spent here. A
/// 16-bit lane times `n` has the index in its upper half; lanes whose lower half is below
/// `2^16 mod n` are refused, which makes every index exactly equally likely (Lemire 2019, "Fast
/// random integer generation in an interval").
fn resampled_sum(images: &[f64], random: &mut ChaCha8Rng) -> f64 {
    let Ok(n) = u16::try_from(images.len()).map(u32::from) else {
        return (0..images.len()).map(|_| images[random.random_range(0..images.len())]).sum();
    };
    let refused = (1 << 16) % n;
    let (mut sum, mut left) = (0.0, n);
    while left > 0 {
        let word = random.next_u64();
        for lane in 0..4 {
            let product = ((word >> (16 * lane)) as u32 & 0xffff) * n;
            if product & 0xffff >= refused && left > 0 {
                sum += images[(product >> 16) as usize];
                left -= 1;
            }
        }
    }
    sum
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
    fn images_that_seeds_share_are_drawn_once_for_all() {
        // Two seeds that agree on every image know no more than one of them.
        let images: Vec<f64> = (0..100).map(|i| f64::from(i % 2)).collect();
        let both = [images.clone(), images.clone()];
        let width = |interval: Option<Interval>| interval.map(|i| i.hi - i.lo).unwrap();
        let one = width(crossed_bootstrap(&[images], 4000, 5));
        assert!((width(crossed_bootstrap(&both, 4000, 5)) - one).abs() < 0.02);
        assert!(width(hierarchical_bootstrap(&both, 4000, 5)) < 0.8 * one);
        assert_eq!(crossed_bootstrap(&[vec![1.0], vec![1.0, 2.0]], 10, 1), None);
        assert_eq!(crossed_bootstrap(&[], 10, 1), None);
    }

    #[test]
    fn every_image_is_equally_likely() {
        // 2^16 = 40 000 + 25 536: without refusal 25 536 images would be twice as likely as the
        // rest, and one draw would be such an image with probability 0.779 instead of 0.638.
        let n = 40_000usize;
        let twice = |i: usize| ((i + 1) << 16).div_ceil(n) - (i << 16).div_ceil(n) == 2;
        let images: Vec<f64> = (0..n).map(|i| f64::from(u8::from(twice(i)))).collect();
        let share = images.iter().sum::<f64>() / n as f64;
        assert_eq!(share, 25_536.0 / 40_000.0);
        let mut random = ChaCha8Rng::seed_from_u64(1);
        let drawn: f64 = (0..25).map(|_| resampled_sum(&images, &mut random)).sum();
        // A million draws: sd of the share 0.0005.
        assert!((drawn / 1e6 - share).abs() < 0.0025, "{drawn}");
    }

    #[test]
    fn more_images_than_a_lane_can_count_are_drawn_too() {
        let images: Vec<f64> = (0..70_000).map(|i| f64::from(i % 2)).collect();
        let interval = hierarchical_bootstrap(&[images], 200, 1).unwrap();
        assert!(interval.lo > 0.49 && interval.hi < 0.51, "{interval:?}");
        assert!(!interval.excludes(0.5) && interval.lo < interval.hi);
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
