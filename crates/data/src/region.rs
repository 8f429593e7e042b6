//! Regions of a face, from its five points.

use config::Region;

use crate::face::Landmarks;
use crate::frame::inter_ocular;

/// A region in the face's own axes: `x` along the line of the eyes, `y` down the face, in units of the
/// distance between the eyes, around an anchor point.
#[derive(Clone, Copy)]
enum Shape {
    /// `|x| <= half_width`, from `top` to `bottom`.
    Band { half_width: f32, top: f32, bottom: f32 },
    /// Around the anchor.
    Ellipse { half_width: f32, above: f32, below: f32 },
    /// Outside of a face of this half width: above its `brows`, and beside it down to `bottom`.
    Around { inner: f32, outer: f32, top: f32, brows: f32, bottom: f32 },
}

impl Shape {
    fn holds(self, x: f32, y: f32) -> bool {
        let x = x.abs();
        match self {
            Shape::Band { half_width, top, bottom } => x <= half_width && y >= top && y <= bottom,
            Shape::Ellipse { half_width, above, below } => {
                let (x, y) = (x / half_width, y / if y < 0.0 { above } else { below });
                x * x + y * y <= 1.0
            }
            Shape::Around { inner, outer, top, brows, bottom } => {
                x <= outer && y >= top && y <= bottom && (y <= brows || x >= inner)
            }
        }
    }
}

/// The pixels (row by row, `size` x `size`) of a region: a band over the eyes, one around the mouth, mouth
/// to chin, the hair above and beside the face, the whole face. `points` are in pixels of the crop.
pub fn region(region: Region, points: &Landmarks, size: usize) -> Vec<bool> {
    let [left_eye, right_eye, nose, left_mouth, right_mouth] = *points;
    let middle = |a: [f32; 2], b: [f32; 2]| [(a[0] + b[0]) / 2.0, (a[1] + b[1]) / 2.0];
    let (eyes, mouth) = (middle(left_eye, right_eye), middle(left_mouth, right_mouth));
    let band = |half_width, above: f32, bottom| Shape::Band { half_width, top: -above, bottom };
    let (anchor, shape) = match region {
        Region::Eyes => (eyes, band(1.1, 0.45, 0.55)),
        Region::Mouth => (mouth, band(0.85, 0.45, 0.5)),
        Region::LowerFace => (mouth, band(1.0, 0.45, 1.0)),
        Region::Hair => {
            let (inner, outer, bottom) = (1.15, 2.1, 2.2);
            (eyes, Shape::Around { inner, outer, top: -2.6, brows: -0.35, bottom })
        }
        Region::WholeFace => (nose, Shape::Ellipse { half_width: 1.3, above: 1.9, below: 1.7 }),
    };
    let unit = inter_ocular(points).max(1.0);
    let (cos, sin) = ((right_eye[0] - left_eye[0]) / unit, (right_eye[1] - left_eye[1]) / unit);
    let inside = |i: usize| {
        let (dx, dy) = ((i % size) as f32 - anchor[0], (i / size) as f32 - anchor[1]);
        let (x, y) = ((dx * cos + dy * sin) / unit, (dy * cos - dx * sin) / unit);
        shape.holds(x, y)
    };
    (0..size * size).map(inside).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::mean_landmarks;

    #[test]
    fn glasses_are_sought_at_the_eyes_and_beards_below_the_nose() {
        let points = mean_landmarks(64);
        let at = |mask: &[bool], p: [f32; 2]| mask[p[1] as usize * 64 + p[0] as usize];
        let glasses = region(Region::Eyes, &points, 64);
        assert!(at(&glasses, points[0]) && at(&glasses, points[1]) && !at(&glasses, points[3]));
        let beard = region(Region::LowerFace, &points, 64);
        assert!(at(&beard, points[3]) && !at(&beard, points[0]));
        let share = glasses.iter().filter(|inside| **inside).count() as f32 / 4096.0;
        assert!((0.05..0.2).contains(&share), "{share}");
    }

    #[test]
    fn hair_is_above_the_brows_and_beside_the_face() {
        let points = mean_landmarks(64);
        let hair = region(Region::Hair, &points, 64);
        let [left_eye, right_eye, nose, ..] = points;
        let at = |x: f32, y: f32| hair[y as usize * 64 + x as usize];
        assert!(points.iter().all(|p| !at(p[0], p[1])));
        assert!(
            at(nose[0], 6.0) && at(left_eye[0] - 15.0, nose[1]) && at(right_eye[0] + 15.0, nose[1])
        );
    }

    #[test]
    fn the_region_turns_with_the_face() {
        // A quarter turn clockwise: the eyes stand above one another, the band is upright.
        let points = [[32.0, 22.0], [32.0, 42.0], [22.0, 32.0], [12.0, 26.0], [12.0, 38.0]];
        let mask = region(Region::Eyes, &points, 64);
        assert!(mask[13 * 64 + 32] && mask[51 * 64 + 32]);
        assert!(!mask[32 * 64 + 50] && !mask[32 * 64 + 14]);
    }
}
