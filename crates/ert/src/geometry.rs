//! Boxes and the similarity between two shapes.

/// Box of a face in pixels, in dlib's convention: all four sides are coordinates of pixels that
/// belong to the box. A box of imglab XML `left, top, width, height` has
/// `right = left + width - 1` and `bottom = top + height - 1`.
///
/// Shapes are learned in the frame of the box, where (left, top) is (0, 0) and (right, bottom) is
/// (1, 1).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rect {
    /// First column.
    pub left: f32,
    /// First row.
    pub top: f32,
    /// Last column, inclusive.
    pub right: f32,
    /// Last row, inclusive.
    pub bottom: f32,
}

impl Rect {
    /// Whether the frame exists: finite sides, some width and some height.
    pub(crate) fn is_usable(&self) -> bool {
        [self.left, self.top, self.right, self.bottom].iter().all(|side| side.is_finite())
            && self.left < self.right
            && self.top < self.bottom
    }

    /// From pixels to the frame of the box.
    pub(crate) fn normalise(&self, [x, y]: [f32; 2]) -> [f32; 2] {
        let share = |v: f32, lo: f32, hi: f32| {
            ((f64::from(v) - f64::from(lo)) / (f64::from(hi) - f64::from(lo))) as f32
        };
        [share(x, self.left, self.right), share(y, self.top, self.bottom)]
    }

    /// From the frame of the box to pixels.
    pub(crate) fn to_image(self, [x, y]: [f32; 2]) -> [f64; 2] {
        let mix = |v: f32, lo: f32, hi: f32| {
            let lo = f64::from(lo);
            lo + f64::from(v) * (f64::from(hi) - lo)
        };
        [mix(x, self.left, self.right), mix(y, self.top, self.bottom)]
    }
}

/// Rotation and scale, the linear part of a similarity: `(x, y) -> (a x - b y, b x + a y)`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct ShapeTransform {
    a: f32,
    b: f32,
}

impl ShapeTransform {
    /// Least squares from shape `from` to shape `to`, both `[2K]` as x0 y0 x1 y1 ... (Umeyama 1991;
    /// in the plane it is one complex division). Identity where `from` has no extent.
    pub(crate) fn between(from: &[f32], to: &[f32]) -> Self {
        let (cf, ct) = (centre(from), centre(to));
        let (mut a, mut b, mut square) = (0.0, 0.0, 0.0);
        for (f, t) in from.chunks_exact(2).zip(to.chunks_exact(2)) {
            let f = [f64::from(f[0]) - cf[0], f64::from(f[1]) - cf[1]];
            let t = [f64::from(t[0]) - ct[0], f64::from(t[1]) - ct[1]];
            a += f[0] * t[0] + f[1] * t[1];
            b += f[0] * t[1] - f[1] * t[0];
            square += f[0] * f[0] + f[1] * f[1];
        }
        if square == 0.0 {
            return Self { a: 1.0, b: 0.0 };
        }
        Self { a: (a / square) as f32, b: (b / square) as f32 }
    }

    /// `delta`, given in the frame of the mean shape, as seen from a point of the current shape.
    pub(crate) fn place(self, delta: [f32; 2], point: &[f32]) -> [f32; 2] {
        let [x, y] = delta;
        [self.a * x - self.b * y + point[0], self.b * x + self.a * y + point[1]]
    }
}

fn centre(shape: &[f32]) -> [f64; 2] {
    let n = (shape.len() / 2) as f64;
    let sum = shape
        .chunks_exact(2)
        .fold([0.0, 0.0], |sum, p| [sum[0] + f64::from(p[0]), sum[1] + f64::from(p[1])]);
    [sum[0] / n, sum[1] / n]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_pixel_of_the_box_is_one() {
        // left 10, width 21: columns 10 to 30.
        let rect = Rect { left: 10.0, top: 0.0, right: 30.0, bottom: 4.0 };
        assert_eq!(rect.normalise([30.0, 1.0]), [1.0, 0.25]);
        assert_eq!(rect.to_image([0.5, 1.0]), [20.0, 4.0]);
    }

    #[test]
    fn a_quarter_turn_at_twice_the_size_is_found() {
        let from = [0.0, 0.0, 1.0, 0.0, 0.0, 1.0];
        let to = [5.0, 5.0, 5.0, 7.0, 3.0, 5.0];
        let found = ShapeTransform::between(&from, &to);
        assert!((found.a).abs() < 1e-6 && (found.b - 2.0).abs() < 1e-6, "{found:?}");
        let [x, y] = found.place([1.0, 0.0], &[5.0, 5.0]);
        assert!((x - 5.0).abs() < 1e-6 && (y - 7.0).abs() < 1e-6);
        let identity = ShapeTransform { a: 1.0, b: 0.0 };
        assert_eq!(ShapeTransform::between(&[0.5, 0.5], &[0.1, 0.9]), identity);
    }
}
