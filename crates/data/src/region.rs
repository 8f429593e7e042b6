//! Where an attribute lives in a face, from its five points.

use config::Attribute;

use crate::face::Landmarks;
use crate::frame::inter_ocular;

/// A patch of the face in its own axes: `x` along the line of the eyes, `y` down the face, in units
/// of the distance between the eyes, around an anchor point.
struct Patch {
    /// Half of the width.
    half_width: f32,
    /// Extent above the anchor.
    above: f32,
    /// Extent below the anchor.
    below: f32,
    ellipse: bool,
}

/// The pixels (row by row, `size` x `size`) in which an edit of the attribute belongs: a band over
/// the eyes for glasses, one around the mouth for expressions, mouth to chin for a beard, the whole
/// face for `young` and `male`. `points` are in pixels of the crop.
pub fn region(attribute: Attribute, points: &Landmarks, size: usize) -> Vec<bool> {
    let [left_eye, right_eye, nose, left_mouth, right_mouth] = *points;
    let middle = |a: [f32; 2], b: [f32; 2]| [(a[0] + b[0]) / 2.0, (a[1] + b[1]) / 2.0];
    let (eyes, mouth) = (middle(left_eye, right_eye), middle(left_mouth, right_mouth));
    let rectangle = |half_width, above, below| Patch { half_width, above, below, ellipse: false };
    let (anchor, patch) = match attribute {
        Attribute::Eyeglasses => (eyes, rectangle(1.1, 0.45, 0.55)),
        Attribute::MouthSlightlyOpen | Attribute::Smiling => (mouth, rectangle(0.85, 0.45, 0.5)),
        Attribute::NoBeard => (mouth, rectangle(1.0, 0.45, 1.0)),
        Attribute::Young | Attribute::Male => {
            (nose, Patch { half_width: 1.3, above: 1.9, below: 1.7, ellipse: true })
        }
    };
    let unit = inter_ocular(points).max(1.0);
    let (cos, sin) = ((right_eye[0] - left_eye[0]) / unit, (right_eye[1] - left_eye[1]) / unit);
    let inside = |i: usize| {
        let (dx, dy) = ((i % size) as f32 - anchor[0], (i / size) as f32 - anchor[1]);
        let (x, y) = ((dx * cos + dy * sin) / unit, (dy * cos - dx * sin) / unit);
        let height = if y < 0.0 { patch.above } else { patch.below };
        let (x, y) = (x.abs() / patch.half_width, y.abs() / height);
        if patch.ellipse { x * x + y * y <= 1.0 } else { x <= 1.0 && y <= 1.0 }
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
        let glasses = region(Attribute::Eyeglasses, &points, 64);
        assert!(at(&glasses, points[0]) && at(&glasses, points[1]) && !at(&glasses, points[3]));
        let beard = region(Attribute::NoBeard, &points, 64);
        assert!(at(&beard, points[3]) && !at(&beard, points[0]));
        let share = glasses.iter().filter(|inside| **inside).count() as f32 / 4096.0;
        assert!((0.05..0.2).contains(&share), "{share}");
    }

    #[test]
    fn the_region_turns_with_the_face() {
        // A quarter turn clockwise: the eyes stand above one another, the band is upright.
        let points = [[32.0, 22.0], [32.0, 42.0], [22.0, 32.0], [12.0, 26.0], [12.0, 38.0]];
        let mask = region(Attribute::Eyeglasses, &points, 64);
        assert!(mask[13 * 64 + 32] && mask[51 * 64 + 32]);
        assert!(!mask[32 * 64 + 50] && !mask[32 * 64 + 14]);
    }
}
