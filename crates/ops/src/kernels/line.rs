//! The straight line that normalisation is once its statistics are known.

/// The forward pass' `(x - mean) * scale + shift`; the backward pass must find the same signs.
#[derive(Clone, Copy)]
pub(super) struct Line {
    pub(super) mean: f32,
    pub(super) scale: f32,
    pub(super) shift: f32,
}

impl Line {
    #[inline(always)]
    pub(super) fn at(self, x: f32) -> f32 {
        (x - self.mean) * self.scale + self.shift
    }
}
