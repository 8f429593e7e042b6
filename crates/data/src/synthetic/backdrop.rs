//! What stands behind the person, out of focus, and what the person wears.

use super::canvas::{HEIGHT, WIDTH};
use super::colour::{mix, scale, smoothstep, srgb};
use super::curve::{Point, between, ellipse, open};
use super::light::{dome, matte};
use super::noise;
use super::params::{BackdropKind, Collar};
use super::skin;
use super::studio::Studio;

/// Fills the picture with the background.
pub(super) fn paint(studio: &mut Studio) {
    let back = &studio.face.shot.backdrop;
    let (sin, cos) = back.angle.sin_cos();
    let [a, b, c] = back.colours;
    let (contrast, seed) = (back.contrast, back.seed);
    let along = |x: f32, y: f32| ((x - 89.0) * cos + (y - 109.0) * sin) / 140.0;
    for y in 0..HEIGHT {
        for x in 0..WIDTH {
            let (fx, fy) = (x as f32, y as f32);
            let t = along(fx, fy);
            let mut colour = mix(a, b, smoothstep(-1.0, 1.0, t));
            match back.kind {
                BackdropKind::Studio => {
                    let (dx, dy) = ((fx - 89.0) / 150.0, (fy - 90.0) / 160.0);
                    let glow = 1.25 - 0.8 * contrast * (dx * dx + dy * dy).min(1.0);
                    let mottle = noise::rough(fx * 0.03, fy * 0.03, seed) - 0.5;
                    colour = scale(colour, glow * (1.0 + 0.3 * mottle));
                }
                BackdropKind::Bokeh | BackdropKind::Steps => {}
                BackdropKind::Stripes => {
                    // Shelves, curtains or blinds, by the angle.
                    let phase = t * (5.0 + 9.0 * contrast) + noise::value(t * 3.0, 0.5, seed);
                    let place = noise::fract(phase);
                    let bar = smoothstep(0.1, 0.35, place) * smoothstep(0.95, 0.7, place);
                    let id = noise::value((phase - place) * 7.0, 0.0, seed);
                    colour = mix(colour, mix(b, c, id), bar * contrast);
                }
                BackdropKind::Foliage => {
                    let leaves = noise::rough(fx * 0.055, fy * 0.055, seed);
                    let gaps = smoothstep(0.55, 0.8, noise::value(fx * 0.04, fy * 0.04, seed ^ 1));
                    let green = mix(srgb(44, 56, 38), srgb(124, 138, 88), leaves);
                    colour = mix(green, mix(colour, srgb(226, 232, 222), 0.5), gaps * contrast);
                }
            }
            studio.canvas.pixels[y * WIDTH + x] = colour;
        }
    }
    match back.kind {
        BackdropKind::Bokeh => bokeh(studio),
        BackdropKind::Steps => steps(studio),
        _ => {}
    }
}

/// Discs of light far behind.
fn bokeh(studio: &mut Studio) {
    let back = studio.face.shot.backdrop.clone();
    for i in 0..12 {
        let at = |k: i32| noise::unit(i, k, back.seed);
        let centre = [at(0) * 190.0 - 6.0, at(1) * 190.0 - 6.0];
        let radius = 7.0 + 20.0 * at(2);
        let disc = studio.pencil.fill(ellipse(centre, radius, radius, 0.0).as_ref());
        let disc = disc.soft(1.5 + 2.5 * at(3));
        let colour = mix(back.colours[i as usize % 3], [1.0; 3], 0.25 * at(4));
        studio.canvas.wash(&disc, colour, back.contrast * (0.25 + 0.5 * at(5)));
    }
}

/// Blurred upright planes: doors, walls, windows.
fn steps(studio: &mut Studio) {
    let back = studio.face.shot.backdrop.clone();
    for i in 0..4 {
        let at = |k: i32| noise::unit(i, k, back.seed);
        let (left, width) = (at(0) * 200.0 - 30.0, 16.0 + 55.0 * at(1));
        let lean = 10.0 * (at(2) - 0.5);
        let top = if at(3) > 0.5 { -8.0 } else { 90.0 * at(4) };
        let plane: [Point; 2] = [[left, top], [left + width, top]];
        let foot: [Point; 2] = [[left + lean, 230.0], [left + width + lean, 230.0]];
        let shape = studio.pencil.fill(between(&plane, &foot).as_ref()).soft(1.0 + 4.0 * at(5));
        let colour = scale(back.colours[(i as usize + 1) % 3], 0.5 + 0.9 * at(6));
        studio.canvas.wash(&shape, colour, 0.35 + 0.6 * back.contrast);
    }
}

/// Paints neck and clothes.
pub(super) fn paint_body(studio: &mut Studio) {
    skin::paint_neck(studio);
    let face = studio.face;
    let clothes = &face.shot.clothes;
    let wide = clothes.shoulders;
    let view = &studio.view;
    let open_low = match clothes.collar {
        Collar::Roll => 74.0,
        Collar::Shirt | Collar::Suit => 86.0,
        Collar::Crew => 93.0,
        Collar::Vee => 100.0,
        Collar::Strap => 122.0,
    };
    let neck = if clothes.collar == Collar::Strap { 46.0 } else { 33.0 };
    let lift = if clothes.collar == Collar::Roll { 12.0 } else { 0.0 };
    let top = |s: f32| -> Vec<Point> {
        vec![
            view.body(s * 130.0, 150.0),
            view.body(s * 98.0 * wide, 118.0),
            view.body(s * 76.0 * wide, 105.0),
            view.body(s * neck * 1.3, 92.0),
            view.body(s * neck, 84.0 - lift),
        ]
    };
    let mut shape = top(-1.0);
    let sharp = clothes.collar == Collar::Vee;
    if !sharp {
        shape.push(view.body(-neck * 0.6, 84.0 + 0.72 * (open_low - 84.0)));
    }
    shape.push(view.body(0.0, open_low + if sharp { 16.0 } else { 0.0 }));
    if !sharp {
        shape.push(view.body(neck * 0.6, 84.0 + 0.72 * (open_low - 84.0)));
    }
    shape.extend(top(1.0).into_iter().rev());
    let bottom = [view.body(-130.0, 170.0), view.body(130.0, 170.0)];
    let cloth = studio.pencil.fill(between(&shape, &bottom).as_ref()).soft(0.5);
    let middle = view.body(0.0, 100.0);
    let (colour, second, seed) = (clothes.colour, clothes.second, clothes.seed);
    let (light, pattern, k) = (&face.shot.light, clothes.pattern, view.scale);
    let cloth = cloth.unless_under(&studio.head);
    let shadow = cloth.moved(0.0, -2.0).soft(1.6);
    studio.canvas.shade(&shadow, [0.25, 0.28, 0.28]);
    studio.canvas.paint(&cloth, |x, y, _| {
        let (dx, dy) = (x as f32 - middle[0], y as f32 - middle[1]);
        let n = dome(dx / (120.0 * k), 0.15 - dy / 130.0);
        let folds = noise::rough(dx * 0.05 + dy * 0.03, dy * 0.02, seed);
        let weave = noise::value(x as f32 * 0.9, y as f32 * 0.9, seed ^ 1);
        let stripes = smoothstep(0.3, 0.5, ((dy + 0.2 * folds * 30.0) * 0.13).sin().abs());
        let base = mix(colour, second, pattern * stripes * 0.7);
        let tone = 0.72 + 0.4 * folds + 0.12 * weave;
        let lit = matte(light, n, 0.85);
        [base[0] * lit[0] * tone, base[1] * lit[1] * tone, base[2] * lit[2] * tone]
    });
    paint_collar(studio);
}

/// Lapels, shirt collar, tie or seam.
fn paint_collar(studio: &mut Studio) {
    let face = studio.face;
    let clothes = &face.shot.clothes;
    let lit = matte(&face.shot.light, [0.0, -0.2, 0.98], 0.8);
    let light = |c: [f32; 3], k: f32| [c[0] * lit[0] * k, c[1] * lit[1] * k, c[2] * lit[2] * k];
    let body = |x: f32, y: f32| studio.view.body(x, y);
    let shirt = mix(clothes.second, [0.85; 3], 0.6);
    match clothes.collar {
        Collar::Shirt | Collar::Suit => {
            let cloth = if clothes.collar == Collar::Suit { shirt } else { clothes.colour };
            let flaps = [-1.0, 1.0].map(|s: f32| {
                [
                    body(s * 30.0, 78.0),
                    body(s * 34.0, 88.0),
                    body(s * 20.0, 108.0),
                    body(s * 3.0, 97.0),
                    body(s * 17.0, 90.0),
                ]
            });
            for flap in &flaps {
                let shape = studio
                    .pencil
                    .fill(between(&flap[..3], &[flap[0], flap[4], flap[3], flap[2]]).as_ref());
                let shape = shape.soft(0.5);
                studio.canvas.shade(&shape.moved(0.0, 2.0).soft(1.2), [0.35; 3]);
                studio.canvas.wash(&shape, light(cloth, 1.12), 1.0);
            }
            if clothes.collar == Collar::Suit {
                let tie = [body(-4.0, 97.0), body(4.0, 97.0), body(8.0, 140.0), body(-8.0, 140.0)];
                let tie = studio
                    .pencil
                    .fill(between(&tie[..2], &[tie[0], tie[3], tie[2], tie[1]]).as_ref())
                    .soft(0.5);
                studio.canvas.wash(&tie, light(scale(clothes.second, 0.6), 0.8), 1.0);
            }
        }
        Collar::Crew | Collar::Roll | Collar::Vee | Collar::Strap => {
            let (y, drop) = match clothes.collar {
                Collar::Roll => (74.0, 7.0),
                Collar::Vee => (86.0, 30.0),
                Collar::Strap => return,
                _ => (85.0, 9.0),
            };
            let seam: Vec<Point> = if clothes.collar == Collar::Vee {
                vec![body(-33.0, y), body(-17.0, y + 0.5 * drop), body(0.0, y + drop)]
            } else {
                vec![
                    body(-33.0, y),
                    body(-20.0, y + 0.75 * drop),
                    body(0.0, y + drop),
                    body(20.0, y + 0.75 * drop),
                    body(33.0, y),
                ]
            };
            let lines = if clothes.collar == Collar::Vee {
                let mirrored = [body(33.0, y), body(17.0, y + 0.5 * drop), body(0.0, y + drop)];
                vec![seam, mirrored.to_vec()]
            } else {
                vec![seam]
            };
            for line in &lines {
                let seam = studio.pencil.line(open(line).as_ref(), 2.6).soft(0.8);
                studio.canvas.wash(&seam, light(clothes.colour, 0.55), 0.75);
            }
        }
    }
}
