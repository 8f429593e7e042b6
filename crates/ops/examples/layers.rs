//! Forward and backward time of every layer, burn's own operations against ours, in one thread.
//!
//! `cargo run -p ops --example layers [size] [width] [batch]`, by default 64 16 16. Times are the
//! best of some runs, which other programs disturb least.

#![allow(clippy::print_stdout, reason = "a table for people")]

use std::time::Instant;

use burn::tensor::{Device, Distribution, Tensor};
use ops::{Padding, reference};

/// Runs of each side; the two take turns.
const RUNS: usize = 15;

type Op = Box<dyn Fn(&Parents) -> Tensor<4>>;

/// What a layer is computed from.
struct Parents {
    x: Tensor<4>,
    weight: Tensor<4>,
    vectors: [Tensor<1>; 2],
}

/// One layer, twice.
struct Layer {
    name: String,
    x: [usize; 4],
    weight: [usize; 4],
    channels: usize,
    /// The first layer of a network needs no gradient for its input.
    track_input: bool,
    ours: Op,
    theirs: Op,
}

fn main() {
    let mut numbers = std::env::args().skip(1).filter_map(|word| word.parse().ok());
    let mut next = |default: usize| numbers.next().unwrap_or(default);
    let (size, width, batch) = (next(64), next(16), next(16));
    // An error means that a pool stands already; there is none before main.
    let _ = rayon::ThreadPoolBuilder::new().num_threads(1).build_global();

    println!("{size}x{size} pixels, width {width}, batch {batch}, one thread, forward + backward");
    println!("{:34} {:>9} {:>9} {:>7}", "layer", "burn ms", "ours ms", "ratio");
    let (mut theirs, mut ours) = (0.0, 0.0);
    let print = |name: &str, a: f64, b: f64| println!("{name:34} {a:9.2} {b:9.2} {:7.2}", a / b);
    let layers = generator(size, width, batch).into_iter().chain(discriminator(size, width, batch));
    for layer in layers {
        let (a, b) = layer.time();
        print(&layer.name, a, b);
        (theirs, ours) = (theirs + a, ours + b);
    }
    print("all", theirs, ours);
    println!("in place of upsampling and convolution:");
    for layer in alternatives(size, width, batch) {
        let (a, b) = layer.time();
        print(&layer.name, a, b);
    }
}

impl Layer {
    /// Milliseconds (burn's, ours).
    fn time(&self) -> (f64, f64) {
        let device = Device::flex().autodiff();
        let normal = Distribution::Normal(0.0, 1.0);
        let once = |op: &Op| {
            let track = |t: Tensor<1>| t.require_grad();
            let x = Tensor::random(self.x, normal, &device);
            let parents = Parents {
                x: if self.track_input { x.require_grad() } else { x },
                weight: Tensor::random(self.weight, normal, &device).require_grad(),
                vectors: [(); 2].map(|()| track(Tensor::random([self.channels], normal, &device))),
            };
            let start = Instant::now();
            // From ones, so that no loss is timed along with the layer.
            let gradients = op(&parents).backward();
            let milliseconds = start.elapsed().as_secs_f64() * 1e3;
            drop(gradients);
            milliseconds
        };
        let mut best = (f64::INFINITY, f64::INFINITY);
        for _ in 0..RUNS {
            best = (best.0.min(once(&self.theirs)), best.1.min(once(&self.ours)));
        }
        best
    }
}

fn generator(size: usize, width: usize, batch: usize) -> Vec<Layer> {
    let (w, half, quarter) = (width, size / 2, size / 4);
    let mut layers = vec![
        conv("G conv1 5x5", [batch, 3, size, size], w, 5, 1, same(5)),
        norm([batch, w, size, size]),
        conv("G conv2 4x4/2", [batch, w, size, size], 2 * w, 4, 2, around(1)),
        norm([batch, 2 * w, half, half]),
        conv("G conv3 4x4/2", [batch, 2 * w, half, half], 4 * w, 4, 2, around(1)),
        norm([batch, 4 * w, quarter, quarter]),
    ];
    for (inputs, outputs, side) in [(4 * w, 2 * w, quarter), (2 * w, w, half)] {
        layers.push(up([batch, inputs, side, side], outputs));
        layers.push(norm([batch, outputs, 2 * side, 2 * side]));
    }
    layers.push(conv("G last 4x4", [batch, w, size, size], 3, 4, 1, same(4)));
    layers[0].track_input = false;
    layers
}

fn alternatives(size: usize, width: usize, batch: usize) -> Vec<Layer> {
    [(4 * width, 2 * width, size / 4), (2 * width, width, size / 2)]
        .map(|(inputs, outputs, side)| deconv([batch, inputs, side, side], outputs))
        .into()
}

fn discriminator(size: usize, width: usize, batch: usize) -> Vec<Layer> {
    let (mut inputs, mut side, mut layers) = (3, size, Vec::new());
    while side > 4 {
        let outputs = if inputs == 3 { width } else { 2 * inputs };
        layers.push(conv("D 4x4/2", [batch, inputs, side, side], outputs, 4, 2, around(1)));
        side /= 2;
        layers.push(match inputs {
            3 => activation([batch, outputs, side, side]),
            _ => norm([batch, outputs, side, side]),
        });
        inputs = outputs;
    }
    layers.push(conv("D logits", [batch, inputs, side, side], 3, 4, 1, around(0)));
    layers
}

fn around(pixels: usize) -> Padding {
    Padding { top: pixels, left: pixels, bottom: pixels, right: pixels }
}

fn same(kernel: usize) -> Padding {
    let (before, after) = ((kernel - 1) / 2, kernel / 2);
    Padding { top: before, left: before, bottom: after, right: after }
}

fn layer(
    name: &str,
    x: [usize; 4],
    weight: [usize; 4],
    channels: usize,
    ours: impl Fn(&Parents) -> Tensor<4> + 'static,
    theirs: impl Fn(&Parents) -> Tensor<4> + 'static,
) -> Layer {
    let name = format!("{name} {}->{channels} @{}", x[1], x[2]);
    let (ours, theirs) = (Box::new(ours), Box::new(theirs));
    Layer { name, x, weight, channels, track_input: true, ours, theirs }
}

/// Input, weight and bias of a convolution.
fn parts(p: &Parents) -> (Tensor<4>, Tensor<4>, Option<Tensor<1>>) {
    (p.x.clone(), p.weight.clone(), Some(p.vectors[0].clone()))
}

fn conv(
    name: &str,
    x: [usize; 4],
    outputs: usize,
    kernel: usize,
    stride: usize,
    padding: Padding,
) -> Layer {
    let ours = move |p: &Parents| {
        let (x, weight, bias) = parts(p);
        ops::conv2d(x, weight, bias, stride, padding)
    };
    let theirs = move |p: &Parents| {
        let (x, weight, bias) = parts(p);
        reference::conv2d(x, weight, bias, stride, padding)
    };
    layer(name, x, [outputs, x[1], kernel, kernel], outputs, ours, theirs)
}

fn reference_up(p: &Parents) -> Tensor<4> {
    let (x, weight, bias) = parts(p);
    reference::conv2d(reference::upsample_nearest2x(x), weight, bias, 1, around(1))
}

fn up(x: [usize; 4], outputs: usize) -> Layer {
    let ours = |p: &Parents| {
        let (x, weight, bias) = parts(p);
        ops::upsample_conv2d(x, weight, bias)
    };
    layer("G upsample, 3x3", x, [outputs, x[1], 3, 3], outputs, ours, reference_up)
}

fn deconv(x: [usize; 4], outputs: usize) -> Layer {
    let ours = |p: &Parents| {
        let (x, weight, bias) = parts(p);
        ops::conv_transpose2d(x, weight, bias, 2, 1, 1)
    };
    let theirs = |p: &Parents| {
        let (x, weight, bias) = parts(p);
        reference::conv_transpose2d(x, weight, bias, 2, 1, 1)
    };
    layer("G deconv 3x3", x, [x[1], outputs, 3, 3], outputs, ours, theirs)
}

fn norm(x: [usize; 4]) -> Layer {
    let ours = |p: &Parents| {
        let [gamma, beta] = p.vectors.clone();
        ops::batch_norm_leaky_relu(p.x.clone(), gamma, beta, 1e-5, 0.2).output
    };
    let theirs = |p: &Parents| {
        let [gamma, beta] = p.vectors.clone();
        reference::batch_norm_leaky_relu(p.x.clone(), gamma, beta, 1e-5, 0.2).output
    };
    layer("  batch norm, leaky ReLU", x, [1; 4], x[1], ours, theirs)
}

fn activation(x: [usize; 4]) -> Layer {
    let ours = |p: &Parents| ops::leaky_relu(p.x.clone(), 0.2);
    let theirs = |p: &Parents| reference::leaky_relu(p.x.clone(), 0.2);
    layer("  leaky ReLU", x, [1; 4], x[1], ours, theirs)
}
