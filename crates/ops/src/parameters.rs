//! What operations take and give beside tensors alone.

use burn::tensor::Tensor;

/// Zeros added around an image, in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Padding {
    /// Rows above.
    pub top: usize,
    /// Columns before.
    pub left: usize,
    /// Rows below.
    pub bottom: usize,
    /// Columns after.
    pub right: usize,
}

/// What batch normalisation in training puts out.
#[derive(Clone, Debug)]
pub struct BatchNormOutput {
    /// `[N, C, H, W]`, normalised, scaled, shifted, activated.
    pub output: Tensor<4>,
    /// The batch's mean, `[C]`; carries no gradient.
    pub mean: Tensor<1>,
    /// The batch's biased variance, `[C]`; carries no gradient.
    pub variance: Tensor<1>,
}

/// Constants of one step of Adam.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AdamStep {
    /// Learning rate.
    pub rate: f64,
    /// Decay of the first moment.
    pub beta1: f64,
    /// Decay of the second moment.
    pub beta2: f64,
    /// Added to the root of the second moment.
    pub epsilon: f64,
    /// From 1: how many steps these moments have seen, this one included.
    pub step: usize,
}

impl AdamStep {
    /// What the first moment is multiplied by, and what the root of the second is: the learning
    /// rate and both corrections of the bias towards zero.
    pub(crate) fn corrections(&self) -> (f64, f64) {
        let power = |beta: f64| 1.0 - beta.powf(self.step as f64);
        (self.rate / power(self.beta1), power(self.beta2).sqrt().recip())
    }
}
