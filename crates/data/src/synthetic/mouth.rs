//! The mouth: lips, gap, teeth; what a smile does to the cheeks.

use super::canvas::WIDTH;
use super::colour::{lerp, mix, scale, smoothstep, srgb, times};
use super::curve::{Point, between, ellipse, open, sampled};
use super::drawn_attribute::DrawnAttribute;
use super::light::gloss;
use super::params::FaceParams;
use super::relief::Relief;
use super::studio::Studio;
use super::view::View;

/// Where the lips run for the face's expression, in the head's coordinates.
pub(super) struct Shape {
    half_width: f32,
    /// Height of the corners and of the middle between the lips.
    corner: f32,
    middle: f32,
    gap: f32,
    upper: f32,
    lower: f32,
    bow: f32,
    skew: f32,
    smiling: bool,
}

/// Depth of the lips at a distance from the middle.
fn depth(x: f32) -> f32 {
    47.0 - 0.026 * x * x
}

impl Shape {
    pub(super) fn new(face: &FaceParams) -> Shape {
        let (lips, mouth) = (&face.person.lips, &face.shot.mouth);
        let smiling = face.has(DrawnAttribute::Smiling);
        let gaping = face.has(DrawnAttribute::MouthSlightlyOpen);
        let full = if face.male() { 0.82 } else { 1.12 };
        let thin = full * face.choose(DrawnAttribute::Young, 1.0, 0.8);
        let stretch = match (smiling, gaping) {
            (true, _) => mouth.stretch,
            (false, true) => 0.92,
            (false, false) => 1.0,
        };
        let flat = if smiling { 0.80 } else { 1.0 };
        let gap = if gaping { mouth.gap * if smiling { 0.86 } else { 1.0 } } else { 0.0 };
        Shape {
            half_width: lips.half_width * stretch,
            corner: lips.level + if smiling { -mouth.lift * 0.8 } else { lips.droop },
            middle: lips.level + if smiling { 0.26 * mouth.lift } else { 0.0 },
            gap,
            upper: lips.upper * thin * flat,
            lower: lips.lower * thin * flat,
            bow: lips.bow * if smiling { 0.5 } else { 1.0 },
            skew: mouth.skew,
            smiling,
        }
    }

    /// The corner on a side, one of the five landmarks.
    pub(super) fn corner(&self, side: f32) -> [f32; 3] {
        [side * self.half_width, self.corner + side * self.skew, depth(self.half_width) - 1.0]
    }

    /// A curve from the left to the right corner whose inner part is `middle + offset(x)` high.
    fn curve(&self, view: &View, offset: impl Fn(f32) -> f32) -> Vec<Point> {
        let w = self.half_width;
        let mut points = vec![view.at(self.corner(-1.0))];
        for t in [-0.72, -0.45, -0.22, 0.0, 0.22, 0.45, 0.72f32] {
            // Between the corners the mouth follows a parabola from corner to middle.
            let rest = lerp(self.middle, self.corner + t * self.skew, t * t);
            points.push(view.at([t * w, rest + offset(t), depth(t * w)]));
        }
        points.push(view.at(self.corner(1.0)));
        points
    }

    /// The four edges of the lips, downwards.
    fn edges(&self, view: &View) -> [Vec<Point>; 4] {
        // A smile's gap is a crescent that hangs below the line of the corners.
        let (above, below) = if self.smiling { (0.22, 0.78) } else { (0.38, 0.62) };
        let round = |t: f32| if self.smiling { 1.0 - t * t } else { (1.0 - t * t).powf(0.8) };
        let top = |t: f32| -above * self.gap * round(t);
        let bottom = |t: f32| below * self.gap * round(t);
        let bow = |t: f32| self.bow * (1.0 - (t.abs() / 0.2).min(1.0));
        let upper = |t: f32| self.upper * (1.0 - t.abs().powf(1.7));
        let lower = |t: f32| self.lower * (1.0 - t.abs().powf(2.4));
        [
            self.curve(view, |t| top(t) - upper(t) + bow(t)),
            self.curve(view, |t| top(t) + 0.35 * bow(t)),
            self.curve(view, |t| bottom(t) + 0.35 * bow(t)),
            self.curve(view, |t| bottom(t) + lower(t)),
        ]
    }

    /// The outside of the lips as a path, for a beard to leave free.
    pub(super) fn outline(&self, view: &View) -> Option<tiny_skia::Path> {
        let [top, _, _, bottom] = self.edges(view);
        between(&top, &bottom)
    }
}

/// Lips, the hollow below them, the folds from nose to mouth and the cheeks.
pub(super) fn carve(face: &FaceParams, view: &View, relief: &mut Relief) {
    let shape = Shape::new(face);
    let (k, nose) = (view.scale, &face.person.nose);
    let [top, inner_top, inner_bottom, bottom] = shape.edges(view);
    let middle = |a: &[Point], b: &[Point]| -> Vec<Point> {
        a.iter().zip(b).map(|(p, q)| [0.5 * (p[0] + q[0]), 0.5 * (p[1] + q[1])]).collect()
    };
    relief.groove(&middle(&top, &inner_top), (1.0 + shape.upper * 0.8) * k, 1.3 * k);
    relief.groove(&middle(&inner_bottom, &bottom), (1.4 + shape.lower * 0.8) * k, 2.3 * k);
    relief.groove(&middle(&inner_top, &inner_bottom), 2.2 * k, -1.3 * k);
    let below = view.at([0.0, shape.middle + shape.gap * 0.7 + shape.lower + 4.0, 45.0]);
    relief.bump(below, 13.0 * k, 5.0 * k, view.roll, -2.2 * k);

    let aged = face.choose(DrawnAttribute::Young, 0.35, 1.0) * face.person.age.folds;
    for side in [-1.0, 1.0] {
        let (x, y) = (shape.half_width, shape.corner);
        let fold = [
            view.at([side * 10.0, nose.length - 0.5, 44.0]),
            view.at([side * (12.5 + 0.16 * x), nose.length + 5.5, 42.0]),
            view.at([side * (x + 4.0), y - 3.5, 38.0]),
            view.at([side * (x + 5.2), y + 3.0, 36.0]),
        ];
        let line = sampled(&fold, false, 2);
        let smile = if shape.smiling { 1.9 } else { 0.0 };
        relief.groove(&line, 3.4 * k, -(0.35 + 1.25 * aged + smile) * k);
        // The cheek bulges outside the fold, more and higher in a smile.
        let (up, bulge) = if shape.smiling { (17.5, 5.6) } else { (21.0, 3.0) };
        let cheek = view.at([side * 25.5, up, 31.0]);
        relief.bump(cheek, 17.0 * k, 13.5 * k, view.roll - side * 0.35, bulge * k);
        if !face.young() {
            let line = [
                view.at([side * (x + 1.0), y + 2.5, 38.0]),
                view.at([side * (x + 2.6), y + 8.0, 35.0]),
                view.at([side * (x + 2.8), y + 14.0, 33.0]),
            ];
            relief.groove(&line, 2.8 * k, -1.2 * face.person.age.folds * k);
        }
    }
}

/// Paints gap, teeth and lips.
pub(super) fn paint(studio: &mut Studio) {
    let face = studio.face;
    let (shape, k) = (Shape::new(face), studio.view.scale);
    let [top, inner_top, inner_bottom, bottom] = shape.edges(&studio.view);
    let person = &face.person;
    let stick = if face.male() { 0.0 } else { person.lips.lipstick };
    let pale = face.choose(DrawnAttribute::Young, 0.0, 0.35);
    let natural = mix(person.lips.colour, person.skin, pale);
    let natural = if face.male() { mix(natural, person.skin, 0.25) } else { natural };
    let colour = mix(natural, person.lips.lipstick_colour, stick);

    // The fold shadow that a smile draws on the cheek.
    if shape.smiling {
        smile_folds(studio, &shape);
    }
    let lips = studio.pencil.fill(between(&top, &bottom).as_ref()).soft(0.45);
    let (light, shot) = (&studio.light, &face.shot.light);
    let seed = person.texture_seed ^ 0x11;
    let line_y = 0.5 * (inner_top[4][1] + inner_bottom[4][1]);
    let wet = 0.05 + 0.16 * stick;
    studio.canvas.paint(&lips, |x, y, _| {
        let grain = 0.92 + 0.16 * noise_lines(x as f32, y as f32, seed);
        let (dx, dy) = (x as f32 + 0.5 - inner_top[4][0], y as f32 + 0.5 - line_y);
        let below = smoothstep(-1.0, 2.0, dy);
        let tone = lerp(0.80, 1.04, below) * grain;
        let lit = scale(times(colour, light[y * WIDTH + x]), tone);
        // A band of wet light on the lower lip.
        let v = (dy - shape.gap * 0.62 - shape.lower * 0.42) / (0.45 * shape.lower + 0.6);
        let n = super::light::dome(dx / (shape.half_width * 2.0 * k), v * 0.7);
        let shine = wet * gloss(shot, n, 3) * below;
        [lit[0] + shine, lit[1] + shine, lit[2] + shine]
    });

    if shape.gap > 0.0 {
        paint_gap(studio, &shape, &inner_top, &inner_bottom);
    } else {
        let line = studio.pencil.line(open(&inner_top).as_ref(), 1.5 * k).soft(0.5);
        studio.canvas.wash(&line, scale(colour, 0.10), 0.78);
    }
    for side in [-1.0, 1.0] {
        let corner = studio.view.at(shape.corner(side));
        let size = if shape.smiling { 2.1 } else { 1.5 } * k;
        let dimple = studio.pencil.fill(ellipse(corner, size, size, 0.0).as_ref()).soft(1.0);
        studio.canvas.shade(&dimple, [0.34, 0.44, 0.44]);
    }
}

/// Fine upright lines, as lips have.
fn noise_lines(x: f32, y: f32, seed: u32) -> f32 {
    super::noise::value(x * 0.8, y * 0.15, seed)
}

fn smile_folds(studio: &mut Studio, shape: &Shape) {
    let (k, length) = (studio.view.scale, studio.face.person.nose.length);
    let light = &studio.face.shot.light;
    let depth = 0.34 - 0.12 * light.wrap;
    for side in [-1.0, 1.0] {
        let fold = studio.points(
            side,
            &[
                [10.5, length + 1.0, 44.0],
                [15.5, length + 5.5, 41.0],
                [shape.half_width + 4.4, shape.corner - 3.0, 38.0],
                [shape.half_width + 5.0, shape.corner + 4.0, 36.0],
            ],
        );
        let line = studio.pencil.line(open(&fold).as_ref(), 2.0 * k).soft(1.3);
        studio.canvas.shade(&line, [depth * 0.75, depth, depth]);
    }
}

fn paint_gap(studio: &mut Studio, shape: &Shape, top: &[Point], bottom: &[Point]) {
    let (face, k) = (studio.face, studio.view.scale);
    let mouth = &face.shot.mouth;
    let gap = studio.pencil.fill(between(top, bottom).as_ref());
    let light = &studio.light;
    let tongue = if shape.smiling { 0.3 } else { 0.35 + 0.5 * mouth.tongue };
    let low = bottom[4][1];
    studio.canvas.paint(&gap, |x, y, _| {
        let lit = light[y * WIDTH + x];
        let near = smoothstep(0.55 * shape.gap * k, 0.0, low - y as f32);
        times(mix([0.022, 0.006, 0.006], srgb(176, 78, 78), near * tongue * 0.6), lit)
    });
    // Upper teeth hang from the upper lip, more of them in a smile.
    let share = if shape.smiling { 0.55 + 0.35 * mouth.teeth } else { 0.18 + 0.27 * mouth.teeth };
    let edge: Vec<Point> = top
        .iter()
        .zip(bottom)
        .map(|(p, q)| [lerp(p[0], q[0], share), lerp(p[1], q[1], share)])
        .collect();
    let teeth = studio.pencil.fill(between(top, &edge).as_ref()).soft(0.35).inside(&gap);
    let (middle, half) = (top[4], shape.half_width * k);
    let light = &studio.light;
    let enamel =
        mix(srgb(238, 232, 220), srgb(212, 196, 166), face.choose(DrawnAttribute::Young, 0.0, 0.6));
    studio.canvas.paint(&teeth, |x, y, under| {
        let (dx, dy) = (x as f32 + 0.5 - middle[0], y as f32 + 0.5 - middle[1]);
        let across = dx / half;
        let turn = (1.0 - 0.75 * across * across).max(0.15);
        // Thin gaps between teeth about 3.4 px wide, narrower towards the sides.
        let phase = (across * 4.6 + 0.35 * across.powi(3) * 2.0).fract().abs() - 0.5;
        let seam = 1.0 - 0.22 * smoothstep(0.36, 0.5, phase.abs());
        let lip = 0.62 + 0.38 * smoothstep(-0.5, 2.4 * k, dy + 1.0);
        let lit = scale(times(enamel, light[y * WIDTH + x]), turn * seam * lip);
        mix(under, lit, 0.95)
    });
}
