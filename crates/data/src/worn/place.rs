//! Where glasses sit on a face of which five points are known.

use crate::face::Landmarks;
use crate::pose::Eyes;
use crate::synthetic::curve::Point;

/// Depth of the lenses before the eyes, in units of the distance between them.
const FRONT: f32 = 0.22;
/// How lenses curve back to the sides: depth lost per squared distance from the middle.
const WRAP: f32 = 0.10;
/// Where a temple reaches the ear: to the side, and before the eyes.
const EAR: [f32; 2] = [1.12, -0.95];

/// A face's own axes: origin between the eyes, x along their line, y down, z to the viewer.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    middle: Point,
    /// Of the turn in the picture.
    roll: [f32; 2],
    /// Sine and cosine of the turn to the side: positive to the picture's right.
    yaw: [f32; 2],
    /// Pixels per distance between the eyes, of a face seen from the front.
    pub(super) unit: f32,
}

impl Place {
    /// `points` in pixels of a picture whose first pixel's centre is (0, 0); `None` if the eyes coincide.
    pub(super) fn new(points: &Landmarks, enlarged: f32) -> Option<Place> {
        let points = points.map(|p| p.map(|v| (v + 0.5) * enlarged));
        let Eyes { middle, line: roll, seen, turn } = Eyes::of(&points)?;
        let turn = turn.clamp(-0.7, 0.7);
        Some(Place { middle, roll, yaw: [turn.sin(), turn.cos()], unit: seen / turn.cos() })
    }

    /// A point of the lenses' front, in units of the distance between the eyes.
    pub(super) fn front(&self, [x, y]: Point) -> Point {
        self.at(x, y, FRONT - WRAP * x * x)
    }

    /// Where the temple of a side (-1 left, 1 right) reaches the ear; `None` where the face hides it.
    pub(super) fn ear(&self, side: f32, hinge: Point) -> Option<Point> {
        let end = self.at(side * EAR[0], hinge[1] - 0.02, EAR[1]);
        let start = self.front(hinge);
        let across = |p: Point| {
            (p[0] - self.middle[0]) * self.roll[0] + (p[1] - self.middle[1]) * self.roll[1]
        };
        ((across(end) - across(start)) * side > 0.02 * self.unit).then_some(end)
    }

    fn at(&self, x: f32, y: f32, z: f32) -> Point {
        let [sin, cos] = self.yaw;
        // The eyes, at depth 0, keep their places.
        let (u, v) = (self.unit * (x * cos + z * sin), self.unit * y);
        let [c, s] = self.roll;
        [self.middle[0] + u * c - v * s, self.middle[1] + u * s + v * c]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::mean_landmarks;

    #[test]
    fn a_turned_face_shows_the_temple_of_the_near_side_alone() {
        let frontal = mean_landmarks(128);
        let turned = |lean: f32| {
            let mut points = frontal;
            points[2][0] += lean;
            Place::new(&points, 1.0).unwrap()
        };
        let hinge = |side: f32| [side * 0.95, 0.0];
        let shown = |place: &Place| [-1.0, 1.0].map(|side| place.ear(side, hinge(side)).is_some());
        assert_eq!(shown(&turned(0.0)), [true, true]);
        assert_eq!(shown(&turned(12.0)), [true, false]);
        assert_eq!(shown(&turned(-12.0)), [false, true]);
    }

    #[test]
    fn coinciding_eyes_have_no_place() {
        assert!(Place::new(&[[9.0, 9.0]; 5], 1.0).is_none());
        assert!(Place::new(&[[f32::NAN, 9.0]; 5], 1.0).is_none());
    }
}
