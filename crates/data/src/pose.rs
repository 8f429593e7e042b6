//! How far a face is turned to the side, as its five points show it.

use crate::face::Landmarks;

/// Depth of the tip of the nose before the eyes, in units of the distance between them. With it MTFL's faces
/// have a yaw of 1 degree (frontal), 21 to 26 (left, right) and 33 to 43 (profile) in the median.
const NOSE: f32 = 0.62;

/// The eyes of a face and the nose between them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Eyes {
    /// Between them.
    pub(crate) middle: [f32; 2],
    /// From the left to the right one, of length 1.
    pub(crate) line: [f32; 2],
    /// Their distance in the picture.
    pub(crate) seen: f32,
    /// Turn to the side in radians, positive to the picture's right.
    pub(crate) turn: f32,
}

impl Eyes {
    /// `None` if they coincide, closer than a pixel.
    pub(crate) fn of(points: &Landmarks) -> Option<Eyes> {
        let [left, right, nose, ..] = *points;
        let (dx, dy) = (right[0] - left[0], right[1] - left[1]);
        let seen = dx.hypot(dy);
        if seen.is_nan() || seen < 1.0 {
            return None;
        }
        let line = [dx / seen, dy / seen];
        let middle = [(left[0] + right[0]) / 2.0, (left[1] + right[1]) / 2.0];
        // The nose stands out: to the side that it leans to the face is turned.
        let lean = ((nose[0] - middle[0]) * line[0] + (nose[1] - middle[1]) * line[1]) / seen;
        Some(Eyes { middle, line, seen, turn: (lean / NOSE).atan() })
    }
}

/// Yaw in degrees, in (-90, 90), positive to the picture's right, from where the tip of the nose stands between
/// the eyes; weak perspective, and a nose of one length for everybody. `None` for eyes that coincide.
pub fn yaw(points: &Landmarks) -> Option<f32> {
    Eyes::of(points).map(|eyes| eyes.turn.to_degrees())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::CELEBA_MEAN;

    #[test]
    fn yaw_follows_the_nose_whatever_the_roll_and_the_size() {
        assert!(yaw(&CELEBA_MEAN).unwrap().abs() < 3.0);
        let mut turned = CELEBA_MEAN;
        let eyes = turned[1][0] - turned[0][0];
        turned[2][0] += NOSE * eyes;
        let found = yaw(&turned).unwrap();
        assert!((42.0..48.0).contains(&found), "{found}");
        let (sin, cos) = 0.6f32.sin_cos();
        let rolled =
            turned.map(|[x, y]| [3.0 * (x * cos - y * sin), 3.0 * (x * sin + y * cos) + 40.0]);
        assert!((yaw(&rolled).unwrap() - found).abs() < 1e-3);
        let mirrored = turned.map(|[x, y]| [-x, y]);
        let mirrored = [mirrored[1], mirrored[0], mirrored[2], mirrored[4], mirrored[3]];
        assert!((yaw(&mirrored).unwrap() + found).abs() < 1e-3);
        assert_eq!(yaw(&[[9.0, 9.0]; 5]), None);
        assert_eq!(yaw(&[[f32::NAN, 9.0]; 5]), None);
    }
}
