//! From samples to targets, the mean shape and the starting residuals.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use super::sample::Sample;
use crate::{ErtError, GreyImage, Options};

/// Refuses data that training could not make sense of.
pub(super) fn check(images: &[GreyImage], samples: &[Sample]) -> Result<(), ErtError> {
    for (image, GreyImage { width, height, pixels }) in images.iter().enumerate() {
        if width.checked_mul(*height) != Some(pixels.len()) {
            let (width, height, pixels) = (*width, *height, pixels.len());
            return Err(ErtError::ImageSize { image, width, height, pixels });
        }
    }
    let first = samples.first().ok_or(ErtError::NoSamples)?;
    let expected = first.shape.len();
    if expected == 0 {
        return Err(ErtError::NoPoints);
    }
    for (index, sample) in samples.iter().enumerate() {
        if sample.shape.len() != expected {
            let found = sample.shape.len();
            return Err(ErtError::PointCount { sample: index, expected, found });
        }
        if sample.image >= images.len() {
            let (image, images) = (sample.image, images.len());
            return Err(ErtError::ImageIndex { sample: index, image, images });
        }
        if !sample.rect.is_usable() {
            return Err(ErtError::EmptyRect { sample: index });
        }
        let bad = |p: &[f32; 2]| !sample.rect.normalise(*p).iter().all(|v| v.is_finite());
        if let Some(point) = sample.shape.iter().position(bad) {
            return Err(ErtError::NotFinite { sample: index, point });
        }
    }
    Ok(())
}

/// State of the fit. Row `i` is start `i % oversampling` of sample `i / oversampling`.
pub(super) struct Fit {
    /// Mean of the targets, `[2K]`.
    pub(super) mean: Vec<f32>,
    /// True shapes in the frames of their boxes, `[samples, 2K]`.
    targets: Vec<f32>,
    /// Target minus current shape, `[samples * oversampling, stride]`, zero behind the 2K.
    pub(super) residuals: Vec<f32>,
    oversampling: usize,
}

/// Row length of residuals: 2K rounded up to whole vectors of four.
pub(super) fn stride(dims: usize) -> usize {
    dims.next_multiple_of(4)
}

impl Fit {
    /// The mean shape is every sample's first start, since it is where detection starts; the
    /// others are mixtures of two random shapes with weights in [0.1, 1.1), as in dlib.
    pub(super) fn new(samples: &[Sample], options: &Options, random: &mut ChaCha8Rng) -> Self {
        let normalise =
            |s: &Sample| s.shape.iter().flat_map(|p| s.rect.normalise(*p)).collect::<Vec<_>>();
        let targets: Vec<f32> = samples.iter().flat_map(normalise).collect();
        let dims = targets.len() / samples.len();
        let mut sums = vec![0.0; dims];
        for target in targets.chunks_exact(dims) {
            sums.iter_mut().zip(target).for_each(|(sum, value)| *sum += f64::from(*value));
        }
        let mean: Vec<f32> = sums.iter().map(|sum| (sum / samples.len() as f64) as f32).collect();

        let mut residuals = Vec::with_capacity(samples.len() * options.oversampling * stride(dims));
        for target in targets.chunks_exact(dims) {
            for start in 0..options.oversampling {
                let current = if start == 0 {
                    mean.clone()
                } else {
                    random_start(&targets, dims, options.translation_jitter, random)
                };
                residuals.extend(target.iter().zip(&current).map(|(target, now)| target - now));
                residuals.resize(residuals.len() + stride(dims) - dims, 0.0);
            }
        }
        Self { mean, targets, residuals, oversampling: options.oversampling }
    }

    /// Number of rows.
    pub(super) fn len(&self) -> usize {
        self.residuals.len() / stride(self.mean.len())
    }

    /// Sample of a row.
    pub(super) fn sample(&self, row: usize) -> usize {
        row / self.oversampling
    }

    /// Current shape of a row, `[2K]`.
    pub(super) fn shape(&self, row: usize) -> Vec<f32> {
        let dims = self.mean.len();
        let target = &self.targets[self.sample(row) * dims..][..dims];
        let residual = &self.residuals[row * stride(dims)..];
        target.iter().zip(residual).map(|(target, residual)| target - residual).collect()
    }
}

fn random_start(targets: &[f32], dims: usize, jitter: f64, random: &mut ChaCha8Rng) -> Vec<f32> {
    let samples = targets.len() / dims;
    let mut draw = || {
        let shape = &targets[random.random_range(0..samples) * dims..][..dims];
        (shape, random.random::<f64>() + 0.1)
    };
    let ((first, a), (second, b)) = (draw(), draw());
    let mut move_by = || if jitter == 0.0 { 0.0 } else { random.random_range(-jitter..=jitter) };
    let offset = [move_by(), move_by()];
    let mixed = first.iter().zip(second).enumerate();
    mixed
        .map(|(i, (first, second))| {
            let mean = (a * f64::from(*first) + b * f64::from(*second)) / (a + b);
            (mean + offset[i % 2]) as f32
        })
        .collect()
}
