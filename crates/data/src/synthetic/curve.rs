//! Smooth curves through points, as paths and as polylines.

use tiny_skia::{Path, PathBuilder};

/// A point of the picture or of the head's plane, in pixels.
pub(crate) type Point = [f32; 2];

fn bezier(points: &[Point], i: usize, closed: bool) -> [Point; 4] {
    let n = points.len();
    let at = |k: isize| {
        if closed {
            points[k.rem_euclid(n as isize) as usize]
        } else {
            points[k.clamp(0, n as isize - 1) as usize]
        }
    };
    let i = i as isize;
    let [before, from, to, after] = [at(i - 1), at(i), at(i + 1), at(i + 2)];
    let lean = |a: Point, b: Point, c: Point, sign: f32| {
        [b[0] + sign * (c[0] - a[0]) / 6.0, b[1] + sign * (c[1] - a[1]) / 6.0]
    };
    [from, lean(before, from, to, 1.0), lean(from, to, after, -1.0), to]
}

fn spline(points: &[Point], closed: bool) -> Option<Path> {
    let mut path = PathBuilder::with_capacity(points.len() + 2, points.len() * 3 + 1);
    path.move_to(points[0][0], points[0][1]);
    for i in 0..points.len() - usize::from(!closed) {
        let [_, a, b, to] = bezier(points, i, closed);
        path.cubic_to(a[0], a[1], b[0], b[1], to[0], to[1]);
    }
    if closed {
        path.close();
    }
    path.finish()
}

/// A closed Catmull-Rom curve through the points.
pub(crate) fn closed(points: &[Point]) -> Option<Path> {
    spline(points, true)
}

/// An open Catmull-Rom curve through the points.
pub(crate) fn open(points: &[Point]) -> Option<Path> {
    spline(points, false)
}

/// A closed shape bounded by two open curves that share their ends: there along `upper`, back along
/// `lower`. The ends stay sharp.
pub(crate) fn between(upper: &[Point], lower: &[Point]) -> Option<Path> {
    let mut path = PathBuilder::new();
    path.move_to(upper[0][0], upper[0][1]);
    for i in 0..upper.len() - 1 {
        let [_, a, b, to] = bezier(upper, i, false);
        path.cubic_to(a[0], a[1], b[0], b[1], to[0], to[1]);
    }
    let back: Vec<Point> = lower.iter().rev().copied().collect();
    path.line_to(back[0][0], back[0][1]);
    for i in 0..back.len() - 1 {
        let [_, a, b, to] = bezier(&back, i, false);
        path.cubic_to(a[0], a[1], b[0], b[1], to[0], to[1]);
    }
    path.close();
    path.finish()
}

/// An ellipse with radii `rx`, `ry`, turned by `angle` radians.
pub(crate) fn ellipse(centre: Point, rx: f32, ry: f32, angle: f32) -> Option<Path> {
    superellipse(centre, rx, ry, angle, 2.0)
}

/// A superellipse: exponent 2 is an ellipse, larger ones approach a rectangle.
pub(crate) fn superellipse(
    centre: Point,
    rx: f32,
    ry: f32,
    angle: f32,
    exponent: f32,
) -> Option<Path> {
    let (sin, cos) = angle.sin_cos();
    let points: Vec<Point> = (0..20)
        .map(|i| {
            let (s, c) = (i as f32 / 20.0 * std::f32::consts::TAU).sin_cos();
            let x = rx * c.signum() * c.abs().powf(2.0 / exponent);
            let y = ry * s.signum() * s.abs().powf(2.0 / exponent);
            [centre[0] + x * cos - y * sin, centre[1] + x * sin + y * cos]
        })
        .collect();
    closed(&points)
}

/// The Catmull-Rom curve as a polyline of `steps` pieces per span.
pub(crate) fn sampled(points: &[Point], closed: bool, steps: usize) -> Vec<Point> {
    let mut line = Vec::with_capacity(points.len() * steps + 1);
    for i in 0..points.len() - usize::from(!closed) {
        let [p, a, b, q] = bezier(points, i, closed);
        for k in 0..steps {
            let t = k as f32 / steps as f32;
            let s = 1.0 - t;
            let weights = [s * s * s, 3.0 * s * s * t, 3.0 * s * t * t, t * t * t];
            line.push([0, 1].map(|c| {
                weights[0] * p[c] + weights[1] * a[c] + weights[2] * b[c] + weights[3] * q[c]
            }));
        }
    }
    line.push(if closed { points[0] } else { points[points.len() - 1] });
    line
}
