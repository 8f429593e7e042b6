//! Glasses: lenses with tint and reflection, rims, bridge, arms, and their shadow on the skin.

use super::canvas::Stencil;
use super::colour::{Rgb, mix, plus, scale, smoothstep};
use super::curve::{Point, closed, open};
use super::drawn_attribute::DrawnAttribute;
use super::light::gloss;
use super::params::{Frame, Glasses};
use super::studio::Studio;

/// Depth of the frame's front.
const FRONT: f32 = 46.0;

/// Paints the glasses if the face wears any.
pub(super) fn paint(studio: &mut Studio) {
    let face = studio.face;
    if !face.has(DrawnAttribute::Eyeglasses) {
        return;
    }
    let glasses = &face.shot.glasses;
    let outlines = [-1.0, 1.0].map(|side| lens(studio, glasses, side));
    let lenses = outlines.each_ref().map(|o| studio.pencil.fill(closed(o).as_ref()));
    let bars = bars(studio, glasses, &outlines);

    // Shadow: the frame moved away from the light and blurred.
    let d = face.shot.light.direction;
    let (dx, dy) = (-d[0] * 6.0, 2.0 - d[1] * 4.5);
    for part in &bars {
        let cast = part.moved(dx, dy).soft(1.7).inside(&studio.head);
        studio.canvas.shade(&cast, [0.30, 0.36, 0.36]);
    }
    for (outline, stencil) in outlines.iter().zip(&lenses) {
        paint_lens(studio, glasses, outline, stencil);
    }
    for part in &bars {
        paint_bar(studio, glasses, part);
    }
}

/// The outline of one lens.
fn lens(studio: &Studio, glasses: &Glasses, side: f32) -> Vec<Point> {
    let (rx, ry) = (glasses.half_width, glasses.half_height);
    // The bridge keeps the lenses apart even on close-set eyes.
    let middle = (studio.face.person.eyes.spacing + 0.8).max(rx + 3.4);
    (0..18)
        .map(|i| {
            let (s, c) = (i as f32 / 18.0 * std::f32::consts::TAU).sin_cos();
            let power = 2.0 / glasses.squareness;
            let u = c.signum() * c.abs().powf(power);
            let v = s.signum() * s.abs().powf(power);
            let narrow = 1.0 - glasses.taper * (0.5 + 0.5 * v);
            let lift = glasses.cat * smoothstep(0.1, 1.0, u) * smoothstep(0.3, -1.0, v);
            let x = middle + u * rx * narrow + glasses.taper * rx * 0.25 * (0.5 + 0.5 * v);
            studio.view.at([side * x, glasses.drop + v * ry - lift, FRONT - 0.006 * x * x])
        })
        .collect()
}

/// Rims, bridge and arms, as stencils.
fn bars(studio: &mut Studio, glasses: &Glasses, outlines: &[Vec<Point>; 2]) -> Vec<Stencil> {
    let (k, rim) = (studio.view.scale, glasses.rim * studio.view.scale);
    let mut parts = Vec::new();
    for (outline, side) in outlines.iter().zip([-1.0, 1.0]) {
        if glasses.frame == Frame::HalfRim {
            // Only the upper half carries a rim; a thin thread holds the rest.
            let mut upper: Vec<Point> = outline[9..].to_vec();
            upper.push(outline[0]);
            parts.push(studio.pencil.line(open(&upper).as_ref(), rim));
            parts
                .push(studio.pencil.line(closed(outline).as_ref(), 0.7 * k).map(|_, _, a| 0.5 * a));
        } else {
            parts.push(studio.pencil.line(closed(outline).as_ref(), rim));
        }
        // The arm runs from the outer edge back to the ear.
        let reach = studio.face.person.skull.width * 47.5;
        let outer = outline[0];
        let hinge = outline[16];
        let start = [0.5 * (outer[0] + hinge[0]), 0.5 * (outer[1] + hinge[1])];
        let end = studio.view.at([side * reach, -2.5, -2.0]);
        // On the far side the head hides the arm's end: it stops at the rim of the face.
        let edge = studio.view.rim([side * (reach - 1.0), -2.5, 0.0]);
        let end = if (end[0] - edge[0]) * side > 0.0 { end } else { edge };
        parts.push(studio.pencil.line(open(&[start, end]).as_ref(), (0.55 * rim).max(1.5 * k)));
    }
    let (left, right) = (outlines[0][10], outlines[1][10]);
    let arch = [0.5 * (left[0] + right[0]), 0.5 * (left[1] + right[1]) - 1.8 * k];
    parts.push(studio.pencil.line(open(&[left, arch, right]).as_ref(), (0.8 * rim).max(1.4 * k)));
    if glasses.frame == Frame::Sunglasses && glasses.taper > 0.0 {
        // Aviators have a second, straight bar.
        let (a, b) = (outlines[0][12], outlines[1][12]);
        parts.push(studio.pencil.line(open(&[a, b]).as_ref(), 1.4 * k));
    }
    parts
}

fn paint_lens(studio: &mut Studio, glasses: &Glasses, outline: &[Point], stencil: &Stencil) {
    let light = &studio.face.shot.light;
    let top = outline.iter().map(|p| p[1]).fold(f32::MAX, f32::min);
    let bottom = outline.iter().map(|p| p[1]).fold(f32::MIN, f32::max);
    let left = outline.iter().map(|p| p[0]).fold(f32::MAX, f32::min);
    let right = outline.iter().map(|p| p[0]).fold(f32::MIN, f32::max);
    let dark = glasses.frame == Frame::Sunglasses;
    let room: Rgb = mix(light.ambient, light.key, 0.4);
    studio.canvas.paint(stencil, |x, y, under| {
        let v = (y as f32 - top) / (bottom - top);
        let u = (x as f32 - left) / (right - left);
        // Dark lenses are darkest above, clear ones barely veil.
        let alpha = if dark { glasses.tint_alpha * (1.05 - 0.22 * v) } else { glasses.tint_alpha };
        let veil = if dark { scale(glasses.tint, 0.7) } else { scale(glasses.tint, room[1]) };
        let seen = mix(under, veil, alpha.min(0.98));
        // A slanted band of reflected window light, and the sky along the top.
        let band = u + 0.55 * v - 0.75 - glasses.reflection_at * 0.5;
        let streak =
            smoothstep(0.17, 0.10, band.abs()) + 0.6 * smoothstep(0.05, 0.02, (band - 0.26).abs());
        let sky = smoothstep(0.45, 0.0, v) * if dark { 0.35 } else { 0.16 };
        let mirror = glasses.reflection * (0.55 * streak + sky);
        plus(seen, scale(light.key, mirror * if dark { 0.30 } else { 0.36 }))
    });
}

fn paint_bar(studio: &mut Studio, glasses: &Glasses, part: &Stencil) {
    let light = &studio.face.shot.light;
    let lit = mix(light.ambient, light.key, 0.55);
    let shine = 0.10 + 0.5 * glasses.metallic;
    studio.canvas.paint(part, |x, y, _| {
        // The slope of the coverage stands in for a round bar's normal.
        let up = part.at(x, y.saturating_sub(1)) - part.at(x, y + 1);
        let across = part.at(x.saturating_sub(1), y) - part.at(x + 1, y);
        let n = [0.6 * across, 0.6 * up, 0.7];
        let body = [0, 1, 2].map(|c| glasses.colour[c] * lit[c] * (0.85 - 0.45 * up));
        plus(body, scale(light.key, shine * 0.25 * gloss(light, n, 4) + 0.05 * (-up).max(0.0)))
    });
}
