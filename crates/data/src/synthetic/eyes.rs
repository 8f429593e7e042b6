//! Eyes and brows.

use super::colour::{mix, scale, smoothstep, srgb, times};
use super::curve::{Point, between, ellipse, open};
use super::drawn_attribute::DrawnAttribute;
use super::noise;
use super::params::FaceParams;
use super::relief::Relief;
use super::studio::Studio;
use super::view::{View, front};

/// Lids of one eye (side 1 is the image's right) as two curves from the inner to the outer corner.
fn lids(face: &FaceParams, view: &View, side: f32) -> [Vec<Point>; 2] {
    let eye = &face.person.eyes;
    let (e, a) = (eye.spacing, eye.width);
    let open = eye.openness * face.shot.lids * if face.male() { 0.92 } else { 1.06 };
    let (up, down) = (4.1 * open, 2.9 * open.sqrt());
    // Tired lids hang over the outer half.
    let droop = face.choose(DrawnAttribute::Young, 0.0, 0.9);
    let place = |x: f32, y: f32| view.at([side * x, y, front(x) - 2.0]);
    let (inner, outer) = (place(e - a, 0.9), place(e + a * 1.04, 0.2 - eye.tilt));
    let upper = vec![
        inner,
        place(e - 0.55 * a, -0.72 * up),
        place(e, -up),
        place(e + 0.55 * a, -0.76 * up - 0.5 * eye.tilt + droop),
        outer,
    ];
    let lower = vec![
        inner,
        place(e - 0.5 * a, 0.68 * down),
        place(e + 0.1 * a, down),
        place(e + 0.62 * a, 0.72 * down - 0.5 * eye.tilt),
        outer,
    ];
    [upper, lower]
}

/// Sockets, eyeballs, the ridge under the brows; bags and crow's feet of age.
pub(super) fn carve(face: &FaceParams, view: &View, relief: &mut Relief) {
    let eye = &face.person.eyes;
    let (e, k) = (eye.spacing, view.scale);
    let brow = if face.male() { 3.0 } else { 1.1 };
    for side in [-1.0, 1.0] {
        let at = |x: f32, y: f32| view.at([side * x, y, front(x)]);
        let mut bump = |x: f32, y: f32, rx: f32, ry: f32, tilt: f32, amount: f32| {
            relief.bump(at(x, y), rx * k, ry * k, view.roll + side * tilt, amount * k);
        };
        bump(e, -13.0, 21.0, 8.5, -0.12, brow);
        bump(e - 0.5, 0.0, 18.5, 13.0, 0.0, -4.2 * eye.depth);
        bump(e - 9.5, -2.0, 9.0, 12.0, 0.0, -2.6 * eye.depth);
        bump(e, 0.3, 11.5, 8.0, 0.0, 3.6);
        let age = face.choose(DrawnAttribute::Young, 0.25, 1.0) * face.person.age.bags;
        let bag: Vec<Point> =
            [(-8.0, 4.6), (-3.0, 8.0), (3.0, 8.6), (8.5, 6.0)].map(|(x, y)| at(e + x, y)).into();
        relief.groove(&bag, 2.6 * k, -1.15 * age * k);
        if age > 0.0 && !face.young() {
            for (i, (dy, end)) in [(-1.2, -5.0), (1.0, 0.6), (3.0, 5.6)].into_iter().enumerate() {
                let far = e + 17.5 - i as f32 * 0.6;
                let line = [at(e + 10.2, dy), at(e + 13.8, 0.5 * (dy + end)), at(far, end)];
                relief.groove(&line, 1.7 * k, -0.75 * face.person.age.wrinkles * k);
            }
        }
    }
}

/// Paints both eyes.
pub(super) fn paint(studio: &mut Studio) {
    for side in [-1.0, 1.0] {
        paint_eye(studio, side);
    }
}

fn paint_eye(studio: &mut Studio, side: f32) {
    let face = studio.face;
    let (eye, k) = (&face.person.eyes, studio.view.scale);
    let [upper, lower] = lids(face, &studio.view, side);
    let opening = studio.pencil.fill(between(&upper, &lower).as_ref());
    let light = &studio.light;
    let lid_y = upper[2][1];
    let white = mix(srgb(226, 218, 212), srgb(214, 200, 186), face.person.tone);

    // The skin fold above the lid, and eye shadow.
    let crease: Vec<Point> = upper[..]
        .iter()
        .enumerate()
        .map(|(i, p)| [p[0], p[1] - [0.8, 2.3, 2.9, 2.6, 1.0][i] * k])
        .collect();
    if !face.male() && face.person.makeup > 0.35 {
        let fold: Vec<Point> = crease.iter().map(|p| [p[0], p[1] - 1.6 * k]).collect();
        let lid = studio.pencil.fill(between(&fold, &upper).as_ref()).soft(1.2);
        let depth = 0.5 * (face.person.makeup - 0.2);
        studio.canvas.shade(&lid, [depth * 0.75, depth, depth * 0.85]);
    }
    let fold = studio.pencil.line(open(&crease).as_ref(), 1.2 * k).soft(0.6);
    let depth = 0.30 + 0.25 * eye.crease;
    studio.canvas.shade(&fold, [depth * 0.8, depth, depth]);

    // The ball, in the shadow of the upper lid.
    studio.canvas.paint(&opening, |x, y, _| {
        let shadow = smoothstep(-0.6, 3.6 * k, y as f32 + 0.5 - lid_y);
        scale(times(white, light[y * super::canvas::WIDTH + x]), 0.42 + 0.55 * shadow)
    });
    let gaze = face.shot.gaze;
    let centre = studio.view.at([side * eye.spacing + gaze[0], gaze[1] - 0.3, front(eye.spacing)]);
    let radius = eye.iris_radius * k;
    let iris = studio.pencil.fill(ellipse(centre, radius, radius, 0.0).as_ref()).soft(0.35);
    let iris = iris.inside(&opening);
    studio.canvas.paint(&iris, |x, y, _| {
        let (dx, dy) = (x as f32 + 0.5 - centre[0], y as f32 + 0.5 - centre[1]);
        let r = (dx * dx + dy * dy).sqrt() / radius;
        let glow = 0.75 + 0.55 * smoothstep(-0.8, 0.9, dy / radius);
        let edge = 1.0 - 0.72 * smoothstep(0.62, 1.0, r);
        let lit = scale(light[y * super::canvas::WIDTH + x], glow * edge * 1.15);
        let colour = times(eye.iris, lit);
        let shadow = 0.55 + 0.45 * smoothstep(-0.6, 3.2 * k, y as f32 + 0.5 - lid_y);
        scale(mix(colour, [0.006; 3], smoothstep(0.56, 0.38, r)), shadow)
    });

    // Lash line, longer and with a wing under make-up; a thin line below.
    let dark = mix([0.012, 0.008, 0.007], face.hair_colour(), 0.05);
    let mut lash = upper.clone();
    let made_up = if face.male() { 0.0 } else { 0.35 + 0.65 * face.person.makeup };
    let tip = *lash.last().unwrap_or(&centre);
    lash.push([tip[0] + side * 2.2 * made_up * k, tip[1] - 1.3 * made_up * k]);
    let width = if face.male() { 1.15 } else { 1.3 + 1.0 * made_up } * k;
    let line = studio.pencil.line(open(&lash[1..]).as_ref(), width).soft(0.4);
    studio.canvas.wash(&line, dark, if face.male() { 0.72 } else { 0.9 });
    let below = studio.pencil.line(open(&lower[1..]).as_ref(), 0.9 * k).soft(0.5);
    studio.canvas.wash(&below, scale(face.person.skin, 0.16), 0.35 + 0.3 * made_up);
    // The inner corner and the wet light on the ball.
    let corner = studio.pencil.fill(ellipse(upper[0], 1.2 * k, 0.9 * k, 0.0).as_ref()).soft(0.4);
    studio.canvas.wash(&corner, times(srgb(196, 120, 112), light_near(studio, upper[0])), 0.6);
    let d = face.shot.light.direction;
    let spark = [centre[0] + d[0] * 2.2 * k, centre[1] - 1.2 * k + d[1] * 0.6];
    let spark = studio.pencil.fill(ellipse(spark, 0.95 * k, 0.95 * k, 0.0).as_ref());
    studio.canvas.wash(&spark.inside(&opening), [1.0, 1.0, 1.0], 0.85);
}

fn light_near(studio: &Studio, p: Point) -> [f32; 3] {
    let x = (p[0].max(0.0) as usize).min(super::canvas::WIDTH - 1);
    let y = (p[1].max(0.0) as usize).min(super::canvas::HEIGHT - 1);
    studio.light[y * super::canvas::WIDTH + x]
}

/// Paints both brows: a tapering shape, frayed along the hairs.
pub(super) fn paint_brows(studio: &mut Studio) {
    let face = studio.face;
    let (brow, e) = (&face.person.brows, face.person.eyes.spacing);
    let male = face.male();
    let thick = brow.thickness * if male { 1.35 } else { 0.82 };
    let level = brow.height + if male { -10.6 } else { -12.6 };
    let arch = brow.arch * if male { 1.8 } else { 3.4 };
    let hair = face.hair_colour();
    let colour = scale(mix(hair, scale(face.person.skin, 0.25), 0.45), 0.62);
    for side in [-1.0, 1.0] {
        let place = |x: f32, y: f32| {
            let x = e + (x - 1.0) * brow.length;
            studio.view.at([side * x, level + y, front(x) + 1.0])
        };
        let top = [
            place(-9.5, -1.2 * thick),
            place(-2.0, -1.9 * thick - 0.65 * arch),
            place(6.5, -1.5 * thick - arch),
            place(13.5, 0.6 - 0.4 * arch),
        ];
        let bottom = [
            place(-10.0, 1.9 * thick),
            place(-2.0, 1.3 * thick - 0.65 * arch),
            place(6.5, 0.8 * thick - arch),
            place(13.5, 1.0 - 0.4 * arch),
        ];
        let (seed, lean) = (face.person.texture_seed ^ 0xB5, side * 0.8);
        let shape =
            studio.pencil.fill(between(&top, &bottom).as_ref()).soft(0.9).fray(0.5, |x, y| {
                let (x, y) = (x as f32, y as f32);
                noise::value((x + lean * y) * 0.75, (y - lean * x * 0.2) * 0.35, seed)
            });
        let light = &studio.light;
        let alpha = 0.62 + 0.33 * brow.density;
        studio.canvas.paint(&shape, |x, y, under| {
            let grain = 0.7 + 0.6 * noise::value(x as f32 * 0.9, y as f32 * 0.5, seed);
            let lit = scale(light[y * super::canvas::WIDTH + x], grain);
            mix(under, times(colour, lit), alpha)
        });
    }
}
