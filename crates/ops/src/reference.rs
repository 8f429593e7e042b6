//! The operations in burn's own terms: for every backend without a faster path, and the oracle of
//! the tests.

use burn::tensor::Tensor;
use burn::tensor::activation;
use burn::tensor::module;
use burn::tensor::ops::{ConvOptions, ConvTransposeOptions, PadMode};

use crate::{AdamStep, BatchNormOutput, Padding};

/// See [`crate::conv2d`].
pub fn conv2d(
    x: Tensor<4>,
    weight: Tensor<4>,
    bias: Option<Tensor<1>>,
    stride: usize,
    padding: Padding,
) -> Tensor<4> {
    let Padding { top, left, bottom, right } = padding;
    // Uneven padding is not differentiable on every backend: pad by hand.
    let (x, inner) = if top == bottom && left == right {
        (x, [top, left])
    } else {
        (x.pad((left, right, top, bottom), PadMode::Constant(0.0)), [0, 0])
    };
    let options = ConvOptions::new([stride, stride], inner, [1, 1], 1);
    module::conv2d(x, weight, bias, options)
}

/// See [`crate::conv_transpose2d`].
pub fn conv_transpose2d(
    x: Tensor<4>,
    weight: Tensor<4>,
    bias: Option<Tensor<1>>,
    stride: usize,
    padding: usize,
    padding_out: usize,
) -> Tensor<4> {
    let options = ConvTransposeOptions::new(
        [stride, stride],
        [padding, padding],
        [padding_out, padding_out],
        [1, 1],
        1,
    );
    module::conv_transpose2d(x, weight, bias, options)
}

/// See [`crate::batch_norm_leaky_relu`].
pub fn batch_norm_leaky_relu(
    x: Tensor<4>,
    gamma: Tensor<1>,
    beta: Tensor<1>,
    eps: f64,
    slope: f64,
) -> BatchNormOutput {
    let channels = x.dims()[1];
    let over_batch = |t: Tensor<4>| t.mean_dim(3).mean_dim(2).mean_dim(0);
    let mean = over_batch(x.clone());
    let centred = x.sub(mean.clone());
    let variance = over_batch(centred.clone().mul(centred.clone()));
    let output = scale_shift(centred, variance.clone(), gamma, beta, eps, slope);
    let flat = |t: Tensor<4>| t.detach().reshape([channels]);
    BatchNormOutput { output, mean: flat(mean), variance: flat(variance) }
}

/// See [`crate::batch_norm_leaky_relu_inference`].
pub fn batch_norm_leaky_relu_inference(
    x: Tensor<4>,
    gamma: Tensor<1>,
    beta: Tensor<1>,
    mean: Tensor<1>,
    variance: Tensor<1>,
    eps: f64,
    slope: f64,
) -> Tensor<4> {
    let centred = x.sub(per_channel(mean));
    scale_shift(centred, per_channel(variance), gamma, beta, eps, slope)
}

/// See [`crate::instance_norm_leaky_relu`].
pub fn instance_norm_leaky_relu(
    x: Tensor<4>,
    gamma: Tensor<1>,
    beta: Tensor<1>,
    eps: f64,
    slope: f64,
) -> Tensor<4> {
    let over_image = |t: Tensor<4>| t.mean_dim(3).mean_dim(2);
    let centred = x.clone().sub(over_image(x));
    let variance = over_image(centred.clone().mul(centred.clone()));
    scale_shift(centred, variance, gamma, beta, eps, slope)
}

/// Leaky ReLU of `x * scale + shift`, channel by channel.
pub fn scale_shift_leaky_relu(
    x: Tensor<4>,
    scale: Tensor<1>,
    shift: Tensor<1>,
    slope: f64,
) -> Tensor<4> {
    leaky_relu(x.mul(per_channel(scale)).add(per_channel(shift)), slope)
}

/// See [`crate::leaky_relu`].
pub fn leaky_relu(x: Tensor<4>, slope: f64) -> Tensor<4> {
    if slope == 1.0 { x } else { activation::leaky_relu(x, slope) }
}

/// Each pixel becomes a block of 2x2: `[N, C, H, W]` to `[N, C, 2H, 2W]`.
pub fn upsample_nearest2x(x: Tensor<4>) -> Tensor<4> {
    let [n, c, h, w] = x.dims();
    let blocks: Tensor<6> = x.reshape([n, c, h, 1, w, 1]);
    blocks.expand([n, c, h, 2, w, 2]).reshape([n, c, 2 * h, 2 * w])
}

/// The kernel of a transposed convolution of stride 2 and padding 1 that stands for
/// [`upsample_nearest2x`] and a 3x3 convolution: `[Co, Ci, 3, 3]` to `[Ci, Co, 4, 4]`.
pub fn upsampling_kernel(weight: Tensor<4>) -> Tensor<4> {
    let flipped = weight.swap_dims(0, 1).flip([2, 3]);
    let zero = PadMode::Constant(0.0);
    let rows = flipped.clone().pad((0, 0, 0, 1), zero).add(flipped.pad((0, 0, 1, 0), zero));
    rows.clone().pad((0, 1, 0, 0), zero).add(rows.pad((1, 0, 0, 0), zero))
}

/// See [`crate::adam`].
pub fn adam(
    parameter: Tensor<1>,
    gradient: Tensor<1>,
    [first, second]: [Tensor<1>; 2],
    step: AdamStep,
) -> (Tensor<1>, [Tensor<1>; 2]) {
    let first = first.mul_scalar(step.beta1) + gradient.clone().mul_scalar(1.0 - step.beta1);
    let second = second.mul_scalar(step.beta2) + gradient.square().mul_scalar(1.0 - step.beta2);
    let (rate, root) = step.corrections();
    let divisor = second.clone().sqrt().mul_scalar(root).add_scalar(step.epsilon);
    (parameter - first.clone().mul_scalar(rate).div(divisor), [first, second])
}

fn scale_shift(
    centred: Tensor<4>,
    variance: Tensor<4>,
    gamma: Tensor<1>,
    beta: Tensor<1>,
    eps: f64,
    slope: f64,
) -> Tensor<4> {
    let normal = centred.div(variance.add_scalar(eps).sqrt());
    leaky_relu(normal.mul(per_channel(gamma)).add(per_channel(beta)), slope)
}

fn per_channel(t: Tensor<1>) -> Tensor<4> {
    let [channels] = t.dims();
    t.reshape([1, channels, 1, 1])
}
