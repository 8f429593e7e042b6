//! Differentiable operations where the backend's own are too slow for this method.
//!
//! Every function has a [`reference`] built from burn's own operations, which serves all devices;
//! on burn-flex in single precision (feature `flex`) a fused implementation takes its place.

#![cfg_attr(test, allow(clippy::unwrap_used))]

use burn::tensor::Tensor;
use burn::tensor::ops::PadMode;

#[cfg(feature = "flex")]
mod flex;
#[cfg(feature = "flex")]
mod kernels;
pub mod reference;

/// Returns what the kernels make of it, if they can.
macro_rules! fast {
    ($call:expr) => {
        #[cfg(feature = "flex")]
        if let Some(result) = $call {
            return result;
        }
    };
}

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

/// Cross-correlation with zero padding.
///
/// # Shapes
/// `x` `[N, Ci, H, W]`, `weight` `[Co, Ci, Kh, Kw]`, `bias` `[Co]` to
/// `[N, Co, (H + top + bottom - Kh) / stride + 1, ...]`.
pub fn conv2d(
    x: Tensor<4>,
    weight: Tensor<4>,
    bias: Option<Tensor<1>>,
    stride: usize,
    padding: Padding,
) -> Tensor<4> {
    fast!(flex::conv2d(&x, &weight, bias.as_ref(), stride, padding));
    reference::conv2d(x, weight, bias, stride, padding)
}

/// Transposed convolution: the input gradient of [`conv2d`] as an operation of its own.
///
/// # Shapes
/// `x` `[N, Ci, H, W]`, `weight` `[Ci, Co, Kh, Kw]`, `bias` `[Co]` to
/// `[N, Co, (H - 1) * stride + Kh + padding_out - 2 * padding, ...]`.
pub fn conv_transpose2d(
    x: Tensor<4>,
    weight: Tensor<4>,
    bias: Option<Tensor<1>>,
    stride: usize,
    padding: usize,
    padding_out: usize,
) -> Tensor<4> {
    fast!(flex::conv_transpose2d(&x, &weight, bias.as_ref(), stride, padding, padding_out));
    reference::conv_transpose2d(x, weight, bias, stride, padding, padding_out)
}

/// Batch normalisation with the batch's own statistics (over N, H, W; biased variance), scale,
/// shift, then leaky ReLU. `slope` 1 leaves the activation out.
///
/// # Shapes
/// `x` `[N, C, H, W]`, `gamma` and `beta` `[C]`.
pub fn batch_norm_leaky_relu(
    x: Tensor<4>,
    gamma: Tensor<1>,
    beta: Tensor<1>,
    eps: f64,
    slope: f64,
) -> BatchNormOutput {
    fast!(flex::batch_norm_leaky_relu(&x, &gamma, &beta, eps, slope));
    reference::batch_norm_leaky_relu(x, gamma, beta, eps, slope)
}

/// Batch normalisation with given statistics, then leaky ReLU.
///
/// # Shapes
/// `x` `[N, C, H, W]`, all others `[C]`.
pub fn batch_norm_leaky_relu_inference(
    x: Tensor<4>,
    gamma: Tensor<1>,
    beta: Tensor<1>,
    mean: Tensor<1>,
    variance: Tensor<1>,
    eps: f64,
    slope: f64,
) -> Tensor<4> {
    let scale = gamma.div(variance.add_scalar(eps).sqrt());
    let shift = beta.sub(mean.mul(scale.clone()));
    fast!(flex::scale_shift_leaky_relu(&x, &scale, &shift, slope));
    reference::scale_shift_leaky_relu(x, scale, shift, slope)
}

/// Instance normalisation (statistics over H, W of each image), scale, shift, then leaky ReLU.
///
/// # Shapes
/// `x` `[N, C, H, W]`, `gamma` and `beta` `[C]`.
pub fn instance_norm_leaky_relu(
    x: Tensor<4>,
    gamma: Tensor<1>,
    beta: Tensor<1>,
    eps: f64,
    slope: f64,
) -> Tensor<4> {
    // One image's channel is normalised as one channel of a batch of one.
    let [n, c, h, w] = x.dims();
    let of_each = |t: Tensor<1>| t.reshape([1, c]).repeat_dim(0, n).reshape([n * c]);
    let images = x.reshape([1, n * c, h, w]);
    batch_norm_leaky_relu(images, of_each(gamma), of_each(beta), eps, slope)
        .output
        .reshape([n, c, h, w])
}

/// `x` where positive, `slope * x` elsewhere; `slope` is not negative.
pub fn leaky_relu(x: Tensor<4>, slope: f64) -> Tensor<4> {
    if slope == 1.0 {
        return x;
    }
    fast!(flex::leaky_relu(&x, slope));
    reference::leaky_relu(x, slope)
}

/// Each pixel becomes a block of 2x2 ([`reference::upsample_nearest2x`]), then a 3x3 [`conv2d`] with
/// padding 1; the large image between is never made.
///
/// Each output pixel sees only 2x2 different input pixels, so that both together are a transposed
/// convolution whose 4x4 kernel holds sums of the 3x3 one's weights.
///
/// # Shapes
/// `x` `[N, Ci, H, W]`, `weight` `[Co, Ci, 3, 3]`, `bias` `[Co]` to `[N, Co, 2H, 2W]`.
pub fn upsample_conv2d(x: Tensor<4>, weight: Tensor<4>, bias: Option<Tensor<1>>) -> Tensor<4> {
    let flipped = weight.swap_dims(0, 1).flip([2, 3]);
    let zero = PadMode::Constant(0.0);
    let rows = flipped.clone().pad((0, 0, 0, 1), zero).add(flipped.pad((0, 0, 1, 0), zero));
    let both = rows.clone().pad((0, 1, 0, 0), zero).add(rows.pad((1, 0, 0, 0), zero));
    conv_transpose2d(x, both, bias, 2, 1, 0)
}
