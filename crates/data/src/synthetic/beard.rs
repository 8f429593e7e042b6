//! Beards: from stubble on the skin to a full beard below the chin.

use super::canvas::{Stencil, WIDTH};
use super::colour::{mix, scale, times};
use super::curve::{Point, closed};
use super::head::half_width;
use super::mouth;
use super::noise;
use super::params::BeardStyle;
use super::studio::Studio;

/// Paints the beard if there is one.
pub(super) fn paint(studio: &mut Studio) {
    if !studio.face.bearded() {
        return;
    }
    let style = studio.face.person.beard.style;
    let lips = mouth::Shape::new(studio.face).outline(&studio.view);
    let lips = studio.pencil.fill(lips.as_ref()).soft(0.5);
    let shape = match style {
        BeardStyle::Goatee => goatee(studio),
        _ => cheeks(studio),
    };
    let beard = &studio.face.person.beard;
    let seed = beard.seed;
    let ragged = if style == BeardStyle::Stubble { 0.45 } else { 0.95 };
    let shape = shape.fray(ragged, |x, y| strands(x as f32, y as f32, seed)).outside(&lips);

    // Contact shadow of a thick beard on neck and clothes.
    let thick = match style {
        BeardStyle::Stubble => 0.0,
        BeardStyle::Short => 0.5,
        _ => 1.0,
    };
    if thick > 0.0 {
        let head = &studio.head;
        let cast = shape.moved(0.0, 3.0).soft(2.2).map(|x, y, a| a * (1.0 - head.at(x, y)));
        studio.canvas.shade(&cast, [0.45 * thick, 0.5 * thick, 0.5 * thick]);
    }
    let alpha = match style {
        BeardStyle::Stubble => 0.50 + 0.2 * beard.density,
        BeardStyle::Short => 0.74 + 0.14 * beard.density,
        _ => 0.88 + 0.1 * beard.density,
    };
    let colour = studio.face.beard_colour();
    let light = &studio.light;
    let fine = style == BeardStyle::Stubble;
    studio.canvas.paint(&shape, |x, y, under| {
        let (fx, fy) = (x as f32, y as f32);
        let hair =
            if fine { noise::value(fx * 0.95, fy * 0.95, seed) } else { strands(fx, fy, seed) };
        let clump = noise::value(fx * 0.16, fy * 0.10, seed ^ 3);
        let tone = 0.42 + 0.85 * hair + 0.35 * (clump - 0.5);
        let lit = scale(times(colour, light[y * WIDTH + x]), tone);
        mix(under, lit, alpha * if fine { 0.55 + 0.6 * hair } else { 1.0 })
    });
}

/// Brightness of the strands, which hang down and lean outwards a little.
fn strands(x: f32, y: f32, seed: u32) -> f32 {
    let lean = 0.14 * (x - 89.0) + 1.6 * noise::value(x * 0.12, y * 0.12, seed ^ 9);
    let u = x + lean * y * 0.03;
    0.6 * noise::value(u * 0.8, y * 0.22, seed) + 0.4 * noise::value(u * 1.5, y * 0.4, seed ^ 1)
}

/// Cheeks, chin, and (but for a chin curtain) the upper lip.
fn cheeks(studio: &mut Studio) -> Stencil {
    let face = studio.face;
    let beard = &face.person.beard;
    let (long, blur) = match beard.style {
        BeardStyle::Stubble => (0.4, 3.2),
        BeardStyle::Short => (2.0 + 2.5 * beard.length, 1.8),
        _ => (5.0 + 13.0 * beard.length, 1.6),
    };
    let view = &studio.view;
    let half = &studio.half;
    let corner = mouth::Shape::new(face).corner(1.0);
    let moustache = beard.style != BeardStyle::ChinCurtain;
    let nose = face.person.nose.length + 5.6;
    let chin = half[half.len() - 1][1];
    let reach = |y: f32, extra: f32| half_width(half, y) + extra;
    let outline = |side: f32| -> Vec<Point> {
        let skin = |x: f32, y: f32, z: f32| view.at([side * x, y, z]);
        let edge = |x: f32, y: f32, z: f32| view.rim([side * x, y, z]);
        let cheek = 33.0 + beard.cheek_line;
        let mut line = Vec::new();
        if moustache {
            line.push(skin(5.5, nose + 0.4, 48.0));
            line.push(skin(corner[0] * 0.72, nose + 3.6, 45.0));
        } else {
            line.push(skin(5.0, face.person.lips.level + 16.0, 45.0));
            line.push(skin(corner[0] * 0.9, face.person.lips.level + 13.5, 41.0));
        }
        line.push(skin(corner[0] + 6.0, cheek + if moustache { 5.0 } else { 12.0 }, 36.0));
        line.push(edge(reach(cheek - 8.0, -9.0), cheek - 8.0, 7.0));
        line.push(edge(reach(6.0, -5.5), 5.0, 3.0));
        line.push(edge(reach(6.0, 0.0), 4.0, 2.0));
        line.push(edge(reach(30.0, 0.4 + 0.10 * long), 30.0, 6.0));
        line.push(edge(reach(50.0, 0.4 + 0.28 * long), 50.0, 12.0));
        line.push(edge(reach(66.0, 0.4 + 0.45 * long), 66.0 + 0.4 * long, 22.0));
        line.push(edge(13.0, chin - 1.5 + 0.92 * long, 29.0));
        line
    };
    let mut points = outline(1.0);
    points.push(view.rim([0.0, chin + long, 31.0]));
    points.extend(outline(-1.0).into_iter().rev());
    let top = if moustache { nose + 1.6 } else { face.person.lips.level + 15.0 };
    points.push(view.at([0.0, top, 48.0]));
    studio.pencil.fill(closed(&points).as_ref()).soft(blur)
}

/// Moustache and chin, joined around the mouth.
fn goatee(studio: &mut Studio) -> Stencil {
    let face = studio.face;
    let beard = &face.person.beard;
    let view = &studio.view;
    let corner = mouth::Shape::new(face).corner(1.0);
    let nose = face.person.nose.length + 5.6;
    let chin = studio.half[studio.half.len() - 1][1];
    let long = 1.0 + 9.0 * beard.length;
    let outline = |side: f32| -> Vec<Point> {
        let at = |x: f32, y: f32, z: f32| view.at([side * x, y, z]);
        vec![
            at(5.5, nose + 0.6, 48.0),
            at(corner[0] * 0.75, nose + 3.6, 45.0),
            at(corner[0] + 4.2, corner[1] - 0.5, 38.0),
            at(corner[0] + 3.6, corner[1] + 11.0, 37.0),
            at(16.0, chin - 10.0, 33.0),
            view.rim([side * 10.0, chin - 1.0 + 0.8 * long, 30.0]),
        ]
    };
    let mut points = outline(1.0);
    points.push(view.rim([0.0, chin + long, 31.0]));
    points.extend(outline(-1.0).into_iter().rev());
    points.push(view.at([0.0, nose + 1.8, 48.0]));
    studio.pencil.fill(closed(&points).as_ref()).soft(1.5)
}
