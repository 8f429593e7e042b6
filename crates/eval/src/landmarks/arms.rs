//! The groups of images that detectors are tried on: the paper's three, and controls.

use std::collections::BTreeMap;

use metrics::landmarks::Refusal;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};

/// What was done to the images of a group. All but [`Group::Without`] show the same faces and are
/// measured against the same annotation of the original image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    /// Faces with the attribute, untouched.
    With,
    /// The same, through the edit's own path with a zero residual: must equal [`Group::With`].
    Zero,
    /// The same plus noise of the residual's norm: is it only that something changed?
    Noise,
    /// G1's edit.
    Removed,
    /// G1's edit plus noise of the residual's norm.
    RemovedNoise,
    /// The true edit, known of synthetic faces alone: what a perfect generator would score.
    TrueEdit,
    /// Other faces, which never had the attribute.
    Without,
}

impl Group {
    /// The name in `landmarks.csv`.
    pub fn name(self) -> &'static str {
        match self {
            Group::With => "with",
            Group::Zero => "zero",
            Group::Noise => "noise",
            Group::Removed => "removed",
            Group::RemovedNoise => "removed-noise",
            Group::TrueEdit => "true-edit",
            Group::Without => "without",
        }
    }
}

/// `image` plus Gaussian noise with the norm of `residual`, before rounding; the noise depends on
/// the image's name alone.
pub(crate) fn noisy(image: &[f32], residual: &[f32], id: &str) -> Vec<f32> {
    let seed = *blake3::hash(format!("noise {id}").as_bytes()).as_bytes();
    let mut rng = ChaCha8Rng::from_seed(seed);
    let noise: Vec<f32> = residual.iter().map(|_| StandardNormal.sample(&mut rng)).collect();
    let norm = |v: &[f32]| v.iter().map(|x| f64::from(*x).powi(2)).sum::<f64>().sqrt();
    let scale = (norm(residual) / norm(&noise)) as f32;
    image.iter().zip(noise).map(|(v, n)| v + scale * n).collect()
}

/// Test images whose landmarks cannot be scored, by reason.
#[derive(Clone, Debug, Default)]
pub(crate) struct Refusals(pub(crate) BTreeMap<String, usize>);

impl Refusals {
    pub(crate) fn count(&mut self, reason: Refusal) {
        *self.0.entry(reason.name().to_owned()).or_default() += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn noise_has_the_norm_of_the_residual_and_belongs_to_the_image() {
        let image = vec![0.25f32; 300];
        let residual: Vec<f32> = (0..300).map(|i| (i % 7) as f32 / 10.0).collect();
        let norm = |v: &[f32]| v.iter().map(|x| f64::from(*x).powi(2)).sum::<f64>().sqrt();
        let noisy_image = noisy(&image, &residual, "a.jpg");
        let added: Vec<f32> = noisy_image.iter().zip(&image).map(|(a, b)| a - b).collect();
        assert!((norm(&added) / norm(&residual) - 1.0).abs() < 1e-4);
        assert_eq!(noisy(&image, &residual, "a.jpg"), noisy_image);
        assert_ne!(noisy(&image, &residual, "b.jpg"), noisy_image);
        assert_eq!(noisy(&image, &[0.0; 300], "a.jpg"), image);
    }
}
