//! Leaky ReLU, scale and shift, nearest-neighbour upsampling, sums over pixels.

use pulp::Arch;

use super::fill_chunks;
use super::line::Line;

/// Running sums kept side by side: two vector registers, or more of the narrow ones.
pub(super) const LANES: usize = 16;

/// Numbers that one task works through.
const RUN: usize = 64 * 1024;

/// Leaky ReLU of a channel's line.
#[inline(always)]
pub(super) fn scaled_leaky(x: &[f32], line: Line, slope: f32, to: &mut [f32]) {
    for (to, x) in to.iter_mut().zip(x) {
        let y = line.at(*x);
        *to = if y > 0.0 { y } else { y * slope };
    }
}

/// Leaky ReLU of every number.
pub(crate) fn leaky_relu(x: &[f32], slope: f32) -> Vec<f32> {
    let mut to = vec![0.0; x.len()];
    fill_chunks((&mut to, RUN), (x, RUN), |_, to, x| {
        Arch::new().dispatch(
            #[inline(always)]
            || activate(x, x, slope, to),
        );
    });
    to
}

/// The input gradient of leaky ReLU; `sign` is its input or, as good, its output.
pub(crate) fn leaky_relu_gradient(sign: &[f32], dy: &[f32], slope: f32) -> Vec<f32> {
    let mut dx = vec![0.0; dy.len()];
    fill_chunks((&mut dx, RUN), (dy, RUN), |index, dx, dy| {
        let sign = &sign[index * RUN..][..dy.len()];
        Arch::new().dispatch(
            #[inline(always)]
            || activate(sign, dy, slope, dx),
        );
    });
    dx
}

/// `x`, times `slope` where `sign` is not positive.
// A function, not a closure's body: what a closure holds by reference keeps the loop scalar.
#[inline(always)]
fn activate(sign: &[f32], x: &[f32], slope: f32, to: &mut [f32]) {
    for ((to, sign), x) in to.iter_mut().zip(sign).zip(x) {
        *to = if *sign > 0.0 { *x } else { x * slope };
    }
}

/// `leaky_relu(x * scale[c] + shift[c])` for `x` `[N, C, pixels]`.
pub(crate) fn scale_shift_leaky_relu(
    x: &[f32],
    pixels: usize,
    [scale, shift]: [&[f32]; 2],
    slope: f32,
) -> Vec<f32> {
    let mut to = vec![0.0; x.len()];
    fill_chunks((&mut to, pixels), (x, pixels), |index, to, x| {
        let channel = index % scale.len();
        let line = Line { mean: 0.0, scale: scale[channel], shift: shift[channel] };
        Arch::new().dispatch(
            #[inline(always)]
            || scaled_leaky(x, line, slope, to),
        );
    });
    to
}

/// The sum over images and pixels of each channel of `x` `[N, C, pixels]`.
pub(crate) fn channel_sums(x: &[f32], channels: usize, pixels: usize) -> Vec<f32> {
    let mut sums = vec![0.0f64; channels];
    for (index, part) in x.chunks_exact(pixels).enumerate() {
        sums[index % channels] += Arch::new().dispatch(
            #[inline(always)]
            || sum(part),
        );
    }
    sums.into_iter().map(|sum| sum as f32).collect()
}

/// In single precision lane by lane, the lanes in double.
#[inline(always)]
pub(super) fn sum(x: &[f32]) -> f64 {
    let (chunks, rest) = x.as_chunks::<LANES>();
    let mut sums = [0.0f32; LANES];
    for chunk in chunks {
        for i in 0..LANES {
            sums[i] += chunk[i];
        }
    }
    wide_sum(&sums) + wide_sum(rest)
}

#[inline(always)]
pub(super) fn wide_sum(x: &[f32]) -> f64 {
    x.iter().map(|x| f64::from(*x)).sum()
}
