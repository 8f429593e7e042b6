//! burn-flex: our own kernels on its tensors.

use burn::backend::{Flex, TensorMetadata};
use burn::tensor::TensorData;
use burn_flex::FlexTensor;

use crate::AdamStep;
use crate::convolution::{Conv, Indexing};
use crate::fast::{Kernels, NormConstants};
use crate::kernels::{adam, blocks, norm, pixelwise};

/// The numbers of a tensor made dense by [`FlexTensor::to_contiguous`].
fn numbers(dense: &FlexTensor) -> &[f32] {
    dense.storage::<f32>()
}

fn tensor<const D: usize>(numbers: Vec<f32>, shape: [usize; D]) -> FlexTensor {
    FlexTensor::from_data(TensorData::new(numbers, shape))
}

fn dims(x: &FlexTensor) -> [usize; 4] {
    x.shape().dims()
}

fn pixels(x: &FlexTensor) -> usize {
    let [_, _, height, width] = dims(x);
    height * width
}

fn convolve(
    x: &FlexTensor,
    weight: &FlexTensor,
    bias: Option<&FlexTensor>,
    conv: &Conv,
    direction: Indexing,
) -> FlexTensor {
    let [images, ..] = dims(x);
    let (x, weight) = (x.to_contiguous(), weight.to_contiguous());
    let bias = bias.map(FlexTensor::to_contiguous);
    let bias = bias.as_ref().map(numbers);
    let (x, weight) = (numbers(&x), numbers(&weight));
    match direction {
        Indexing::Gather => {
            let [height, width] = conv.geometry.small;
            let y = conv.gather(x, weight, bias, images);
            tensor(y, [images, conv.small_channels, height, width])
        }
        Indexing::Scatter => {
            let [height, width] = conv.geometry.large;
            let y = conv.scatter(x, weight, bias, images);
            tensor(y, [images, conv.large_channels, height, width])
        }
    }
}

fn sizes(x: &FlexTensor, norm: NormConstants) -> norm::NormShape {
    let NormConstants { eps, slope } = norm;
    norm::NormShape { channels: dims(x)[1], pixels: pixels(x), eps, slope }
}

impl Kernels for Flex {
    fn convolution(
        x: &FlexTensor,
        weight: &FlexTensor,
        bias: &FlexTensor,
        conv: &Conv,
        direction: Indexing,
    ) -> FlexTensor {
        convolve(x, weight, Some(bias), conv, direction)
    }

    fn convolution_gradients(
        dy: FlexTensor,
        x: Option<FlexTensor>,
        weight: Option<FlexTensor>,
        conv: &Conv,
        direction: Indexing,
        [want_x, want_weight, want_bias]: [bool; 3],
    ) -> [Option<FlexTensor>; 3] {
        let dy = dy.to_contiguous();
        let [images, channels, ..] = dims(&dy);
        let dx = weight.filter(|_| want_x).map(|weight| {
            let back = match direction {
                Indexing::Gather => Indexing::Scatter,
                Indexing::Scatter => Indexing::Gather,
            };
            convolve(&dy, &weight, None, conv, back)
        });
        let dweight = x.filter(|_| want_weight).map(|x| {
            let x = x.to_contiguous();
            let (large, small) = match direction {
                Indexing::Gather => (&x, &dy),
                Indexing::Scatter => (&dy, &x),
            };
            let gradient = conv.weight_gradient(numbers(large), numbers(small), images);
            let [rows, columns] = conv.geometry.kernel;
            tensor(gradient, [conv.small_channels, conv.large_channels, rows, columns])
        });
        let dbias = want_bias.then(|| {
            tensor(pixelwise::channel_sums(numbers(&dy), channels, pixels(&dy)), [channels])
        });
        [dx, dweight, dbias]
    }

    fn blocks(weight: &FlexTensor) -> FlexTensor {
        let [outputs, inputs, ..] = dims(weight);
        let weight = weight.to_contiguous();
        tensor(blocks::kernels(numbers(&weight), [outputs, inputs]), [inputs, outputs, 4, 4])
    }

    fn blocks_gradient(gradient: FlexTensor) -> FlexTensor {
        let [inputs, outputs, ..] = dims(&gradient);
        let gradient = gradient.to_contiguous();
        let found = blocks::weight_gradient(numbers(&gradient), [outputs, inputs]);
        tensor(found, [outputs, inputs, 3, 3])
    }

    fn norm(x: &FlexTensor, affine: [&FlexTensor; 2], norm: NormConstants) -> [FlexTensor; 3] {
        let x = x.to_contiguous();
        let affine = affine.map(FlexTensor::to_contiguous);
        let [gamma, beta] = affine.each_ref().map(numbers);
        let norm = sizes(&x, norm);
        let normed = norm.forward(numbers(&x), gamma, beta);
        let statistics = [normed.mean, normed.variance].map(|v| tensor(v, [norm.channels]));
        let [mean, variance] = statistics;
        [tensor(normed.output, dims(&x)), mean, variance]
    }

    fn norm_gradients(
        dy: FlexTensor,
        x: FlexTensor,
        affine: [FlexTensor; 2],
        statistics: [FlexTensor; 2],
        norm: NormConstants,
        want_x: bool,
    ) -> (Option<FlexTensor>, [FlexTensor; 2]) {
        let (x, dy) = (x.to_contiguous(), dy.to_contiguous());
        let affine = affine.map(|t| t.to_contiguous());
        let norm = sizes(&x, norm);
        let gradients = norm.backward(
            numbers(&x),
            numbers(&dy),
            affine.each_ref().map(numbers),
            statistics.each_ref().map(numbers),
            want_x,
        );
        let affine = [gradients.gamma, gradients.beta].map(|v| tensor(v, [norm.channels]));
        (want_x.then(|| tensor(gradients.x, dims(&x))), affine)
    }

    fn scale_shift(x: &FlexTensor, factors: [&FlexTensor; 2], slope: f32) -> FlexTensor {
        let x = x.to_contiguous();
        let factors = factors.map(FlexTensor::to_contiguous);
        let factors = factors.each_ref().map(numbers);
        let y = pixelwise::scale_shift_leaky_relu(numbers(&x), pixels(&x), factors, slope);
        tensor(y, dims(&x))
    }

    fn scale_shift_gradients(
        dy: FlexTensor,
        x: FlexTensor,
        scale: FlexTensor,
        y: FlexTensor,
        slope: f32,
    ) -> [FlexTensor; 3] {
        let (dy, x, scale) = (dy.to_contiguous(), x.to_contiguous(), scale.to_contiguous());
        let g = pixelwise::leaky_relu_gradient(numbers(&y), numbers(&dy), slope);
        let (channels, pixels) = (dims(&x)[1], pixels(&x));
        let sums =
            |values: &[f32]| tensor(pixelwise::channel_sums(values, channels, pixels), [channels]);
        let products: Vec<f32> = g.iter().zip(numbers(&x)).map(|(g, x)| g * x).collect();
        // Slope 1: the activation is already in g.
        let factors = [numbers(&scale), &vec![0.0; channels]];
        let dx = pixelwise::scale_shift_leaky_relu(&g, pixels, factors, 1.0);
        [tensor(dx, dims(&x)), sums(&products), sums(&g)]
    }

    fn rectified(x: &FlexTensor, slope: f32) -> FlexTensor {
        let x = x.to_contiguous();
        tensor(pixelwise::leaky_relu(numbers(&x), slope), dims(&x))
    }

    fn rectified_gradient(dy: FlexTensor, y: FlexTensor, slope: f32) -> FlexTensor {
        let dy = dy.to_contiguous();
        let dx = pixelwise::leaky_relu_gradient(numbers(&y), numbers(&dy), slope);
        tensor(dx, dims(&y))
    }

    fn adam(
        parameter: FlexTensor,
        gradient: FlexTensor,
        moments: [FlexTensor; 2],
        step: AdamStep,
    ) -> [FlexTensor; 3] {
        let gradient = gradient.to_contiguous();
        let [first, second] = moments;
        let mut tensors = [parameter, first, second].map(|t| t.to_contiguous());
        let [parameter, first, second] = &mut tensors;
        // What others hold too is copied before it is written to.
        let (parameter, first) = (parameter.storage_mut::<f32>(), first.storage_mut::<f32>());
        adam::update(parameter, numbers(&gradient), [first, second.storage_mut()], step);
        tensors
    }
}
