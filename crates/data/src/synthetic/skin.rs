//! The skin of head, ears and neck: relief, light, and the marks on it.

use super::canvas::WIDTH;
use super::colour::{Rgb, lerp, luminance, mix, plus, scale, smoothstep, srgb, times};
use super::curve::{Point, closed, ellipse, sampled};
use super::light::{dome, gloss, matte, normal, rim, skin};
use super::params::{FaceParams, HairStyle};
use super::relief::Relief;
use super::studio::Studio;
use super::view::front;
use super::{eyes, mouth, noise, nose};

/// Depth of the head from its axis to its front.
const DEPTH: f32 = 45.0;

/// Height of the bare head along its middle line, by the height below the eyes.
fn profile(y: f32) -> f32 {
    if y < -18.0 {
        return DEPTH * (1.0 - ((-18.0 - y) / 66.0).powf(2.3)).max(0.0).sqrt();
    }
    let t = ((y - 22.0) / 62.0).max(0.0);
    DEPTH * (1.0 - 0.22 * t * t - 0.55 * t.powi(8)).max(0.0).sqrt()
}

/// The height field of the bare head over a box of the picture.
fn bare(studio: &Studio, bounds: [f32; 4]) -> Relief {
    let k = studio.view.scale;
    let profiles: Vec<f32> = (-128..128).map(|y| k * profile(y as f32)).collect();
    Relief::new(bounds, |x, y| {
        let [x, y] = studio.view.unplace(x, y);
        let (middle, half) = studio.extents.at(y);
        let u2 = ((x - middle) / half).powi(2);
        let row = (y + 128.0).clamp(0.0, 254.0);
        let (i, t) = (row as usize, row - (row as usize) as f32);
        let along = profiles[i] + (profiles[i + 1] - profiles[i]) * t;
        along * (1.0 - u2 * (0.62 + 0.38 * u2)).max(0.0).sqrt()
    })
}

/// Wrinkles of the forehead and between the brows.
fn wrinkles(studio: &Studio, relief: &mut Relief) {
    let (face, view) = (studio.face, &studio.view);
    if face.young() {
        return;
    }
    let (k, age) = (view.scale, &face.person.age);
    for i in 0..3 {
        let level = -24.0 - 8.0 * i as f32 - 0.25 * face.person.skull.forehead;
        let wobble = |j: i32| 3.0 * (noise::value(j as f32 * 0.9, i as f32 * 5.0, age.seed) - 0.5);
        let width = 25.0 - 3.0 * i as f32;
        let line: Vec<Point> = (-3..=3)
            .map(|j| {
                let x = width * j as f32 / 3.0;
                view.at([x, level + wobble(j) + 0.004 * x * x, front(x)])
            })
            .collect();
        relief.groove(&line, 2.5 * k, -0.95 * age.wrinkles * k);
    }
    for side in [-1.0, 1.0] {
        let line = [
            view.at([side * 3.6, -15.5, 40.0]),
            view.at([side * 3.1, -10.5, 41.0]),
            view.at([side * 4.0, -6.5, 41.0]),
        ];
        relief.groove(&line, 1.9 * k, -0.9 * age.wrinkles * k);
    }
}

/// Paints the head without hair and keeps the light on it for the features.
pub(super) fn paint_head(studio: &mut Studio) {
    let face = studio.face;
    let (k, view) = (studio.view.scale, &studio.view);
    let outline = studio.outline();
    let bounds = outline.iter().fold([f32::MAX, f32::MAX, f32::MIN, f32::MIN], |b, p| {
        [b[0].min(p[0] - 3.0), b[1].min(p[1] - 3.0), b[2].max(p[0] + 3.0), b[3].max(p[1] + 3.0)]
    });
    let mut relief = bare(studio, bounds);
    nose::carve(face, view, &mut relief);
    eyes::carve(face, view, &mut relief);
    mouth::carve(face, view, &mut relief);
    wrinkles(studio, &mut relief);
    let muzzle = view.at([0.0, face.person.lips.level - 2.0, 45.0]);
    relief.bump(muzzle, 26.0 * k, 17.0 * k, view.roll, 3.0 * k);
    let chin = view.at([0.0, 67.0 + 0.8 * face.person.skull.chin_length, 38.0]);
    let strong = if face.male() { 4.6 } else { 3.2 };
    relief.bump(chin, 14.0 * k, 11.0 * k, view.roll, strong * k);
    if face.person.skull.cleft > 0.0 {
        let dent = view.at([0.0, 69.0 + face.person.skull.chin_length, 40.0]);
        relief.bump(dent, 2.8 * k, 5.5 * k, view.roll, -2.0 * face.person.skull.cleft * k);
    }
    for side in [-1.0, 1.0] {
        let temple = view.at([side * 40.0, -16.0, 18.0]);
        relief.bump(temple, 11.0 * k, 17.0 * k, view.roll, -2.2 * k);
        let bone = view.at([side * 35.0, 13.0, 24.0]);
        let high = 2.2 * (face.person.skull.cheekbones - 0.9) * 10.0;
        relief.bump(bone, 13.0 * k, 9.0 * k, view.roll - side * 0.4, high * k);
        let hollow = view.at([side * 33.0, 36.0, 22.0]);
        let sunk = if face.young() { -1.0 } else { -2.6 };
        relief.bump(hollow, 11.0 * k, 14.0 * k, view.roll - side * 0.3, sunk * k);
    }

    let shot = &face.shot.light;
    let mut surface: Vec<Rgb> = vec![[0.0; 3]; studio.light.len()];
    let light = &mut studio.light;
    let head = &studio.head;
    let oil = 0.05 + 0.10 * face.person.shine;
    relief.slopes(|x, y, dx, dy, open| {
        if head.at(x, y) <= 0.0 {
            return;
        }
        let n = normal(0.9 * dx, 0.9 * dy);
        let i = y * WIDTH + x;
        light[i] = matte(shot, n, open);
        let sheen = 0.45 * gloss(shot, n, 3) + 0.8 * gloss(shot, n, 5);
        surface[i] = plus(scale(shot.key, oil * sheen * open), rim(shot, n));
    });
    let tints = Tints::new(studio, bounds);
    let light = &studio.light;
    studio.canvas.paint(&studio.head, |x, y, _| {
        let i = y * WIDTH + x;
        plus(skin(tints.at(face, x, y), light[i]), surface[i])
    });
}

/// Where the skin is redder or darker than its mean.
struct Tints {
    red: Relief,
    dark: Relief,
    blotch: f32,
    grain: f32,
}

impl Tints {
    fn new(studio: &Studio, bounds: [f32; 4]) -> Tints {
        let (face, view) = (studio.face, &studio.view);
        let person = &face.person;
        let (k, e) = (view.scale, person.eyes.spacing);
        let old = !face.young();
        let mut red = Relief::new(bounds, |_, _| 0.0);
        let mut dark = Relief::new(bounds, |_, _| 0.0);
        for side in [-1.0, 1.0] {
            let rouge = if face.male() { 0.0 } else { 0.35 * person.makeup };
            let cheek = view.at([side * 27.0, 21.0, 31.0]);
            red.bump(cheek, 17.0 * k, 13.0 * k, 0.0, 0.30 * person.blush + rouge);
            let ring = view.at([side * (e - 2.0), 5.0, front(e)]);
            let tired = if old { 0.34 * person.age.bags } else { 0.12 };
            dark.bump(ring, 12.5 * k, 7.0 * k, 0.0, tired);
            let lid = view.at([side * e, -4.0, front(e)]);
            dark.bump(lid, 12.0 * k, 6.5 * k, 0.0, 0.13);
        }
        let tip = view.at(nose::tip(face));
        red.bump(tip, 8.5 * k, 7.5 * k, 0.0, 0.22 + 0.22 * person.blush);
        if face.male() {
            // Even a clean shave leaves the lower face of a man a little darker.
            dark.bump(view.at([0.0, 62.0, 30.0]), 40.0 * k, 32.0 * k, 0.0, 0.07);
        }
        let blotch = if old { 0.10 + 0.10 * person.age.spots } else { 0.05 };
        Tints { red, dark, blotch, grain: if old { 0.09 } else { 0.05 } }
    }

    /// The albedo of the skin at a pixel.
    fn at(&self, face: &FaceParams, x: usize, y: usize) -> Rgb {
        let person = &face.person;
        let (red, dark) = (self.red.at(x, y), self.dark.at(x, y));
        let (x, y) = (x as f32, y as f32);
        let seed = person.texture_seed;
        let blotch = self.blotch * (noise::rough(x * 0.11, y * 0.11, seed) - 0.5);
        let grain = self.grain * (noise::value(x * 0.7, y * 0.7, seed ^ 7) - 0.5);
        let tone = (1.0 - dark) * (1.0 + 1.6 * blotch + grain);
        // Old skin is a little sallower.
        let sallow = if face.young() { 0.0 } else { 0.06 };
        let s = person.skin;
        let mut colour = [
            s[0] * tone * (1.0 + 0.10 * red),
            s[1] * tone * (1.0 - 0.30 * red - 0.3 * blotch),
            s[2] * tone * (1.0 - 0.26 * red - sallow),
        ];
        if person.freckles > 0.0 {
            let dots = smoothstep(0.70, 0.86, noise::value(x * 0.52, y * 0.52, seed ^ 0xF));
            colour = mix(colour, times(s, [0.62, 0.42, 0.32]), 0.45 * person.freckles * dots);
        }
        colour
    }
}

/// Paints the ears behind the face.
pub(super) fn paint_ears(studio: &mut Studio) {
    let face = studio.face;
    let (size, k, w) = (face.person.ears, studio.view.scale, face.person.skull.width);
    let albedo = times(face.person.skin, [1.02, 0.88, 0.86]);
    for side in [-1.0, 1.0] {
        let centre = studio.view.at([side * (46.5 * w), 7.0, -9.0]);
        let shape = [
            [-0.2, -1.0],
            [0.75, -0.85],
            [1.0, -0.3],
            [0.8, 0.25],
            [0.45, 0.75],
            [0.0, 1.05],
            [-0.5, 0.6],
        ];
        let points: Vec<Point> = shape
            .iter()
            .map(|&[u, v]| [centre[0] + side * u * 6.6 * size * k, centre[1] + v * 13.5 * size * k])
            .collect();
        let ear = studio.pencil.fill(closed(&points).as_ref()).soft(0.4);
        let shot = &face.shot.light;
        studio.canvas.paint(&ear, |x, y, _| {
            let u = (x as f32 - centre[0]) / (6.6 * size * k);
            let v = (y as f32 - centre[1]) / (13.5 * size * k);
            let hollow =
                1.0 - 0.42 * (1.0 - (u - side * 0.25).powi(2) * 4.0 - v * v * 1.8).max(0.0);
            skin(albedo, scale(matte(shot, dome(0.5 * side + 0.4 * u, 0.5 * v), 0.8), hollow))
        });
        let dangling = !face.male() && face.person.earrings;
        if dangling {
            let drop = [centre[0] + side * 1.0, centre[1] + 15.5 * size * k];
            let bead = studio.pencil.fill(ellipse(drop, 1.9 * k, 2.3 * k, 0.0).as_ref());
            studio.canvas.paint(&bead, |x, y, _| {
                let n = dome((x as f32 - drop[0]) / 2.2, (y as f32 - drop[1]) / 2.6);
                let shine = gloss(shot, n, 3);
                plus(scale(srgb(196, 160, 92), 0.5 + 0.5 * n[2]), scale(shot.key, shine))
            });
        }
    }
}

/// Paints the neck, in the shadow of the chin.
pub(super) fn paint_neck(studio: &mut Studio) {
    let face = studio.face;
    let wide = if face.male() { 32.5 } else { 26.5 } + 1.2 * face.person.skull.fullness;
    let view = &studio.view;
    let side = |s: f32, x: f32, y: f32| view.body(s * x, y);
    let points = [
        side(-1.0, wide * 0.92, 20.0),
        side(1.0, wide * 0.92, 20.0),
        side(1.0, wide * 0.96, 62.0),
        side(1.0, wide, 84.0),
        side(1.0, wide * 1.3, 97.0),
        side(1.0, wide * 2.4, 112.0),
        side(1.0, wide * 2.4, 150.0),
        side(-1.0, wide * 2.4, 150.0),
        side(-1.0, wide * 2.4, 112.0),
        side(-1.0, wide * 1.3, 97.0),
        side(-1.0, wide, 84.0),
        side(-1.0, wide * 0.96, 62.0),
    ];
    let neck = studio.pencil.fill(closed(&points).as_ref()).unless_under(&studio.head);
    let middle = view.body(0.0, 70.0);
    let chin = view.rim([0.0, 78.0 + face.person.skull.chin_length, 31.0]);
    let d = face.shot.light.direction;
    let (shot, albedo) = (&face.shot.light, scale(face.person.skin, 0.94));
    let cords = if face.young() { 0.35 } else { 1.0 };
    let k = view.scale;
    // The chin's shadow is its outline, moved away from the light.
    let cast = studio.head.moved(-d[0] * 14.0, 9.0 - d[1] * 17.0).soft(3.2);
    studio.canvas.paint(&neck, |x, y, _| {
        let u = (x as f32 - middle[0]) / (wide * 1.08 * k);
        let down = (y as f32 - chin[1]) / (30.0 * k);
        let cord = cords * 0.16 * ((u.abs() - 0.42) * 9.0).sin() * smoothstep(0.7, 0.3, u.abs());
        let n = dome((u * 0.82 + cord).clamp(-0.95, 0.95), 0.22 - 0.3 * down);
        let shadow = cast.at(x, y) * lerp(0.85, 0.55, shot.wrap);
        let open = (0.42 + 0.5 * down).clamp(0.3, 0.9);
        let full = matte(shot, n, open);
        let dim = scale(shot.ambient, 0.75 * open);
        skin(albedo, mix(full, dim, shadow))
    });
}

/// The rest of the hair on a shaved or bald head: a shade on the skin.
pub(super) fn paint_scalp(studio: &mut Studio) {
    let face = studio.face;
    if !matches!(face.hairstyle(), HairStyle::Bald | HairStyle::Receding) {
        return;
    }
    let view = &studio.view;
    let line = [[-40.0, -36.0, 10.0], [0.0, -62.0, 20.0], [40.0, -36.0, 10.0], [0.0, -96.0, 0.0]];
    let points: Vec<Point> = line.map(|p| view.rim(p)).into();
    let points = sampled(&points, true, 4);
    let shade = studio.pencil.fill(closed(&points).as_ref()).soft(4.0).inside(&studio.head);
    let dark = 0.10 * (1.0 - luminance(face.hair_colour())).max(0.0);
    studio.canvas.shade(&shade, [dark, dark, dark * 0.8]);
}
