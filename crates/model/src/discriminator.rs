//! The three-class discriminator D (paper, Table 1, right half).

use burn::module::Module;
use burn::tensor::Tensor;
use config::{DiscriminatorNorm, Model, Norm, RunConfig, Tap};
use ops::{Padding, Precision};

use crate::LEAKY_SLOPE;
use crate::init::Init;
use crate::layers::Conv;
use crate::norm::{Mode, NormAct, NormSpec};

/// Convolutions 4x4, stride 2, until 4x4 pixels are left, then one valid 4x4 convolution to the
/// logits of real negative (0), real positive (1), generated (2).
#[derive(Module, Debug)]
pub struct Discriminator {
    convs: Vec<Conv>,
    norms: Vec<NormAct>,
    logits: Conv,
    #[module(skip)]
    precision: Precision,
}

/// Logits and the features that the perceptual loss asked for.
#[derive(Clone, Debug)]
pub struct DiscriminatorOutput {
    /// `[N, 3]`, before the softmax.
    pub logits: Tensor<2>,
    /// phi(x), `[N, C, H, W]`, when a tap was given.
    pub features: Option<Tensor<4>>,
}

impl Discriminator {
    /// Draws a discriminator for images of `size` pixels.
    pub fn new(model: &Model, size: usize, init: &mut Init) -> Self {
        let layers = RunConfig::discriminator_layers(size);
        let norm = model.maps_of_d();
        let first_norm = if model.discriminator_first_norm { norm } else { Norm::None };
        let conv = |inputs, outputs, init: &mut Init| {
            let conv = Conv::new(inputs, outputs, 4, init);
            match model.discriminator_norm {
                DiscriminatorNorm::Spectral => conv.with_spectral_norm(init),
                _ => conv,
            }
        };
        let mut convs = Vec::new();
        let mut norms = Vec::new();
        let mut inputs = 3;
        for layer in 0..layers {
            let outputs = model.width << layer;
            let kind = if layer == 0 { first_norm } else { norm };
            convs.push(conv(inputs, outputs, init));
            // D is only ever used with the batch at hand, so it keeps no running statistics.
            norms.push(NormAct::new(outputs, NormSpec { kind, running: false }, init));
            inputs = outputs;
        }
        let logits = conv(inputs, 3, init);
        Discriminator { convs, norms, logits, precision: init.precision() }
    }

    /// To be called before each of D's steps: with spectral normalisation, one power iteration.
    pub fn begin_step(&self) {
        self.convs.iter().chain([&self.logits]).for_each(Conv::iterate);
    }

    /// Judges a batch; with `tap = (layer from 1, place)` also returns phi(x).
    ///
    /// # Shapes
    /// `[N, 3, S, S]` to logits `[N, 3]`.
    pub fn forward(&self, x: Tensor<4>, tap: Option<(usize, Tap)>) -> DiscriminatorOutput {
        let (y, features) = self.trunk(x, tap, self.convs.len());
        let valid = Padding { top: 0, left: 0, bottom: 0, right: 0 };
        let logits = self.logits.forward(y, 1, valid, self.precision);
        let [n, classes, _, _] = logits.dims();
        DiscriminatorOutput { logits: logits.reshape([n, classes]), features }
    }

    /// phi(x) alone: no layer behind the tap is computed.
    pub fn features(&self, x: Tensor<4>, tap: (usize, Tap)) -> Tensor<4> {
        let (_, features) = self.trunk(x, Some(tap), tap.0);
        features.expect("the tap lies within the layers that were run")
    }

    fn trunk(
        &self,
        x: Tensor<4>,
        tap: Option<(usize, Tap)>,
        depth: usize,
    ) -> (Tensor<4>, Option<Tensor<4>>) {
        let mut y = x;
        let mut features = None;
        for (index, (conv, norm)) in self.convs.iter().zip(&self.norms).take(depth).enumerate() {
            let mode = Mode::TrainFrozenStatistics;
            let place = tap.filter(|(layer, _)| *layer == index + 1).map(|(_, place)| place);
            let z = conv.forward_halving(y, self.precision);
            if place == Some(Tap::Conv) {
                features = Some(z.clone());
            }
            y = if place == Some(Tap::Norm) {
                let normed = norm.forward(z, mode, 1.0);
                features = Some(normed.clone());
                ops::leaky_relu(normed, LEAKY_SLOPE)
            } else {
                norm.forward(z, mode, LEAKY_SLOPE)
            };
            if place == Some(Tap::Activation) {
                features = Some(y.clone());
            }
        }
        (y, features)
    }
}
