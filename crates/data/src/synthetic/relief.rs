//! A height field over the picture: bumps and grooves whose slopes catch the light. Every kernel ends
//! at its radius, so a change of one feature cannot reach beyond it.

use super::canvas::{HEIGHT, WIDTH, blur};
use super::curve::Point;

/// Heights in pixels towards the viewer, inside a rectangle of the frame.
pub(super) struct Relief {
    /// Left, top, one past right, one past bottom.
    rect: [usize; 4],
    height: Vec<f32>,
}

/// 1 at the middle, 0 with zero slope at the radius; takes the squared distance in radii.
fn kernel(r2: f32) -> f32 {
    let k = (1.0 - r2).max(0.0);
    k * k
}

impl Relief {
    /// The field of `base(x, y)` over the rectangle around the given box.
    pub(super) fn new(bounds: [f32; 4], base: impl Fn(f32, f32) -> f32) -> Relief {
        let low = |v: f32| v.floor().max(0.0) as usize;
        let rect = [
            low(bounds[0]).min(WIDTH - 2),
            low(bounds[1]).min(HEIGHT - 2),
            (low(bounds[2]) + 1).min(WIDTH),
            (low(bounds[3]) + 1).min(HEIGHT),
        ];
        let mut height = Vec::with_capacity((rect[2] - rect[0]) * (rect[3] - rect[1]));
        for y in rect[1]..rect[3] {
            height.extend((rect[0]..rect[2]).map(|x| base(x as f32 + 0.5, y as f32 + 0.5)));
        }
        Relief { rect, height }
    }

    /// The height at a pixel, 0 outside the rectangle.
    pub(super) fn at(&self, x: usize, y: usize) -> f32 {
        let [left, top, right, bottom] = self.rect;
        if x < left || x >= right || y < top || y >= bottom {
            return 0.0;
        }
        self.height[(y - top) * (right - left) + x - left]
    }

    fn width(&self) -> usize {
        self.rect[2] - self.rect[0]
    }

    /// Adds `amount(x, y)` at every pixel of a box.
    pub(super) fn add(&mut self, bounds: [f32; 4], amount: impl Fn(f32, f32) -> f32) {
        let [left, top, right, bottom] = self.rect;
        let clip = |v: f32, low: usize, high: usize| (v.max(0.0) as usize).clamp(low, high);
        let width = self.width();
        let (from, to) = (clip(bounds[0], left, right), clip(bounds[2] + 1.0, left, right));
        for y in clip(bounds[1], top, bottom)..clip(bounds[3] + 1.0, top, bottom) {
            let row = &mut self.height[(y - top) * width..(y - top + 1) * width];
            for x in from..to {
                row[x - left] += amount(x as f32 + 0.5, y as f32 + 0.5);
            }
        }
    }

    /// An elliptical bump (or a dent, when negative) with radii `rx`, `ry` turned by `angle`.
    pub(super) fn bump(&mut self, centre: Point, rx: f32, ry: f32, angle: f32, amount: f32) {
        let (sin, cos) = angle.sin_cos();
        let reach = rx.max(ry);
        let [cx, cy] = centre;
        self.add([cx - reach, cy - reach, cx + reach, cy + reach], |x, y| {
            let (dx, dy) = (x - cx, y - cy);
            let (u, v) = ((dx * cos + dy * sin) / rx, (dy * cos - dx * sin) / ry);
            amount * kernel(u * u + v * v)
        });
    }

    /// A groove (or a ridge, when positive) along a polyline, `reach` wide to either side, fading
    /// out towards both ends.
    pub(super) fn groove(&mut self, line: &[Point], reach: f32, amount: f32) {
        let mut bounds = [f32::MAX, f32::MAX, f32::MIN, f32::MIN];
        for &[x, y] in line {
            bounds = [
                bounds[0].min(x - reach),
                bounds[1].min(y - reach),
                bounds[2].max(x + reach),
                bounds[3].max(y + reach),
            ];
        }
        let pieces = (line.len() - 1) as f32;
        self.add(bounds, |x, y| {
            let (mut nearest, mut along) = (f32::MAX, 0.0);
            for (i, pair) in line.windows(2).enumerate() {
                let (a, b) = (pair[0], pair[1]);
                let d = [b[0] - a[0], b[1] - a[1]];
                let length2 = (d[0] * d[0] + d[1] * d[1]).max(1e-6);
                let t = (((x - a[0]) * d[0] + (y - a[1]) * d[1]) / length2).clamp(0.0, 1.0);
                let (ex, ey) = (x - a[0] - t * d[0], y - a[1] - t * d[1]);
                let distance2 = ex * ex + ey * ey;
                if distance2 < nearest {
                    (nearest, along) = (distance2, (i as f32 + t) / pieces);
                }
            }
            let taper = (4.0 * along.min(1.0 - along) + 0.12).min(1.0);
            amount * taper * kernel(nearest / (reach * reach))
        });
    }

    /// Calls `each(x, y, slope x, slope y, openness)` for every pixel; openness is below 1 where the
    /// surface lies lower than its surroundings and sees less of the sky.
    pub(super) fn slopes(&self, mut each: impl FnMut(usize, usize, f32, f32, f32)) {
        let [left, top, right, bottom] = self.rect;
        let width = self.width();
        let mut around = self.height.clone();
        blur(&mut around, width, bottom - top, 4.0);
        for y in 0..bottom - top {
            let (up, down) = (y.saturating_sub(1), (y + 1).min(bottom - top - 1));
            for x in 0..right - left {
                let (before, after) = (x.saturating_sub(1), (x + 1).min(width - 1));
                let at = |x: usize, y: usize| self.height[y * width + x];
                let dx = (at(after, y) - at(before, y)) / (after - before) as f32;
                let dy = (at(x, down) - at(x, up)) / (down - up) as f32;
                let open = 1.0 - 0.17 * (around[y * width + x] - at(x, y)).max(-0.6);
                each(x + left, y + top, dx, dy, open.clamp(0.35, 1.08));
            }
        }
    }
}
