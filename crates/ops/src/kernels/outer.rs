//! `sums[row][tap] += sum over p of small[row][p] * large[offset[tap] + p]`: the weight gradient.

use std::cell::Cell;

use pulp::{Simd, WithSimd};

use super::{ROWS, Tile};

/// Numbers of each array that are worked through before the next register tile: what stays in the
/// first-level cache.
const BLOCK: usize = 1024;

/// Adds the products of rows and shifted copies to [`Sums`].
pub(super) struct Outer<'a> {
    /// The first row starts here; whole vectors beyond `length` are readable and zero.
    pub(super) small: &'a [f32],
    pub(super) small_stride: usize,
    pub(super) large: &'a [f32],
    /// One per tap, filled up to whole register tiles.
    pub(super) offsets: &'a [usize],
    pub(super) length: usize,
    pub(super) sums: &'a mut Sums,
}

thread_local! {
    /// The memory of the last [`Sums`]: several megabytes for a deep layer, which the system would
    /// have to clear page by page each time.
    static SPARE: Cell<Vec<f32>> = const { Cell::new(Vec::new()) };
}

/// Partial sums, one per vector lane.
pub(super) struct Sums {
    rows: usize,
    tile: Tile,
    /// `[row / 4, tap / vectors, row % 4, tap % vectors, lane]`
    lanes: Vec<f32>,
}

impl Sums {
    /// `taps` in whole register tiles.
    pub(super) fn new(rows: usize, taps: usize, tile: Tile) -> Self {
        let mut lanes = SPARE.take();
        lanes.clear();
        lanes.resize(rows.next_multiple_of(ROWS) * taps * tile.lanes, 0.0);
        Sums { rows, tile, lanes }
    }

    /// How many numbers there are.
    pub(super) fn size(&self) -> usize {
        self.lanes.len()
    }

    /// Adds another's partial sums.
    pub(super) fn add(&mut self, other: &Sums) {
        self.lanes.iter_mut().zip(&other.lanes).for_each(|(to, from)| *to += from);
    }

    /// `[row, tap]`, the first `taps` of each row.
    pub(super) fn total(&self, taps: usize) -> Vec<f32> {
        pulp::Arch::new().dispatch(
            #[inline(always)]
            || match self.tile.lanes {
                16 => self.add_up::<16>(taps),
                8 => self.add_up::<8>(taps),
                4 => self.add_up::<4>(taps),
                _ => self.add_up::<1>(taps),
            },
        )
    }

    #[inline(always)]
    fn add_up<const LANES: usize>(&self, taps: usize) -> Vec<f32> {
        let Sums { rows, tile, lanes } = self;
        let lanes = lanes.as_chunks::<LANES>().0;
        let tiles = taps.div_ceil(tile.taps);
        let mut total = Vec::with_capacity(rows * taps);
        for row in 0..*rows {
            for first in (0..taps).step_by(tile.taps) {
                let tap = row / ROWS * tiles + first / tile.taps;
                let start = (tap * ROWS + row % ROWS) * tile.taps;
                for sums in &lanes[start..start + tile.taps.min(taps - first)] {
                    total.push(lane_sum(*sums));
                }
            }
        }
        total
    }
}

/// By halves: pulp's own reduction is not inlined with 512 bits.
#[inline(always)]
fn lane_sum<const LANES: usize>(mut lanes: [f32; LANES]) -> f32 {
    let mut half = LANES / 2;
    while half > 0 {
        for i in 0..half {
            lanes[i] += lanes[i + half];
        }
        half /= 2;
    }
    lanes[0]
}

impl Drop for Sums {
    fn drop(&mut self) {
        SPARE.set(std::mem::take(&mut self.lanes));
    }
}

impl WithSimd for Outer<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        if Tile::wide::<S>() {
            self.run::<S, { Tile::WIDE_TAPS }>(simd);
        } else {
            self.run::<S, { Tile::NARROW_TAPS }>(simd);
        }
    }
}

impl Outer<'_> {
    #[inline(always)]
    fn run<S: Simd, const V: usize>(self, simd: S) {
        let Outer { small, small_stride, large, offsets, length, sums } = self;
        let last_row = sums.rows - 1;
        let tiles = offsets.len() / V;
        let (sums, _) = S::as_mut_simd_f32s(&mut sums.lanes);
        for p in (0..length).step_by(BLOCK) {
            let count = (length - p).min(BLOCK).div_ceil(S::F32_LANES);
            let size = count * S::F32_LANES;
            for (group, sums) in sums.chunks_exact_mut(tiles * ROWS * V).enumerate() {
                let mut rows: [&[S::f32s]; ROWS] = [&[]; ROWS];
                for (row, numbers) in rows.iter_mut().enumerate() {
                    let row = (group * ROWS + row).min(last_row);
                    *numbers = S::as_simd_f32s(&small[row * small_stride + p..][..size]).0;
                }
                let offsets = offsets.as_chunks::<V>().0;
                for (offsets, sums) in
                    offsets.iter().zip(sums.as_chunks_mut::<V>().0.as_chunks_mut::<ROWS>().0)
                {
                    let mut taps: [&[S::f32s]; V] = [&[]; V];
                    for (tap, offset) in taps.iter_mut().zip(offsets) {
                        *tap = S::as_simd_f32s(&large[offset + p..][..size]).0;
                    }
                    *sums = tile(simd, rows, taps, count, *sums);
                }
            }
        }
    }
}

#[inline(always)]
fn tile<S: Simd, const V: usize>(
    simd: S,
    rows: [&[S::f32s]; ROWS],
    taps: [&[S::f32s]; V],
    count: usize,
    mut sums: [[S::f32s; V]; ROWS],
) -> [[S::f32s; V]; ROWS] {
    // Loops, not closures: a closure's body does not always get the instruction set of its caller.
    let (mut rows, mut taps) = (rows, taps);
    for row in &mut rows {
        *row = &row[..count];
    }
    for tap in &mut taps {
        *tap = &tap[..count];
    }
    for i in 0..count {
        let mut x = [simd.splat_f32s(0.0); V];
        for tap in 0..V {
            x[tap] = taps[tap][i];
        }
        for row in 0..ROWS {
            let y = rows[row][i];
            for tap in 0..V {
                sums[row][tap] = simd.mul_add_e_f32s(y, x[tap], sums[row][tap]);
            }
        }
    }
    sums
}
