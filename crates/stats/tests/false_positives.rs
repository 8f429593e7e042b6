//! Two arms that differ in name only: how often does a test see a difference?
//!
//! A sweep trains both arms with the same seeds and judges both on the same images. What a seed
//! does to one arm alone (initialisation, order of batches) moves all images of that cell
//! together, so images of one cell are no independent evidence: seeds are the unit.

#![allow(clippy::unwrap_used)]

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};
use statrs::distribution::{Binomial, DiscreteCDF};

const SWEEPS: u64 = 200;
const IMAGES: usize = 60;
const LEVEL: f64 = 0.05;

/// What a score of one image is.
#[derive(Clone, Copy)]
enum Score {
    /// Seed effect + arm-by-seed effect + image noise.
    Continuous,
    /// Success with the probability whose logit is the sum of the effects.
    Success,
}

/// One sweep: per seed, the differences between the two arms over the images.
fn sweep(seeds: usize, score: Score, random: &mut ChaCha8Rng) -> Vec<Vec<f64>> {
    let normal = |random: &mut ChaCha8Rng| -> f64 { StandardNormal.sample(random) };
    (0..seeds)
        .map(|_| {
            let shared = normal(random);
            let arms = [0.5 * normal(random), 0.5 * normal(random)];
            (0..IMAGES)
                .map(|_| {
                    let [level, baseline] = arms.map(|arm| match score {
                        Score::Continuous => shared + arm + normal(random),
                        Score::Success => {
                            let odds = (1.0 + shared + arm).exp();
                            f64::from(u8::from(random.random_bool(odds / (1.0 + odds))))
                        }
                    });
                    level - baseline
                })
                .collect()
        })
        .collect()
}

/// Sweeps of 200 in which each way to test finds a difference that does not exist.
#[derive(Debug, Default)]
struct Found {
    t_test: u64,
    sign_flip: u64,
    wilcoxon: u64,
    images_as_unit: u64,
    bootstrap: u64,
}

fn count(seeds: usize, score: Score, seed: u64) -> Found {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut found = Found::default();
    for index in 0..SWEEPS {
        let differences = sweep(seeds, score, &mut random);
        let of_seed: Vec<f64> = differences.iter().map(|d| stats::mean(d).unwrap()).collect();
        // Without spread there is no test, hence no finding.
        let finds = |p: Option<f64>| u64::from(p.is_some_and(|p| p <= LEVEL));
        found.t_test += finds(stats::paired_t_test(&of_seed).map(|t| t.p));
        found.sign_flip += finds(stats::sign_flip(&of_seed, index).map(|t| t.p));
        found.wilcoxon += finds(stats::wilcoxon_signed_rank(&of_seed).map(|t| t.p));
        found.images_as_unit += finds(stats::paired_t_test(&differences.concat()).map(|t| t.p));
        let interval = stats::hierarchical_bootstrap(&differences, 500, index).unwrap();
        found.bootstrap += u64::from(interval.excludes(0.0));
    }
    found
}

/// The middle 99 % of the number of findings of a test that keeps its 5 %.
fn band() -> (u64, u64) {
    let law = Binomial::new(LEVEL, SWEEPS).unwrap();
    (law.inverse_cdf(0.005), law.inverse_cdf(0.995))
}

fn check(seeds: usize, score: Score, seed: u64) -> Found {
    let (found, (lo, hi)) = (count(seeds, score, seed), band());
    assert!((lo..=hi).contains(&found.t_test), "t test outside {lo}..={hi}: {found:?}");
    // Counted tests reach few p values: they may stay below 5 %, never above.
    assert!(found.sign_flip <= hi && found.wilcoxon <= hi, "above {hi}: {found:?}");
    // The mistake this guards against, and the proof that the check can fail.
    assert!(found.images_as_unit > hi, "images were independent: {found:?}");
    found
}

#[test]
fn the_band_is_that_of_the_binomial_law() {
    assert_eq!(band(), (3, 19));
}

#[test]
fn five_seeds_of_scores() {
    let found = check(5, Score::Continuous, 1);
    // The smallest p of 5 signs is 1/16: no counted test can find anything.
    assert_eq!((found.sign_flip, found.wilcoxon), (0, 0));
    // Why the percentile bootstrap makes no claims over seeds.
    assert!(found.bootstrap > band().1, "{found:?}");
}

#[test]
fn five_seeds_of_successes() {
    let found = check(5, Score::Success, 2);
    assert_eq!((found.sign_flip, found.wilcoxon), (0, 0));
}

#[test]
fn ten_seeds_let_the_counted_tests_speak() {
    for (score, seed) in [(Score::Continuous, 3), (Score::Success, 4)] {
        let found = check(10, score, seed);
        let lo = band().0;
        assert!(found.sign_flip >= lo && found.wilcoxon >= lo, "{found:?}");
    }
}
