//! The inner loop: what each candidate split would send left.

use super::pool::Columns;
use super::setup::stride;
use crate::model::Split;

/// Rows of one unit of work. Fixed, because it fixes the order of summation and with it the
/// bits of the result; 512 rows of 5 points fill 24 kB, which a first-level cache holds.
pub(super) const CHUNK: usize = 512;

/// Candidates whose sums are kept in registers together.
const BLOCK: usize = 4;

/// Sums of some rows over all candidates of their node.
pub(super) struct Partial {
    /// Rows that go left, `[candidates]`.
    pub(super) counts: Vec<u32>,
    /// Sum of their residuals, `[candidates, stride]`.
    pub(super) sums: Vec<f32>,
}

/// Buffers that one thread uses again and again.
pub(super) struct Workspace {
    /// Residuals as `[stride / 4, rows]` vectors of four.
    residuals: Vec<[f32; 4]>,
    /// 1 where the row goes left and 0 elsewhere, for a block of candidates.
    left: Vec<[f32; BLOCK]>,
}

impl Workspace {
    pub(super) fn new(dims: usize) -> Self {
        let quads = stride(dims) / 4;
        Self { residuals: vec![[0.0; 4]; quads * CHUNK], left: vec![[0.0; BLOCK]; CHUNK] }
    }

    /// One pass over `rows` (at most [`CHUNK`] of them) for all candidates.
    pub(super) fn search(
        &mut self,
        columns: &Columns,
        residuals: &[f32],
        stride: usize,
        rows: &[u32],
        candidates: &[Split],
    ) -> Partial {
        let quads = stride / 4;
        for (i, &row) in rows.iter().enumerate() {
            let residual = residuals[row as usize * stride..][..stride].as_chunks::<4>().0;
            for (quad, values) in residual.iter().enumerate() {
                self.residuals[quad * rows.len() + i] = *values;
            }
        }
        let mut counts = Vec::with_capacity(candidates.len());
        let mut sums = vec![0.0; candidates.len() * stride];
        let left = &mut self.left[..rows.len()];
        let blocks = candidates.chunks(BLOCK).zip(sums.chunks_mut(BLOCK * stride));
        for (block, sums) in blocks {
            for (slot, split) in block.iter().enumerate() {
                counts.push(mark(columns, rows, split, left, slot));
            }
            for quad in 0..quads {
                let residuals = &self.residuals[quad * rows.len()..][..rows.len()];
                let totals = sum(residuals, left);
                for (sums, total) in sums.chunks_exact_mut(stride).zip(totals) {
                    sums[quad * 4..][..4].copy_from_slice(&total);
                }
            }
        }
        Partial { counts, sums }
    }
}

/// Writes a candidate's outcomes into its slot and counts them.
fn mark(
    columns: &Columns,
    rows: &[u32],
    split: &Split,
    left: &mut [[f32; BLOCK]],
    slot: usize,
) -> u32 {
    let test = Test::new(columns, split);
    let mut count = 0;
    for (left, &row) in left.iter_mut().zip(rows) {
        let goes_left = test.goes_left(row);
        count += u32::from(goes_left);
        left[slot] = f32::from(u8::from(goes_left));
    }
    count
}

/// Sums of `residuals` over the rows that go left, for each of a block of candidates. Products
/// with 0 and 1 are exact, and there are no branches.
fn sum(residuals: &[[f32; 4]], left: &[[f32; BLOCK]]) -> [[f32; 4]; BLOCK] {
    let mut totals = [[0.0; 4]; BLOCK];
    for (residual, left) in residuals.iter().zip(left) {
        for slot in 0..BLOCK {
            for lane in 0..4 {
                totals[slot][lane] += residual[lane] * left[slot];
            }
        }
    }
    totals
}

/// A split on columns.
pub(super) struct Test<'a> {
    first: &'a [u8],
    second: &'a [u8],
    /// Whole number equivalent of the threshold: differences of pixels are whole.
    floor: i32,
}

impl<'a> Test<'a> {
    pub(super) fn new(columns: &'a Columns, split: &Split) -> Self {
        Self {
            first: columns.column(split.first as usize),
            second: columns.column(split.second as usize),
            floor: split.threshold.floor() as i32,
        }
    }

    pub(super) fn goes_left(&self, row: u32) -> bool {
        let row = row as usize;
        i32::from(self.first[row]) - i32::from(self.second[row]) > self.floor
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_and_sums_of_two_candidates_by_hand() {
        // Pixel 0 of rows 0..4: 10 20 30 40; pixel 1: 0 0 25 50.
        let columns = Columns::from_values(vec![10, 20, 30, 40, 0, 0, 25, 50], 4);
        let residuals: Vec<f32> = (0..4).flat_map(|row| [1.0, row as f32, 0.0, 0.0]).collect();
        let split = |threshold| Split { first: 0, second: 1, threshold };
        // Differences 10 20 5 -10; rows 3, 1 and 0 are of the node.
        let candidates = [split(9.5), split(-10.0), split(10.0)];
        let partial = Workspace::new(2).search(&columns, &residuals, 4, &[3, 1, 0], &candidates);
        assert_eq!(partial.counts, [2, 2, 1]);
        let expected = [2.0, 1.0, 0.0, 0.0, 2.0, 1.0, 0.0, 0.0, 1.0, 1.0, 0.0, 0.0];
        assert_eq!(partial.sums, expected);
    }

    #[test]
    fn the_whole_number_threshold_decides_as_the_real_one() {
        for difference in -255i16..=255 {
            let (first, second) = (difference.max(0) as u8, (-difference).max(0) as u8);
            let columns = Columns::from_values(vec![first, second], 1);
            for threshold in [-63.5f32, -3.0, -0.25, 0.0, 0.75, 17.0] {
                let split = Split { first: 0, second: 1, threshold };
                let real = f32::from(difference) > threshold;
                assert_eq!(Test::new(&columns, &split).goes_left(0), real);
            }
        }
    }
}
