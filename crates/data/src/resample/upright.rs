//! Crops that are not turned: rows, then columns, and the bytes of [`Filter::pixel`].
//!
//! Sums in another order end in other last bits. They round to the same byte except where a value lies next
//! to the middle between two of them; how near that is follows from the number of weights, and pixels with
//! such a value (1 in 100) are computed as they are defined. So cached crops stay what they were, and every
//! width of vectors comes to the same ones.

use image::RgbImage;
use pulp::{Arch, Simd, WithSimd};

use super::filter::{Filter, Taps};

/// Values of a row that are summed at once.
const LANES: usize = 32;

/// Pixels that are looked at together for values that are not sure.
const RUN: usize = 16;

/// A number of this size has no place for a fraction: what is added to it is rounded to a whole number, which
/// then lies in its last bits.
const WHOLE: f32 = (1 << 23) as f32;

/// Fills `out` with the `size` x `size` crop.
pub(super) fn fill(image: &RgbImage, filter: &Filter, size: usize, out: &mut [u8]) {
    let (mut columns, mut rows) =
        (filter.columns(size, image.width()), filter.rows(size, image.height()));
    let used = columns.all.iter().map(|(x, _)| *x);
    let (Some(first), Some(last)) = (used.clone().min(), used.max()) else { return };
    let sure = 0.5 - doubt(columns.each, rows.each);
    // From here on places in the bytes, of a row and of the part of it that the crop needs.
    columns.all.iter_mut().for_each(|(x, _)| *x = (*x - first) * 3);
    rows.all.iter_mut().for_each(|(y, _)| *y = (*y * image.width() as usize + first) * 3);
    let length = (last - first + 1) * 3;
    Arch::new().dispatch(Work { image, filter, columns, rows, length, sure, size, out });
}

/// How far two sums of the same terms can differ, in levels: half a unit in the last place of 256 for each of
/// their operations. Both multiply, add up, and divide by the sum of the weights.
fn doubt(across: usize, down: usize) -> f32 {
    let operations = 2 * (across * down + across + down) + 12;
    operations as f32 * 256.0 * f32::EPSILON / 2.0
}

struct Work<'a> {
    image: &'a RgbImage,
    filter: &'a Filter,
    columns: Taps,
    rows: Taps,
    /// Bytes of a row that the crop needs.
    length: usize,
    /// Values that are no farther than this from a whole number are rounded to it in every order of sums.
    sure: f32,
    size: usize,
    out: &'a mut [u8],
}

impl WithSimd for Work<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _simd: S) {
        let pixels: &[u8] = self.image.as_raw();
        // With room for the fourth value that is loaded, or stored, with every pixel.
        let (mut line, mut means) = (vec![0.0; self.length + 1], vec![0.0; self.size * 3 + 1]);
        let rows = self.rows.all.chunks_exact(self.rows.each);
        for (v, (taps, out)) in rows.zip(self.out.chunks_exact_mut(self.size * 3)).enumerate() {
            sum_rows(pixels, taps, &mut line[..self.length]);
            sum_columns(&line, &self.columns, &mut means);
            let runs = out.chunks_mut(RUN * 3).zip(means.chunks(RUN * 3)).enumerate();
            for (i, (out, means)) in runs {
                if round(means, self.sure, out) {
                    continue;
                }
                for (k, pixel) in out.chunks_exact_mut(3).enumerate() {
                    if !round(&means[k * 3..][..3], self.sure, pixel) {
                        pixel.copy_from_slice(&self.filter.pixel(self.image, [i * RUN + k, v]));
                    }
                }
            }
        }
    }
}

/// The weighted mean of parts of image rows.
#[inline(always)]
fn sum_rows(pixels: &[u8], taps: &[(usize, f32)], line: &mut [f32]) {
    let length = line.len();
    let (whole, rest) = line.as_chunks_mut::<LANES>();
    for (i, sums) in whole.iter_mut().enumerate() {
        let mut sum = [0f32; LANES];
        for &(row, weight) in taps {
            for (sum, value) in sum.iter_mut().zip(&pixels[row..][i * LANES..][..LANES]) {
                *sum += weight * f32::from(*value);
            }
        }
        *sums = sum;
    }
    let done = length - rest.len();
    rest.fill(0.0);
    for &(row, weight) in taps {
        for (sum, value) in rest.iter_mut().zip(&pixels[row..][done..]) {
            *sum += weight * f32::from(*value);
        }
    }
}

/// The weighted mean of columns of three values, for every crop pixel of a row.
#[inline(always)]
fn sum_columns(line: &[f32], columns: &Taps, means: &mut [f32]) {
    for (u, taps) in columns.all.chunks_exact(columns.each).enumerate() {
        let sum = taps.iter().fold([0f32; 4], |sum, &(at, weight)| {
            let values = &line[at..at + 4];
            std::array::from_fn(|channel| sum[channel] + weight * values[channel])
        });
        means[u * 3..u * 3 + 4].copy_from_slice(&sum);
    }
}

/// Rounds to bytes; whether all of them are sure.
#[inline(always)]
fn round(means: &[f32], sure: f32, out: &mut [u8]) -> bool {
    let mut unsure = 0u32;
    for (byte, mean) in out.iter_mut().zip(means) {
        let whole = mean + WHOLE;
        *byte = whole.to_bits() as u8;
        unsure |= u32::from((mean - (whole - WHOLE)).abs() > sure);
    }
    unsure == 0
}
