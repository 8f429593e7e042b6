//! Differentiable operations where the backend's own are too slow for this method.
//!
//! Every function has a [`mod@reference`] built from burn's own operations, which serves all devices;
//! in single precision on burn-flex, and on libtorch's processor device (feature `libtorch`), a faster
//! one takes its place. No caller knows which it got.

#![cfg_attr(test, allow(clippy::unwrap_used))]
#![cfg_attr(
    feature = "libtorch",
    allow(deprecated, reason = "burn 0.22 is the last release line with libtorch")
)]

use burn::tensor::{FloatDType, Tensor};

mod convolution;
mod fast;
mod flex;
mod gradients;
mod kernels;
#[cfg(feature = "libtorch")]
mod libtorch;
mod parameters;
mod precision;
pub mod reference;

pub use parameters::{AdamStep, BatchNormOutput, Padding};
pub use precision::Precision;

/// Returns what the kernels make of it, if they can.
macro_rules! fast {
    ($call:expr) => {
        if let Some(result) = $call {
            return result;
        }
    };
}

/// Cross-correlation with zero padding; `precision` is that of the factors.
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
    precision: Precision,
) -> Tensor<4> {
    fast!(fast::conv2d(&x, &weight, bias.as_ref(), stride, padding, precision));
    match precision.reduced() {
        None => reference::conv2d(x, weight, bias, stride, padding),
        Some(dtype) => {
            let bias = bias.map(|bias| bias.cast(dtype));
            let (x, weight) = (x.cast(dtype), weight.cast(dtype));
            reference::conv2d(x, weight, bias, stride, padding).cast(FloatDType::F32)
        }
    }
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
    precision: Precision,
) -> Tensor<4> {
    let sides = (padding, padding_out);
    fast!(fast::conv_transpose2d(&x, &weight, bias.as_ref(), stride, sides, precision));
    match precision.reduced() {
        None => reference::conv_transpose2d(x, weight, bias, stride, padding, padding_out),
        Some(dtype) => {
            let bias = bias.map(|bias| bias.cast(dtype));
            let (x, weight) = (x.cast(dtype), weight.cast(dtype));
            reference::conv_transpose2d(x, weight, bias, stride, padding, padding_out)
                .cast(FloatDType::F32)
        }
    }
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
    fast!(fast::batch_norm_leaky_relu(&x, &gamma, &beta, eps, slope));
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
    fast!(fast::scale_shift_leaky_relu(&x, &scale, &shift, slope));
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
    fast!(fast::leaky_relu(&x, slope));
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
pub fn upsample_conv2d(
    x: Tensor<4>,
    weight: Tensor<4>,
    bias: Option<Tensor<1>>,
    precision: Precision,
) -> Tensor<4> {
    let kernel = match fast::upsampling_kernel(&weight) {
        Some(kernel) => kernel,
        None => reference::upsampling_kernel(weight),
    };
    conv_transpose2d(x, kernel, bias, 2, 1, 0, precision)
}

/// One step of Adam (Kingma and Ba 2015, with the epsilon of its section 2 and of PyTorch) on plain
/// tensors of one length. Memory that nobody else holds is reused.
///
/// Returns the parameter and both moments.
pub fn adam(
    parameter: Tensor<1>,
    gradient: Tensor<1>,
    moments: [Tensor<1>; 2],
    step: AdamStep,
) -> (Tensor<1>, [Tensor<1>; 2]) {
    match fast::has_adam([&parameter, &gradient, &moments[0], &moments[1]]) {
        true => fast::adam(parameter, gradient, moments, step),
        false => reference::adam(parameter, gradient, moments, step),
    }
}
