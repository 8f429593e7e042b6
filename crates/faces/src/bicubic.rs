//! Residual images between their pixels: smooth, and without a ring that shows.

/// Planes of a residual image with their channels beside each other, so that one pass serves all three.
pub(crate) struct Surface {
    size: usize,
    /// `[size, size]` pixels; the fourth number is 0 and fills a register.
    pixels: Vec<[f32; 4]>,
}

impl Surface {
    /// Of planes `[3, size, size]`.
    pub(crate) fn new(planes: &[f32], size: usize) -> Surface {
        let area = size * size;
        let pixel = |at: usize| [planes[at], planes[area + at], planes[2 * area + at], 0.0];
        Surface { size, pixels: (0..area).map(pixel).collect() }
    }

    /// The value at (`x`, `y`); pixels' centres are whole numbers, and beyond the rim it continues.
    ///
    /// Catmull and Rom's cubic, which goes through the pixels, one axis after the other, and on each never
    /// beyond the two neighbours: an edge gets no halo.
    pub(crate) fn at(&self, x: f32, y: f32) -> [f32; 4] {
        let (columns, wx) = self.taps(x);
        let (rows, wy) = self.taps(y);
        let lines = rows.map(|row| {
            let line = &self.pixels[row * self.size..][..self.size];
            between(columns.map(|column| line[column]), wx)
        });
        between(lines, wy)
    }

    /// Four neighbours on one axis and their weights.
    fn taps(&self, v: f32) -> ([usize; 4], [f32; 4]) {
        let first = v.floor();
        let places =
            [-1, 0, 1, 2].map(|k| (first as i64 + k).clamp(0, self.size as i64 - 1) as usize);
        let t = v - first;
        (places, [1.0 + t, t, 1.0 - t, 2.0 - t].map(kernel))
    }
}

/// The weighted sum of four neighbours, held between the inner two.
fn between(values: [[f32; 4]; 4], weights: [f32; 4]) -> [f32; 4] {
    std::array::from_fn(|c| {
        let sum: f32 = (0..4).map(|k| weights[k] * values[k][c]).sum();
        let (low, high) = (values[1][c].min(values[2][c]), values[1][c].max(values[2][c]));
        sum.max(low).min(high)
    })
}

/// Catmull and Rom's kernel at a distance from 0 to 2.
fn kernel(d: f32) -> f32 {
    match d < 1.0 {
        true => (1.5 * d - 2.5) * d * d + 1.0,
        false => ((-0.5 * d + 2.5) * d - 4.0) * d + 2.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_add_up_to_one_and_an_even_surface_stays_even() {
        let even = Surface::new(&[0.5; 3 * 8 * 8], 8);
        for at in [-0.5, 0.0, 0.3, 3.5, 6.99, 7.4] {
            assert!(even.at(at, 7.0 - at).iter().take(3).all(|v| (v - 0.5).abs() < 1e-6));
        }
    }

    #[test]
    fn a_ramp_is_followed_between_its_pixels() {
        let ramp: Vec<f32> = (0..3 * 64).map(|at| (at % 8) as f32).collect();
        let ramp = Surface::new(&ramp, 8);
        for at in [2.0, 2.25, 3.5, 4.9] {
            assert!((ramp.at(at, 4.0)[0] - at).abs() < 1e-5);
        }
    }

    #[test]
    fn an_edge_gets_no_halo_and_is_sharper_than_a_straight_line() {
        let edge: Vec<f32> = (0..3 * 256).map(|at| f32::from(u8::from(at % 16 >= 8))).collect();
        let edge = Surface::new(&edge, 16);
        let values = (0..1500).map(|step| edge.at(step as f32 / 100.0, 7.0)[0]);
        let (low, high) = values.fold((0f32, 0f32), |(low, high), v| (low.min(v), high.max(v)));
        assert_eq!((low, high), (0.0, 1.0));
        assert!(edge.at(7.25, 7.0)[0] < 0.22 && edge.at(7.75, 7.0)[0] > 0.78);
    }

    #[test]
    fn pixels_have_their_own_values() {
        let planes: Vec<f32> = (0..3 * 64).map(|at| (at * 37 % 11) as f32).collect();
        let surface = Surface::new(&planes, 8);
        for (x, y) in [(0, 0), (7, 7), (3, 5)] {
            let found = surface.at(x as f32, y as f32);
            assert_eq!([0, 1, 2].map(|c| planes[64 * c + 8 * y + x]), [found[0], found[1], found[2]]);
        }
    }
}
