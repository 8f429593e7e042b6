//! `to[row][p] = bias[row] + sum over taps of weight[tap][row] * from[offset[tap] + p]`.

use pulp::{Simd, WithSimd};

use super::{ROWS, Tile};

/// Sums of shifted copies of one flat array; four results at a time.
pub(super) struct Correlate<'a> {
    pub(super) from: &'a [f32],
    /// One per tap.
    pub(super) offsets: &'a [usize],
    /// `[row / 4, tap, row % 4]`.
    pub(super) weights: &'a [f32],
    /// One per row, whole fours.
    pub(super) bias: &'a [f32],
    /// `[row, stride]`; a stride is a whole number of register tiles, and all of it is written.
    pub(super) to: &'a mut [f32],
    pub(super) stride: usize,
}

impl WithSimd for Correlate<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        if Tile::wide::<S>() {
            self.run::<S, { Tile::WIDE_VECTORS }>(simd);
        } else {
            self.run::<S, { Tile::NARROW_VECTORS }>(simd);
        }
    }
}

impl Correlate<'_> {
    #[inline(always)]
    fn run<S: Simd, const V: usize>(self, simd: S) {
        let Correlate { from, offsets, weights, bias, to, stride } = self;
        let width = V * S::F32_LANES;
        let size = ROWS * offsets.len();
        for p in (0..stride).step_by(width) {
            let from = &from[p..];
            let tiles = bias.chunks_exact(ROWS).zip(to.chunks_exact_mut(ROWS * stride));
            for (four, (bias, to)) in tiles.enumerate() {
                let weights = &weights[four * size..(four + 1) * size];
                let sums = tile::<S, V>(simd, from, offsets, weights, bias);
                for (sums, to) in sums.iter().zip(to.chunks_exact_mut(stride)) {
                    let (to, _) = S::as_mut_simd_f32s(&mut to[p..p + width]);
                    to.copy_from_slice(sums);
                }
            }
        }
    }
}

#[inline(always)]
fn tile<S: Simd, const V: usize>(
    simd: S,
    from: &[f32],
    offsets: &[usize],
    weights: &[f32],
    bias: &[f32],
) -> [[S::f32s; V]; ROWS] {
    let mut sums: [[S::f32s; V]; ROWS] = [[simd.splat_f32s(0.0); V]; ROWS];
    for (weights, &offset) in weights.as_chunks::<ROWS>().0.iter().zip(offsets) {
        let x = S::as_simd_f32s(&from[offset..][..V * S::F32_LANES]).0;
        // Loops, not closures: a closure's body does not always get its caller's instruction set.
        let x: &[S::f32s; V] = x.first_chunk().expect("as long as a tile");
        for row in 0..ROWS {
            let weight = simd.splat_f32s(weights[row]);
            for v in 0..V {
                sums[row][v] = simd.mul_add_e_f32s(weight, x[v], sums[row][v]);
            }
        }
    }
    for row in 0..ROWS {
        let bias = simd.splat_f32s(bias[row]);
        for sum in &mut sums[row] {
            *sum = simd.add_f32s(*sum, bias);
        }
    }
    sums
}
