//! Forward and backward of the layers that cost most, burn's own operations against ours, in one thread.
//!
//! `cargo bench --workspace --profile dev --bench layers`, which compiles burn as everything else does.
//! Shapes are those of 64x64 images, width 16, batch 16; every layer and shape of a run against PyTorch:
//! `cargo xtask bench ops`.
#![allow(missing_docs, reason = "criterion's macros make undocumented functions")]

use std::time::Duration;

use burn::tensor::{Device, Distribution, Tensor};
use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use ops::{Padding, Precision, conv2d, leaky_relu, reference, upsample_conv2d};

/// What a layer is computed from: input, weight, and two vectors (bias, or scale and shift).
type Parents = (Tensor<4>, Tensor<4>, Tensor<1>, Tensor<1>);
type Layer = fn(Parents) -> Tensor<4>;

const AROUND: Padding = Padding { top: 1, left: 1, bottom: 1, right: 1 };

fn ours_up((x, weight, bias, _): Parents) -> Tensor<4> {
    upsample_conv2d(x, weight, Some(bias), Precision::F32)
}

fn burns_up((x, weight, bias, _): Parents) -> Tensor<4> {
    reference::conv2d(reference::upsample_nearest2x(x), weight, Some(bias), 1, AROUND)
}

fn ours_norm((x, _, gamma, beta): Parents) -> Tensor<4> {
    ops::batch_norm_leaky_relu(x, gamma, beta, 1e-5, 0.2).output
}

fn burns_norm((x, _, gamma, beta): Parents) -> Tensor<4> {
    reference::batch_norm_leaky_relu(x, gamma, beta, 1e-5, 0.2).output
}

/// Name, shape of the input, shape of the weight, length of the vectors, ours, burn's.
type Row = (&'static str, [usize; 4], [usize; 4], usize, Layer, Layer);

const LAYERS: [Row; 7] = [
    (
        "conv 4x4/2, 16 to 32 channels",
        [16, 16, 64, 64],
        [32, 16, 4, 4],
        32,
        |(x, weight, bias, _)| conv2d(x, weight, Some(bias), 2, AROUND, Precision::F32),
        |(x, weight, bias, _)| reference::conv2d(x, weight, Some(bias), 2, AROUND),
    ),
    (
        "conv 4x4/2, 64 to 128 channels",
        [16, 64, 8, 8],
        [128, 64, 4, 4],
        128,
        |(x, weight, bias, _)| conv2d(x, weight, Some(bias), 2, AROUND, Precision::F32),
        |(x, weight, bias, _)| reference::conv2d(x, weight, Some(bias), 2, AROUND),
    ),
    (
        "deconv 3x3, 64 to 32 channels",
        [16, 64, 16, 16],
        [64, 32, 3, 3],
        32,
        |(x, weight, bias, _)| {
            ops::conv_transpose2d(x, weight, Some(bias), 2, 1, 1, Precision::F32)
        },
        |(x, weight, bias, _)| reference::conv_transpose2d(x, weight, Some(bias), 2, 1, 1),
    ),
    ("upsample and conv 3x3", [16, 32, 32, 32], [16, 32, 3, 3], 16, ours_up, burns_up),
    ("norm and leaky ReLU, wide", [16, 16, 64, 64], [1; 4], 16, ours_norm, burns_norm),
    ("norm and leaky ReLU, deep", [16, 128, 4, 4], [1; 4], 128, ours_norm, burns_norm),
    (
        "leaky ReLU",
        [16, 16, 32, 32],
        [1; 4],
        1,
        |(x, ..)| leaky_relu(x, 0.2),
        |(x, ..)| reference::leaky_relu(x, 0.2),
    ),
];

fn layers(criterion: &mut Criterion) {
    // An error means that a pool stands already; there is none before main.
    let _ = rayon::ThreadPoolBuilder::new().num_threads(1).build_global();
    let device = Device::flex().autodiff();
    let normal = Distribution::Normal(0.0, 1.0);
    for (name, x, weight, channels, ours, burns) in LAYERS {
        let parents = || {
            let vector = || Tensor::random([channels], normal, &device).require_grad();
            let x = Tensor::random(x, normal, &device).require_grad();
            (x, Tensor::random(weight, normal, &device).require_grad(), vector(), vector())
        };
        let mut group = criterion.benchmark_group(name);
        for (side, layer) in [("ours", ours), ("burn", burns)] {
            group.bench_function(side, |bencher| {
                // From ones, so that no loss is timed along with the layer.
                bencher.iter_batched(
                    parents,
                    |parents| layer(parents).backward(),
                    BatchSize::PerIteration,
                );
            });
        }
        group.finish();
    }
}

criterion_group! {
    name = benches;
    config = Criterion::default()
        .sample_size(20)
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_secs(1));
    targets = layers
}
criterion_main!(benches);
