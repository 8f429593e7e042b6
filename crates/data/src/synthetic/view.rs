//! From the head's own coordinates to pixels.
//!
//! The head's origin is the point between the eyes on its axis; x runs to the image's right, y down,
//! z towards the viewer. A turn of the head moves what lies in front of the axis (parallax) and
//! leaves the rim, which always faces sideways, where it is. As in CelebA's alignment the point
//! between the eyes then goes to its nominal place.

use super::curve::Point;
use super::params::Pose;

/// Where CelebA's alignment puts the point between the eyes.
const EYES: Point = [88.75, 111.0];

/// Depth of the eyes in front of the head's axis.
pub(super) const EYE_DEPTH: f32 = 37.0;

/// A pose made ready to place points.
pub(super) struct View {
    yaw: (f32, f32),
    pitch_sin: f32,
    /// Scaled sine and cosine of the roll.
    turn: (f32, f32),
    pub(super) scale: f32,
    pub(super) roll: f32,
    eyes: Point,
    target: Point,
}

impl View {
    pub(super) fn new(pose: &Pose) -> View {
        let (sin, cos) = pose.roll.sin_cos();
        let mut view = View {
            yaw: pose.yaw.sin_cos(),
            pitch_sin: pose.pitch.sin(),
            turn: (sin * pose.scale, cos * pose.scale),
            scale: pose.scale,
            roll: pose.roll,
            eyes: [0.0; 2],
            target: [EYES[0] + pose.shift[0], EYES[1] + pose.shift[1]],
        };
        view.eyes = view.posed([0.0, 0.0, EYE_DEPTH]);
        view
    }

    /// A feature of the turned head, before roll, scale and shift; the eyes' middle is the origin.
    pub(super) fn posed(&self, [x, y, z]: [f32; 3]) -> Point {
        let (sin, cos) = self.yaw;
        let depth = z * cos - x * sin;
        [x * cos + z * sin - self.eyes[0], y - depth * self.pitch_sin - self.eyes[1]]
    }

    /// A point of the rim of the turned head: its width stays, its depth moves it.
    pub(super) fn posed_rim(&self, [x, y, z]: [f32; 3]) -> Point {
        [x + z * self.yaw.0 - self.eyes[0], y - z * self.pitch_sin - self.eyes[1]]
    }

    fn place(&self, [x, y]: Point) -> Point {
        let (sin, cos) = self.turn;
        [self.target[0] + x * cos - y * sin, self.target[1] + x * sin + y * cos]
    }

    /// The pixel coordinates of a feature.
    pub(super) fn at(&self, p: [f32; 3]) -> Point {
        self.place(self.posed(p))
    }

    /// The pixel coordinates of a point of the rim.
    pub(super) fn rim(&self, p: [f32; 3]) -> Point {
        self.place(self.posed_rim(p))
    }

    /// A point of the body, which turns less than the head and does not roll.
    pub(super) fn body(&self, x: f32, y: f32) -> Point {
        let axis = self.posed_rim([0.0, y, -6.0]);
        [self.target[0] + (axis[0] * 0.9 + x) * self.scale, self.target[1] + axis[1] * self.scale]
    }

    /// Back from a pixel to the coordinates of [`View::posed`].
    pub(super) fn unplace(&self, x: f32, y: f32) -> Point {
        let (sin, cos) = self.turn;
        let (dx, dy) = (x - self.target[0], y - self.target[1]);
        let k = 1.0 / (self.scale * self.scale);
        [(dx * cos + dy * sin) * k, (dy * cos - dx * sin) * k]
    }

    /// Where the head's axis stands beside the eyes, in coordinates of [`View::posed`].
    pub(super) fn axis(&self) -> f32 {
        -self.eyes[0]
    }
}

/// Depth of the face's front at a distance `x` from its middle, away from the nose.
pub(super) fn front(x: f32) -> f32 {
    40.0 - 0.0085 * x * x
}

#[cfg(test)]
mod tests {
    use crate::synthetic::{Spec, draw, landmarks};

    #[test]
    fn five_points_tell_the_yaw_of_drawn_faces() {
        let spec = Spec { count: 300, seed: 3, correlation: 0.5 };
        let mut worst = 0.0f32;
        let mut sum = 0.0;
        for index in 0..spec.count {
            let face = draw(index, &spec);
            let (true_yaw, found) = (face.shot.pose.yaw, crate::yaw(&landmarks(&face)).unwrap());
            let error = (found - true_yaw.to_degrees()).abs();
            worst = worst.max(error);
            sum += error;
        }
        let mean = sum / spec.count as f32;
        assert!(mean < 2.0 && worst < 8.0, "mean {mean}, worst {worst} degrees");
    }
}
