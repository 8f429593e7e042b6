//! The judges: networks that never see an edited image in training.

mod classifier;
mod plain;
mod pooling;
mod residual;

pub use classifier::{Architecture, AttributeClassifier};

use burn::module::Module;
use burn::tensor::Tensor;
use config::Norm;
use ops::{Padding, Precision};

use crate::LEAKY_SLOPE;
use crate::init::Init;
use crate::layers::Conv;
use crate::norm::{Mode, NormAct, NormSpec};

/// Convolutions 4x4, stride 2, until 4x4 pixels are left, then a valid 4x4 convolution.
#[derive(Module, Debug)]
struct Trunk {
    convs: Vec<Conv>,
    norms: Vec<NormAct>,
    head: Conv,
}

impl Trunk {
    fn new(size: usize, width: usize, outputs: usize, init: &mut Init) -> Self {
        let layers = size.ilog2() as usize - 2;
        let (mut convs, mut norms, mut inputs) = (Vec::new(), Vec::new(), 3);
        for layer in 0..layers {
            let channels = width << layer.min(3);
            // He initialisation: these networks are trained with a plain regression or
            // classification loss, where it starts faster than N(0, 0.02).
            let std = (2.0 / (inputs * 16) as f32).sqrt();
            convs.push(Conv::scaled(inputs, channels, 4, std, init));
            let spec = NormSpec { kind: Norm::Batch, running: true };
            norms.push(NormAct::new(channels, spec, init));
            inputs = channels;
        }
        let std = (1.0 / (inputs * 16) as f32).sqrt();
        Trunk { convs, norms, head: Conv::scaled(inputs, outputs, 4, std, init) }
    }

    fn forward(&self, x: Tensor<4>, mode: Mode) -> Tensor<2> {
        let mut y = x;
        for (conv, norm) in self.convs.iter().zip(&self.norms) {
            y = norm.forward(conv.forward_halving(y, Precision::F32), mode, LEAKY_SLOPE);
        }
        let valid = Padding { top: 0, left: 0, bottom: 0, right: 0 };
        let y = self.head.forward(y, 1, valid, Precision::F32);
        let [n, outputs, _, _] = y.dims();
        y.reshape([n, outputs])
    }
}

/// Five points: x1, y1, .. x5, y5 as shares of the image's side, relative to its centre.
#[derive(Module, Debug)]
pub struct LandmarkRegressor {
    trunk: Trunk,
}

impl LandmarkRegressor {
    /// Number of outputs.
    pub const OUTPUTS: usize = 10;

    /// Draws a regressor for images of `size` pixels.
    pub fn new(size: usize, width: usize, init: &mut Init) -> Self {
        LandmarkRegressor { trunk: Trunk::new(size, width, Self::OUTPUTS, init) }
    }

    /// `[N, 3, S, S]` to `[N, 10]`, each in about [-0.5, 0.5].
    pub fn forward(&self, x: Tensor<4>, mode: Mode) -> Tensor<2> {
        self.trunk.forward(x, mode)
    }
}

/// A face as a unit vector: two photographs of one person point the same way.
#[derive(Module, Debug)]
pub struct IdentityEmbedding {
    trunk: Trunk,
}

impl IdentityEmbedding {
    /// Length of the vectors.
    pub const OUTPUTS: usize = 64;

    /// Draws an embedding for images of `size` pixels.
    pub fn new(size: usize, width: usize, init: &mut Init) -> Self {
        IdentityEmbedding { trunk: Trunk::new(size, width, Self::OUTPUTS, init) }
    }

    /// `[N, 3, S, S]` to unit vectors `[N, 64]`.
    pub fn forward(&self, x: Tensor<4>, mode: Mode) -> Tensor<2> {
        let y = self.trunk.forward(x, mode);
        let length = y.clone().square().sum_dim(1).add_scalar(1e-12).sqrt();
        y.div(length)
    }
}
