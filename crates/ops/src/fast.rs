//! The fast path: operations with hand-written gradients as an extension of burn, for the backends
//! that have [`Kernels`]. Parents that are not tracked get no gradient, and nothing is kept for them.

#[cfg(feature = "libtorch")]
use burn::backend::LibTorch;
use burn::backend::tensor::FloatTensor;
use burn::backend::{Backend, Dispatch, Flex, backend_extension};
use burn::tensor::{DType, Device, Tensor};

use crate::convolution::{Conv, Geometry, Indexing};
use crate::{AdamStep, BatchNormOutput, Padding, Precision};

/// Constants of a normalisation.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NormConstants {
    pub(crate) eps: f64,
    pub(crate) slope: f32,
}

/// What a backend has to bring; every tensor is single precision.
pub(crate) trait Kernels: Backend {
    /// `x` is the large image of `conv` if gathered from, the small one if scattered.
    fn convolution(
        x: &FloatTensor<Self>,
        weight: &FloatTensor<Self>,
        bias: &FloatTensor<Self>,
        conv: &Conv,
        direction: Indexing,
    ) -> FloatTensor<Self>;

    /// Gradients of input, weight and bias, as far as wanted. `x` is there if the weight's is
    /// wanted, `weight` if the input's is.
    fn convolution_gradients(
        dy: FloatTensor<Self>,
        x: Option<FloatTensor<Self>>,
        weight: Option<FloatTensor<Self>>,
        conv: &Conv,
        direction: Indexing,
        want: [bool; 3],
    ) -> [Option<FloatTensor<Self>>; 3];

    /// `[Co, Ci, 3, 3]` to `[Ci, Co, 4, 4]`: [`crate::reference::upsampling_kernel`].
    fn blocks(weight: &FloatTensor<Self>) -> FloatTensor<Self>;

    /// The weight's gradient, from that of what [`Kernels::blocks`] returned.
    fn blocks_gradient(gradient: FloatTensor<Self>) -> FloatTensor<Self>;

    /// Output, mean, biased variance.
    fn norm(
        x: &FloatTensor<Self>,
        affine: [&FloatTensor<Self>; 2],
        norm: NormConstants,
    ) -> [FloatTensor<Self>; 3];

    /// Gradients of input (if wanted), gamma and beta.
    fn norm_gradients(
        dy: FloatTensor<Self>,
        x: FloatTensor<Self>,
        affine: [FloatTensor<Self>; 2],
        statistics: [FloatTensor<Self>; 2],
        norm: NormConstants,
        want_x: bool,
    ) -> (Option<FloatTensor<Self>>, [FloatTensor<Self>; 2]);

    /// `leaky_relu(x * scale[c] + shift[c])`.
    fn scale_shift(
        x: &FloatTensor<Self>,
        factors: [&FloatTensor<Self>; 2],
        slope: f32,
    ) -> FloatTensor<Self>;

    /// Gradients of input, scale and shift; `y` is the output.
    fn scale_shift_gradients(
        dy: FloatTensor<Self>,
        x: FloatTensor<Self>,
        scale: FloatTensor<Self>,
        y: FloatTensor<Self>,
        slope: f32,
    ) -> [FloatTensor<Self>; 3];

    /// Leaky ReLU.
    fn rectified(x: &FloatTensor<Self>, slope: f32) -> FloatTensor<Self>;

    /// `y` is the output, which has its input's sign.
    fn rectified_gradient(
        dy: FloatTensor<Self>,
        y: FloatTensor<Self>,
        slope: f32,
    ) -> FloatTensor<Self>;

    /// Parameter, first and second moment after a step; in place where nobody else looks.
    fn adam(
        parameter: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        moments: [FloatTensor<Self>; 2],
        step: AdamStep,
    ) -> [FloatTensor<Self>; 3];
}

#[backend_extension(Flex, LibTorch: cfg(feature = "libtorch"), Autodiff)]
pub(crate) trait FastOps: Backend {
    fn convolve(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        conv: Conv,
        direction: Indexing,
    ) -> FloatTensor<Self>;

    fn upsampling_kernel(weight: FloatTensor<Self>) -> FloatTensor<Self>;

    /// Output, mean, variance.
    fn normalise(
        x: FloatTensor<Self>,
        gamma: FloatTensor<Self>,
        beta: FloatTensor<Self>,
        norm: NormConstants,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>);

    /// `leaky_relu(x * scale[c] + shift[c])`.
    fn scale_shift_activate(
        x: FloatTensor<Self>,
        scale: FloatTensor<Self>,
        shift: FloatTensor<Self>,
        slope: f32,
    ) -> FloatTensor<Self>;

    fn activate(x: FloatTensor<Self>, slope: f32) -> FloatTensor<Self>;

    /// Parameter, first and second moment.
    fn adam_step(
        parameter: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        first: FloatTensor<Self>,
        second: FloatTensor<Self>,
        step: AdamStep,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>);
}

macro_rules! plain {
    ($backend:ty) => {
        impl FastOps for $backend {
            fn convolve(
                x: FloatTensor<Self>,
                weight: FloatTensor<Self>,
                bias: FloatTensor<Self>,
                conv: Conv,
                direction: Indexing,
            ) -> FloatTensor<Self> {
                Self::convolution(&x, &weight, &bias, &conv, direction)
            }

            fn upsampling_kernel(weight: FloatTensor<Self>) -> FloatTensor<Self> {
                Self::blocks(&weight)
            }

            fn normalise(
                x: FloatTensor<Self>,
                gamma: FloatTensor<Self>,
                beta: FloatTensor<Self>,
                norm: NormConstants,
            ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>) {
                let [y, mean, variance] = Self::norm(&x, [&gamma, &beta], norm);
                (y, mean, variance)
            }

            fn scale_shift_activate(
                x: FloatTensor<Self>,
                scale: FloatTensor<Self>,
                shift: FloatTensor<Self>,
                slope: f32,
            ) -> FloatTensor<Self> {
                Self::scale_shift(&x, [&scale, &shift], slope)
            }

            fn activate(x: FloatTensor<Self>, slope: f32) -> FloatTensor<Self> {
                Self::rectified(&x, slope)
            }

            fn adam_step(
                parameter: FloatTensor<Self>,
                gradient: FloatTensor<Self>,
                first: FloatTensor<Self>,
                second: FloatTensor<Self>,
                step: AdamStep,
            ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>) {
                let [parameter, first, second] =
                    Self::adam(parameter, gradient, [first, second], step);
                (parameter, first, second)
            }
        }
    };
}

plain!(Flex);
#[cfg(feature = "libtorch")]
plain!(LibTorch);

/// Whether there are kernels for these tensors.
fn eligible(x: &Tensor<4>, others: &[DType]) -> bool {
    x.dims().iter().all(|&dim| dim > 0)
        && x.dtype() == DType::F32
        && others.iter().all(|&dtype| dtype == DType::F32)
        && has_kernels(&x.device())
}

/// Whether this device has fast paths.
pub(crate) fn has_kernels(device: &Device) -> bool {
    #[cfg(feature = "libtorch")]
    if *device == Device::libtorch() {
        return true;
    }
    *device == Device::flex()
}

/// See [`crate::conv2d`]; `None` if the tensors are not for the kernels.
pub(crate) fn conv2d(
    x: &Tensor<4>,
    weight: &Tensor<4>,
    bias: Option<&Tensor<1>>,
    stride: usize,
    padding: Padding,
    precision: Precision,
) -> Option<Tensor<4>> {
    let ([_, inputs, height, width], [outputs, expected, rows, columns]) =
        (x.dims(), weight.dims());
    let geometry = Geometry::new([height, width], [rows, columns], stride, padding)?;
    let conv = Conv { geometry, large_channels: inputs, small_channels: outputs, precision };
    let fits = inputs == expected && outputs > 0 && rows * columns > 0;
    convolve(x, weight, bias, conv, Indexing::Gather, fits)
}

/// See [`crate::conv_transpose2d`]; `None` if the tensors are not for the kernels.
pub(crate) fn conv_transpose2d(
    x: &Tensor<4>,
    weight: &Tensor<4>,
    bias: Option<&Tensor<1>>,
    stride: usize,
    (padding, padding_out): (usize, usize),
    precision: Precision,
) -> Option<Tensor<4>> {
    let ([_, inputs, height, width], [expected, outputs, rows, columns]) =
        (x.dims(), weight.dims());
    let grown = |side: usize, kernel: usize| {
        (side.checked_sub(1)? * stride + kernel + padding_out).checked_sub(2 * padding)
    };
    let large = [grown(height, rows)?, grown(width, columns)?];
    let around = Padding { top: padding, left: padding, bottom: padding, right: padding };
    let geometry = Geometry::new(large, [rows, columns], stride, around)?;
    let conv = Conv { geometry, large_channels: outputs, small_channels: inputs, precision };
    let fits = inputs == expected
        && outputs > 0
        && rows * columns > 0
        && large.iter().all(|&side| side > 0)
        && geometry.small == [height, width];
    convolve(x, weight, bias, conv, Indexing::Scatter, fits)
}

fn convolve(
    x: &Tensor<4>,
    weight: &Tensor<4>,
    bias: Option<&Tensor<1>>,
    conv: Conv,
    direction: Indexing,
    fits: bool,
) -> Option<Tensor<4>> {
    let dtypes = [weight.dtype(), bias.map_or(DType::F32, Tensor::dtype)];
    let in_precision = conv.precision == Precision::F32 || x.device() != Device::flex();
    if !fits || !in_precision || !eligible(x, &dtypes) {
        return None;
    }
    let bias =
        bias.cloned().unwrap_or_else(|| Tensor::zeros([conv.outputs(direction)], &x.device()));
    let (x, weight, bias) =
        (x.clone().into_dispatch(), weight.clone().into_dispatch(), bias.into_dispatch());
    let y = <Dispatch as FastOps>::convolve(x, weight, bias, conv, direction);
    Some(Tensor::from_dispatch(y))
}

/// See [`crate::reference::upsampling_kernel`]; `None` if the tensor is not for the kernels.
pub(crate) fn upsampling_kernel(weight: &Tensor<4>) -> Option<Tensor<4>> {
    let [.., rows, columns] = weight.dims();
    ([rows, columns] == [3, 3] && eligible(weight, &[])).then(|| {
        let kernel = <Dispatch as FastOps>::upsampling_kernel(weight.clone().into_dispatch());
        Tensor::from_dispatch(kernel)
    })
}

/// See [`crate::batch_norm_leaky_relu`]; `None` if the tensors are not for the kernels.
pub(crate) fn batch_norm_leaky_relu(
    x: &Tensor<4>,
    gamma: &Tensor<1>,
    beta: &Tensor<1>,
    eps: f64,
    slope: f64,
) -> Option<BatchNormOutput> {
    if !eligible(x, &[gamma.dtype(), beta.dtype()]) {
        return None;
    }
    let (output, mean, variance) = <Dispatch as FastOps>::normalise(
        x.clone().into_dispatch(),
        gamma.clone().into_dispatch(),
        beta.clone().into_dispatch(),
        NormConstants { eps, slope: slope as f32 },
    );
    Some(BatchNormOutput {
        output: Tensor::from_dispatch(output),
        mean: Tensor::from_dispatch(mean),
        variance: Tensor::from_dispatch(variance),
    })
}

/// `leaky_relu(x * scale[c] + shift[c])`; `None` if the tensors are not for the kernels.
pub(crate) fn scale_shift_leaky_relu(
    x: &Tensor<4>,
    scale: &Tensor<1>,
    shift: &Tensor<1>,
    slope: f64,
) -> Option<Tensor<4>> {
    if !eligible(x, &[scale.dtype(), shift.dtype()]) {
        return None;
    }
    let x = x.clone().into_dispatch();
    let (scale, shift) = (scale.clone().into_dispatch(), shift.clone().into_dispatch());
    let y = <Dispatch as FastOps>::scale_shift_activate(x, scale, shift, slope as f32);
    Some(Tensor::from_dispatch(y))
}

/// Whether [`adam`] can take these tensors.
pub(crate) fn has_adam(tensors: [&Tensor<1>; 4]) -> bool {
    tensors.iter().all(|t| t.dtype() == DType::F32) && has_kernels(&tensors[0].device())
}

/// See [`crate::adam`]. Consumes the tensors, so that what nobody else holds is reused.
pub(crate) fn adam(
    parameter: Tensor<1>,
    gradient: Tensor<1>,
    [first, second]: [Tensor<1>; 2],
    step: AdamStep,
) -> (Tensor<1>, [Tensor<1>; 2]) {
    let (parameter, first, second) = <Dispatch as FastOps>::adam_step(
        parameter.into_dispatch(),
        gradient.into_dispatch(),
        first.into_dispatch(),
        second.into_dispatch(),
        step,
    );
    (Tensor::from_dispatch(parameter), [first, second].map(Tensor::from_dispatch))
}

/// See [`crate::leaky_relu`]; `None` if the tensor is not for the kernels.
pub(crate) fn leaky_relu(x: &Tensor<4>, slope: f64) -> Option<Tensor<4>> {
    eligible(x, &[]).then(|| {
        let y = <Dispatch as FastOps>::activate(x.clone().into_dispatch(), slope as f32);
        Tensor::from_dispatch(y)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const F32: Precision = Precision::F32;

    const PADDING: Padding = Padding { top: 1, left: 1, bottom: 1, right: 1 };

    fn ones<const D: usize>(shape: [usize; D], dtype: DType) -> Tensor<D> {
        Tensor::ones(shape, (&Device::flex().autodiff(), dtype))
    }

    /// Which operations take tensors of this type.
    fn taken(dtype: DType) -> [bool; 6] {
        let (x, weight) = (ones([2, 3, 4, 4], dtype), ones([3, 3, 3, 3], dtype));
        let (gamma, beta) = (ones([3], dtype), ones([3], dtype));
        [
            conv2d(&x, &weight, Some(&beta), 1, PADDING, F32).is_some(),
            conv_transpose2d(&x, &weight, None, 2, (1, 1), F32).is_some(),
            upsampling_kernel(&weight).is_some(),
            batch_norm_leaky_relu(&x, &gamma, &beta, 1e-5, 0.2).is_some(),
            scale_shift_leaky_relu(&x, &gamma, &beta, 0.2).is_some(),
            leaky_relu(&x, 0.2).is_some(),
        ]
    }

    #[test]
    fn single_precision_takes_the_fast_path() {
        assert_eq!(taken(DType::F32), [true; 6]);
    }

    #[test]
    fn double_precision_is_left_to_burn() {
        assert_eq!(taken(DType::F64), [false; 6]);
        let x = ones([1, 1, 2, 2], DType::F64);
        let y = crate::conv2d(x, ones([1, 1, 3, 3], DType::F64), None, 1, PADDING, F32);
        assert_eq!(y.to_data().try_to_vec::<f64>().unwrap(), [4.0; 4]);
    }

    #[test]
    fn shapes_that_do_not_fit_are_left_to_burn() {
        let (x, weight) = (ones([1, 2, 4, 4], DType::F32), ones([3, 5, 3, 3], DType::F32));
        assert!(conv2d(&x, &weight, None, 1, PADDING, F32).is_none());
        let large = ones([3, 2, 9, 9], DType::F32);
        assert!(conv2d(&x, &large, None, 1, PADDING, F32).is_none());
        // More than the stride: pixels that no input pixel reaches.
        let weight = ones([2, 3, 3, 3], DType::F32);
        assert!(conv_transpose2d(&x, &weight, None, 1, (1, 1), F32).is_none());
    }
}
