//! Convolution, transposed convolution and their gradients, as three maps between a large and a
//! small image with weights `[small channel, large channel, row, column]`.

use std::cell::RefCell;
use std::ops::Range;

use pulp::Arch;

use super::correlate::Correlate;
use super::outer::{Outer, Sums};
use super::planes::{Cut, Join, Spread, collect};
use super::{ROWS, Tile, fill_chunks, map_all, shares};
use crate::convolution::Conv;

/// Numbers in the planes of the images that are worked on together: about half of a second-level
/// cache.
const GROUP: usize = 64 * 1024;

thread_local! {
    /// Planes and results of the group at hand, kept from call to call.
    static SCRATCH: RefCell<[Vec<f32>; 2]> = const { RefCell::new([Vec::new(), Vec::new()]) };
}

/// Calls `work` with two buffers of at least these lengths and any contents.
pub(super) fn with_scratch<R>(
    lengths: [usize; 2],
    work: impl FnOnce(&mut [f32], &mut [f32]) -> R,
) -> R {
    SCRATCH.with_borrow_mut(|[first, second]| {
        for (buffer, length) in [(&mut *first, lengths[0]), (&mut *second, lengths[1])] {
            if buffer.len() < length {
                buffer.resize(length, 0.0);
            }
        }
        work(&mut first[..lengths[0]], &mut second[..lengths[1]])
    })
}

impl Conv {
    pub(super) fn large_size(&self) -> usize {
        self.large_channels * self.geometry.large_pixels()
    }

    pub(super) fn small_size(&self) -> usize {
        self.small_channels * self.geometry.small_pixels()
    }

    pub(super) fn kernel_size(&self) -> usize {
        self.large_channels * self.geometry.kernel_pixels()
    }

    /// Images worked on together, for about `numbers` in their planes.
    fn group(&self, images: usize, numbers: usize) -> usize {
        let planes = self.geometry.phases() * self.large_channels + self.small_channels;
        let fit = numbers / (planes * self.geometry.plane_pixels());
        fit.clamp(1, images.div_ceil(rayon::current_num_threads()).max(1))
    }

    /// Numbers in the planes of a group; a register tile may read beyond the last plane.
    fn planes_length(&self, group: usize, tile: Tile) -> usize {
        self.cut_length(group) + self.geometry.reach() + tile.width()
    }

    pub(super) fn cut_length(&self, group: usize) -> usize {
        let g = &self.geometry;
        self.large_channels * g.phases() * group * g.plane_pixels()
    }

    /// Fills `planes` from the images; what lies beyond the last plane becomes zero.
    fn cut(&self, large: &[f32], images: usize, planes: &mut [f32]) {
        let (planes, beyond) = planes.split_at_mut(self.cut_length(images));
        beyond.fill(0.0);
        let (geometry, channels) = (&self.geometry, self.large_channels);
        let size = planes.len() / channels;
        for (channel, planes) in planes.chunks_exact_mut(size).enumerate() {
            let place = (channel, channels);
            Arch::new().dispatch(Cut { geometry, large, place, images, planes });
        }
    }

    /// Where each weight of one small channel finds its pixel in the planes.
    fn large_offsets(&self, images: usize) -> Vec<usize> {
        let g = &self.geometry;
        let plane = images * g.plane_pixels();
        let mut offsets = Vec::with_capacity(self.kernel_size());
        for channel in 0..self.large_channels {
            for row in 0..g.kernel[0] {
                for column in 0..g.kernel[1] {
                    let (phase, offset) = g.tap(row, column);
                    offsets.push((channel * g.phases() + phase) * plane + offset);
                }
            }
        }
        offsets
    }

    /// Small images from large ones: the convolution itself.
    pub(crate) fn gather(
        &self,
        large: &[f32],
        weight: &[f32],
        bias: Option<&[f32]>,
        images: usize,
    ) -> Vec<f32> {
        if self.by_matrices() {
            return self.gather_by_matrices(large, weight, bias, images);
        }
        let (g, tile, channels) = (&self.geometry, Tile::new(), self.small_channels);
        let group = self.group(images, GROUP);
        let weights = in_fours(channels, self.kernel_size(), |row, tap| {
            weight[row * self.kernel_size() + tap]
        });
        let bias = padded_bias(bias, channels);
        let mut small = vec![0.0; images * self.small_size()];
        let to = (&mut small[..], group * self.small_size());
        fill_chunks(to, (large, group * self.large_size()), |_, small, large| {
            let images = large.len() / self.large_size();
            let stride = g.flat_length(images).next_multiple_of(tile.width());
            let lengths = [self.planes_length(images, tile), bias.len() * stride];
            with_scratch(lengths, |planes, to| {
                self.cut(large, images, planes);
                let offsets = &self.large_offsets(images);
                let (from, weights, bias) = (&*planes, &weights, &bias);
                Arch::new().dispatch(Correlate { from, offsets, weights, bias, to, stride });
                collect(g, to, stride, channels, small);
            });
        });
        small
    }

    /// Large images from small ones: the convolution's input gradient, the transposed convolution.
    pub(crate) fn scatter(
        &self,
        small: &[f32],
        weight: &[f32],
        bias: Option<&[f32]>,
        images: usize,
    ) -> Vec<f32> {
        if self.by_matrices() {
            return self.scatter_by_matrices(small, weight, bias, images);
        }
        let (g, tile, channels) = (&self.geometry, Tile::new(), self.large_channels);
        let group = self.group(images, GROUP);
        let weights: Vec<_> =
            (0..g.phases()).map(|phase| self.phase_weights(weight, phase)).collect();
        let fill = bias;
        let bias = padded_bias(bias, channels);
        let mut large = vec![0.0; images * self.large_size()];
        let to = (&mut large[..], group * self.large_size());
        fill_chunks(to, (small, group * self.small_size()), |_, large, small| {
            let images = small.len() / self.small_size();
            let spread = Spread::new(g, images, tile.width());
            let plane_stride = spread.stride - spread.lead;
            let phase_stride = bias.len() * plane_stride;
            let lengths = [self.small_channels * spread.stride, g.phases() * phase_stride];
            with_scratch(lengths, |from, planes| {
                spread.fill(g, small, self.small_channels, from);
                for (phase, (weights, to)) in
                    weights.iter().zip(planes.chunks_exact_mut(phase_stride)).enumerate()
                {
                    let offsets = &self.small_offsets(spread, phase);
                    let (from, bias, stride) = (&*from, &bias, plane_stride);
                    Arch::new().dispatch(Correlate { from, offsets, weights, bias, to, stride });
                }
                let (geometry, planes) = (g, &*planes);
                Arch::new().dispatch(Join {
                    geometry,
                    planes,
                    plane_stride,
                    phase_stride,
                    fill,
                    channels,
                    large,
                });
            });
        });
        large
    }

    /// The kernel positions (row, column) that reach one phase.
    fn phase_taps(&self, phase: usize) -> impl Iterator<Item = [usize; 2]> {
        let (s, [rows, columns]) = (self.geometry.stride, self.geometry.kernel);
        let columns = (phase % s..columns).step_by(s);
        (phase / s..rows)
            .step_by(s)
            .flat_map(move |row| columns.clone().map(move |column| [row, column]))
    }

    fn phase_weights(&self, weight: &[f32], phase: usize) -> Vec<f32> {
        let size = self.geometry.kernel_pixels();
        let first: Vec<usize> = (0..self.small_channels)
            .flat_map(|small| {
                self.phase_taps(phase).map(move |[row, column]| {
                    small * self.large_channels * size + row * self.geometry.kernel[1] + column
                })
            })
            .collect();
        in_fours(self.large_channels, first.len(), |row, tap| weight[first[tap] + row * size])
    }

    fn small_offsets(&self, spread: Spread, phase: usize) -> Vec<usize> {
        let channels = 0..self.small_channels;
        channels
            .flat_map(|channel| {
                self.phase_taps(phase).map(move |[row, column]| {
                    channel * spread.stride + spread.lead - self.geometry.tap(row, column).1
                })
            })
            .collect()
    }

    /// The gradient of the weights.
    pub(crate) fn weight_gradient(&self, large: &[f32], small: &[f32], images: usize) -> Vec<f32> {
        if self.by_matrices() {
            return self.weight_gradient_by_matrices(large, small, images);
        }
        let tile = Tile::new();
        let partial = map_all(shares(images), |_, share| {
            let (large, small) =
                (of_images(large, &share, images), of_images(small, &share, images));
            self.partial_weight_gradient(large, small, share.len(), tile)
        });
        let mut partial = partial.into_iter();
        let Some(mut sums) = partial.next() else { return Vec::new() };
        partial.for_each(|other| sums.add(&other));
        sums.total(self.kernel_size())
    }

    fn partial_weight_gradient(
        &self,
        large: &[f32],
        small: &[f32],
        images: usize,
        tile: Tile,
    ) -> Sums {
        let g = &self.geometry;
        let taps = self.kernel_size().next_multiple_of(tile.taps);
        let mut sums = Sums::new(self.small_channels, taps, tile);
        // Every group reads and writes all sums: more images at a time if there are many.
        let group = self.group(images, GROUP.max(sums.size()));
        let large = large.chunks(group * self.large_size());
        let small = small.chunks(group * self.small_size());
        for (large, small) in large.zip(small) {
            let images = large.len() / self.large_size();
            let spread = Spread::new(g, images, tile.width());
            let lengths = [self.planes_length(images, tile), self.small_channels * spread.stride];
            with_scratch(lengths, |planes, rows| {
                self.cut(large, images, planes);
                spread.fill(g, small, self.small_channels, rows);
                let mut offsets = self.large_offsets(images);
                offsets.resize(taps, 0);
                Arch::new().dispatch(Outer {
                    small: &rows[spread.lead..],
                    small_stride: spread.stride,
                    large: planes,
                    offsets: &offsets,
                    length: g.flat_length(images),
                    sums: &mut sums,
                });
            });
        }
        sums
    }
}

/// The images of one share.
fn of_images<'a>(x: &'a [f32], share: &Range<usize>, images: usize) -> &'a [f32] {
    let size = x.len() / images;
    &x[share.start * size..share.end * size]
}

/// `[row / 4, tap, row % 4]`, rows filled up with zeros.
fn in_fours(rows: usize, taps: usize, weight: impl Fn(usize, usize) -> f32) -> Vec<f32> {
    let mut packed = Vec::with_capacity(rows.next_multiple_of(ROWS) * taps);
    for four in (0..rows).step_by(ROWS) {
        for tap in 0..taps {
            let value = |row| if row < rows { weight(row, tap) } else { 0.0 };
            packed.extend((four..four + ROWS).map(value));
        }
    }
    packed
}

fn padded_bias(bias: Option<&[f32]>, rows: usize) -> Vec<f32> {
    let mut padded = bias.map_or_else(Vec::new, <[f32]>::to_vec);
    padded.resize(rows.next_multiple_of(ROWS), 0.0);
    padded
}
