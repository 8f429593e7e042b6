//! Glasses on a crop: shadow, lenses, glare, frame, in linear light.

use super::cover::Cover;
use super::place::Place;
use super::style::{Rim, Style};
use crate::synthetic::colour::{Rgb, luminance, mix, scale, smoothstep};
use crate::synthetic::curve::{Point, closed, open};

/// Points of a lens's outline.
const OUTLINE: usize = 24;
/// What a picture is enlarged to at least while shapes are drawn.
const LEAST_SIDE: usize = 128;

/// How much larger than the crop shapes are drawn; they are averaged over blocks afterwards.
pub(super) fn enlargement(size: usize) -> usize {
    (LEAST_SIDE / size).max(1)
}

/// Shapes of one pair, in pixels of the enlarged picture.
struct Shapes {
    outlines: [Vec<Point>; 2],
    lenses: Cover,
    frame: Cover,
}

/// Draws the glasses on a crop of RGB bytes.
pub(super) fn paint(pixels: &[u8], size: usize, place: &Place, style: &Style) -> Vec<u8> {
    let factor = enlargement(size);
    let side = size * factor;
    let mut shapes = shapes(style, place, side);
    let blur = (style.softness * factor as f32).round() as usize;
    if blur > 0 {
        shapes.frame = shapes.frame.shadow([0, 0], blur);
    }
    let unit = place.unit;
    let whole = |v: f32| v.round() as isize;
    let shadow = shapes
        .frame
        .shadow([whole(0.02 * unit), whole(0.07 * unit)], ((0.035 * unit) as usize).max(1));
    let linear: Vec<f32> = (0..=255u8).map(|v| (f32::from(v) / 255.0).powf(2.2)).collect();
    let light = exposure(pixels, &linear);
    let mut out = pixels.to_vec();
    let blocks = 1.0 / (factor * factor) as f32;
    for (pixel, bytes) in out.chunks_exact_mut(3).enumerate() {
        let (row, column) = (pixel / size * factor, pixel % size * factor);
        let inner = (0..factor * factor).map(|i| (column + i % factor, row + i / factor)).filter(
            |(x, y)| {
                let i = y * side + x;
                shadow.values[i] + shapes.lenses.values[i] + shapes.frame.values[i] > 0.002
            },
        );
        let under: Rgb = [0, 1, 2].map(|c| linear[usize::from(bytes[c])]);
        // What is added to the pixel, averaged over its block.
        let mut change = [0.0f32; 3];
        for (x, y) in inner {
            let seen = seen(under, (x, y), style, &shapes, &shadow, light);
            (0..3).for_each(|c| change[c] += (seen[c] - under[c]) * blocks);
        }
        if change != [0.0; 3] {
            for c in 0..3 {
                let value = (under[c] + change[c]).clamp(0.0, 1.0).powf(1.0 / 2.2);
                bytes[c] = (255.0 * value).round() as u8;
            }
        }
    }
    out
}

/// How bright the picture is, relative to a well lit one.
fn exposure(pixels: &[u8], linear: &[f32]) -> f32 {
    let sum: f32 = pixels
        .chunks_exact(3)
        .map(|p| luminance([0, 1, 2].map(|c| linear[usize::from(p[c])])))
        .sum();
    (sum / (pixels.len() / 3) as f32 / 0.22).clamp(0.35, 1.6)
}

/// One place of the enlarged picture with the glasses before it.
fn seen(
    under: Rgb,
    (x, y): (usize, usize),
    style: &Style,
    shapes: &Shapes,
    shadow: &Cover,
    light: f32,
) -> Rgb {
    let i = y * shapes.frame.side + x;
    let mut colour = scale(under, 1.0 - style.shadow * shadow.values[i]);
    let inside = shapes.lenses.values[i];
    if inside > 0.0 {
        let (u, v) = within(&shapes.outlines, [x as f32 + 0.5, y as f32 + 0.5]);
        let [above, below] = style.tint_alpha;
        let alpha = (above + (below - above) * (0.5 + 0.5 * v).clamp(0.0, 1.0)) * inside;
        colour = mix(colour, scale(style.tint, light), alpha);
        let [strength, at, width] = style.glare;
        let streak = smoothstep(width, 0.3 * width, (u + 0.7 * v - at).abs());
        let glare = strength * streak * inside * light;
        colour = colour.map(|c| c + 0.5 * glare);
    }
    let cover = shapes.frame.values[i];
    if cover > 0.0 {
        // Light from above: the upper edge of a bar shines, its lower edge lies in shade.
        let (x, y) = (x as isize, y as isize);
        let edge = shapes.frame.at(x, y + 1) - shapes.frame.at(x, y - 1);
        let body = scale(style.colour, light * (0.75 - 0.35 * edge.min(0.0).abs()));
        let shine = style.gloss * 0.35 * light * edge.max(0.0);
        colour = mix(colour, body.map(|c| c + shine), cover);
    }
    colour
}

/// Where a point lies in the nearer lens: -1 to 1 across and down.
fn within(outlines: &[Vec<Point>; 2], [x, y]: Point) -> (f32, f32) {
    let relative = |outline: &Vec<Point>| {
        let bounds = |axis: usize| {
            let values = outline.iter().map(|p| p[axis]);
            let (low, high) = values.fold((f32::MAX, f32::MIN), |(l, h), v| (l.min(v), h.max(v)));
            ((low + high) / 2.0, ((high - low) / 2.0).max(0.5))
        };
        let ((cx, rx), (cy, ry)) = (bounds(0), bounds(1));
        ((x - cx) / rx, (y - cy) / ry)
    };
    let [left, right] = outlines.each_ref().map(relative);
    if left.0.abs() < right.0.abs() { left } else { right }
}

fn shapes(style: &Style, place: &Place, side: usize) -> Shapes {
    let outlines = [-1.0, 1.0].map(|of| outline(style, place, of));
    let fill = |outline: &Vec<Point>| Cover::fill(side, closed(outline).as_ref());
    let lenses = fill(&outlines[0]).or(&fill(&outlines[1]));
    let unit = place.unit;
    let width = style.thickness * unit;
    let mut frame = Cover::empty(side);
    for outline in &outlines {
        let all = |width: f32| Cover::line(side, closed(outline).as_ref(), width);
        frame = match style.rim {
            Rim::Full => frame.or(&all(width)),
            Rim::Upper => {
                // The outline runs from the outer end down: its second half is above.
                let mut upper = outline[OUTLINE / 2..].to_vec();
                upper.push(outline[0]);
                let upper = Cover::line(side, open(&upper).as_ref(), 1.15 * width);
                frame.or(&upper).or(&all(0.012 * unit).times(0.5))
            }
            Rim::None => frame.or(&all(0.016 * unit).times(0.6)),
        };
    }
    for part in bridge_and_temples(style, place, side) {
        frame = frame.or(&part);
    }
    Shapes { outlines, lenses, frame }
}

/// A lens's outline, from its outer end downwards.
fn outline(style: &Style, place: &Place, of: f32) -> Vec<Point> {
    let [middle, below] = style.centre;
    let power = 2.0 / style.squareness;
    let point = |i: usize| {
        let (s, c) = (i as f32 / OUTLINE as f32 * std::f32::consts::TAU).sin_cos();
        let (u, v) = (c.signum() * c.abs().powf(power), s.signum() * s.abs().powf(power));
        let narrow = 1.0 - style.taper * (0.5 + 0.5 * v);
        let lift = style.cat * smoothstep(0.1, 1.0, u) * smoothstep(0.3, -1.0, v);
        let x = middle + style.half_width * u * narrow;
        place.front([of * x, below + style.half_height * v - lift])
    };
    (0..OUTLINE).map(point).collect()
}

fn bridge_and_temples(style: &Style, place: &Place, side: usize) -> Vec<Cover> {
    let unit = place.unit;
    let [middle, below] = style.centre;
    let inner = middle - style.half_width;
    let height = below - 0.35 * style.half_height;
    let arch = [[-inner, height], [0.0, height - 0.05], [inner, height]];
    let arch = arch.map(|point| place.front(point));
    let thin = style.thickness.max(0.03) * unit;
    let mut parts = vec![Cover::line(side, open(&arch).as_ref(), 0.85 * thin)];
    for of in [-1.0, 1.0] {
        let hinge = [of * (middle + style.half_width), below + style.hinge * style.half_height];
        if let Some(ear) = place.ear(of, hinge) {
            let path = open(&[place.front(hinge), ear]);
            parts.push(Cover::line(side, path.as_ref(), 0.8 * thin));
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;

    use crate::frame::mean_landmarks;
    use crate::worn::{Styles, wear};

    /// A face without features: skin that darkens downwards.
    fn skin(size: usize) -> Vec<u8> {
        (0..size * size)
            .flat_map(|i| [200u8, 160, 135].map(|v| v - (40 * (i / size) / size) as u8))
            .collect()
    }

    fn worn(size: usize, seed: u64, points: &crate::Landmarks) -> Vec<u8> {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        wear(&skin(size), points, size, Styles::Test, &mut rng).unwrap()
    }

    fn squares(a: &[u8], b: &[u8]) -> Vec<f64> {
        let square = |(a, b): (&[u8], &[u8])| {
            let per_channel = a.iter().zip(b).map(|(a, b)| (f64::from(*a) - f64::from(*b)).powi(2));
            per_channel.sum()
        };
        a.chunks_exact(3).zip(b.chunks_exact(3)).map(square).collect()
    }

    #[test]
    fn what_changes_is_seen_and_lies_at_the_eyes() {
        for size in [16, 64, 128] {
            let points = mean_landmarks(size);
            let region = crate::region(config::Region::Eyes, &points, size);
            let mut share = 0.0;
            for seed in 0..40 {
                let change = squares(&skin(size), &worn(size, seed, &points));
                let all: f64 = change.iter().sum();
                let inside: f64 =
                    change.iter().zip(&region).filter(|(_, inside)| **inside).map(|(v, _)| v).sum();
                let area = region.iter().filter(|inside| **inside).count() as f64;
                assert!(inside / area > 30.0, "seed {seed} is not to be seen: {}", inside / area);
                share += inside / all / 40.0;
            }
            assert!(share > 0.85, "{size}: {share}");
        }
    }

    #[test]
    fn chin_and_hair_stay_as_they_were() {
        let (size, points) = (64, mean_landmarks(64));
        for seed in 0..40 {
            let change = squares(&skin(size), &worn(size, seed, &points));
            let far = |i: &usize| i / size < 10 || i / size > 46;
            assert!((0..size * size).filter(far).all(|i| change[i] == 0.0), "seed {seed}");
        }
    }

    #[test]
    fn a_seed_is_one_pair_and_another_seed_another() {
        let points = mean_landmarks(64);
        assert_eq!(worn(64, 4, &points), worn(64, 4, &points));
        assert_ne!(worn(64, 4, &points), worn(64, 5, &points));
    }

    #[test]
    fn glasses_turn_with_the_face_and_may_leave_the_picture() {
        let size = 64;
        // A quarter turn clockwise: the eyes stand above one another.
        let turned = mean_landmarks(size).map(|[x, y]| [63.0 - y, x]);
        let change = squares(&skin(size), &worn(size, 7, &turned));
        let band = |of: &dyn Fn(usize) -> bool| -> f64 {
            change.iter().enumerate().filter(|(i, _)| of(*i)).map(|(_, v)| v).sum()
        };
        let eyes = 63.0 - mean_landmarks(size)[0][1];
        let near = |i: usize| ((i % size) as f32 - eyes).abs() < 9.0;
        assert!(band(&near) > 0.8 * band(&|_| true));
        let outside = mean_landmarks(size).map(|[x, y]| [x - 30.0, y + 40.0]);
        worn(size, 7, &outside);
    }
}
