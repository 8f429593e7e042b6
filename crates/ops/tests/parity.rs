//! Every operation on every backend of this build against burn's own operations on flex: values
//! and all gradients.

#![allow(clippy::unwrap_used, clippy::print_stderr)]

use std::cell::{Cell, RefCell};

use burn::tensor::{Device, Gradients, Tensor, TensorData};
use config::{Backend, BackendKind, Precision};
use ops::{Padding, reference};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

/// Relative to the largest number of the expected tensor.
const TOLERANCE: f32 = 1e-4;

/// Of the gradient that arrives at the output; no parent has the same, for a normalisation has no
/// gradient in the direction of its own input.
const SEED: u64 = 99;

/// Reproducible numbers in [-1, 1) that follow no pattern a kernel could profit from.
fn numbers(count: usize, seed: u64) -> Vec<f32> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 40) as f32 / (1 << 23) as f32 - 1.0
    };
    (0..count).map(|_| next()).collect()
}

thread_local! {
    /// Where [`random`] puts its tensors.
    static DEVICE: RefCell<Device> = RefCell::new(Device::flex());
    /// Comparisons on wgpu that this test may still make.
    static ON_WGPU: Cell<usize> = const { Cell::new(6) };
}

/// Runs `work` with [`random`] tensors on `device`.
fn on<R>(device: &Device, work: impl FnOnce() -> R) -> R {
    let before = DEVICE.replace(device.clone());
    let result = work();
    DEVICE.set(before);
    result
}

/// Every backend of this build whose bits are the same every time.
fn processors() -> Vec<Device> {
    backend::compiled().into_iter().filter(|kind| *kind != BackendKind::Wgpu).map(open).collect()
}

fn open(kind: BackendKind) -> Device {
    backend::open(&Backend { kind, index: 0, threads: 2, precision: Precision::F32 }).unwrap()
}

/// A software driver compiles a kernel per shape, which takes seconds: a few shapes per test.
fn wgpu() -> Option<Device> {
    let left = ON_WGPU.get();
    ON_WGPU.set(left.saturating_sub(1));
    (left > 0 && backend::compiled().contains(&BackendKind::Wgpu)).then(|| open(BackendKind::Wgpu))
}

fn random<const D: usize>(shape: [usize; D], seed: u64) -> Tensor<D> {
    let data = TensorData::new(numbers(shape.iter().product(), seed), shape);
    Tensor::from_data(data, &DEVICE.with_borrow(Clone::clone).autodiff())
}

fn values<const D: usize>(tensor: &Tensor<D>) -> Vec<f32> {
    tensor.to_data().try_to_vec().unwrap()
}

fn assert_close(name: &str, ours: &[f32], expected: &[f32]) {
    assert_eq!(ours.len(), expected.len(), "{name}");
    let scale = expected.iter().fold(1e-3f32, |scale, x| scale.max(x.abs()));
    for (i, (a, b)) in ours.iter().zip(expected).enumerate() {
        assert!((a - b).abs() <= TOLERANCE * scale, "{name}[{i}]: {a}, expected {b}");
    }
}

/// The parents of an operation, tracked.
struct Leaves {
    x: Tensor<4>,
    weight: Option<Tensor<4>>,
    vectors: Vec<Tensor<1>>,
}

impl Leaves {
    fn tracked(self) -> Self {
        Leaves {
            x: self.x.require_grad(),
            weight: self.weight.map(Tensor::require_grad),
            vectors: self.vectors.into_iter().map(Tensor::require_grad).collect(),
        }
    }

    fn gradients(&self, gradients: &Gradients) -> Vec<Vec<f32>> {
        let wide = [Some(&self.x), self.weight.as_ref()].into_iter().flatten();
        let wide = wide.map(|t| t.grad(gradients).unwrap().to_data());
        let narrow = self.vectors.iter().map(|t| t.grad(gradients).unwrap().to_data());
        wide.chain(narrow).map(|data| data.try_to_vec().unwrap()).collect()
    }
}

/// Compares output and gradients of two ways to compute the same thing.
fn compare(
    make: impl Fn() -> Leaves,
    ours: impl Fn(&Leaves) -> Tensor<4>,
    expected: impl Fn(&Leaves) -> Tensor<4>,
) {
    let run = |op: &dyn Fn(&Leaves) -> Tensor<4>| {
        let leaves = make().tracked();
        let y = op(&leaves);
        let loss = y.clone().mul(random(y.dims(), SEED)).sum();
        (values(&y), leaves.gradients(&loss.backward()))
    };
    let (expected_y, expected_gradients) = run(&expected);
    let agrees = |device: &Device| {
        let (y, gradients) = on(device, || run(&ours));
        assert_close(&format!("{device:?}: output"), &y, &expected_y);
        assert_eq!(gradients.len(), expected_gradients.len());
        for (i, (ours, expected)) in gradients.iter().zip(&expected_gradients).enumerate() {
            assert_close(&format!("{device:?}: gradient {i}"), ours, expected);
        }
        (y, gradients)
    };
    for device in processors() {
        let first = agrees(&device);
        assert!(first == on(&device, || run(&ours)), "{device:?}: a second run gave other bits");
    }
    if let Some(device) = wgpu() {
        agrees(&device);
    }
}

/// Tensors that are views must be read as views.
fn transposed(x: &Tensor<4>) -> Tensor<4> {
    x.clone().swap_dims(2, 3)
}

fn padding() -> impl Strategy<Value = Padding> {
    (0..3usize, 0..3usize, 0..4usize, 0..4usize).prop_map(|(top, left, bottom, right)| Padding {
        top,
        left,
        bottom,
        right,
    })
}

/// The same shapes every time: what passed here does not fail elsewhere by chance.
fn cases() -> ProptestConfig {
    let rng_seed = RngSeed::Fixed(2017);
    ProptestConfig { cases: 64, rng_seed, failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn conv2d_agrees(
        (images, inputs, outputs) in (1..4usize, 1..7usize, 1..10usize),
        (height, width) in (1..14usize, 1..40usize),
        (rows, columns, stride) in (1..6usize, 1..6usize, 1..4usize),
        padding in padding(),
        (view, with_bias) in (any::<bool>(), any::<bool>()),
    ) {
        prop_assume!(height + padding.top + padding.bottom >= rows);
        prop_assume!(width + padding.left + padding.right >= columns);
        let make = || {
            let shape = if view { [images, inputs, width, height] } else { [images, inputs, height, width] };
            Leaves {
                x: random(shape, 1),
                weight: Some(random([outputs, inputs, rows, columns], 2)),
                vectors: if with_bias { vec![random([outputs], 3)] } else { vec![] },
            }
        };
        let parts = |l: &Leaves| {
            let x = if view { transposed(&l.x) } else { l.x.clone() };
            (x, l.weight.clone().unwrap(), l.vectors.first().cloned())
        };
        compare(
            make,
            |l| { let (x, w, b) = parts(l); ops::conv2d(x, w, b, stride, padding, ops::Precision::F32) },
            |l| { let (x, w, b) = parts(l); reference::conv2d(x, w, b, stride, padding) },
        );
    }

    #[test]
    fn conv_transpose2d_agrees(
        (images, inputs, outputs) in (1..4usize, 1..7usize, 1..10usize),
        (height, width) in (1..9usize, 1..20usize),
        (kernel, stride, padding, padding_out) in (1..6usize, 1..4usize, 0..3usize, 0..3usize),
        (view, with_bias) in (any::<bool>(), any::<bool>()),
    ) {
        prop_assume!(padding_out < stride && padding < kernel);
        prop_assume!((height.min(width) - 1) * stride + kernel + padding_out > 2 * padding);
        let make = || {
            let shape = if view { [images, inputs, width, height] } else { [images, inputs, height, width] };
            Leaves {
                x: random(shape, 1),
                weight: Some(random([inputs, outputs, kernel, kernel], 2)),
                vectors: if with_bias { vec![random([outputs], 3)] } else { vec![] },
            }
        };
        let parts = |l: &Leaves| {
            let x = if view { transposed(&l.x) } else { l.x.clone() };
            (x, l.weight.clone().unwrap(), l.vectors.first().cloned())
        };
        compare(
            make,
            |l| { let (x, w, b) = parts(l); ops::conv_transpose2d(x, w, b, stride, padding, padding_out, ops::Precision::F32) },
            |l| { let (x, w, b) = parts(l); reference::conv_transpose2d(x, w, b, stride, padding, padding_out) },
        );
    }

    #[test]
    fn normalisations_agree(
        // With fewer pixels to an image the gradient is a difference of almost equal numbers.
        (images, channels, height, width) in (1..5usize, 1..6usize, 3..8usize, 5..24usize),
        slope in prop_oneof![Just(0.0), Just(0.2), Just(1.0)],
        (view, seed) in (any::<bool>(), SEED + 1..1000u64),
    ) {
        let make = || {
            let shape = if view { [images, channels, width, height] } else { [images, channels, height, width] };
            Leaves {
                x: random(shape, seed),
                weight: None,
                vectors: vec![random([channels], seed + 1), random([channels], seed + 2)],
            }
        };
        let parts = |l: &Leaves| {
            let x = if view { transposed(&l.x) } else { l.x.clone() };
            // Off-centre, so that a kernel that forgets the mean shows.
            (x.mul_scalar(0.5).add_scalar(3.0), l.vectors[0].clone(), l.vectors[1].clone())
        };
        let eps = 1e-5;
        compare(
            make,
            |l| { let (x, g, b) = parts(l); ops::batch_norm_leaky_relu(x, g, b, eps, slope).output },
            |l| { let (x, g, b) = parts(l); reference::batch_norm_leaky_relu(x, g, b, eps, slope).output },
        );
        compare(
            make,
            |l| { let (x, g, b) = parts(l); ops::instance_norm_leaky_relu(x, g, b, eps, slope) },
            |l| { let (x, g, b) = parts(l); reference::instance_norm_leaky_relu(x, g, b, eps, slope) },
        );
        let statistics = || (random([channels], 7), random([channels], 8).add_scalar(1.5));
        compare(
            make,
            |l| {
                let ((x, g, b), (mean, variance)) = (parts(l), statistics());
                ops::batch_norm_leaky_relu_inference(x, g, b, mean, variance, eps, slope)
            },
            |l| {
                let ((x, g, b), (mean, variance)) = (parts(l), statistics());
                reference::batch_norm_leaky_relu_inference(x, g, b, mean, variance, eps, slope)
            },
        );
        let (x, g, b) = parts(&make());
        let expected = reference::batch_norm_leaky_relu(x, g, b, eps, slope);
        for device in processors() {
            let (x, g, b) = on(&device, || parts(&make()));
            let ours = ops::batch_norm_leaky_relu(x, g, b, eps, slope);
            assert_close("mean", &values(&ours.mean), &values(&expected.mean));
            assert_close("variance", &values(&ours.variance), &values(&expected.variance));
        }
    }

    #[test]
    fn pixelwise_operations_agree(
        (images, channels, height, width) in (1..4usize, 1..4usize, 1..12usize, 1..40usize),
        slope in prop_oneof![Just(0.0), Just(0.2), Just(1.0)],
        view in any::<bool>(),
    ) {
        let make = || Leaves { x: random([images, channels, height, width], 5), weight: None, vectors: vec![] };
        let x = |l: &Leaves| if view { transposed(&l.x) } else { l.x.clone() };
        compare(make, |l| ops::leaky_relu(x(l), slope), |l| reference::leaky_relu(x(l), slope));
    }
}

#[test]
fn upsampling_and_convolution_in_one_agree_with_the_two() {
    let padding = Padding { top: 1, left: 1, bottom: 1, right: 1 };
    for [images, inputs, outputs, height, width] in
        [[2, 5, 3, 4, 7], [1, 1, 1, 1, 1], [3, 8, 4, 16, 16]]
    {
        let make = || Leaves {
            x: random([images, inputs, height, width], 1),
            weight: Some(random([outputs, inputs, 3, 3], 2)),
            vectors: vec![random([outputs], 3)],
        };
        let parts =
            |l: &Leaves| (l.x.clone(), l.weight.clone().unwrap(), l.vectors.first().cloned());
        compare(
            make,
            |l| {
                let (x, w, b) = parts(l);
                ops::upsample_conv2d(x, w, b, ops::Precision::F32)
            },
            |l| {
                let (x, w, b) = parts(l);
                reference::conv2d(reference::upsample_nearest2x(x), w, b, 1, padding)
            },
        );
    }
}

#[test]
fn the_networks_own_shapes_agree() {
    let even = Padding { top: 1, left: 1, bottom: 1, right: 1 };
    let last = Padding { top: 1, left: 1, bottom: 2, right: 2 };
    let none = Padding { top: 0, left: 0, bottom: 0, right: 0 };
    let wide = Padding { top: 2, left: 2, bottom: 2, right: 2 };
    for (inputs, outputs, side, kernel, stride, padding) in [
        (3, 16, 64, 5, 1, wide),
        (16, 32, 64, 4, 2, even),
        (32, 16, 64, 3, 1, even),
        (16, 3, 64, 4, 1, last),
        (64, 128, 8, 4, 2, even),
        (128, 3, 4, 4, 1, none),
    ] {
        let make = || Leaves {
            x: random([3, inputs, side, side], 1),
            weight: Some(random([outputs, inputs, kernel, kernel], 2)),
            vectors: vec![random([outputs], 3)],
        };
        let parts =
            |l: &Leaves| (l.x.clone(), l.weight.clone().unwrap(), l.vectors.first().cloned());
        compare(
            make,
            |l| {
                let (x, w, b) = parts(l);
                ops::conv2d(x, w, b, stride, padding, ops::Precision::F32)
            },
            |l| {
                let (x, w, b) = parts(l);
                reference::conv2d(x, w, b, stride, padding)
            },
        );
    }
}

fn conv(x: Tensor<4>, weight: Tensor<4>, stride: usize) -> Vec<f32> {
    let padding = Padding { top: 0, left: 0, bottom: 1, right: 1 };
    values(&ops::conv2d(
        x,
        weight,
        Some(constant([1], [0.5])),
        stride,
        padding,
        ops::Precision::F32,
    ))
}

fn constant<const D: usize, const N: usize>(shape: [usize; D], values: [f32; N]) -> Tensor<D> {
    Tensor::from_data(TensorData::new(values.to_vec(), shape), &DEVICE.with_borrow(Clone::clone))
}

#[test]
fn computed_by_hand_and_properties_of_the_graph() {
    for device in processors() {
        on(&device, a_convolution_computed_by_hand);
        on(&device, a_transposed_convolution_computed_by_hand);
        on(&device, parents_that_are_not_tracked_get_no_gradient);
        on(&device, statistics_carry_no_gradient);
        on(&device, a_plain_network_and_a_tracked_one_agree_to_the_bit);
    }
}

fn a_convolution_computed_by_hand() {
    let x = constant([1, 1, 2, 3], [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
    let weight = constant([1, 1, 2, 2], [1.0, 10.0, 100.0, 1000.0]);
    // Top left: 1 + 2 * 10 + 4 * 100 + 5 * 1000 + 0.5; below and right of the image lie zeros.
    let expected = [5421.5, 6532.5, 603.5, 54.5, 65.5, 6.5];
    assert_eq!(conv(x.clone(), weight.clone(), 1), expected);
    assert_eq!(conv(x, weight, 2), [5421.5, 603.5]);
}

fn a_transposed_convolution_computed_by_hand() {
    let x = constant([1, 1, 1, 2], [1.0, 2.0]);
    let weight = constant([1, 1, 2, 2], [1.0, 10.0, 100.0, 1000.0]);
    let y = ops::conv_transpose2d(x, weight, None, 1, 0, 0, ops::Precision::F32);
    assert_eq!(values(&y), [1.0, 12.0, 20.0, 100.0, 1200.0, 2000.0]);
}

fn parents_that_are_not_tracked_get_no_gradient() {
    let padding = Padding { top: 1, left: 1, bottom: 1, right: 1 };
    let parents = || (random([2, 3, 8, 8], 1), random([4, 3, 3, 3], 2), random([4], 3));
    let vectors = || (random([4], 4), random([4], 5));

    // A frozen network: only the image.
    let ((x, weight, bias), (gamma, beta)) = (parents(), vectors());
    let x = x.require_grad();
    let y =
        ops::conv2d(x.clone(), weight.clone(), Some(bias.clone()), 1, padding, ops::Precision::F32);
    let y = ops::batch_norm_leaky_relu(y, gamma.clone(), beta.clone(), 1e-5, 0.2).output;
    let gradients = y.mul(random([2, 4, 8, 8], 6)).sum().backward();
    assert!(x.grad(&gradients).is_some());
    assert!(weight.grad(&gradients).is_none() && bias.grad(&gradients).is_none());
    assert!(gamma.grad(&gradients).is_none() && beta.grad(&gradients).is_none());

    // A first layer: all but the image, and the same numbers as with it.
    let run = |track_x: bool| {
        let (x, weight, bias) = parents();
        let x = if track_x { x.require_grad() } else { x };
        let (weight, bias) = (weight.require_grad(), bias.require_grad());
        let y = ops::conv2d(
            x.clone(),
            weight.clone(),
            Some(bias.clone()),
            1,
            padding,
            ops::Precision::F32,
        );
        let gradients = y.mul(random([2, 4, 8, 8], 6)).sum().backward();
        let of =
            |t: Tensor<4>| t.grad(&gradients).map(|g| g.to_data().try_to_vec::<f32>().unwrap());
        (of(x).is_some(), of(weight), bias.grad(&gradients).unwrap().to_data())
    };
    let (with, without) = (run(true), run(false));
    assert!(with.0 && !without.0);
    assert_eq!((with.1, with.2), (without.1, without.2));
}

fn statistics_carry_no_gradient() {
    let x = random([2, 3, 4, 4], 1).require_grad();
    let result = ops::batch_norm_leaky_relu(x.clone(), random([3], 2), random([3], 3), 1e-5, 0.2);
    let loss = result.mean.sum().add(result.variance.sum()).add(result.output.sum());
    let through_output =
        ops::batch_norm_leaky_relu(x.clone(), random([3], 2), random([3], 3), 1e-5, 0.2)
            .output
            .sum();
    let (all, output) = (loss.backward(), through_output.backward());
    let of = |gradients| x.grad(gradients).unwrap().to_data().try_to_vec::<f32>().unwrap();
    assert_eq!(of(&all), of(&output));
}

fn a_plain_network_and_a_tracked_one_agree_to_the_bit() {
    let padding = Padding { top: 1, left: 1, bottom: 2, right: 2 };
    let run = |inner: bool| {
        let strip = |t: Tensor<4>| if inner { t.inner() } else { t };
        let (x, weight) = (strip(random([3, 3, 9, 9], 1)), strip(random([5, 3, 4, 4], 2)));
        values(&ops::conv2d(x, weight, None, 1, padding, ops::Precision::F32))
    };
    assert_eq!(run(true), run(false));
}

#[test]
fn the_number_of_threads_changes_rounding_only() {
    let padding = Padding { top: 1, left: 1, bottom: 1, right: 1 };
    let step = || {
        let (x, weight) =
            (random([7, 3, 9, 9], 1).require_grad(), random([5, 3, 4, 4], 2).require_grad());
        let y = ops::conv2d(x.clone(), weight.clone(), None, 2, padding, ops::Precision::F32);
        let y = ops::batch_norm_leaky_relu(y, random([5], 3), random([5], 4), 1e-5, 0.2).output;
        let y = ops::leaky_relu(y, 0.2);
        let gradients = y.clone().mul(random(y.dims(), 5)).sum().backward();
        let of = |t: &Tensor<4>| values(&t.grad(&gradients).unwrap());
        [values(&y), of(&x), of(&weight)]
    };
    let with = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let (first, second) = pool.install(|| (step(), step()));
        assert!(first == second, "{threads} threads gave other bits the second time");
        first
    };
    let (one, three) = (with(1), with(3));
    for (name, (one, three)) in ["output", "image", "weight"].iter().zip(one.iter().zip(&three)) {
        assert_close(name, three, one);
    }
}

#[test]
fn reduced_precision_is_near_and_on_the_devices_that_have_it() {
    let even = Padding { top: 1, left: 1, bottom: 1, right: 1 };
    let step = |precision| {
        let x = random([2, 3, 8, 8], 1).require_grad();
        let (weight, up) = (random([4, 3, 4, 4], 2).require_grad(), random([4, 5, 3, 3], 3));
        let bias = random([4], 4).require_grad();
        let y = ops::conv2d(x.clone(), weight.clone(), Some(bias.clone()), 2, even, precision);
        let y = ops::conv_transpose2d(y, up.require_grad(), None, 2, 1, 1, precision);
        let gradients = y.clone().mul(random(y.dims(), 5)).sum().backward();
        let of = |t: Tensor<4>| values(&t.grad(&gradients).unwrap());
        [values(&y), of(x), of(weight), values(&bias.grad(&gradients).unwrap())]
    };
    for device in backend::compiled().into_iter().map(open) {
        for precision in [ops::Precision::Bf16, ops::Precision::F16] {
            if !precision.is_on(&device) {
                eprintln!("SKIPPED: {device:?} has no {precision:?}");
                continue;
            }
            let full = on(&device, || step(ops::Precision::F32));
            let reduced = on(&device, || step(precision));
            for (full, reduced) in full.iter().zip(&reduced) {
                let scale = full.iter().fold(0.0f32, |scale, x| scale.max(x.abs()));
                let far = full.iter().zip(reduced).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
                assert!(far < 0.03 * scale, "{device:?} {precision:?}: {far} of {scale}");
                assert!(far > 0.0, "{device:?} {precision:?}: the same numbers");
            }
        }
    }
}
