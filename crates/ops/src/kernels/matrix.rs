//! The same three maps as in [`super::conv`] by matrix products over unrolled images, for layers of
//! many channels: there a product reuses every number often enough to pay for the unrolling.
//!
//! Unrolled, `count` images of the large side are `[large channel * row * column, image * pixel of
//! the small side]`.

use gemm::Parallelism;
use pulp::Arch;
use rayon::prelude::*;

use super::conv::with_scratch;
use super::planes::{Cut, Join};
use super::{fill_chunks, map_all, shares};
use crate::convolution::{Conv, Geometry};

/// Numbers of an unrolled group: what stays in the third-level cache beside the weights in use.
const UNROLLED: usize = 1024 * 1024;

/// A matrix as (numbers, from row to row, from column to column).
type Matrix<'a> = (&'a [f32], usize, usize);

/// `c = a b`, or `c += a b`, in one thread; `c` is `[m, n]`, dense by rows.
fn product(
    c: &mut [f32],
    add: bool,
    [m, k, n]: [usize; 3],
    (a, a_row, a_column): Matrix,
    (b, b_row, b_column): Matrix,
) {
    if m == 0 || n == 0 || k == 0 {
        return;
    }
    let last = |rows: usize, columns: usize, row: usize, column: usize| {
        (rows - 1) * row + (columns - 1) * column
    };
    assert!(c.len() >= m * n);
    assert!(a.len() > last(m, k, a_row, a_column) && b.len() > last(k, n, b_row, b_column));
    #[allow(unsafe_code, reason = "the library takes pointers")]
    // SAFETY: every index that the strides reach lies in its slice, as asserted.
    unsafe {
        gemm::gemm(
            m,
            n,
            k,
            c.as_mut_ptr(),
            1,
            n as isize,
            add,
            a.as_ptr(),
            a_column as isize,
            a_row as isize,
            b.as_ptr(),
            b_column as isize,
            b_row as isize,
            1.0f32,
            1.0f32,
            false,
            false,
            false,
            Parallelism::None,
        );
    }
}

impl Conv {
    /// Whether matrix products are the faster way: for many channels, and the earlier the fewer
    /// pixels there are. Measured with AVX-512.
    pub(super) fn by_matrices(&self) -> bool {
        let least = if self.geometry.small_pixels() <= 256 { 64 } else { 128 };
        self.large_channels.min(self.small_channels) >= least
    }

    fn unrolled_group(&self, images: usize) -> usize {
        let fit = UNROLLED / (self.kernel_size() * self.geometry.small_pixels());
        fit.clamp(1, images.div_ceil(rayon::current_num_threads()).max(1))
    }

    /// [`Conv::gather`].
    pub(super) fn gather_by_matrices(
        &self,
        large: &[f32],
        weight: &[f32],
        bias: Option<&[f32]>,
        images: usize,
    ) -> Vec<f32> {
        let (channels, size) = (self.small_channels, self.kernel_size());
        let group = self.unrolled_group(images);
        let mut small = vec![0.0; images * self.small_size()];
        let to = (&mut small[..], group * self.small_size());
        fill_chunks(to, (large, group * self.large_size()), |_, small, large| {
            let images = large.len() / self.large_size();
            let pixels = images * self.geometry.small_pixels();
            with_scratch([size * pixels, channels * pixels], |unrolled, product_| {
                self.unroll(large, images, unrolled);
                let sizes = [channels, size, pixels];
                product(product_, false, sizes, (weight, size, 1), (unrolled, pixels, 1));
                fold_rows(product_, bias, channels, images, small);
            });
        });
        small
    }

    /// [`Conv::scatter`].
    pub(super) fn scatter_by_matrices(
        &self,
        small: &[f32],
        weight: &[f32],
        bias: Option<&[f32]>,
        images: usize,
    ) -> Vec<f32> {
        let (channels, size) = (self.small_channels, self.kernel_size());
        let group = self.unrolled_group(images);
        let mut large = vec![0.0; images * self.large_size()];
        let to = (&mut large[..], group * self.large_size());
        fill_chunks(to, (small, group * self.small_size()), |_, large, small| {
            let images = small.len() / self.small_size();
            let pixels = images * self.geometry.small_pixels();
            let planes = self.cut_length(images);
            with_scratch([size * pixels + channels * pixels, planes], |buffer, planes| {
                let (unrolled, rows) = buffer.split_at_mut(size * pixels);
                by_channel(small, channels, images, rows);
                let sizes = [size, channels, pixels];
                product(unrolled, false, sizes, (weight, 1, size), (rows, pixels, 1));
                self.roll_up(unrolled, images, bias, planes, large);
            });
        });
        large
    }

    /// [`Conv::weight_gradient`]. Each thread takes some rows of the gradient, over all images.
    pub(super) fn weight_gradient_by_matrices(
        &self,
        large: &[f32],
        small: &[f32],
        images: usize,
    ) -> Vec<f32> {
        let (channels, size) = (self.small_channels, self.kernel_size());
        let threads = rayon::current_num_threads();
        let group = (self.unrolled_group(images) * threads).min(images);
        let mut gradient = vec![0.0; channels * size];
        let large = large.chunks(group * self.large_size());
        let small = small.chunks(group * self.small_size());
        let mut unrolled = Vec::new();
        let mut rows = Vec::new();
        for (index, (large, small)) in large.zip(small).enumerate() {
            let images = large.len() / self.large_size();
            let pixels = images * self.geometry.small_pixels();
            unrolled.resize(size * pixels, 0.0);
            rows.resize(channels * pixels, 0.0);
            self.unroll_in_threads(large, images, &mut unrolled);
            by_channel(small, channels, images, &mut rows);
            let mut parts: Vec<&mut [f32]> = Vec::new();
            let mut rest = &mut gradient[..];
            let shares = shares(channels);
            for share in &shares {
                let (part, others) = rest.split_at_mut(share.len() * size);
                (rest, _) = (others, parts.push(part));
            }
            map_all(parts, |part, gradient| {
                let share = &shares[part];
                let rows = &rows[share.start * pixels..share.end * pixels];
                let sizes = [share.len(), pixels, size];
                product(gradient, index > 0, sizes, (rows, pixels, 1), (&unrolled, 1, pixels));
            });
        }
        gradient
    }

    fn unroll(&self, large: &[f32], images: usize, unrolled: &mut [f32]) {
        let taps = self.geometry.kernel_pixels() * images * self.geometry.small_pixels();
        let mut planes = vec![0.0; self.geometry.phases() * images * self.geometry.plane_pixels()];
        for (channel, rows) in unrolled.chunks_exact_mut(taps).enumerate() {
            self.unroll_channel(large, channel, images, &mut planes, rows);
        }
    }

    fn unroll_in_threads(&self, large: &[f32], images: usize, unrolled: &mut [f32]) {
        let taps = self.geometry.kernel_pixels() * images * self.geometry.small_pixels();
        let planes = self.geometry.phases() * images * self.geometry.plane_pixels();
        unrolled.par_chunks_exact_mut(taps).enumerate().for_each_init(
            || vec![0.0; planes],
            |planes, (channel, rows)| self.unroll_channel(large, channel, images, planes, rows),
        );
    }

    /// One large channel's rows: cut into planes, of which every tap is a shifted copy.
    fn unroll_channel(
        &self,
        large: &[f32],
        channel: usize,
        images: usize,
        planes: &mut [f32],
        rows: &mut [f32],
    ) {
        let g = &self.geometry;
        let place = (channel, self.large_channels);
        Arch::new().dispatch(Cut { geometry: g, large, place, images, planes });
        let pixels = images * g.small_pixels();
        for (row, tap) in rows.chunks_exact_mut(pixels).zip(taps(g)) {
            let (phase, offset) = g.tap(tap[0], tap[1]);
            let plane = &planes[phase * images * g.plane_pixels()..];
            for (image, lines) in row.chunks_exact_mut(g.small_pixels()).enumerate() {
                let start = image * g.plane_pixels() + offset;
                for (y, line) in lines.chunks_exact_mut(g.small[1]).enumerate() {
                    line.copy_from_slice(&plane[start + y * g.plane[1]..][..line.len()]);
                }
            }
        }
    }

    /// Adds unrolled images up to large ones, on top of the bias.
    fn roll_up(
        &self,
        unrolled: &[f32],
        images: usize,
        bias: Option<&[f32]>,
        planes: &mut [f32],
        large: &mut [f32],
    ) {
        let (g, channels) = (&self.geometry, self.large_channels);
        let plane_stride = images * g.plane_pixels();
        let phase_stride = channels * plane_stride;
        for (index, plane) in planes.chunks_exact_mut(plane_stride).enumerate() {
            plane.fill(bias.map_or(0.0, |bias| bias[index % channels]));
        }
        let rows = unrolled.chunks_exact(images * g.small_pixels());
        for (index, row) in rows.enumerate() {
            let (channel, tap) = (index / g.kernel_pixels(), index % g.kernel_pixels());
            let (phase, offset) = g.tap(tap / g.kernel[1], tap % g.kernel[1]);
            let plane = &mut planes[phase * phase_stride + channel * plane_stride..];
            Arch::new().dispatch(
                #[inline(always)]
                || add_shifted(g, row, offset, plane),
            );
        }
        let (geometry, planes, fill) = (g, &*planes, bias);
        let join = Join { geometry, planes, plane_stride, phase_stride, fill, channels, large };
        Arch::new().dispatch(join);
    }
}

/// The kernel positions (row, column) in the order of the weights.
fn taps(g: &Geometry) -> impl Iterator<Item = [usize; 2]> {
    let columns = g.kernel[1];
    (0..g.kernel_pixels()).map(move |tap| [tap / columns, tap % columns])
}

#[inline(always)]
fn add_shifted(g: &Geometry, row: &[f32], offset: usize, plane: &mut [f32]) {
    for (image, lines) in row.chunks_exact(g.small_pixels()).enumerate() {
        let start = image * g.plane_pixels() + offset;
        for (y, line) in lines.chunks_exact(g.small[1]).enumerate() {
            let to = &mut plane[start + y * g.plane[1]..][..line.len()];
            to.iter_mut().zip(line).for_each(|(to, from)| *to += from);
        }
    }
}

/// `[channel, image * pixel]` from `[image, channel, pixel]`.
fn by_channel(small: &[f32], channels: usize, images: usize, to: &mut [f32]) {
    let pixels = small.len() / (channels * images);
    for (index, to) in to.chunks_exact_mut(pixels).enumerate() {
        let (channel, image) = (index / images, index % images);
        to.copy_from_slice(&small[(image * channels + channel) * pixels..][..pixels]);
    }
}

/// The reverse of [`by_channel`], with the bias added.
fn fold_rows(
    from: &[f32],
    bias: Option<&[f32]>,
    channels: usize,
    images: usize,
    small: &mut [f32],
) {
    let pixels = small.len() / (channels * images);
    for (index, to) in small.chunks_exact_mut(pixels).enumerate() {
        let (image, channel) = (index / channels, index % channels);
        let bias = bias.map_or(0.0, |bias| bias[channel]);
        let from = &from[(channel * images + image) * pixels..][..pixels];
        to.iter_mut().zip(from).for_each(|(to, from)| *to = from + bias);
    }
}
