//! The nose: mostly relief, with dark nostrils.

use super::curve::{Point, ellipse};
use super::params::FaceParams;
use super::relief::Relief;
use super::studio::Studio;
use super::view::View;

/// The tip, one of the five landmarks.
pub(super) fn tip(face: &FaceParams) -> [f32; 3] {
    let nose = &face.person.nose;
    [nose.crooked, nose.length, 56.0 + 3.0 * nose.tip]
}

fn width(face: &FaceParams) -> f32 {
    face.person.nose.width * if face.male() { 1.06 } else { 0.94 }
}

/// The ridge from between the eyes to the tip, the wings, the groove above the lip.
pub(super) fn carve(face: &FaceParams, view: &View, relief: &mut Relief) {
    let (nose, k, w) = (&face.person.nose, view.scale, width(face));
    let root = view.at([0.0, -9.0, 40.0]);
    let end = view.at(tip(face));
    let (dx, dy) = (end[0] - root[0], end[1] - root[1]);
    let length = dy.max(1.0);
    let reach = 13.0 * k;
    let bounds =
        [root[0].min(end[0]) - reach, root[1] - 4.0, root[0].max(end[0]) + reach, end[1] + 8.0 * k];
    relief.add(bounds, |x, y| {
        let t = (y - root[1]) / length;
        let middle = root[0] + dx * t.clamp(-0.2, 1.1);
        let rise = t.clamp(0.0, 1.0);
        let height = (2.2 + 7.2 * rise.powf(1.25)) * (0.75 + 0.25 * nose.bridge);
        let fade = if t < 0.0 { (1.0 + t * 5.0).max(0.0) } else { 1.0 };
        // Below the tip the nose falls back to the lip within a few pixels.
        let over = (y - end[1] - 0.5 * k) / (5.5 * k);
        let drop = (1.0 - over.max(0.0) * over.max(0.0)).max(0.0);
        let half = (8.2 + 4.4 * rise) * (0.5 + 0.5 * w) * k;
        let across = ((x - middle) / half).abs();
        let profile = (1.0 - across * across).max(0.0);
        k * height * fade * drop * drop * profile * profile
    });
    relief.bump([end[0], end[1] - 1.0], 7.2 * k * w, 6.2 * k, view.roll, 3.4 * nose.tip * k);
    for side in [-1.0, 1.0] {
        let wing = view.at([side * 7.4 * w, nose.length + 1.2, 47.0]);
        relief.bump(wing, 5.2 * k, 5.0 * k, view.roll, 4.4 * k);
    }
    let groove = [
        view.at([0.0, nose.length + 7.0, 49.0]),
        view.at([0.0, nose.length + 9.5, 48.0]),
        view.at([0.0, nose.length + 12.0, 48.0]),
    ];
    relief.groove(&groove, 2.8 * k, -0.9 * k);
}

/// Nostrils, the shadow under the tip and the one that falls to the side away from the light.
pub(super) fn paint(studio: &mut Studio) {
    let face = studio.face;
    let (nose, w, k) = (&face.person.nose, width(face), studio.view.scale);
    let [_, level, depth] = tip(face);
    let d = face.shot.light.direction;
    let key = face.shot.light.key[1] / (face.shot.light.key[1] + 2.0 * face.shot.light.ambient[1]);
    let under = studio.view.at([nose.crooked * 0.7 - d[0] * 4.0, level + 5.6, 50.0]);
    let long = (2.4 - 3.4 * d[1]) * k;
    let shadow = studio.pencil.fill(ellipse(under, 8.4 * w * k, long, studio.view.roll).as_ref());
    let depth_under = 0.42 * key * (1.0 - 0.5 * face.shot.light.wrap);
    studio.canvas.shade(&shadow.soft(1.8), [depth_under * 0.8, depth_under, depth_under * 1.02]);

    for side in [-1.0, 1.0] {
        let hole = studio.view.at([side * 4.3 * w, level + 4.0, depth - 8.0]);
        let hole = ellipse(hole, 2.5 * w * k, 1.35 * k, studio.view.roll - side * 0.3);
        let hole = studio.pencil.fill(hole.as_ref()).soft(0.7);
        studio.canvas.shade(&hole, [0.72, 0.85, 0.85]);
        // The crease around the wing.
        let wing: Vec<Point> = studio.points(
            side,
            &[
                [8.8 * w, level - 3.0, 45.0],
                [11.2 * w, level + 0.6, 43.0],
                [10.4 * w, level + 4.4, 44.0],
                [7.6 * w, level + 5.6, 46.0],
            ],
        );
        let crease = studio.pencil.line(super::curve::open(&wing).as_ref(), 1.2 * k).soft(0.9);
        studio.canvas.shade(&crease, [0.28, 0.38, 0.38]);
    }
}
