//! Single-precision kernels on plain slices; they know nothing of burn.
//!
//! Images are `[N, C, H, W]`, dense. Work is divided over rayon's threads in an order that depends
//! on their number only, so that the same number of threads gives the same bits.

pub(crate) mod adam;
pub(crate) mod blocks;
pub(crate) mod conv;
mod correlate;
mod line;
mod matrix;
pub(crate) mod norm;
mod outer;
pub(crate) mod pixelwise;
mod planes;

use std::ops::Range;

use pulp::{Simd, WithSimd};
use rayon::prelude::*;

/// Rows of a register tile: channels computed together.
const ROWS: usize = 4;

/// What the instruction set found at run time allows.
#[derive(Clone, Copy)]
struct Tile {
    /// Single-precision numbers in a vector register.
    lanes: usize,
    /// Vector registers along a tile of [`correlate`].
    vectors: usize,
    /// Taps in a tile of [`outer`].
    taps: usize,
}

impl Tile {
    // As many accumulators as leave room for their operands in sixteen registers (narrow) or in
    // thirty-two (wide). One vector more in `correlate` makes the compiler spill.
    const NARROW_VECTORS: usize = 2;
    const WIDE_VECTORS: usize = 3;
    const NARROW_TAPS: usize = 3;
    const WIDE_TAPS: usize = 5;

    const fn wide<S: Simd>() -> bool {
        S::REGISTER_COUNT >= 32
    }

    fn new() -> Tile {
        struct Ask;
        impl WithSimd for Ask {
            type Output = Tile;
            fn with_simd<S: Simd>(self, _: S) -> Tile {
                let (vectors, taps) = match Tile::wide::<S>() {
                    true => (Tile::WIDE_VECTORS, Tile::WIDE_TAPS),
                    false => (Tile::NARROW_VECTORS, Tile::NARROW_TAPS),
                };
                Tile { lanes: S::F32_LANES, vectors, taps }
            }
        }
        pulp::Arch::new().dispatch(Ask)
    }

    /// Numbers along a tile of [`correlate`].
    fn width(self) -> usize {
        self.lanes * self.vectors
    }
}

/// Divides `0..items` into at most as many runs as there are threads.
fn shares(items: usize) -> Vec<Range<usize>> {
    let count = rayon::current_num_threads().clamp(1, items.max(1));
    (0..count).map(|i| items * i / count..items * (i + 1) / count).collect()
}

/// What `work` makes of each item, in order. One thread is the caller's own: handing over to a
/// pool of one costs more than a small layer.
fn map_all<T: Send, R: Send>(items: Vec<T>, work: impl Fn(usize, T) -> R + Sync) -> Vec<R> {
    if rayon::current_num_threads() == 1 {
        items.into_iter().enumerate().map(|(index, item)| work(index, item)).collect()
    } else {
        items.into_par_iter().enumerate().map(|(index, item)| work(index, item)).collect()
    }
}

/// Calls `work` with each chunk's index, its place in `to` and its source in `from`.
fn fill_chunks(
    (to, to_size): (&mut [f32], usize),
    (from, from_size): (&[f32], usize),
    work: impl Fn(usize, &mut [f32], &[f32]) + Sync,
) {
    if rayon::current_num_threads() == 1 {
        let chunks = to.chunks_mut(to_size).zip(from.chunks(from_size));
        chunks.enumerate().for_each(|(index, (to, from))| work(index, to, from));
    } else {
        let chunks = to.par_chunks_mut(to_size).zip(from.par_chunks(from_size));
        chunks.enumerate().for_each(|(index, (to, from))| work(index, to, from));
    }
}
