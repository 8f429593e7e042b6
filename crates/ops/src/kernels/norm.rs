//! Normalisation with a batch's own statistics, scale, shift and leaky ReLU, channel by channel:
//! a channel of the whole batch is read from memory once and stays in the cache for what follows.

use pulp::Arch;

use super::line::Line;
use super::map_all;
use super::pixelwise::{LANES, scaled_leaky, sum, wide_sum};

/// A batch's sizes and the constants of the operation.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NormShape {
    pub(crate) channels: usize,
    /// In one channel of one image.
    pub(crate) pixels: usize,
    pub(crate) eps: f64,
    pub(crate) slope: f32,
}

/// What the forward pass puts out; statistics are `[C]`, the variance biased.
pub(crate) struct Normed {
    pub(crate) output: Vec<f32>,
    pub(crate) mean: Vec<f32>,
    pub(crate) variance: Vec<f32>,
}

/// Gradients of a [`NormShape`].
pub(crate) struct NormGradients {
    /// Empty unless asked for.
    pub(crate) x: Vec<f32>,
    pub(crate) gamma: Vec<f32>,
    pub(crate) beta: Vec<f32>,
}

impl NormShape {
    fn inverse_deviation(&self, variance: f32) -> f64 {
        1.0 / (f64::from(variance) + self.eps).sqrt()
    }

    fn line(&self, mean: f32, variance: f32, gamma: f32, beta: f32) -> Line {
        let scale = f64::from(gamma) * self.inverse_deviation(variance);
        Line { mean, scale: scale as f32, shift: beta }
    }

    /// A channel's part of each image.
    fn of_channel<'a>(
        &self,
        x: &'a [f32],
        channel: usize,
    ) -> impl Iterator<Item = &'a [f32]> + Clone {
        x.chunks_exact(self.pixels).skip(channel).step_by(self.channels)
    }

    /// The same for writing, for all channels at once.
    fn by_channel<'a>(&self, x: &'a mut [f32]) -> Vec<Vec<&'a mut [f32]>> {
        let mut channels: Vec<Vec<_>> = (0..self.channels).map(|_| Vec::new()).collect();
        for (index, part) in x.chunks_exact_mut(self.pixels).enumerate() {
            channels[index % self.channels].push(part);
        }
        channels
    }

    fn count(&self, x: &[f32]) -> f64 {
        (x.len() / self.channels) as f64
    }

    /// Normalises `x` `[N, C, pixels]`.
    pub(crate) fn forward(&self, x: &[f32], gamma: &[f32], beta: &[f32]) -> Normed {
        let mut output = vec![0.0; x.len()];
        let count = self.count(x);
        let statistics = map_all(self.by_channel(&mut output), |channel, output| {
            let parts = self.of_channel(x, channel);
            let arch = Arch::new();
            let mean: f64 = parts
                .clone()
                .map(|x| {
                    arch.dispatch(
                        #[inline(always)]
                        || sum(x),
                    )
                })
                .sum();
            let mean = (mean / count) as f32;
            let squares: f64 = parts
                .clone()
                .map(|x| {
                    arch.dispatch(
                        #[inline(always)]
                        || squared_deviations(x, mean),
                    )
                })
                .sum();
            let variance = (squares / count) as f32;
            let line = self.line(mean, variance, gamma[channel], beta[channel]);
            for (x, output) in parts.zip(output) {
                arch.dispatch(
                    #[inline(always)]
                    || scaled_leaky(x, line, self.slope, output),
                );
            }
            (mean, variance)
        });
        let (mean, variance) = statistics.into_iter().unzip();
        Normed { output, mean, variance }
    }

    /// Gradients from `dy`, `[N, C, pixels]`, and the forward pass' input, affine and statistics.
    pub(crate) fn backward(
        &self,
        x: &[f32],
        dy: &[f32],
        [gamma, beta]: [&[f32]; 2],
        [mean, variance]: [&[f32]; 2],
        want_x: bool,
    ) -> NormGradients {
        let mut dx = if want_x { vec![0.0; x.len()] } else { Vec::new() };
        let count = self.count(x);
        let affine = map_all(self.by_channel(&mut dx), |channel, dx| {
            let (mean, variance) = (mean[channel], variance[channel]);
            let line = self.line(mean, variance, gamma[channel], beta[channel]);
            let parts = self.of_channel(x, channel).zip(self.of_channel(dy, channel));
            let arch = Arch::new();
            let (mut total, mut moment) = (0.0, 0.0);
            for (x, dy) in parts.clone() {
                let sums = arch.dispatch(
                    #[inline(always)]
                    || moments(x, dy, line, self.slope),
                );
                total += sums.0;
                moment += sums.1;
            }
            let inverse = self.inverse_deviation(variance);
            // dx = scale * (g - mean(g) - normal * mean(g * normal)) = a * g + b * (x - mean) + c
            let a = f64::from(gamma[channel]) * inverse;
            let b = -a * moment * inverse * inverse / count;
            let c = -a * total / count;
            let of_x = [a as f32, b as f32, c as f32];
            for ((x, dy), dx) in parts.zip(dx) {
                arch.dispatch(
                    #[inline(always)]
                    || input_gradient(x, dy, line, self.slope, of_x, dx),
                );
            }
            ((moment * inverse) as f32, total as f32)
        });
        let (gamma, beta) = affine.into_iter().unzip();
        NormGradients { x: dx, gamma, beta }
    }
}

#[inline(always)]
fn squared_deviations(x: &[f32], mean: f32) -> f64 {
    let (chunks, rest) = x.as_chunks::<LANES>();
    let mut sums = [0.0f32; LANES];
    for chunk in chunks {
        for i in 0..LANES {
            let deviation = chunk[i] - mean;
            sums[i] += deviation * deviation;
        }
    }
    let rest: f64 = rest.iter().map(|x| f64::from(x - mean).powi(2)).sum();
    wide_sum(&sums) + rest
}

/// The gradient behind the activation.
#[inline(always)]
fn before_activation(x: f32, dy: f32, line: Line, slope: f32) -> f32 {
    if line.at(x) > 0.0 { dy } else { dy * slope }
}

/// The sums of g and of g * (x - mean), g being the gradient behind the activation.
#[inline(always)]
fn moments(x: &[f32], dy: &[f32], line: Line, slope: f32) -> (f64, f64) {
    let ((x, x_rest), (dy, dy_rest)) = (x.as_chunks::<LANES>(), dy.as_chunks::<LANES>());
    let (mut total, mut moment) = ([0.0f32; LANES], [0.0f32; LANES]);
    for (x, dy) in x.iter().zip(dy) {
        for i in 0..LANES {
            let g = before_activation(x[i], dy[i], line, slope);
            total[i] += g;
            moment[i] += g * (x[i] - line.mean);
        }
    }
    let mut sums = (wide_sum(&total), wide_sum(&moment));
    for (x, dy) in x_rest.iter().zip(dy_rest) {
        let g = before_activation(*x, *dy, line, slope);
        sums.0 += f64::from(g);
        sums.1 += f64::from(g * (x - line.mean));
    }
    sums
}

#[inline(always)]
fn input_gradient(
    x: &[f32],
    dy: &[f32],
    line: Line,
    slope: f32,
    [a, b, c]: [f32; 3],
    dx: &mut [f32],
) {
    for ((dx, x), dy) in dx.iter_mut().zip(x).zip(dy) {
        *dx = a * before_activation(*x, *dy, line, slope) + (b * (x - line.mean) + c);
    }
}
