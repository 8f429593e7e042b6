//! Where a face comes to lie: similarities, CelebA's frame and the crop taken from it.

use crate::face::{Framing, Landmarks};

/// Width of CelebA's aligned images, pixels.
pub(crate) const WIDTH: f32 = 178.0;
/// Height of CelebA's aligned images, pixels.
pub(crate) const HEIGHT: f32 = 218.0;
/// Rows above the centre 178 x 178 crop.
const TOP: f32 = (HEIGHT - WIDTH) / 2.0;

/// CelebA's mean five points, pixels of the aligned 178 x 218 frame. Source: the mean over the first
/// 100 rows of CelebA's `list_landmarks_align_celeba.txt`, computed from the file.
pub const CELEBA_MEAN: Landmarks =
    [[69.12, 111.18], [107.75, 111.32], [87.84, 134.86], [71.52, 151.82], [105.41, 152.19]];

/// Mean five points of LFW, pixels of the original 250 x 250 images. Source: the mean over the 3,112
/// LFW rows of MTFL's `training.txt`, computed from the file.
pub(crate) const LFW_MEAN: Landmarks =
    [[105.75, 113.71], [146.86, 112.98], [126.45, 137.37], [109.23, 158.42], [144.83, 157.92]];

/// A rotation with one scale and a shift, never a reflection: `p -> (a x - b y, b x + a y) + t`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Similarity {
    /// Scale times cosine.
    pub a: f32,
    /// Scale times sine.
    pub b: f32,
    /// Shift.
    pub t: [f32; 2],
}

impl Similarity {
    /// The least-squares similarity that takes `from` to `to` (Umeyama 1991; in the plane it has a
    /// closed form in which a reflection cannot appear). `None` where the points of `from` coincide,
    /// are not finite, or the result would scale by more than 40 either way.
    pub fn fit(from: &[[f32; 2]], to: &[[f32; 2]]) -> Option<Similarity> {
        let count = from.len().min(to.len()) as f64;
        let mean = |points: &[[f32; 2]], axis: usize| {
            points.iter().take(count as usize).map(|p| f64::from(p[axis])).sum::<f64>() / count
        };
        let (fx, fy, tx, ty) = (mean(from, 0), mean(from, 1), mean(to, 0), mean(to, 1));
        let (mut dot, mut cross, mut spread) = (0.0, 0.0, 0.0);
        for (p, q) in from.iter().zip(to) {
            let (px, py) = (f64::from(p[0]) - fx, f64::from(p[1]) - fy);
            let (qx, qy) = (f64::from(q[0]) - tx, f64::from(q[1]) - ty);
            dot += px * qx + py * qy;
            cross += px * qy - py * qx;
            spread += px * px + py * py;
        }
        let (a, b) = (dot / spread, cross / spread);
        let fitted = Similarity {
            a: a as f32,
            b: b as f32,
            t: [(tx - a * fx + b * fy) as f32, (ty - b * fx - a * fy) as f32],
        };
        let sound = fitted.t.iter().all(|t| t.is_finite());
        (sound && (1.0 / 40.0..=40.0).contains(&fitted.scale())).then_some(fitted)
    }

    /// The image of a point.
    pub fn apply(&self, [x, y]: [f32; 2]) -> [f32; 2] {
        [self.a * x - self.b * y + self.t[0], self.b * x + self.a * y + self.t[1]]
    }

    /// Lengths grow by this factor.
    pub fn scale(&self) -> f32 {
        self.a.hypot(self.b)
    }

    /// The similarity that undoes this one.
    pub fn inverse(&self) -> Similarity {
        let square = self.a * self.a + self.b * self.b;
        let (a, b) = (self.a / square, -self.b / square);
        let [x, y] = self.t;
        Similarity { a, b, t: [b * y - a * x, -b * x - a * y] }
    }

    /// First `self`, then `next`.
    pub fn then(&self, next: &Similarity) -> Similarity {
        Similarity {
            a: next.a * self.a - next.b * self.b,
            b: next.b * self.a + next.a * self.b,
            t: next.apply(self.t),
        }
    }
}

/// From pixels of CelebA's frame to pixels of the `size` x `size` crop: rows 20 to 197, resized.
/// Pixel centres are whole numbers on both sides.
pub fn crop(size: usize) -> Similarity {
    let a = size as f32 / WIDTH;
    Similarity { a, b: 0.0, t: [0.5 * a - 0.5, (0.5 - TOP) * a - 0.5] }
}

/// From the face's points ([`Face::landmarks`](crate::Face::landmarks)) to pixels of the `size` x `size`
/// crop.
pub(crate) fn of_points(
    framing: Framing,
    landmarks: Option<&Landmarks>,
    size: usize,
) -> Similarity {
    let fitted = || landmarks.and_then(|points| Similarity::fit(points, &CELEBA_MEAN));
    match framing {
        Framing::Aligned | Framing::MadeCentre | Framing::Made => crop(size),
        Framing::FivePoint => fitted().unwrap_or_else(lfw_window).then(&crop(size)),
        Framing::Lfw => lfw_window().then(&crop(size)),
    }
}

/// From pixels of an image file of `width` x `height` to pixels of the `size` x `size` crop.
///
/// # Errors
/// The image is none that this framing knows how to take.
pub(crate) fn placement(
    framing: Framing,
    landmarks: Option<&Landmarks>,
    (width, height): (u32, u32),
    size: usize,
) -> Result<Similarity, String> {
    let belong = |w: f32, h: f32| {
        let found = format!("is {width} x {height} pixels where {w} x {h} belong");
        if (width as f32, height as f32) == (w, h) { Ok(()) } else { Err(found) }
    };
    match framing {
        Framing::Aligned => belong(WIDTH, HEIGHT).map_err(|found| {
            if width != height {
                return found;
            }
            format!(
                "{found}: if the images are square crops already, set data.crop to \"made\" (or to \
                 \"made-centre\", if they show the centre 178 x 178 of CelebA's frame)"
            )
        })?,
        Framing::FivePoint if landmarks.is_some() => {}
        Framing::FivePoint | Framing::Lfw => belong(250.0, 250.0)?,
        Framing::Made | Framing::MadeCentre if width != height => {
            let found = format!("is {width} x {height} pixels, no square crop");
            return Err(match (width as f32, height as f32) == (WIDTH, HEIGHT) {
                true => format!("{found} but CelebA's whole frame: set data.crop to \"align\""),
                false => format!("{found} as data.crop says"),
            });
        }
        Framing::Made | Framing::MadeCentre if (width as usize) < size => {
            return Err(format!("is {width} x {height} pixels: set data.size to {width} at most"));
        }
        Framing::Made | Framing::MadeCentre => {
            let a = size as f32 / width as f32;
            return Ok(Similarity { a, b: 0.0, t: [0.5 * a - 0.5; 2] });
        }
    }
    Ok(of_points(framing, landmarks, size))
}

/// LFW without points: the scale and shift, no rotation, that bring LFW's mean face to CelebA's. In
/// the 250 x 250 image the crop is the square of 192 pixels a side around (126.8, 110.4).
fn lfw_window() -> Similarity {
    let fitted = Similarity::fit(&LFW_MEAN, &CELEBA_MEAN).expect("constants with a spread");
    let scale = fitted.scale();
    let mean = |p: &Landmarks, axis: usize| p.iter().map(|p| p[axis]).sum::<f32>() / 5.0;
    let shift = |axis| mean(&CELEBA_MEAN, axis) - scale * mean(&LFW_MEAN, axis);
    Similarity { a: scale, b: 0.0, t: [shift(0), shift(1)] }
}

/// Whether points are finite, inside an image of this size, and the eyes at least a pixel apart.
pub(crate) fn usable(points: &Landmarks, width: f32, height: f32) -> bool {
    let inside = points
        .iter()
        .all(|&[x, y]| (0.0..=width - 1.0).contains(&x) && (0.0..=height - 1.0).contains(&y));
    inside && inter_ocular(points) >= 1.0
}

/// Distance between the two eye points.
pub(crate) fn inter_ocular(points: &Landmarks) -> f32 {
    (points[0][0] - points[1][0]).hypot(points[0][1] - points[1][1])
}

/// Whether five points can place a face: finite, eyes a pixel apart, a similarity within reason.
pub(crate) fn alignable(points: &Landmarks) -> bool {
    inter_ocular(points) >= 1.0 && Similarity::fit(points, &CELEBA_MEAN).is_some()
}

/// CelebA's mean five points in pixels of the `size` x `size` crop.
pub(crate) fn mean_landmarks(size: usize) -> Landmarks {
    CELEBA_MEAN.map(|point| crop(size).apply(point))
}

/// The points of the mirrored image: x reversed, left and right exchanged.
pub fn mirrored(points: &Landmarks, size: usize) -> Landmarks {
    let m = |k: usize| [size as f32 - 1.0 - points[k][0], points[k][1]];
    [m(1), m(0), m(2), m(4), m(3)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn near(p: [f32; 2], q: [f32; 2], tolerance: f32) -> bool {
        (p[0] - q[0]).hypot(p[1] - q[1]) < tolerance
    }

    proptest! {
        #[test]
        fn a_rotated_scaled_shifted_face_is_brought_back_exactly(
            angle in -3.0f32..3.0, scale in 0.1f32..8.0, x in -200f32..200.0, y in -200f32..200.0,
        ) {
            let moved = Similarity { a: scale * angle.cos(), b: scale * angle.sin(), t: [x, y] };
            let face = CELEBA_MEAN.map(|p| moved.apply(p));
            let back = Similarity::fit(&face, &CELEBA_MEAN).unwrap();
            for (p, q) in face.iter().zip(CELEBA_MEAN) {
                prop_assert!(near(back.apply(*p), q, 0.02));
                prop_assert!(near(back.inverse().apply(back.apply(*p)), *p, 0.02 * scale.max(1.0)));
            }
        }
    }

    #[test]
    fn a_mirrored_face_is_not_reflected_back() {
        let mirror = CELEBA_MEAN.map(|[x, y]| [178.0 - x, y]);
        let fitted = Similarity::fit(&mirror, &CELEBA_MEAN).unwrap();
        let [left, right] = [fitted.apply(mirror[0]), fitted.apply(mirror[1])];
        assert!(left[0] > right[0], "a similarity keeps the order of the mirrored eyes");
    }

    #[test]
    fn no_other_similarity_is_nearer_to_the_mean_face() {
        let face = [[30.0, 40.0], [71.0, 52.0], [50.0, 70.0], [33.0, 93.0], [60.0, 96.0]];
        let best = Similarity::fit(&face, &CELEBA_MEAN).unwrap();
        let error = |s: Similarity| -> f32 {
            let squares = face.iter().zip(CELEBA_MEAN).map(|(p, q)| {
                let r = s.apply(*p);
                (r[0] - q[0]).powi(2) + (r[1] - q[1]).powi(2)
            });
            squares.sum()
        };
        let moves = [
            (0.01, 0.0, 0.0, 0.0),
            (0.0, 0.01, 0.0, 0.0),
            (0.0, 0.0, 0.5, 0.0),
            (0.0, 0.0, 0.0, 0.5),
        ];
        for (a, b, x, y) in moves {
            for sign in [-1.0, 1.0] {
                let other = Similarity {
                    a: best.a + sign * a,
                    b: best.b + sign * b,
                    t: [best.t[0] + sign * x, best.t[1] + sign * y],
                };
                assert!(error(other) > error(best));
            }
        }
    }

    #[test]
    fn coinciding_or_infinite_points_have_no_similarity() {
        assert_eq!(Similarity::fit(&[[5.0, 5.0]; 5], &CELEBA_MEAN), None);
        assert_eq!(Similarity::fit(&[[f32::INFINITY, 5.0]; 5], &CELEBA_MEAN), None);
        assert_eq!(Similarity::fit(&[[f32::NAN, 5.0]; 5], &CELEBA_MEAN), None);
    }

    #[test]
    fn the_crop_takes_rows_20_to_197_edge_to_edge() {
        let crop = crop(128);
        assert!(near(crop.apply([-0.5, 19.5]), [-0.5, -0.5], 1e-4));
        assert!(near(crop.apply([177.5, 197.5]), [127.5, 127.5], 1e-4));
    }

    #[test]
    fn the_lfw_window_puts_the_mean_lfw_face_on_celebas() {
        let to_crop = placement(Framing::Lfw, None, (250, 250), 178).unwrap();
        let expected = mean_landmarks(178);
        for (p, q) in LFW_MEAN.iter().zip(expected) {
            assert!(near(to_crop.apply(*p), q, 4.0), "{p:?} {q:?}");
        }
        let corner = to_crop.inverse().apply([-0.5, -0.5]);
        let opposite = to_crop.inverse().apply([177.5, 177.5]);
        let side = opposite[0] - corner[0];
        let centre = [(corner[0] + opposite[0]) / 2.0, (corner[1] + opposite[1]) / 2.0];
        assert!(
            (side - 192.5).abs() < 0.5 && near(centre, [126.8, 110.4], 0.2),
            "{side} {centre:?}"
        );
    }

    #[test]
    fn a_made_crop_is_taken_whole_and_its_points_land_where_its_pixels_do() {
        for side in [64, 128, 178, 200] {
            let whole = placement(Framing::MadeCentre, None, (side, side), 64).unwrap();
            let made = crop(side as usize);
            for point in CELEBA_MEAN {
                let pixel = whole.apply(made.apply(point));
                assert!(near(pixel, of_points(Framing::MadeCentre, None, 64).apply(point), 1e-3));
            }
        }
    }

    #[test]
    fn a_square_image_is_told_of_the_key_and_a_whole_frame_too() {
        let refused = |framing, sides| placement(framing, None, sides, 128).unwrap_err();
        let square = refused(Framing::Aligned, (128, 128));
        assert!(square.contains("is 128 x 128 pixels where 178 x 218 belong"), "{square}");
        assert!(square.contains("data.crop to \"made\""), "{square}");
        assert!(!refused(Framing::Aligned, (128, 160)).contains("data.crop"));
        assert!(refused(Framing::Made, (178, 218)).contains("data.crop to \"align\""));
        assert!(refused(Framing::Made, (64, 64)).contains("data.size to 64"));
    }

    #[test]
    fn mirroring_twice_changes_nothing() {
        let points = mean_landmarks(64);
        let twice = mirrored(&mirrored(&points, 64), 64);
        assert!(points.iter().zip(twice).all(|(p, q)| near(*p, q, 1e-4)));
        assert!(mirrored(&points, 64)[0][0] < mirrored(&points, 64)[1][0]);
    }
}
