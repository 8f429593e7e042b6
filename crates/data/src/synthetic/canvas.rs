//! The picture under work: linear RGB, painted through soft stencils.
//!
//! `tiny-skia` rasterises anti-aliased coverage; colour stays in floating point, so that a stencil
//! can be blurred, frayed or cut by another one and filled with any shading.

use super::colour::{Rgb, mix, smoothstep};
use tiny_skia::{FillRule, LineCap, LineJoin, Mask, Path, Stroke, Transform};

/// Width of CelebA's aligned frame in pixels.
pub(super) const WIDTH: usize = 178;
/// Height of CelebA's aligned frame in pixels.
pub(super) const HEIGHT: usize = 218;

/// How much of each pixel of a rectangle a shape covers, in [0, 1].
#[derive(Clone)]
pub(super) struct Stencil {
    /// Left column, top row, one past the right column, one past the bottom row.
    rect: [usize; 4],
    cover: Vec<f32>,
}

impl Stencil {
    fn width(&self) -> usize {
        self.rect[2] - self.rect[0]
    }

    fn height(&self) -> usize {
        self.rect[3] - self.rect[1]
    }

    /// The coverage of one pixel of the frame.
    pub(super) fn at(&self, x: usize, y: usize) -> f32 {
        let [left, top, right, bottom] = self.rect;
        if x < left || x >= right || y < top || y >= bottom {
            return 0.0;
        }
        self.cover[(y - top) * (right - left) + x - left]
    }

    /// Each coverage replaced by `change(x, y, coverage)`, where it is not zero.
    pub(super) fn map(mut self, change: impl Fn(usize, usize, f32) -> f32) -> Stencil {
        let ([left, top, ..], width) = (self.rect, self.width());
        for (i, a) in self.cover.iter_mut().enumerate() {
            if *a > 0.0 {
                *a = change(left + i % width, top + i / width, *a);
            }
        }
        self
    }

    /// Only what also lies inside `other`.
    pub(super) fn inside(self, other: &Stencil) -> Stencil {
        self.map(|x, y, a| a * other.at(x, y))
    }

    /// Only what lies outside `other`.
    pub(super) fn outside(self, other: &Stencil) -> Stencil {
        self.map(|x, y, a| a * (1.0 - other.at(x, y)))
    }

    /// A blurred outline made hairy: where it fades, a noise in [0, 1] decides what stays. What is
    /// almost full or almost empty keeps its state, so nothing floats free of the shape.
    pub(super) fn fray(self, amount: f32, noise: impl Fn(usize, usize) -> f32) -> Stencil {
        self.map(|x, y, a| {
            if a > 0.97 {
                return 1.0;
            }
            let doubt = amount * (4.0 * a * (1.0 - a)).min(1.0);
            smoothstep(0.22, 0.78, a + (noise(x, y) - 0.5) * doubt)
        })
    }

    /// Without the pixels that `cover` hides entirely: they need no painting.
    pub(super) fn unless_under(self, cover: &Stencil) -> Stencil {
        self.map(|x, y, a| if cover.at(x, y) >= 1.0 { 0.0 } else { a })
    }

    /// Moved by (dx, dy) pixels, rounded; what leaves the frame is lost.
    pub(super) fn moved(&self, dx: f32, dy: f32) -> Stencil {
        let (dx, dy) = (dx.round() as isize, dy.round() as isize);
        let clamp = |v: usize, d: isize, limit: usize| v.saturating_add_signed(d).min(limit);
        let [left, top, right, bottom] = self.rect;
        let rect = [
            clamp(left, dx, WIDTH),
            clamp(top, dy, HEIGHT),
            clamp(right, dx, WIDTH),
            clamp(bottom, dy, HEIGHT),
        ];
        let mut cover = Vec::with_capacity((rect[2] - rect[0]) * (rect[3] - rect[1]));
        for y in rect[1]..rect[3] {
            for x in rect[0]..rect[2] {
                cover.push(self.at(x.wrapping_add_signed(-dx), y.wrapping_add_signed(-dy)));
            }
        }
        Stencil { rect, cover }
    }

    /// Blurred with a deviation of `sigma` pixels; the rectangle grows by what the blur needs.
    pub(super) fn soft(self, sigma: f32) -> Stencil {
        if self.cover.is_empty() {
            return self;
        }
        let mut grown = self.padded((2.5 * sigma).ceil() as usize + 1);
        let (width, height) = (grown.width(), grown.height());
        blur(&mut grown.cover, width, height, sigma);
        grown
    }

    fn padded(&self, by: usize) -> Stencil {
        let [left, top, right, bottom] = self.rect;
        let rect = [
            left.saturating_sub(by),
            top.saturating_sub(by),
            (right + by).min(WIDTH),
            (bottom + by).min(HEIGHT),
        ];
        let width = rect[2] - rect[0];
        let mut cover = vec![0.0; width * (rect[3] - rect[1])];
        for (row, line) in self.cover.chunks_exact(self.width()).enumerate() {
            let start = (top + row - rect[1]) * width + left - rect[0];
            cover[start..start + line.len()].copy_from_slice(line);
        }
        Stencil { rect, cover }
    }
}

/// Two box passes of fractional width, close to a Gaussian of deviation `sigma`; the border repeats.
pub(super) fn blur(values: &mut [f32], width: usize, height: usize, sigma: f32) {
    let box_width = (6.0 * sigma * sigma + 1.0).sqrt();
    let radius = ((box_width - 1.0) / 2.0) as usize;
    let edge = (box_width - (2 * radius + 1) as f32) / 2.0;
    let mut scratch = vec![0.0; values.len()];
    // A line with its ends repeated, so that the sums need no bounds.
    let mut line = vec![0.0; width + 2 * radius + 3];
    for _ in 0..2 {
        for (row, out) in values.chunks_exact(width).zip(scratch.chunks_exact_mut(width)) {
            line[..=radius].fill(row[0]);
            line[radius + 1..radius + 1 + width].copy_from_slice(row);
            line[radius + 1 + width..].fill(row[width - 1]);
            let mut sum: f32 = line[1..2 * radius + 2].iter().sum();
            for (x, out) in out.iter_mut().enumerate() {
                let after = line[x + 2 * radius + 2];
                *out = (sum + edge * (line[x] + after)) / box_width;
                sum += after - line[x + 1];
            }
        }
        let row = |y: isize| {
            let y = y.clamp(0, height as isize - 1) as usize;
            &scratch[y * width..(y + 1) * width]
        };
        let reach = radius as isize;
        let sums = &mut line[..width];
        sums.fill(0.0);
        for y in -reach..=reach {
            sums.iter_mut().zip(row(y)).for_each(|(s, v)| *s += v);
        }
        for (y, out) in values.chunks_exact_mut(width).enumerate() {
            let y = y as isize;
            let (before, after, first) = (row(y - reach - 1), row(y + reach + 1), row(y - reach));
            for x in 0..width {
                out[x] = (sums[x] + edge * (before[x] + after[x])) / box_width;
                sums[x] += after[x] - first[x];
            }
        }
    }
}

/// Rasterises paths into stencils.
pub(super) struct Pencil {
    mask: Mask,
}

impl Pencil {
    pub(super) fn new() -> Pencil {
        let mask = Mask::new(WIDTH as u32, HEIGHT as u32).expect("the frame is not empty");
        Pencil { mask }
    }

    /// The inside of a path (`None`, a degenerate path, covers nothing).
    pub(super) fn fill(&mut self, path: Option<&Path>) -> Stencil {
        let empty = Stencil { rect: [0; 4], cover: Vec::new() };
        let Some(path) = path else { return empty };
        let bounds = path.bounds();
        let low = |v: f32, limit: usize| (v.floor().max(0.0) as usize).min(limit);
        let high = |v: f32, limit: usize| (v.ceil().max(0.0) as usize).min(limit);
        let rect = [
            low(bounds.left(), WIDTH),
            low(bounds.top(), HEIGHT),
            high(bounds.right(), WIDTH),
            high(bounds.bottom(), HEIGHT),
        ];
        if rect[0] >= rect[2] || rect[1] >= rect[3] {
            return empty;
        }
        self.mask.fill_path(path, FillRule::Winding, true, Transform::identity());
        let mut cover = Vec::with_capacity((rect[2] - rect[0]) * (rect[3] - rect[1]));
        for y in rect[1]..rect[3] {
            let line = &mut self.mask.data_mut()[y * WIDTH + rect[0]..y * WIDTH + rect[2]];
            cover.extend(line.iter().map(|&a| f32::from(a) / 255.0));
            line.fill(0);
        }
        Stencil { rect, cover }
    }

    /// A line of the given width along a path, with round ends.
    pub(super) fn line(&mut self, path: Option<&Path>, width: f32) -> Stencil {
        let pen = Stroke {
            width,
            line_cap: LineCap::Round,
            line_join: LineJoin::Round,
            ..Stroke::default()
        };
        let outline = path.and_then(|p| p.stroke(&pen, 1.0));
        self.fill(outline.as_ref())
    }
}

/// The picture: one linear colour per pixel, row by row.
pub(super) struct Canvas {
    pub(super) pixels: Vec<Rgb>,
}

impl Canvas {
    pub(super) fn new() -> Canvas {
        Canvas { pixels: vec![[0.0; 3]; WIDTH * HEIGHT] }
    }

    /// Covers the stencil with `colour(x, y, what is there)`.
    pub(super) fn paint(&mut self, stencil: &Stencil, colour: impl Fn(usize, usize, Rgb) -> Rgb) {
        let [left, top, right, bottom] = stencil.rect;
        if stencil.cover.is_empty() {
            return;
        }
        for (y, line) in (top..bottom).zip(stencil.cover.chunks_exact(right - left)) {
            for (x, &a) in (left..right).zip(line) {
                if a > 0.002 {
                    let under = &mut self.pixels[y * WIDTH + x];
                    *under = mix(*under, colour(x, y, *under), a.min(1.0));
                }
            }
        }
    }

    /// Covers the stencil with one colour, as opaque as `alpha`.
    pub(super) fn wash(&mut self, stencil: &Stencil, colour: Rgb, alpha: f32) {
        self.paint(stencil, |_, _, under| mix(under, colour, alpha));
    }

    /// Darkens under the stencil: the light left there is `1 - depth` in each channel.
    pub(super) fn shade(&mut self, stencil: &Stencil, depth: Rgb) {
        self.paint(stencil, |_, _, u| {
            [u[0] * (1.0 - depth[0]), u[1] * (1.0 - depth[1]), u[2] * (1.0 - depth[2])]
        });
    }
}
