//! Random splits, drawn with the prior on close pairs.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use crate::model::Split;

/// Draws after which the closest pair seen is taken: a prior so narrow that it accepts nothing
/// must not stop training.
const MAX_DRAWS: usize = 10_000;

/// `n` splits. A pair at distance `d` is accepted with probability `exp(-d / lambda)` (equation 8
/// of the paper); thresholds are uniform in [-64, 64), dlib's choice for 8-bit images.
pub(super) fn draw(
    n: usize,
    pixels: &[[f32; 2]],
    lambda: f64,
    random: &mut ChaCha8Rng,
) -> Vec<Split> {
    (0..n)
        .map(|_| {
            let (first, second) = pair(pixels, lambda, random);
            let threshold = (random.random::<f64>() * 256.0 - 128.0) / 2.0;
            Split { first, second, threshold: threshold as f32 }
        })
        .collect()
}

fn pair(pixels: &[[f32; 2]], lambda: f64, random: &mut ChaCha8Rng) -> (u16, u16) {
    let (mut closest, mut least) = ((0, 1), f64::INFINITY);
    for _ in 0..MAX_DRAWS {
        let first = random.random_range(0..pixels.len());
        // Uniform over the others, without a second draw.
        let second = (first + random.random_range(1..pixels.len())) % pixels.len();
        let (p, q) = (pixels[first], pixels[second]);
        let distance = f64::from((p[0] - q[0]).hypot(p[1] - q[1]));
        let pair = (first as u16, second as u16);
        if random.random::<f64>() < (-distance / lambda).exp() {
            return pair;
        }
        if distance < least {
            (closest, least) = (pair, distance);
        }
    }
    closest
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;

    use super::*;

    #[test]
    fn pairs_follow_the_prior() {
        // Distances 0.1 (0 and 1) and 0.3, 0.2 (to 2): weights e^-1, e^-3, e^-2 at lambda 0.1.
        let pixels = [[0.0, 0.0], [0.1, 0.0], [0.3, 0.0]];
        let mut random = ChaCha8Rng::seed_from_u64(3);
        let splits = draw(20_000, &pixels, 0.1, &mut random);
        let share = splits.iter().filter(|s| s.first + s.second == 1).count() as f64 / 20_000.0;
        assert!((share - 0.6652).abs() < 0.012, "{share}");
        assert!(splits.iter().all(|s| s.first != s.second && s.threshold.abs() <= 64.0));
    }

    #[test]
    fn a_prior_that_accepts_nothing_takes_close_pairs() {
        let pixels = [[0.0, 0.0], [0.5, 0.0], [0.9, 0.0]];
        let splits = draw(3, &pixels, 1e-9, &mut ChaCha8Rng::seed_from_u64(3));
        assert!(splits.iter().all(|s| s.first + s.second == 3), "{splits:?}");
    }
}
