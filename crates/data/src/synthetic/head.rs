//! The head's outline: skull, cheeks, jaw and chin.

use super::curve::{Point, sampled};
use super::drawn_attribute::DrawnAttribute;
use super::params::FaceParams;
use super::view::View;

/// Half of the outline (the image's right) from the crown to the chin: x, y and the depth that
/// decides how far a turn of the head moves the point.
pub(super) fn half(face: &FaceParams) -> Vec<[f32; 3]> {
    let s = &face.person.skull;
    let male = face.male();
    // Male jaws are broad and square, female ones taper; age lets the flesh above the jaw sag.
    let jaw = s.jaw * if male { 1.045 } else { 0.945 };
    let chin = s.chin_width * if male { 1.14 } else { 0.86 };
    let low = s.chin_length + if male { 2.0 } else { -1.5 };
    let jowl = face.choose(DrawnAttribute::Young, 0.0, 1.8);
    let w = s.width;
    let full = s.fullness * 1.1;
    vec![
        [0.0, -81.0, 0.0],
        [22.0 * w, -75.5, 0.0],
        [37.5 * w, -58.0, 0.0],
        [44.0 * w, -34.0, 0.0],
        [45.2 * w, -10.0, 0.0],
        [44.6 * w * s.cheekbones, 12.0, 2.0],
        [42.0 * w * lerp_jaw(jaw, 0.4) + full, 31.0, 6.0],
        [36.0 * w * jaw + full + jowl, 50.0, 12.0],
        [25.5 * w * lerp_jaw(chin, 0.6) * jaw + full * 0.6 + jowl * 0.6, 66.0 + low * 0.7, 22.0],
        [12.5 * w * chin, 75.8 + low, 29.0],
        [0.0, 78.5 + low - s.cleft * 0.6, 31.0],
    ]
}

fn lerp_jaw(factor: f32, share: f32) -> f32 {
    1.0 + (factor - 1.0) * share
}

/// The whole outline, clockwise from the crown, each point through `place`.
pub(super) fn whole(half: &[[f32; 3]], place: impl Fn([f32; 3]) -> Point) -> Vec<Point> {
    let left = half[1..half.len() - 1].iter().rev().map(|&[x, y, z]| [-x, y, z]);
    half.iter().copied().chain(left).map(place).collect()
}

/// Half the width of the face at a height, from the half outline.
pub(super) fn half_width(half: &[[f32; 3]], y: f32) -> f32 {
    let i = (1..half.len() - 1).find(|&i| half[i][1] >= y).unwrap_or(half.len() - 1);
    let ([x0, y0, _], [x1, y1, _]) = (half[i - 1], half[i]);
    x0 + (x1 - x0) * ((y - y0) / (y1 - y0)).clamp(0.0, 1.0)
}

/// Left and right end of the turned head at every height, in coordinates of [`View::posed`].
pub(super) struct Extents {
    top: f32,
    rows: Vec<[f32; 2]>,
}

impl Extents {
    pub(super) fn new(half: &[[f32; 3]], view: &View) -> Extents {
        let line = sampled(&whole(half, |p| view.posed_rim(p)), true, 10);
        let top = line.iter().map(|p| p[1]).fold(f32::MAX, f32::min);
        let bottom = line.iter().map(|p| p[1]).fold(f32::MIN, f32::max);
        let mut rows = vec![[f32::MAX, f32::MIN]; (bottom - top).ceil() as usize + 2];
        for pair in line.windows(2) {
            let ([x0, y0], [x1, y1]) = (pair[0], pair[1]);
            let (low, high) = (y0.min(y1) - top, y0.max(y1) - top);
            let (first, last) = (low.ceil() as usize, high.floor() as usize);
            for (row, extent) in rows.iter_mut().enumerate().take(last + 1).skip(first) {
                let t = if high > low { (row as f32 + top - y0) / (y1 - y0) } else { 0.0 };
                let x = x0 + (x1 - x0) * t.clamp(0.0, 1.0);
                *extent = [extent[0].min(x), extent[1].max(x)];
            }
        }
        // Rows that no piece of the outline crosses (crown and chin) repeat their neighbour.
        for i in 1..rows.len() {
            if rows[i][0] > rows[i][1] {
                rows[i] = rows[i - 1];
            }
        }
        Extents { top, rows }
    }

    /// Middle and half width at a height.
    pub(super) fn at(&self, y: f32) -> (f32, f32) {
        let place = (y - self.top).clamp(0.0, (self.rows.len() - 2) as f32);
        let i = place as usize;
        let t = place - i as f32;
        let blend = |k: usize| self.rows[i][k] + (self.rows[i + 1][k] - self.rows[i][k]) * t;
        let (left, right) = (blend(0), blend(1));
        (0.5 * (left + right), (0.5 * (right - left)).max(0.5))
    }
}
