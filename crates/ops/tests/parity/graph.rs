//! Values computed by hand, what the graph of gradients has to hold, threads and reduced precision.

use burn::tensor::Tensor;
use ops::Padding;

use crate::compare::{assert_close, constant, on, open, processors, random, values};

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
