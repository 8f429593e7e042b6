//! The fast path: our kernels as an extension of burn-flex, with hand-written gradients. Parents
//! that are not tracked get none, and nothing is kept for them.

use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::tensor::FloatTensor;
use burn::backend::{
    Autodiff, AutodiffBackend, Backend, Dispatch, Flex, TensorMetadata, backend_extension,
};
use burn::tensor::{DType, Device, Tensor, TensorData};
use burn_flex::FlexTensor;

use crate::kernels::conv::Conv;
use crate::kernels::norm::Norm;
use crate::kernels::{Geometry, pixelwise};
use crate::{BatchNormOutput, Padding};

/// Which image of a [`Conv`] the input is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Direction {
    /// A convolution: the large one.
    Gather,
    /// A transposed convolution: the small one.
    Scatter,
}

#[backend_extension(Flex, Autodiff)]
pub(crate) trait FastOps: Backend {
    fn convolve(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        conv: Conv,
        direction: Direction,
    ) -> FloatTensor<Self>;

    /// Output, mean, variance.
    fn normalise(
        x: FloatTensor<Self>,
        gamma: FloatTensor<Self>,
        beta: FloatTensor<Self>,
        norm: Norm,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>);

    /// `leaky_relu(x * scale[c] + shift[c])`.
    fn scale_shift_activate(
        x: FloatTensor<Self>,
        scale: FloatTensor<Self>,
        shift: FloatTensor<Self>,
        slope: f32,
    ) -> FloatTensor<Self>;

    fn activate(x: FloatTensor<Self>, slope: f32) -> FloatTensor<Self>;
}

/// Whether the kernels can take these tensors.
fn eligible(x: &Tensor<4>, others: &[DType]) -> bool {
    x.dims().iter().all(|&dim| dim > 0)
        && x.dtype() == DType::F32
        && others.iter().all(|&dtype| dtype == DType::F32)
        && x.device() == Device::flex()
}

/// See [`crate::conv2d`]; `None` if the tensors are not for the kernels.
pub(crate) fn conv2d(
    x: &Tensor<4>,
    weight: &Tensor<4>,
    bias: Option<&Tensor<1>>,
    stride: usize,
    padding: Padding,
) -> Option<Tensor<4>> {
    let ([_, inputs, height, width], [outputs, expected, rows, columns]) =
        (x.dims(), weight.dims());
    let geometry = Geometry::new([height, width], [rows, columns], stride, padding)?;
    let conv = Conv { geometry, large_channels: inputs, small_channels: outputs };
    let fits = inputs == expected && outputs > 0 && rows * columns > 0;
    convolve(x, weight, bias, conv, Direction::Gather, fits)
}

/// See [`crate::conv_transpose2d`]; `None` if the tensors are not for the kernels.
pub(crate) fn conv_transpose2d(
    x: &Tensor<4>,
    weight: &Tensor<4>,
    bias: Option<&Tensor<1>>,
    stride: usize,
    padding: usize,
    padding_out: usize,
) -> Option<Tensor<4>> {
    let ([_, inputs, height, width], [expected, outputs, rows, columns]) =
        (x.dims(), weight.dims());
    let grown = |side: usize, kernel: usize| {
        (side.checked_sub(1)? * stride + kernel + padding_out).checked_sub(2 * padding)
    };
    let large = [grown(height, rows)?, grown(width, columns)?];
    let around = Padding { top: padding, left: padding, bottom: padding, right: padding };
    let geometry = Geometry::new(large, [rows, columns], stride, around)?;
    let conv = Conv { geometry, large_channels: outputs, small_channels: inputs };
    let fits = inputs == expected
        && outputs > 0
        && rows * columns > 0
        && large.iter().all(|&side| side > 0)
        && geometry.small == [height, width];
    convolve(x, weight, bias, conv, Direction::Scatter, fits)
}

fn convolve(
    x: &Tensor<4>,
    weight: &Tensor<4>,
    bias: Option<&Tensor<1>>,
    conv: Conv,
    direction: Direction,
    fits: bool,
) -> Option<Tensor<4>> {
    let dtypes = [weight.dtype(), bias.map_or(DType::F32, Tensor::dtype)];
    if !fits || !eligible(x, &dtypes) {
        return None;
    }
    let bias = bias.cloned().unwrap_or_else(|| {
        let outputs = match direction {
            Direction::Gather => conv.small_channels,
            Direction::Scatter => conv.large_channels,
        };
        Tensor::zeros([outputs], &x.device())
    });
    let (x, weight, bias) =
        (x.clone().into_dispatch(), weight.clone().into_dispatch(), bias.into_dispatch());
    let y = <Dispatch as FastOps>::convolve(x, weight, bias, conv, direction);
    Some(Tensor::from_dispatch(y))
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
    let [_, channels, height, width] = x.dims();
    let norm = Norm { channels, pixels: height * width, eps, slope: slope as f32 };
    let (output, mean, variance) = <Dispatch as FastOps>::normalise(
        x.clone().into_dispatch(),
        gamma.clone().into_dispatch(),
        beta.clone().into_dispatch(),
        norm,
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

/// See [`crate::leaky_relu`]; `None` if the tensor is not for the kernels.
pub(crate) fn leaky_relu(x: &Tensor<4>, slope: f64) -> Option<Tensor<4>> {
    eligible(x, &[]).then(|| {
        let y = <Dispatch as FastOps>::activate(x.clone().into_dispatch(), slope as f32);
        Tensor::from_dispatch(y)
    })
}

/// The numbers of a tensor made dense by [`FlexTensor::to_contiguous`].
fn numbers(dense: &FlexTensor) -> &[f32] {
    dense.storage::<f32>()
}

fn tensor<const D: usize>(numbers: Vec<f32>, shape: [usize; D]) -> FlexTensor {
    FlexTensor::from_data(TensorData::new(numbers, shape))
}

fn dims<const D: usize>(x: &FlexTensor) -> [usize; D] {
    x.shape().dims()
}

fn pixels(x: &FlexTensor) -> usize {
    let [_, _, height, width] = dims(x);
    height * width
}

impl FastOps for Flex {
    fn convolve(
        x: FlexTensor,
        weight: FlexTensor,
        bias: FlexTensor,
        conv: Conv,
        direction: Direction,
    ) -> FlexTensor {
        convolve_plain(&x, &weight, Some(&bias), conv, direction)
    }

    fn normalise(
        x: FlexTensor,
        gamma: FlexTensor,
        beta: FlexTensor,
        norm: Norm,
    ) -> (FlexTensor, FlexTensor, FlexTensor) {
        let shape: [usize; 4] = dims(&x);
        let (x, gamma, beta) = (x.to_contiguous(), gamma.to_contiguous(), beta.to_contiguous());
        let normed = norm.forward(numbers(&x), numbers(&gamma), numbers(&beta));
        let statistics = [norm.channels];
        (
            tensor(normed.output, shape),
            tensor(normed.mean, statistics),
            tensor(normed.variance, statistics),
        )
    }

    fn scale_shift_activate(
        x: FlexTensor,
        scale: FlexTensor,
        shift: FlexTensor,
        slope: f32,
    ) -> FlexTensor {
        let (x, scale, shift) = (x.to_contiguous(), scale.to_contiguous(), shift.to_contiguous());
        let (scale, shift) = (numbers(&scale), numbers(&shift));
        let y = pixelwise::scale_shift_leaky_relu(numbers(&x), pixels(&x), [scale, shift], slope);
        tensor::<4>(y, dims(&x))
    }

    fn activate(x: FlexTensor, slope: f32) -> FlexTensor {
        let x = x.to_contiguous();
        tensor::<4>(pixelwise::leaky_relu(numbers(&x), slope), dims(&x))
    }
}

fn convolve_plain(
    x: &FlexTensor,
    weight: &FlexTensor,
    bias: Option<&FlexTensor>,
    conv: Conv,
    direction: Direction,
) -> FlexTensor {
    let [images, ..]: [usize; 4] = dims(x);
    let (x, weight) = (x.to_contiguous(), weight.to_contiguous());
    let bias = bias.map(FlexTensor::to_contiguous);
    let bias = bias.as_ref().map(numbers);
    let (x, weight) = (numbers(&x), numbers(&weight));
    match direction {
        Direction::Gather => {
            let [height, width] = conv.geometry.small;
            let y = conv.gather(x, weight, bias, images);
            tensor(y, [images, conv.small_channels, height, width])
        }
        Direction::Scatter => {
            let [height, width] = conv.geometry.large;
            let y = conv.scatter(x, weight, bias, images);
            tensor(y, [images, conv.large_channels, height, width])
        }
    }
}

#[derive(Debug)]
struct ConvolveBackward;

#[derive(Clone, Debug)]
struct ConvolveState {
    /// Kept if the weight is tracked.
    x: Option<FlexTensor>,
    /// Kept if the input is tracked.
    weight: Option<FlexTensor>,
    conv: Conv,
    direction: Direction,
}

impl Backward<Flex, 3> for ConvolveBackward {
    type State = ConvolveState;

    fn backward(
        self,
        ops: Ops<Self::State, 3>,
        grads: &mut Gradients,
        _checkpointer: &mut Checkpointer,
    ) {
        let [for_x, for_weight, for_bias] = ops.parents;
        let ConvolveState { x, weight, conv, direction } = ops.state;
        let dy = grads.consume::<Flex>(&ops.node).to_contiguous();
        let [images, channels, ..]: [usize; 4] = dims(&dy);
        if let (Some(node), Some(weight)) = (for_x, weight) {
            let back = match direction {
                Direction::Gather => Direction::Scatter,
                Direction::Scatter => Direction::Gather,
            };
            grads.register::<Flex>(node.id, convolve_plain(&dy, &weight, None, conv, back));
        }
        if let (Some(node), Some(x)) = (for_weight, x) {
            let x = x.to_contiguous();
            let (large, small) = match direction {
                Direction::Gather => (&x, &dy),
                Direction::Scatter => (&dy, &x),
            };
            let gradient = conv.weight_gradient(numbers(large), numbers(small), images);
            let [rows, columns] = conv.geometry.kernel;
            let shape = [conv.small_channels, conv.large_channels, rows, columns];
            grads.register::<Flex>(node.id, tensor(gradient, shape));
        }
        if let Some(node) = for_bias {
            let sums = pixelwise::channel_sums(numbers(&dy), channels, pixels(&dy));
            grads.register::<Flex>(node.id, tensor(sums, [channels]));
        }
    }
}

#[derive(Debug)]
struct NormaliseBackward;

#[derive(Clone, Debug)]
struct NormaliseState {
    x: FlexTensor,
    affine: [FlexTensor; 2],
    statistics: [FlexTensor; 2],
    norm: Norm,
}

impl Backward<Flex, 3> for NormaliseBackward {
    type State = NormaliseState;

    fn backward(
        self,
        ops: Ops<Self::State, 3>,
        grads: &mut Gradients,
        _checkpointer: &mut Checkpointer,
    ) {
        let [for_x, for_gamma, for_beta] = ops.parents;
        let NormaliseState { x, affine, statistics, norm } = ops.state;
        let dy = grads.consume::<Flex>(&ops.node).to_contiguous();
        let affine = affine.each_ref().map(FlexTensor::to_contiguous);
        let dense = x.to_contiguous();
        let gradients = norm.backward(
            numbers(&dense),
            numbers(&dy),
            affine.each_ref().map(numbers),
            statistics.each_ref().map(numbers),
            for_x.is_some(),
        );
        if let Some(node) = for_x {
            grads.register::<Flex>(node.id, tensor::<4>(gradients.x, dims(&x)));
        }
        if let Some(node) = for_gamma {
            grads.register::<Flex>(node.id, tensor(gradients.gamma, [norm.channels]));
        }
        if let Some(node) = for_beta {
            grads.register::<Flex>(node.id, tensor(gradients.beta, [norm.channels]));
        }
    }
}

#[derive(Debug)]
struct ScaleShiftBackward;

impl Backward<Flex, 3> for ScaleShiftBackward {
    /// Input, scale, output, slope.
    type State = (FlexTensor, FlexTensor, FlexTensor, f32);

    fn backward(
        self,
        ops: Ops<Self::State, 3>,
        grads: &mut Gradients,
        _checkpointer: &mut Checkpointer,
    ) {
        let [for_x, for_scale, for_shift] = ops.parents;
        let (x, scale, y, slope) = ops.state;
        let shape: [usize; 4] = dims(&x);
        let (x, scale) = (x.to_contiguous(), scale.to_contiguous());
        let dy = grads.consume::<Flex>(&ops.node).to_contiguous();
        let g = pixelwise::leaky_relu_gradient(numbers(&y), numbers(&dy), slope);
        let (channels, pixels) = (shape[1], pixels(&y));
        if let Some(node) = for_shift {
            let sums = pixelwise::channel_sums(&g, channels, pixels);
            grads.register::<Flex>(node.id, tensor(sums, [channels]));
        }
        if let Some(node) = for_scale {
            let products: Vec<f32> = g.iter().zip(numbers(&x)).map(|(g, x)| g * x).collect();
            let sums = pixelwise::channel_sums(&products, channels, pixels);
            grads.register::<Flex>(node.id, tensor(sums, [channels]));
        }
        if let Some(node) = for_x {
            let none = vec![0.0; channels];
            // Slope 1: the activation is already in g.
            let factors = [numbers(&scale), &none];
            let dx = pixelwise::scale_shift_leaky_relu(&g, pixels, factors, 1.0);
            grads.register::<Flex>(node.id, tensor(dx, shape));
        }
    }
}

#[derive(Debug)]
struct ActivateBackward;

impl Backward<Flex, 1> for ActivateBackward {
    /// Output (it has its input's sign), slope.
    type State = (FlexTensor, f32);

    fn backward(
        self,
        ops: Ops<Self::State, 1>,
        grads: &mut Gradients,
        _checkpointer: &mut Checkpointer,
    ) {
        let [parent] = ops.parents;
        let (y, slope) = ops.state;
        let dy = grads.consume::<Flex>(&ops.node).to_contiguous();
        if let Some(node) = parent {
            let dx = pixelwise::leaky_relu_gradient(numbers(&y), numbers(&dy), slope);
            grads.register::<Flex>(node.id, tensor::<4>(dx, dims(&y)));
        }
    }
}

impl<C: CheckpointStrategy> FastOps for Autodiff<Flex, C> {
    fn convolve(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        conv: Conv,
        direction: Direction,
    ) -> FloatTensor<Self> {
        let state = ConvolveState {
            x: weight.is_tracked().then(|| x.primitive().clone()),
            weight: x.is_tracked().then(|| weight.primitive().clone()),
            conv,
            direction,
        };
        let ((x, x_node), (weight, weight_node), (bias, bias_node)) =
            (x.into_parts(), weight.into_parts(), bias.into_parts());
        let y = convolve_plain(&x, &weight, Some(&bias), conv, direction);
        let nodes = [x_node, weight_node, bias_node];
        match ConvolveBackward.prepare::<C>(nodes).compute_bound().stateful() {
            OpsKind::Tracked(prep) => prep.finish(state, y),
            OpsKind::UnTracked(prep) => prep.finish(y),
        }
    }

    fn normalise(
        x: FloatTensor<Self>,
        gamma: FloatTensor<Self>,
        beta: FloatTensor<Self>,
        norm: Norm,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>) {
        let ((x, x_node), (gamma, gamma_node), (beta, beta_node)) =
            (x.into_parts(), gamma.into_parts(), beta.into_parts());
        let (y, mean, variance) = Flex::normalise(x.clone(), gamma.clone(), beta.clone(), norm);
        let nodes = [x_node, gamma_node, beta_node];
        let statistics = [mean.clone(), variance.clone()];
        let y = match NormaliseBackward.prepare::<C>(nodes).compute_bound().stateful() {
            OpsKind::Tracked(prep) => {
                prep.finish(NormaliseState { x, affine: [gamma, beta], statistics, norm }, y)
            }
            OpsKind::UnTracked(prep) => prep.finish(y),
        };
        (y, Self::from_inner(mean), Self::from_inner(variance))
    }

    fn scale_shift_activate(
        x: FloatTensor<Self>,
        scale: FloatTensor<Self>,
        shift: FloatTensor<Self>,
        slope: f32,
    ) -> FloatTensor<Self> {
        let ((x, x_node), (scale, scale_node), (shift, shift_node)) =
            (x.into_parts(), scale.into_parts(), shift.into_parts());
        let y = Flex::scale_shift_activate(x.clone(), scale.clone(), shift, slope);
        let nodes = [x_node, scale_node, shift_node];
        match ScaleShiftBackward.prepare::<C>(nodes).compute_bound().stateful() {
            OpsKind::Tracked(prep) => prep.finish((x, scale, y.clone(), slope), y),
            OpsKind::UnTracked(prep) => prep.finish(y),
        }
    }

    fn activate(x: FloatTensor<Self>, slope: f32) -> FloatTensor<Self> {
        let (x, node) = x.into_parts();
        let y = Flex::activate(x, slope);
        match ActivateBackward.prepare::<C>([node]).compute_bound().stateful() {
            OpsKind::Tracked(prep) => prep.finish((y.clone(), slope), y),
            OpsKind::UnTracked(prep) => prep.finish(y),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PADDING: Padding = Padding { top: 1, left: 1, bottom: 1, right: 1 };

    fn ones<const D: usize>(shape: [usize; D], dtype: DType) -> Tensor<D> {
        Tensor::ones(shape, (&Device::flex().autodiff(), dtype))
    }

    /// Which operations take tensors of this type.
    fn taken(dtype: DType) -> [bool; 5] {
        let (x, weight) = (ones([2, 3, 4, 4], dtype), ones([3, 3, 3, 3], dtype));
        let (gamma, beta) = (ones([3], dtype), ones([3], dtype));
        [
            conv2d(&x, &weight, Some(&beta), 1, PADDING).is_some(),
            conv_transpose2d(&x, &weight, None, 2, 1, 1).is_some(),
            batch_norm_leaky_relu(&x, &gamma, &beta, 1e-5, 0.2).is_some(),
            scale_shift_leaky_relu(&x, &gamma, &beta, 0.2).is_some(),
            leaky_relu(&x, 0.2).is_some(),
        ]
    }

    #[test]
    fn single_precision_takes_the_fast_path() {
        assert_eq!(taken(DType::F32), [true; 5]);
    }

    #[test]
    fn double_precision_is_left_to_burn() {
        assert_eq!(taken(DType::F64), [false; 5]);
        let x = ones([1, 1, 2, 2], DType::F64);
        let y = crate::conv2d(x, ones([1, 1, 3, 3], DType::F64), None, 1, PADDING);
        assert_eq!(y.to_data().try_to_vec::<f64>().unwrap(), [4.0; 4]);
    }

    #[test]
    fn shapes_that_do_not_fit_are_left_to_burn() {
        let (x, weight) = (ones([1, 2, 4, 4], DType::F32), ones([3, 5, 3, 3], DType::F32));
        assert!(conv2d(&x, &weight, None, 1, PADDING).is_none());
        let large = ones([3, 2, 9, 9], DType::F32);
        assert!(conv2d(&x, &large, None, 1, PADDING).is_none());
        // More than the stride: pixels that no input pixel reaches.
        let weight = ones([2, 3, 3, 3], DType::F32);
        assert!(conv_transpose2d(&x, &weight, None, 1, 1, 1).is_none());
    }
}
