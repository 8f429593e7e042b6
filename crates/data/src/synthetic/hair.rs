//! Hair on the head: a mass behind the face, a mass in front of it, and the shadow between.

use super::canvas::Stencil;
use super::colour::{Rgb, lerp, luminance, mix, plus, scale, smoothstep, times};
use super::curve::{Point, closed, ellipse};
use super::drawn_attribute::DrawnAttribute;
use super::head::half_width;
use super::light::{dome, gloss, matte, rim};
use super::noise;
use super::params::{FaceParams, HairStyle};
use super::studio::Studio;

/// The measures of a hairstyle.
struct Cut {
    /// Height above the skull and bulge at the sides.
    volume: f32,
    side: f32,
    /// Lowest point at the sides, below the eyes; `None` leaves the ears free.
    length: Option<f32>,
    /// How far the tips spread.
    flare: f32,
    /// Height of the fringe above the eyes, if there is one.
    fringe: Option<f32>,
    texture: Texture,
    /// How ragged the outline is, in strands.
    ragged: f32,
}

/// How the strands run.
#[derive(Clone, Copy, PartialEq)]
enum Texture {
    /// Combed back from the forehead: away from the head's middle.
    Back,
    /// Falling from the parting along the head.
    Down,
    /// Falling in waves.
    Waves,
    /// Curls, from loose to tight.
    Curls(f32),
    /// Too short for strands.
    Short,
}

fn cut(face: &FaceParams) -> Option<Cut> {
    let hair = &face.person.hair;
    let (v, s, l) = (hair.volume, hair.side, hair.length);
    let cut = |volume, side, length, flare, fringe, texture, ragged| {
        Some(Cut { volume, side, length, flare, fringe, texture, ragged })
    };
    use Texture::{Back, Curls, Down, Short, Waves};
    match face.hairstyle() {
        HairStyle::Bald => None,
        HairStyle::Buzz => cut(1.0 + 2.0 * v, 0.6, None, 0.0, None, Short, 0.4),
        HairStyle::Receding => cut(2.0 + 3.0 * v, 1.5 + s, None, 0.0, None, Back, 0.7),
        HairStyle::SidePart => cut(7.0 + 6.0 * v, 2.0 + 2.0 * s, None, 0.0, None, Down, 0.7),
        HairStyle::Quiff => cut(10.0 + 9.0 * v, 1.0 + 2.0 * s, None, 0.0, None, Back, 0.8),
        HairStyle::Curls => cut(8.0 + 7.0 * v, 3.5 + 4.0 * s, None, 0.0, None, Curls(0.17), 1.3),
        HairStyle::Afro => cut(15.0 + 9.0 * v, 11.0 + 9.0 * s, None, 0.0, None, Curls(0.34), 1.2),
        HairStyle::Shaggy => {
            let fringe = Some(26.0 - 9.0 * v);
            cut(7.0 + 5.0 * v, 3.5 + 3.0 * s, Some(14.0 + 12.0 * l), 0.0, fringe, Down, 1.2)
        }
        HairStyle::Pixie => {
            let fringe = Some(30.0 - 8.0 * v);
            cut(5.0 + 5.0 * v, 2.0 + 2.0 * s, Some(12.0 + 8.0 * l), 0.0, fringe, Down, 0.9)
        }
        HairStyle::Long => {
            cut(5.0 + 6.0 * v, 4.0 + 5.0 * s, Some(90.0 + 40.0 * l), 6.0, None, Down, 0.8)
        }
        HairStyle::LongWavy => {
            cut(7.0 + 7.0 * v, 7.0 + 7.0 * s, Some(88.0 + 42.0 * l), 13.0, None, Waves, 1.1)
        }
        HairStyle::Bob => {
            cut(6.0 + 5.0 * v, 7.0 + 6.0 * s, Some(50.0 + 22.0 * l), 3.0, None, Down, 0.8)
        }
        HairStyle::BangsLong => {
            let fringe = Some(19.0 - 4.0 * v);
            cut(6.0 + 5.0 * v, 5.0 + 4.0 * s, Some(92.0 + 36.0 * l), 5.0, fringe, Down, 0.8)
        }
        HairStyle::BangsBob => {
            let fringe = Some(19.0 - 4.0 * v);
            cut(7.0 + 5.0 * v, 7.0 + 5.0 * s, Some(50.0 + 18.0 * l), 2.0, fringe, Down, 0.7)
        }
        HairStyle::Updo => cut(4.0 + 3.0 * v, 1.5 + s, None, 0.0, None, Back, 0.5),
    }
}

/// Paints what hangs behind neck and shoulders, and a bun on top.
pub(super) fn paint_back(studio: &mut Studio) {
    let face = studio.face;
    let Some(cut) = cut(face) else { return };
    let w = face.person.skull.width;
    if face.hairstyle() == HairStyle::Updo {
        let lift = 12.0 + 8.0 * face.person.hair.volume;
        let bun = studio.view.rim([0.4 * face.person.hair.part, -81.0 - lift * 0.55, -14.0]);
        let size = (13.0 + 6.0 * face.person.hair.side) * studio.view.scale;
        let bun = studio.pencil.fill(ellipse(bun, size * 1.15, size, 0.0).as_ref()).soft(1.2);
        fill(studio, bun, &cut, 0.8);
    }
    let Some(length) = cut.length else { return };
    let view = &studio.view;
    let outline = |side: f32| -> Vec<Point> {
        let at = |x: f32, y: f32| view.rim([side * x, y, -10.0]);
        let wide = 45.0 * w + cut.side;
        // Tips below the chin follow the body and swing less than the head.
        let low = |x: f32, y: f32| {
            let (a, b) = (at(x, y), view.body(side * x, y));
            [0.5 * (a[0] + b[0]), 0.5 * (a[1] + b[1])]
        };
        vec![
            at(20.0, -80.0 - cut.volume),
            at(wide * 0.86, -58.0 - 0.4 * cut.volume),
            at(wide, -22.0),
            at(wide + 0.2 * cut.flare, 12.0),
            low(wide + 0.5 * cut.flare, length * 0.6),
            low(wide + cut.flare, length * 0.92),
            low(wide * 0.72, length + 3.0),
        ]
    };
    let mut points = outline(1.0);
    points.extend(outline(-1.0).into_iter().rev());
    let mass = studio.pencil.fill(closed(&points).as_ref()).soft(1.6);
    // Inside the curtain it is dark.
    let mass = mass.unless_under(&studio.head);
    fill(studio, mass, &cut, 0.55);
}

/// Paints the hair over the forehead and beside the face, and its shadow on the skin.
pub(super) fn paint_front(studio: &mut Studio) {
    let face = studio.face;
    let Some(cut) = cut(face) else {
        return paint_sides(studio);
    };
    let blur = if cut.texture == Texture::Short { 2.0 } else { 1.4 };
    let mut points = front_outline(studio, &cut, 1.0);
    points.extend(front_outline(studio, &cut, -1.0).into_iter().rev());
    let mass = studio.pencil.fill(closed(&points).as_ref()).soft(blur);
    let d = face.shot.light.direction;
    let cast = mass.moved(-d[0] * 5.0, 2.0 - d[1] * 4.0).soft(2.6).inside(&studio.head);
    let depth = 0.34 - 0.16 * face.shot.light.wrap;
    studio.canvas.shade(&cast, [depth * 0.85, depth, depth]);
    fill(studio, mass, &cut, 1.0);
}

/// The right (side 1) half of the front mass: up the outside, then back along the hairline.
fn front_outline(studio: &Studio, cut: &Cut, side: f32) -> Vec<Point> {
    let (face, view) = (studio.face, &studio.view);
    let (hair, w) = (&face.person.hair, face.person.skull.width);
    let style = face.hairstyle();
    let old = face.choose(DrawnAttribute::Young, 0.0, face.person.age.recession);
    // A side parting piles the hair up on one side.
    let pile = 1.0 + side * 0.018 * hair.part * f32::from(u8::from(cut.fringe.is_none()));
    let top = -81.0 - cut.volume * pile;
    let wide = 45.2 * w + cut.side;
    let rim = |x: f32, y: f32| view.rim([side * x, y, 0.0]);
    let skin = |x: f32, y: f32, z: f32| view.at([side * x, y, z]);
    let mut line = Vec::with_capacity(16);
    let mut hairline = -48.0 - 0.5 * face.person.skull.forehead - hair.hairline;
    if face.male() {
        hairline -= 7.0 * old;
    }
    let mut corner = hairline + 5.0 - if face.male() { 12.0 * old } else { 2.0 * old };
    if style == HairStyle::Receding {
        (hairline, corner) = (hairline - 13.0, -66.0);
    }

    line.push(view.rim([0.0, -82.5 - cut.volume, 0.0]));
    line.push(rim(0.45 * wide, top + 4.0));
    line.push(rim(0.82 * wide, -61.0 - 0.55 * cut.volume * pile));
    line.push(rim(0.99 * wide, -36.0));
    line.push(rim(wide, -12.0));
    match cut.length {
        Some(length) if length > 40.0 => {
            // Locks fall beside the cheeks over the ears.
            let jaw = half_width(&studio.half, 40.0).min(42.0 * w);
            let cover = 3.0 + 6.0 * hair.side;
            line.push(rim(wide + 0.2 * cut.flare, 14.0));
            let low = |x: f32, y: f32| {
                let (a, b) = (rim(x, y), view.body(side * x, y));
                [0.5 * (a[0] + b[0]), 0.5 * (a[1] + b[1])]
            };
            line.push(low(wide + 0.5 * cut.flare, length * 0.62));
            line.push(low(wide * 0.9 + 0.8 * cut.flare, length));
            line.push(low(jaw + 1.0 - 0.4 * cover, length * 0.8));
            line.push(rim(jaw + 1.0 - 0.75 * cover, 40.0));
            line.push(rim(43.5 * w - cover, 10.0));
        }
        Some(length) => {
            line.push(rim(wide + 0.5, 4.0));
            line.push(rim(46.5 * w, length));
            line.push(rim(41.5 * w, length * 0.5));
        }
        None => {
            let burn = if face.male() { 9.0 } else { 1.0 };
            line.push(rim(lerp(46.0 * w, wide, 0.6), 0.0));
            line.push(rim(45.6 * w, burn));
            line.push(rim(42.5 * w, burn - 1.0));
        }
    }
    let inner = 41.5 * w;
    line.push(rim(inner, -12.0));
    match cut.fringe {
        Some(height) => {
            // A fringe of uneven locks.
            let locks = |i: i32| 3.4 * (noise::value(i as f32 * 0.8, side, hair.seed) - 0.5);
            line.push(skin(36.0 * w, -height - 3.0 + locks(3), 17.0));
            line.push(skin(24.0 * w, -height + locks(2), 30.0));
            line.push(skin(12.0 * w, -height - 1.0 + locks(1), 36.0));
        }
        None => {
            line.push(rim(38.5 * w, -28.0));
            let part = hair.part * side;
            match cut.texture {
                // From a parting hair sweeps over the temple in an arc.
                Texture::Down | Texture::Waves if cut.length.is_some() => {
                    line.push(skin(30.0 * w, corner + 2.0, 22.0));
                    line.push(skin((16.0 + 0.5 * part).max(6.0), hairline - 3.0, 26.0));
                }
                _ => {
                    line.push(skin(31.0 * w, corner, 20.0));
                    line.push(skin(14.0 * w, hairline - 0.08 * part, 27.0));
                }
            }
        }
    }
    if side > 0.0 {
        // The point on the parting closes both halves.
        let notch = match (cut.fringe, cut.length, cut.texture) {
            (Some(height), ..) => view.at([0.0, -height, 37.0]),
            (None, Some(_), _) => view.at([hair.part, hairline - 8.0, 26.0]),
            _ => view.at([0.3 * hair.part, hairline + 0.5, 28.0]),
        };
        line.push(notch);
    }
    line
}

/// What a bald man keeps: short hair above the ears.
fn paint_sides(studio: &mut Studio) {
    let w = studio.face.person.skull.width;
    let cut = Cut {
        volume: 1.0,
        side: 0.5,
        length: None,
        flare: 0.0,
        fringe: None,
        texture: Texture::Short,
        ragged: 0.5,
    };
    for side in [-1.0, 1.0] {
        let points =
            [[45.8, -34.0], [46.2, -12.0], [45.6, 6.0], [42.6, 5.0], [41.8, -10.0], [42.6, -26.0]]
                .map(|[x, y]: [f32; 2]| studio.view.rim([side * x * w, y, 0.0]));
        let patch = studio.pencil.fill(closed(&points).as_ref()).soft(2.0);
        fill(studio, patch.map(|_, _, a| 0.75 * a), &cut, 0.9);
    }
}

/// Fills a mass with strands in the light of a dome; `open` darkens what lies inside.
fn fill(studio: &mut Studio, mass: Stencil, cut: &Cut, open: f32) {
    let face = studio.face;
    let hair = &face.person.hair;
    let view = &studio.view;
    let middle = view.axis();
    let (rx, ry) = (46.0 * face.person.skull.width + cut.side + 2.0, 62.0 + cut.volume);
    let strand = |x: usize, y: usize| {
        let [px, py] = view.unplace(x as f32 + 0.5, y as f32 + 0.5);
        strands(cut.texture, hair.part, hair.wave, px - middle, py, hair.seed)
    };
    let mass = mass.fray(cut.ragged, strand);
    let (light, colour) = (&face.shot.light, face.hair_colour());
    let fair = luminance(colour).min(0.5);
    let bright = mix(scale(colour, 1.35), light.key, 0.03);
    studio.canvas.paint(&mass, |x, y, _| {
        let [px, py] = view.unplace(x as f32 + 0.5, y as f32 + 0.5);
        let (u, v) = ((px - middle) / rx, (py + 20.0) / ry);
        let s = strands(cut.texture, hair.part, hair.wave, px - middle, py, hair.seed);
        let clump = noise::value(px * 0.09, py * 0.07, hair.seed ^ 5);
        let v = if v > 0.0 { v * 0.3 } else { v };
        let n = dome(u, v);
        let lit = matte(light, n, open * (0.72 + 0.28 * s));
        let tone = 0.50 + 0.62 * s + 0.4 * (clump - 0.5);
        let body = times(mix(scale(colour, tone), scale(bright, tone), s * s), scale(lit, open));
        // The shine runs across the strands, as a ring around the crown.
        let ring = gloss(light, [n[0] * 0.35, n[1], n[2]], 4);
        let shine = hair.gloss * (0.05 + 0.28 * fair) * ring * (0.25 + 0.75 * s) * open;
        let wiry =
            if matches!(cut.texture, Texture::Curls(_) | Texture::Short) { 0.3 } else { 1.0 };
        plus(plus(body, scale(sheen(light.key, colour), shine * wiry)), rim(light, n))
    });
}

/// The colour of shine: the light's, tinted a little by the hair.
fn sheen(key: Rgb, colour: Rgb) -> Rgb {
    let k = luminance(colour).max(0.02);
    mix(key, times(key, scale(colour, 0.6 / k)), 0.45)
}

/// Brightness of the strands in [0, 1] at a point beside the head's axis.
fn strands(texture: Texture, part: f32, wave: f32, x: f32, y: f32, seed: u32) -> f32 {
    match texture {
        Texture::Short => noise::rough(x * 0.8, y * 0.8, seed),
        Texture::Curls(tight) => {
            // Rings of a warped lattice look like curls.
            let wx = x + 5.0 * (noise::value(x * 0.13, y * 0.13, seed) - 0.5) / tight * 0.2;
            let wy = y + 5.0 * (noise::value(x * 0.13 + 9.0, y * 0.13, seed) - 0.5) / tight * 0.2;
            let ring = noise::value(wx * tight, wy * tight, seed ^ 2);
            let fine = noise::value(wx * tight * 3.0, wy * tight * 3.0, seed ^ 4);
            0.65 * (0.5 + 0.5 * (ring * 12.0).sin()) * 0.6 + 0.35 * fine + 0.25 * ring
        }
        Texture::Back => {
            let angle = x.atan2(20.0 - y);
            let radius = (x * x + (y - 20.0) * (y - 20.0)).sqrt();
            let u = angle * 44.0 + 0.9 * noise::value(radius * 0.1, angle * 3.0, seed);
            lines(u, radius, seed)
        }
        Texture::Down | Texture::Waves => {
            // Rings around the parting above, upright lines below.
            let across = x - part * smoothstep(10.0, -60.0, y);
            let above = (-18.0 - y).max(0.0);
            let mut u = (across * across + above * above * 0.8).sqrt() * across.signum();
            if texture == Texture::Waves {
                u += (2.0 + 2.2 * wave) * (y * 0.13 + u.signum() * 1.3 + 0.05 * u).sin();
            } else {
                u += 1.2 * wave * (y * 0.06).sin();
            }
            lines(u, y + 0.4 * across, seed)
        }
    }
}

/// Two octaves of strands across `u`, slowly changing along `v`.
fn lines(u: f32, v: f32, seed: u32) -> f32 {
    0.55 * noise::value(u * 0.42, v * 0.022, seed)
        + 0.45 * noise::value(u * 1.1, v * 0.05, seed ^ 1)
}
