//! The pool of pixels of one level and their values for every row.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;

use super::sample::Sample;
use super::setup::Fit;
use crate::geometry::ShapeTransform;
use crate::{ErtError, GreyImage};

/// Where pool pixels may lie, in the frame of the box.
pub(super) struct Region {
    min: [f64; 2],
    max: [f64; 2],
}

impl Region {
    /// Bounding box of the mean shape, widened by `padding` on each side.
    pub(super) fn around(mean: &[f32], padding: f64) -> Result<Self, ErtError> {
        let mut region = Self { min: [f64::INFINITY; 2], max: [f64::NEG_INFINITY; 2] };
        for (i, &value) in mean.iter().enumerate() {
            region.min[i % 2] = region.min[i % 2].min(f64::from(value));
            region.max[i % 2] = region.max[i % 2].max(f64::from(value));
        }
        for axis in 0..2 {
            region.min[axis] -= padding;
            region.max[axis] += padding;
        }
        let extent = |axis: usize| region.max[axis] - region.min[axis];
        // One axis may be flat: points on a line. Inside out, for a padding below 0, is not.
        if extent(0) < 0.0 || extent(1) < 0.0 || extent(0) + extent(1) == 0.0 {
            return Err(ErtError::NoArea);
        }
        Ok(region)
    }

    /// `n` pixels, uniform over the region.
    pub(super) fn draw(&self, n: usize, random: &mut ChaCha8Rng) -> Vec<[f32; 2]> {
        let mut coordinate = |axis: usize| {
            let extent = self.max[axis] - self.min[axis];
            (random.random::<f64>() * extent + self.min[axis]) as f32
        };
        (0..n).map(|_| [coordinate(0), coordinate(1)]).collect()
    }
}

/// Ties each pixel to its nearest point of the mean shape: anchors and offsets, `[pool]` each.
pub(super) fn tie(mean: &[f32], pixels: &[[f32; 2]]) -> (Vec<u16>, Vec<[f32; 2]>) {
    let nearest = |pixel: &[f32; 2]| {
        let (mut best, mut least, mut delta) = (0, f32::INFINITY, [0.0; 2]);
        for (index, point) in mean.chunks_exact(2).enumerate() {
            let offset = [pixel[0] - point[0], pixel[1] - point[1]];
            let square = offset[0] * offset[0] + offset[1] * offset[1];
            if square < least {
                (best, least, delta) = (index as u16, square, offset);
            }
        }
        (best, delta)
    };
    pixels.iter().map(nearest).unzip()
}

/// Grey values `[pool, rows]`, 8 bits each. A split reads two columns, so it streams or stays in
/// the cache, whereas rows of a whole pool would drag in ten times what is needed.
pub(super) struct Columns {
    values: Vec<u8>,
    rows: usize,
}

/// Columns filled together: neighbours in the image share cache lines.
const GROUP: usize = 16;

impl Columns {
    pub(super) fn new(pool: usize, rows: usize) -> Self {
        Self { values: vec![0; pool * rows], rows }
    }

    #[cfg(test)]
    pub(super) fn from_values(values: Vec<u8>, rows: usize) -> Self {
        Self { values, rows }
    }

    pub(super) fn column(&self, pixel: usize) -> &[u8] {
        &self.values[pixel * self.rows..][..self.rows]
    }

    /// Reads every pixel relative to every row's current shape, as detection does.
    pub(super) fn fill(
        &mut self,
        images: &[GreyImage],
        samples: &[Sample],
        fit: &Fit,
        anchors: &[u16],
        deltas: &[[f32; 2]],
    ) {
        let pose = |row| {
            let shape = fit.shape(row);
            (ShapeTransform::between(&fit.mean, &shape), shape)
        };
        let poses: Vec<_> = (0..self.rows).into_par_iter().map(pose).collect();
        let rows = self.rows;
        self.values.par_chunks_mut(GROUP * rows).enumerate().for_each(|(group, values)| {
            for (row, (pose, shape)) in poses.iter().enumerate() {
                let sample = &samples[fit.sample(row)];
                let image = &images[sample.image];
                for (i, column) in values.chunks_exact_mut(rows).enumerate() {
                    let pixel = group * GROUP + i;
                    let point = &shape[2 * anchors[pixel] as usize..][..2];
                    let [x, y] = sample.rect.to_image(pose.place(deltas[pixel], point));
                    column[row] = image.nearest(x, y);
                }
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pixels_hang_on_the_nearest_point() {
        let (anchors, deltas) = tie(&[0.0, 0.0, 1.0, 0.0], &[[0.25, 0.5], [0.75, -0.5]]);
        assert_eq!(anchors, [0, 1]);
        assert_eq!(deltas, [[0.25, 0.5], [-0.25, -0.5]]);
    }

    #[test]
    fn negative_padding_must_leave_a_region() {
        let mean = [0.2, 0.2, 0.8, 0.6];
        let region = Region::around(&mean, -0.1).unwrap();
        assert!((region.min[1] - 0.3).abs() < 1e-6 && (region.max[1] - 0.5).abs() < 1e-6);
        assert!(Region::around(&mean, -0.25).is_err());
    }
}
