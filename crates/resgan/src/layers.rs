//! The layers of a run's networks one by one, for `cargo xtask bench ops`.

use burn::tensor::{Device, Tensor, TensorData};
use config::{RunConfig, Upsample};
use ops::Padding;
use serde::Serialize;

/// What a layer computes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum LayerKind {
    /// Convolution with a bias.
    Conv,
    /// Transposed convolution 3x3, stride 2, with a bias.
    Deconv,
    /// Nearest-neighbour upsampling, then a convolution 3x3 with a bias.
    UpConv,
    /// Batch normalisation with the batch's statistics, leaky ReLU.
    Norm,
}

/// One layer with its input.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Layer {
    pub(crate) name: String,
    kind: LayerKind,
    /// `[N, C, H, W]`
    x: [usize; 4],
    /// As PyTorch has it; empty for a normalisation.
    weight: Vec<usize>,
    stride: usize,
    /// Left, right, top, bottom, as PyTorch has it.
    padding: [usize; 4],
    /// Whether the gradient of the input is wanted.
    track_input: bool,
}

/// Every layer of G, then of D.
pub(crate) fn layers(run: &RunConfig) -> Vec<Layer> {
    let (n, w, size) = (run.train.batch, run.model.width, run.data.size);
    let mut found = vec![
        conv("G conv1", [n, 3, size, size], w, 5, 1, [2; 4]),
        norm("G norm1", [n, w, size, size]),
        conv("G conv2", [n, w, size, size], 2 * w, 4, 2, [1; 4]),
        norm("G norm2", [n, 2 * w, size / 2, size / 2]),
        conv("G conv3", [n, 2 * w, size / 2, size / 2], 4 * w, 4, 2, [1; 4]),
        norm("G norm3", [n, 4 * w, size / 4, size / 4]),
    ];
    found[0].track_input = false;
    for (name, inputs, side) in [("up1", 4 * w, size / 4), ("up2", 2 * w, size / 2)] {
        let (kind, weight) = match run.model.upsample {
            Upsample::Deconv => (LayerKind::Deconv, vec![inputs, inputs / 2, 3, 3]),
            Upsample::NearestConv => (LayerKind::UpConv, vec![inputs / 2, inputs, 3, 3]),
        };
        let x = [n, inputs, side, side];
        let name = format!("G {name}");
        let (stride, padding, track_input) = (2, [1; 4], true);
        found.push(Layer { name, kind, x, weight, stride, padding, track_input });
        found.push(norm("G norm", [n, inputs / 2, 2 * side, 2 * side]));
    }
    found.push(conv("G last", [n, w, size, size], 3, 4, 1, [1, 2, 1, 2]));
    let (mut inputs, mut side) = (3, size);
    for layer in 0..RunConfig::discriminator_layers(size) {
        let outputs = w << layer;
        let name = format!("D conv{}", layer + 1);
        found.push(conv(&name, [n, inputs, side, side], outputs, 4, 2, [1; 4]));
        (inputs, side) = (outputs, side / 2);
        if layer > 0 {
            found.push(norm(&format!("D norm{}", layer + 1), [n, inputs, side, side]));
        }
    }
    found.push(conv("D logits", [n, inputs, side, side], 3, 4, 1, [0; 4]));
    found
}

fn conv(
    name: &str,
    x: [usize; 4],
    outputs: usize,
    kernel: usize,
    stride: usize,
    padding: [usize; 4],
) -> Layer {
    let weight = vec![outputs, x[1], kernel, kernel];
    let (name, kind) = (name.to_owned(), LayerKind::Conv);
    Layer { name, kind, x, weight, stride, padding, track_input: true }
}

fn norm(name: &str, x: [usize; 4]) -> Layer {
    let (name, kind, weight) = (name.to_owned(), LayerKind::Norm, Vec::new());
    Layer { name, kind, x, weight, stride: 1, padding: [0; 4], track_input: true }
}

/// A layer with its parents on a device.
pub(crate) struct Bound {
    layer: Layer,
    x: Tensor<4>,
    weight: Option<Tensor<4>>,
    /// Bias, or gamma and beta.
    vectors: [Tensor<1>; 2],
}

impl Bound {
    /// `device` with autodiff.
    pub(crate) fn new(layer: &Layer, device: &Device) -> Bound {
        let numbers = |count: usize| (0..count).map(|i| ((i * i) as f32).sin()).collect::<Vec<_>>();
        let image = |shape: [usize; 4]| {
            let data = TensorData::new(numbers(shape.iter().product()), shape);
            Tensor::<4>::from_data(data, device)
        };
        let x = image(layer.x);
        let weight = <[usize; 4]>::try_from(layer.weight.clone()).ok();
        let channels = match layer.kind {
            LayerKind::Norm => layer.x[1],
            LayerKind::Deconv => layer.weight[1],
            LayerKind::Conv | LayerKind::UpConv => layer.weight[0],
        };
        let vector = || {
            let data = TensorData::new(numbers(channels), [channels]);
            Tensor::<1>::from_data(data, device).require_grad()
        };
        Bound {
            layer: layer.clone(),
            x: if layer.track_input { x.require_grad() } else { x },
            weight: weight.map(|shape| image(shape).require_grad()),
            vectors: [vector(), vector()],
        }
    }

    /// Forward and backward, from a gradient of ones.
    pub(crate) fn run(&self) {
        let x = self.x.clone();
        let [first, second] = self.vectors.clone();
        let y = match (self.layer.kind, self.weight.clone()) {
            (LayerKind::Conv, Some(weight)) => {
                let [left, right, top, bottom] = self.layer.padding;
                let padding = Padding { top, left, bottom, right };
                ops::conv2d(x, weight, Some(first), self.layer.stride, padding, ops::Precision::F32)
            }
            (LayerKind::Deconv, Some(weight)) => {
                ops::conv_transpose2d(x, weight, Some(first), 2, 1, 1, ops::Precision::F32)
            }
            (LayerKind::UpConv, Some(weight)) => {
                ops::upsample_conv2d(x, weight, Some(first), ops::Precision::F32)
            }
            _ => ops::batch_norm_leaky_relu(x, first, second, 1e-5, 0.2).output,
        };
        drop(y.backward());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_layers_chain_and_run() {
        for upsample in ["deconv", "nearest-conv"] {
            let text = format!(
                "[data]\nsize = 16\n[model]\nwidth = 2\nupsample = \"{upsample}\"\n\
                 [train]\nbatch = 2\n[losses]\nperceptual_layer = 2\n"
            );
            let run = RunConfig::from_toml(&text, "test").unwrap();
            let layers = layers(&run);
            assert_eq!(layers.len(), 11 + 4);
            let device = backend::host().autodiff();
            layers.iter().for_each(|layer| Bound::new(layer, &device).run());
        }
    }
}
