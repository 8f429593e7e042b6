//! Coverage of pixels by shapes, in a square picture.

use tiny_skia::{FillRule, LineCap, LineJoin, Mask, Path, Stroke, Transform};

/// How much of each pixel a shape covers, in [0, 1], row by row.
#[derive(Clone)]
pub(super) struct Cover {
    pub(super) side: usize,
    pub(super) values: Vec<f32>,
}

impl Cover {
    /// Nothing of a picture of this side.
    pub(super) fn empty(side: usize) -> Cover {
        Cover { side, values: vec![0.0; side * side] }
    }

    /// The inside of a path.
    pub(super) fn fill(side: usize, path: Option<&Path>) -> Cover {
        let mask = Mask::new(side as u32, side as u32);
        let (Some(mut mask), Some(path)) = (mask, path) else { return Cover::empty(side) };
        mask.fill_path(path, FillRule::Winding, true, Transform::identity());
        Cover { side, values: mask.data().iter().map(|v| f32::from(*v) / 255.0).collect() }
    }

    /// A line of this width along a path, with round ends.
    pub(super) fn line(side: usize, path: Option<&Path>, width: f32) -> Cover {
        let pen = Stroke {
            width,
            line_cap: LineCap::Round,
            line_join: LineJoin::Round,
            ..Stroke::default()
        };
        Cover::fill(side, path.and_then(|path| path.stroke(&pen, 1.0)).as_ref())
    }

    /// Where this covers or `other` does.
    pub(super) fn or(mut self, other: &Cover) -> Cover {
        self.values.iter_mut().zip(&other.values).for_each(|(a, b)| *a = a.max(*b));
        self
    }

    /// The same, weaker.
    pub(super) fn times(mut self, share: f32) -> Cover {
        self.values.iter_mut().for_each(|v| *v *= share);
        self
    }

    /// One pixel; nothing outside.
    pub(super) fn at(&self, x: isize, y: isize) -> f32 {
        let inside = |v: isize| (0..self.side as isize).contains(&v);
        if inside(x) && inside(y) { self.values[y as usize * self.side + x as usize] } else { 0.0 }
    }

    /// Moved by whole pixels and blurred over a square of this radius.
    pub(super) fn shadow(&self, [dx, dy]: [isize; 2], radius: usize) -> Cover {
        let side = self.side;
        let count = (2 * radius + 1) as f32;
        let reach = radius as isize;
        let mut rows = Cover::empty(side);
        for (i, out) in rows.values.iter_mut().enumerate() {
            let (x, y) = ((i % side) as isize - dx, (i / side) as isize - dy);
            *out = (-reach..=reach).map(|k| self.at(x + k, y)).sum::<f32>() / count;
        }
        let mut both = Cover::empty(side);
        for (i, out) in both.values.iter_mut().enumerate() {
            let (x, y) = ((i % side) as isize, (i / side) as isize);
            *out = (-reach..=reach).map(|k| rows.at(x, y + k)).sum::<f32>() / count;
        }
        both
    }
}
