//! How D sees the images of a step: drawn on the host, used on the device.

use burn::tensor::{Device, Tensor, TensorData};
use config::{Augment, RunConfig};
use losses::{Group, View};
use rand::{Rng, RngExt};
use rand_distr::{Distribution, StandardNormal};

/// Ranges of Zhao et al. 2020 ("DiffAugment"), for images in [-1, 1].
const BRIGHTNESS: f32 = 0.5;
const SATURATION: [f32; 2] = [0.0, 2.0];
const CONTRAST: [f32; 2] = [0.5, 1.5];
/// Largest shift as a share of the side.
const SHIFT: f32 = 0.125;

/// The numbers of one view, of one group of images.
#[derive(Clone, Debug, PartialEq)]
pub struct ViewNumbers {
    /// Brightness, saturation and contrast of every image.
    pub light: Option<[Vec<f32>; 3]>,
    /// By how many rows down and columns to the right every image moves.
    pub shift: Option<[Vec<i64>; 2]>,
    /// Standard normal numbers, `[N, 3, S, S]`.
    pub noise: Option<Vec<f32>>,
}

impl ViewNumbers {
    /// Views of the four groups, in the order of [`Group::ALL`]; `None` if D sees images as they are.
    pub fn draw(run: &RunConfig, rng: &mut impl Rng) -> Option<[ViewNumbers; Group::ALL.len()]> {
        let (augment, noisy) = (run.train.augment_discriminator, run.train.instance_noise > 0.0);
        let some = augment != Augment::None || noisy;
        some.then(|| Group::ALL.map(|_| ViewNumbers::one(run, augment, noisy, rng)))
    }

    fn one(run: &RunConfig, augment: Augment, noisy: bool, rng: &mut impl Rng) -> Self {
        let (n, size) = (run.train.batch, run.data.size);
        let colour = matches!(augment, Augment::Colour | Augment::ColourShift);
        let moved = matches!(augment, Augment::Shift | Augment::ColourShift);
        let light = colour.then(|| {
            [[-BRIGHTNESS, BRIGHTNESS], SATURATION, CONTRAST]
                .map(|[low, high]| (0..n).map(|_| rng.random_range(low..high)).collect())
        });
        let most = (size as f32 * SHIFT).round() as i64;
        let shift =
            moved.then(|| [0, 1].map(|_| (0..n).map(|_| rng.random_range(-most..=most)).collect()));
        let noise =
            noisy.then(|| StandardNormal.sample_iter(rng).take(n * 3 * size * size).collect());
        ViewNumbers { light, shift, noise }
    }

    /// The view, for images of this side.
    pub fn on(&self, size: usize, device: &Device) -> View {
        let tensor = |values: Vec<f32>, shape: [usize; 4]| {
            Tensor::from_data(TensorData::new(values, shape), device)
        };
        let scalars = |values: &Vec<f32>| tensor(values.clone(), [values.len(), 1, 1, 1]);
        let matrices = |by: &Vec<i64>| tensor(shifts(by, size), [by.len(), 1, size, size]);
        View {
            light: self.light.as_ref().map(|light| light.each_ref().map(scalars)),
            shift: self.shift.as_ref().map(|shift| shift.each_ref().map(matrices)),
            noise: self.noise.as_ref().map(|noise| {
                tensor(noise.clone(), [noise.len() / (3 * size * size), 3, size, size])
            }),
        }
    }
}

/// For every image a matrix with 1 where place `to` shows what was at `to - by`.
fn shifts(by: &[i64], size: usize) -> Vec<f32> {
    let side = size as i64;
    let of = |by: &i64| {
        let by = *by;
        (0..side * side).map(move |i| f32::from(i % side == i / side - by)).collect::<Vec<_>>()
    };
    by.iter().flat_map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_moves_down_shows_the_row_above() {
        assert_eq!(shifts(&[1], 2), [0.0, 0.0, 1.0, 0.0]);
        assert_eq!(shifts(&[0, -1], 2), [1.0, 0.0, 0.0, 1.0, 0.0, 1.0, 0.0, 0.0]);
    }

    #[test]
    fn views_are_drawn_for_what_the_run_asks_for() {
        let of = |text: &str| {
            let text = format!(
                "[data]\nsize = 16\n[model]\nwidth = 4\n[losses]\nperceptual_layer = 2\n[train]\nbatch = 3\n{text}"
            );
            let run = RunConfig::from_toml(&text, "test").unwrap();
            let mut rng = <rand_chacha::ChaCha8Rng as rand::SeedableRng>::seed_from_u64(1);
            ViewNumbers::draw(&run, &mut rng)
        };
        assert_eq!(of(""), None);
        let [first, second, ..] = of("augment_discriminator = \"colour-shift\"").unwrap();
        assert!(
            first.light != second.light && first.shift != second.shift && first.noise.is_none()
        );
        let [first, ..] = of("instance_noise = 0.1").unwrap();
        let noise = first.noise.unwrap();
        let mean = noise.iter().sum::<f32>() / noise.len() as f32;
        let variance = noise.iter().map(|v| (v - mean).powi(2)).sum::<f32>() / noise.len() as f32;
        assert!(noise.len() == 3 * 3 * 16 * 16 && mean.abs() < 0.1 && (variance - 1.0).abs() < 0.1);
        assert!(first.light.is_none() && first.shift.is_none());
    }
}
