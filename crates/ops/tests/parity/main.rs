//! Every operation on every backend of this build against burn's own operations on flex: values
//! and all gradients.

#![allow(clippy::unwrap_used, clippy::print_stderr)]

mod compare;
mod graph;

use ops::{Padding, reference};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use crate::compare::{
    Leaves, SEED, assert_close, compare, on, processors, random, transposed, values,
};

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
