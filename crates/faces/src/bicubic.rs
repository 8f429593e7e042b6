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

    /// The value at (`x`, `y`), both -1 or more; pixels' centres are whole numbers, and beyond the rim it continues.
    ///
    /// Catmull and Rom's cubic, which goes through the pixels, one axis after the other, and on each never
    /// beyond the two neighbours: an edge gets no halo.
    #[inline]
    pub(crate) fn at(&self, x: f32, y: f32) -> [f32; 4] {
        let ([k, l, m, n], wx) = self.taps(x);
        let (rows, wy) = self.taps(y);
        let line = |row: usize| {
            let line = &self.pixels[row * self.size..][..self.size];
            between([line[k], line[l], line[m], line[n]], wx)
        };
        between([line(rows[0]), line(rows[1]), line(rows[2]), line(rows[3])], wy)
    }

    /// Where nothing changes by as much as this: for every cell between four pixels, `[size + 1, size + 1]` from
    /// the one beyond the first pixel on, whether all that its values are made of is smaller.
    pub(crate) fn still(&self, change: f32) -> Vec<bool> {
        let small: Vec<bool> =
            self.pixels.iter().map(|pixel| pixel.iter().all(|v| v.abs() < change)).collect();
        let range = |cell: usize| cell.saturating_sub(2)..(cell + 2).min(self.size);
        let is_still = |at: usize| {
            let (row, column) = (at / (self.size + 1), at % (self.size + 1));
            range(row).all(|y| range(column).all(|x| small[y * self.size + x]))
        };
        (0..(self.size + 1).pow(2)).map(is_still).collect()
    }

    /// Four neighbours on one axis and their weights; `v` is -1 or more.
    #[inline(always)]
    fn taps(&self, v: f32) -> ([usize; 4], [f32; 4]) {
        // A cast cuts off, which is a floor from 0 on and no call.
        let second = (v + 1.0) as usize;
        let t = v + 1.0 - second as f32;
        let last = self.size - 1;
        let place = |k: usize| (second + k).saturating_sub(2).min(last);
        ([place(0), place(1), place(2), place(3)], [1.0 + t, t, 1.0 - t, 2.0 - t].map(kernel))
    }
}

/// The weighted sum of four neighbours, held between the inner two. Written so that the compiler takes all
/// channels at once: twelve megapixels go through here.
#[inline(always)]
fn between([a, b, c, d]: [[f32; 4]; 4], w: [f32; 4]) -> [f32; 4] {
    let mut sum = [0.0; 4];
    for k in 0..4 {
        let value = w[0] * a[k] + w[1] * b[k] + w[2] * c[k] + w[3] * d[k];
        let (low, high) = if b[k] < c[k] { (b[k], c[k]) } else { (c[k], b[k]) };
        let value = if value < low { low } else { value };
        sum[k] = if value > high { high } else { value };
    }
    sum
}

/// Catmull and Rom's kernel at a distance from 0 to 2.
#[inline(always)]
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
    fn cells_near_a_change_are_not_still() {
        let mut planes = vec![0.001; 3 * 64];
        planes[64 + 8 * 3 + 4] = -0.5;
        let still = Surface::new(&planes, 8).still(0.01);
        for (row, column) in (0..9).flat_map(|row| (0..9).map(move |column| (row, column))) {
            let near = (2..=5).contains(&row) && (3..=6).contains(&column);
            assert_eq!(still[9 * row + column], !near, "{row} {column}");
        }
    }

    #[test]
    fn pixels_have_their_own_values() {
        let planes: Vec<f32> = (0..3 * 64).map(|at| (at * 37 % 11) as f32).collect();
        let surface = Surface::new(&planes, 8);
        for (x, y) in [(0, 0), (7, 7), (3, 5)] {
            let found = surface.at(x as f32, y as f32);
            assert_eq!(
                [0, 1, 2].map(|c| planes[64 * c + 8 * y + x]),
                [found[0], found[1], found[2]]
            );
        }
    }
}
