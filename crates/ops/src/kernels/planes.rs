//! Between dense images and planes.

use pulp::{Simd, WithSimd};

use crate::convolution::Geometry;

/// Cuts one channel of `images` images into planes `[phase, image, plane row, plane column]`, zeros
/// where the padding is.
pub(super) struct Cut<'a> {
    pub(super) geometry: &'a Geometry,
    pub(super) large: &'a [f32],
    /// The channel, and how many there are.
    pub(super) place: (usize, usize),
    pub(super) images: usize,
    pub(super) planes: &'a mut [f32],
}

impl WithSimd for Cut<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let Cut { geometry, large, place: (channel, channels), images, planes } = self;
        let (stride, columns) = (geometry.stride, geometry.plane[1]);
        let mut rows = planes.chunks_exact_mut(columns);
        for phase in 0..geometry.phases() {
            for image in 0..images {
                let start = (image * channels + channel) * geometry.large_pixels();
                let pixels = &large[start..start + geometry.large_pixels()];
                for (i, row) in rows.by_ref().take(geometry.plane[0]).enumerate() {
                    let y = (i * stride + phase / stride).wrapping_sub(geometry.padding.top);
                    if y < geometry.large[0] {
                        let line = &pixels[y * geometry.large[1]..][..geometry.large[1]];
                        cut_row(row, line, phase % stride, geometry);
                    } else {
                        row.fill(0.0);
                    }
                }
            }
        }
    }
}

/// `row[j] = line[j * stride + phase - padding]`, zero outside.
#[inline(always)]
fn cut_row(row: &mut [f32], line: &[f32], phase: usize, geometry: &Geometry) {
    let (stride, left) = (geometry.stride, geometry.padding.left);
    let before = left.saturating_sub(phase).div_ceil(stride).min(row.len());
    let (zeros, rest) = row.split_at_mut(before);
    zeros.fill(0.0);
    if rest.is_empty() {
        return;
    }
    let first = before * stride + phase - left;
    let present = line.len().saturating_sub(first).div_ceil(stride).min(rest.len());
    let (copied, zeros) = rest.split_at_mut(present);
    zeros.fill(0.0);
    if present == 0 {
        return;
    }
    let line = &line[first..];
    match stride {
        1 => copied.copy_from_slice(&line[..present]),
        2 => {
            let last = present - 1;
            for (to, from) in copied[..last].iter_mut().zip(line.chunks_exact(2)) {
                *to = from[0];
            }
            copied[last] = line[2 * last];
        }
        _ => copied.iter_mut().zip(line.iter().step_by(stride)).for_each(|(to, from)| *to = *from),
    }
}

/// The reverse of [`Cut`], from planes `[phase, channel, plane_stride]`: what falls on the padding
/// is dropped, pixels that no plane holds become the channel's `fill`.
pub(super) struct Join<'a> {
    pub(super) geometry: &'a Geometry,
    pub(super) planes: &'a [f32],
    /// From one channel to the next, in numbers.
    pub(super) plane_stride: usize,
    /// From one phase to the next, in numbers.
    pub(super) phase_stride: usize,
    pub(super) fill: Option<&'a [f32]>,
    pub(super) channels: usize,
    pub(super) large: &'a mut [f32],
}

impl WithSimd for Join<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let Join { geometry, planes, plane_stride, phase_stride, fill, channels, large } = self;
        let (stride, [height, width]) = (geometry.stride, geometry.large);
        for (index, pixels) in large.chunks_exact_mut(height * width).enumerate() {
            let (image, channel) = (index / channels, index % channels);
            let start = channel * plane_stride + image * geometry.plane_pixels();
            let fill = fill.map_or(0.0, |fill| fill[channel]);
            for (y, line) in pixels.chunks_exact_mut(width).enumerate() {
                let y = y + geometry.padding.top;
                if y / stride >= geometry.plane[0] {
                    line.fill(fill);
                    continue;
                }
                let row = start + y / stride * geometry.plane[1];
                let phases = &planes[y % stride * stride * phase_stride..];
                join_row(line, phases, row, phase_stride, fill, geometry);
            }
        }
    }
}

#[inline(always)]
fn join_row(
    line: &mut [f32],
    phases: &[f32],
    row: usize,
    phase_stride: usize,
    fill: f32,
    geometry: &Geometry,
) {
    let (stride, left, columns) = (geometry.stride, geometry.padding.left, geometry.plane[1]);
    let held = (columns * stride).saturating_sub(left).min(line.len());
    let (line, rest) = line.split_at_mut(held);
    rest.fill(fill);
    if line.is_empty() {
        return;
    }
    let plane = |phase: usize| &phases[phase * phase_stride + row..][..columns];
    match stride {
        1 => line.copy_from_slice(&plane(0)[left..left + held]),
        2 => {
            // Column x of the image is column x + left of the padded one.
            let (mut even, mut odd) = (&plane(0)[left.div_ceil(2)..], &plane(1)[left / 2..]);
            let mut line = line;
            if left % 2 == 1 {
                let (first, others) = line.split_at_mut(1);
                first[0] = odd[0];
                (line, odd) = (others, &odd[1..]);
            }
            if line.len() % 2 == 1 {
                let last = line.len() - 1;
                line[last] = even[last / 2];
            }
            let pairs = line.len() / 2;
            (even, odd) = (&even[..pairs], &odd[..pairs]);
            for ((to, even), odd) in line.chunks_exact_mut(2).zip(even).zip(odd) {
                to[0] = *even;
                to[1] = *odd;
            }
        }
        _ => {
            for (x, to) in line.iter_mut().enumerate() {
                *to = plane((x + left) % stride)[(x + left) / stride];
            }
        }
    }
}

/// Where a channel's small images lie among zeros: `lead` zeros, the images with rows as long as a
/// plane's, zeros up to `stride`.
#[derive(Clone, Copy)]
pub(super) struct Spread {
    pub(super) lead: usize,
    pub(super) stride: usize,
}

impl Spread {
    pub(super) fn new(geometry: &Geometry, images: usize, width: usize) -> Self {
        let lead = geometry.reach();
        let stride = lead + (images * geometry.plane_pixels()).next_multiple_of(width);
        Spread { lead, stride }
    }

    /// Writes `[channel, stride]` from `[image, channel, row, column]`.
    pub(super) fn fill(self, geometry: &Geometry, small: &[f32], channels: usize, to: &mut [f32]) {
        let ([rows, columns], [_, plane_columns]) = (geometry.small, geometry.plane);
        let (pixels, plane_pixels) = (geometry.small_pixels(), geometry.plane_pixels());
        let images = small.len() / (channels * pixels);
        for (channel, to) in to.chunks_exact_mut(self.stride).take(channels).enumerate() {
            to[..self.lead].fill(0.0);
            to[self.lead + images * plane_pixels..].fill(0.0);
            let to = &mut to[self.lead..self.lead + images * plane_pixels];
            for (image, to) in to.chunks_exact_mut(plane_pixels).enumerate() {
                let from = &small[(image * channels + channel) * pixels..][..pixels];
                let (used, gap) = to.split_at_mut(rows * plane_columns);
                gap.fill(0.0);
                for (to, from) in
                    used.chunks_exact_mut(plane_columns).zip(from.chunks_exact(columns))
                {
                    to[..columns].copy_from_slice(from);
                    to[columns..].fill(0.0);
                }
            }
        }
    }
}

/// Collects small images `[image, channel, row, column]` from flat planes `[channel, plane_stride]`.
pub(super) fn collect(
    geometry: &Geometry,
    planes: &[f32],
    plane_stride: usize,
    channels: usize,
    small: &mut [f32],
) {
    let [_, columns] = geometry.small;
    for (index, pixels) in small.chunks_exact_mut(geometry.small_pixels()).enumerate() {
        let (image, channel) = (index / channels, index % channels);
        let start = channel * plane_stride + image * geometry.plane_pixels();
        for (y, line) in pixels.chunks_exact_mut(columns).enumerate() {
            line.copy_from_slice(&planes[start + y * geometry.plane[1]..][..columns]);
        }
    }
}
