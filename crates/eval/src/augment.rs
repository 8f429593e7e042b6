//! Augmentation of the judges' training: mirroring, a similarity, light and noise.

use config::RunConfig;
use data::Prepared;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};

use crate::jitter::Jitter;

/// Largest change of brightness, images in [-1, 1].
const BRIGHTNESS: f32 = 0.25;
/// Largest relative change of contrast, and of saturation.
const CONTRAST: f32 = 0.25;
/// Largest standard deviation of added noise. Edited images are rougher than photographs: a judge
/// that has never seen noise would judge the noise.
const NOISE: f32 = 0.06;

/// Training images as they are shown to a judge.
pub(crate) struct Augmented {
    /// `[n, 3, size, size]`.
    pub(crate) values: Vec<f32>,
    /// Which were mirrored.
    pub(crate) flips: Vec<bool>,
    /// How they were moved after that.
    pub(crate) moves: Vec<Jitter>,
}

/// Draws an appearance of every face; `strength` scales the similarity.
pub(crate) fn augmented(
    rng: &mut ChaCha8Rng,
    faces: &[usize],
    run: &RunConfig,
    data: &Prepared,
    strength: f32,
) -> Augmented {
    let size = run.data.size;
    let flips: Vec<bool> = faces.iter().map(|_| run.data.flip && rng.random_bool(0.5)).collect();
    let moves: Vec<Jitter> = faces.iter().map(|_| Jitter::draw(rng, size, strength)).collect();
    let mut plain = Vec::new();
    data::gather(&data.images, faces, &flips, &mut plain);
    let values = shown(rng, &plain, &moves, size);
    Augmented { values, flips, moves }
}

/// Planar images, each moved and put into another light.
pub(crate) fn shown(
    rng: &mut ChaCha8Rng,
    plain: &[f32],
    moves: &[Jitter],
    size: usize,
) -> Vec<f32> {
    let mut values = Vec::with_capacity(plain.len());
    for (image, motion) in plain.chunks_exact(3 * size * size).zip(moves) {
        let start = values.len();
        motion.image(image, size, &mut values);
        relight(rng, &mut values[start..]);
    }
    values
}

/// A planar image, mirrored.
pub(crate) fn mirrored(image: &[f32], size: usize) -> Vec<f32> {
    image.chunks_exact(size).flat_map(|row| row.iter().rev().copied()).collect()
}

/// Changes light and colours of one planar image and adds noise.
fn relight(rng: &mut ChaCha8Rng, image: &mut [f32]) {
    let mut uniform = |reach: f32| rng.random_range(-reach..=reach);
    let shift = uniform(BRIGHTNESS);
    let contrast = 1.0 + uniform(CONTRAST);
    let saturation = 1.0 + uniform(CONTRAST);
    let noise = if rng.random_bool(0.5) { rng.random_range(0.0..=NOISE) } else { 0.0 };
    let plane = image.len() / 3;
    for i in 0..plane {
        let grey = (image[i] + image[plane + i] + image[2 * plane + i]) / 3.0;
        for channel in 0..3 {
            let value = &mut image[channel * plane + i];
            let coloured = grey + (*value - grey) * saturation;
            let grain: f32 = StandardNormal.sample(rng);
            *value = (coloured * contrast + shift + grain * noise).clamp(-1.0, 1.0);
        }
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;

    use super::*;

    #[test]
    fn light_changes_an_image_but_keeps_it_an_image() {
        let mut rng = ChaCha8Rng::seed_from_u64(3);
        let original: Vec<f32> = (0..3 * 64).map(|i| (i as f32 / 96.0) - 1.0).collect();
        for _ in 0..20 {
            let mut image = original.clone();
            relight(&mut rng, &mut image);
            assert_ne!(image, original);
            assert!(image.iter().all(|v| (-1.0..=1.0).contains(v)));
            // What was bright stays brighter than what was dark.
            assert!(image[60] > image[2]);
        }
    }
}
