//! Bugs that burn and its GPU kernels have had (their issue numbers stand beside the tests): each
//! test would show its bug on any backend of this build.
#![allow(clippy::unwrap_used)]

use burn::module::{Module, Param, ParamId};
use burn::tensor::{Device, Tensor, TensorData};
use config::{Backend, Precision};
use ops::Padding;

const NONE: Padding = Padding { top: 0, left: 0, bottom: 0, right: 0 };

fn devices() -> Vec<Device> {
    let open = |kind| {
        backend::open(&Backend { kind, index: 0, threads: 1, precision: Precision::F32 }).unwrap()
    };
    backend::compiled().into_iter().map(open).collect()
}

fn wave<const D: usize>(shape: [usize; D], step: f32, device: &Device) -> Tensor<D> {
    let count: usize = shape.iter().product();
    let values: Vec<f32> = (0..count).map(|i| (i as f32 * step).sin()).collect();
    Tensor::from_data(TensorData::new(values, shape), device)
}

fn values<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().try_to_vec().unwrap()
}

fn assert_close(device: &Device, found: &[f32], expected: &[f32]) {
    assert_eq!(found.len(), expected.len());
    for (a, b) in found.iter().zip(expected) {
        assert!((a - b).abs() < 1e-4 * b.abs().max(1.0), "{device:?}: {a}, expected {b}");
    }
}

/// burn #5626, cubek #519: wrong 1x1 convolutions. One is a matrix product over channels.
#[test]
fn a_convolution_1x1_is_a_product_over_channels() {
    for device in devices() {
        let (x, weight) = (wave([2, 5, 3, 4], 0.7, &device), wave([6, 5, 1, 1], 1.3, &device));
        let y = values(ops::conv2d(x.clone(), weight.clone(), None, 1, NONE, ops::Precision::F32));
        let (x, weight) = (values(x), values(weight));
        let at = |n: usize, o: usize, p: usize| -> f32 {
            (0..5).map(|c| weight[o * 5 + c] * x[(n * 5 + c) * 12 + p]).sum()
        };
        let expected: Vec<f32> = (0..2 * 6 * 12).map(|i| at(i / 72, i / 12 % 6, i % 12)).collect();
        assert_close(&device, &y, &expected);
    }
}

/// burn #4916: the input gradient of a transposed convolution with output padding. The operation is
/// linear, so that <T x, g> = <x, T' g> for the gradient T' g.
#[test]
fn a_transposed_convolution_with_output_padding_is_adjoint_to_its_gradient() {
    for device in devices() {
        let device = device.autodiff();
        let x = wave([2, 3, 4, 5], 0.7, &device).require_grad();
        let weight = wave([3, 4, 3, 3], 1.3, &device);
        let y = ops::conv_transpose2d(x.clone(), weight, None, 2, 1, 1, ops::Precision::F32);
        assert_eq!(y.dims(), [2, 4, 8, 10]);
        let dot = y.clone().mul(wave(y.dims(), 0.31, &device)).sum();
        let gradient = x.grad(&dot.backward()).unwrap();
        let back: f32 = values(gradient.mul(x.inner())).iter().sum();
        assert_close(&device, &[back], &values(dot));
    }
}

/// burn #5162: NaN when only parameters have gradients, as in the discriminator's step.
#[test]
fn parameters_alone_get_finite_gradients() {
    for device in devices() {
        let device = device.autodiff();
        let x = wave([2, 3, 8, 8], 0.7, &device);
        let weight = wave([4, 3, 4, 4], 1.3, &device).require_grad();
        let (gamma, beta) = (wave([4], 0.5, &device).require_grad(), wave([4], 0.9, &device));
        let padding = Padding { top: 1, left: 1, bottom: 1, right: 1 };
        let y = ops::conv2d(x, weight.clone(), None, 2, padding, ops::Precision::F32);
        let y = ops::batch_norm_leaky_relu(y, gamma.clone(), beta, 1e-5, 0.2).output;
        let gradients = y.mul(wave([2, 4, 4, 4], 0.3, &device)).sum().backward();
        for values in
            [values(weight.grad(&gradients).unwrap()), values(gamma.grad(&gradients).unwrap())]
        {
            assert!(values.iter().all(|v| v.is_finite()), "{device:?}");
            assert!(values.iter().any(|v| *v != 0.0), "{device:?}: all zero");
        }
    }
}

/// A clone without gradients of a parameter that is drawn lazily takes the original's gradient too
/// (burn 0.22, `Param::set_require_grad`); ours are drawn at once.
#[test]
fn a_frozen_clone_leaves_the_original_its_gradient() {
    #[derive(Module, Debug)]
    struct Net {
        weight: Param<Tensor<1>>,
    }
    for device in devices() {
        let device = device.autodiff();
        let weight = wave([3], 0.7, &device).require_grad();
        let net = Net { weight: Param::initialized(ParamId::from(1u64), weight) };
        let frozen = net.clone().no_grad();
        assert!(!frozen.weight.val().is_require_grad());
        let gradients = net.weight.val().powi_scalar(2).sum().backward();
        assert!(net.weight.val().grad(&gradients).is_some(), "{device:?}");
    }
}

/// The edited images serve the discriminator's step detached and the generator's step tracked: the
/// first backward must leave the second its graph.
#[test]
fn a_tracked_tensor_outlives_a_backward_through_its_detached_copy() {
    for device in devices() {
        let device = device.autodiff();
        let weight = wave([4, 3, 3, 3], 1.3, &device).require_grad();
        let other = wave([2, 4, 1, 1], 0.4, &device).require_grad();
        let padding = Padding { top: 1, left: 1, bottom: 1, right: 1 };
        let shared = ops::conv2d(
            wave([1, 3, 4, 4], 0.7, &device),
            weight.clone(),
            None,
            1,
            padding,
            ops::Precision::F32,
        );
        let judge = |x| ops::conv2d(x, other.clone(), None, 1, NONE, ops::Precision::F32).sum();
        let first = judge(shared.clone().detach()).backward();
        assert!(other.grad(&first).is_some() && weight.grad(&first).is_none());
        assert!(weight.grad(&judge(shared).backward()).is_some(), "{device:?}");
    }
}
