//! A random similarity of an image and its landmarks: augmentation of the judges' training, and
//! the same seeded disturbance in every arm at test time. Without it a mean shape would score well
//! on aligned faces, since their eyes hardly move.

use metrics::landmarks::Points;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Rotation, scale and shift about the image's centre.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Jitter {
    cos: f32,
    sin: f32,
    shift: [f32; 2],
}

impl Jitter {
    /// Draws one: rotation up to `15 * strength` degrees, scale within `1 +- 0.12 * strength`,
    /// shift up to `0.08 * strength` of the side, each uniform.
    pub fn draw(rng: &mut impl rand::Rng, size: usize, strength: f32) -> Self {
        let mut uniform = |reach: f32| rng.random_range(-1.0f32..=1.0) * reach * strength;
        let angle = uniform(15f32.to_radians());
        let scale = 1.0 + uniform(0.12);
        let side = size as f32;
        let shift = [uniform(0.08) * side, uniform(0.08) * side];
        Jitter { cos: scale * angle.cos(), sin: scale * angle.sin(), shift }
    }

    /// Draws a shift by whole pixels, up to `most` along each axis: unlike a similarity it blurs nothing.
    pub(crate) fn shift(rng: &mut impl rand::Rng, most: i32) -> Self {
        let mut uniform = || rng.random_range(-most..=most) as f32;
        Jitter { cos: 1.0, sin: 0.0, shift: [uniform(), uniform()] }
    }

    /// The similarity that belongs to one test image, the same in every run and arm.
    pub(crate) fn of_test_image(id: &str, size: usize) -> Self {
        let seed: [u8; 32] = *blake3::hash(id.as_bytes()).as_bytes();
        Jitter::draw(&mut ChaCha8Rng::from_seed(seed), size, 1.0)
    }

    /// Moves points of the image, in pixels with pixel centres at whole numbers.
    pub fn points(&self, points: &Points, size: usize) -> Points {
        let centre = (size as f32 - 1.0) / 2.0;
        points.map(|[x, y]| {
            let (x, y) = (x - centre, y - centre);
            [
                centre + self.cos * x - self.sin * y + self.shift[0],
                centre + self.sin * x + self.cos * y + self.shift[1],
            ]
        })
    }

    /// Moves a planar image (`[3, size, size]`): bilinear, borders repeated.
    pub fn image(&self, planes: &[f32], size: usize, out: &mut Vec<f32>) {
        self.enlarged(planes, size, 1, out);
    }

    /// Moves a planar image and samples it `factor` times as densely: `[3, factor * size, ..]`. A
    /// pixel `p` of the moved image lies at `factor * p + (factor - 1) / 2` of the enlarged one.
    pub fn enlarged(&self, planes: &[f32], size: usize, factor: usize, out: &mut Vec<f32>) {
        let centre = (size as f32 - 1.0) / 2.0;
        let limit = size as f32 - 1.0;
        let square = self.cos * self.cos + self.sin * self.sin;
        let side = factor * size;
        let start = out.len();
        out.resize(start + 3 * side * side, 0.0);
        let target = &mut out[start..];
        for y in 0..side {
            for x in 0..side {
                let [px, py] = to_original([x as f32, y as f32], factor);
                let (u, v) = (px - centre - self.shift[0], py - centre - self.shift[1]);
                let sx = (centre + (self.cos * u + self.sin * v) / square).clamp(0.0, limit);
                let sy = (centre + (self.cos * v - self.sin * u) / square).clamp(0.0, limit);
                let (x0, y0) = (sx as usize, sy as usize);
                let (x1, y1) = ((x0 + 1).min(size - 1), (y0 + 1).min(size - 1));
                let (fx, fy) = (sx - x0 as f32, sy - y0 as f32);
                for channel in 0..3 {
                    let plane = &planes[channel * size * size..][..size * size];
                    let at = |x: usize, y: usize| plane[y * size + x];
                    let top = at(x0, y0) * (1.0 - fx) + at(x1, y0) * fx;
                    let bottom = at(x0, y1) * (1.0 - fx) + at(x1, y1) * fx;
                    target[channel * side * side + y * side + x] = top * (1.0 - fy) + bottom * fy;
                }
            }
        }
    }
}

/// From pixels of an image enlarged by `factor` to pixels of the original.
pub(crate) fn to_original(point: [f32; 2], factor: usize) -> [f32; 2] {
    let f = factor as f32;
    point.map(|v| (v + 0.5) / f - 0.5)
}

/// From pixels of an image to pixels of the image enlarged by `factor`.
pub(crate) fn to_enlarged(point: [f32; 2], factor: usize) -> [f32; 2] {
    let f = factor as f32;
    point.map(|v| (v + 0.5) * f - 0.5)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_move_with_the_pixels_they_mark() {
        let size = 64;
        let similarity = Jitter::of_test_image("000007.jpg", size);
        for [x, y] in [[20usize, 24usize], [40, 24], [32, 36]] {
            let mut planes = vec![0.0; 3 * size * size];
            planes[y * size + x] = 1.0;
            let mut moved = Vec::new();
            similarity.image(&planes, size, &mut moved);
            // Centre of mass of the bright spot.
            let plane = &moved[..size * size];
            let mass: f32 = plane.iter().sum();
            let mean = |f: &dyn Fn(usize) -> usize| {
                plane.iter().enumerate().map(|(i, v)| v * f(i) as f32).sum::<f32>() / mass
            };
            let found = [mean(&|i| i % size), mean(&|i| i / size)];
            let expected = similarity.points(&[[x as f32, y as f32]; 5], size)[0];
            let error = (found[0] - expected[0]).hypot(found[1] - expected[1]);
            assert!(error < 0.6, "{found:?} {expected:?}");
        }
    }

    #[test]
    fn a_shift_moves_whole_pixels() {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let planes: Vec<f32> = (0..3 * 64).map(|i| (i * i % 17) as f32).collect();
        for _ in 0..20 {
            let mut moved = Vec::new();
            Jitter::shift(&mut rng, 3).image(&planes, 8, &mut moved);
            assert!(moved.iter().all(|v| v.fract() == 0.0));
        }
    }

    #[test]
    fn an_enlarged_image_shows_the_same_in_more_pixels() {
        let size = 16;
        let planes: Vec<f32> = (0..3 * size * size).map(|i| (i % size) as f32).collect();
        let still = Jitter { cos: 1.0, sin: 0.0, shift: [0.0, 0.0] };
        let mut large = Vec::new();
        still.enlarged(&planes, size, 2, &mut large);
        // A ramp stays a ramp: its value is the original's column.
        let at = |x: usize| large[20 * 32 + x];
        for x in 2..30 {
            assert!((at(x) - to_original([x as f32, 0.0], 2)[0]).abs() < 1e-4);
        }
        let there = to_enlarged([3.25, 7.5], 2);
        assert_eq!(to_original(there, 2), [3.25, 7.5]);
    }

    #[test]
    fn a_test_image_always_gets_the_same_disturbance() {
        let of = |id| Jitter::of_test_image(id, 64);
        assert_eq!(of("a.jpg"), of("a.jpg"));
        assert_ne!(of("a.jpg"), of("b.jpg"));
    }
}
