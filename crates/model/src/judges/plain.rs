//! Seven convolutions 3x3, one behind the other.

use burn::module::Module;
use burn::tensor::Tensor;
use config::Norm;
use ops::{Padding, Precision};

use crate::LEAKY_SLOPE;
use crate::init::Init;
use crate::layers::Conv;
use crate::norm::{Mode, NormAct, NormSpec};

/// Channels in units of the width, and strides. The first sees every pixel: thin rims are gone at half
/// the size.
const LAYERS: [(usize, usize); 7] = [(1, 1), (2, 2), (2, 1), (4, 2), (4, 1), (4, 2), (4, 1)];

#[derive(Module, Debug)]
pub(super) struct Plain {
    convs: Vec<Conv>,
    norms: Vec<NormAct>,
}

impl Plain {
    pub(super) fn new(width: usize, init: &mut Init) -> Self {
        let (mut convs, mut norms, mut inputs) = (Vec::new(), Vec::new(), 3);
        for (factor, _) in LAYERS {
            let channels = factor * width;
            convs.push(Conv::scaled(inputs, channels, 3, he(inputs, 3), init));
            norms.push(NormAct::new(channels, running(), init));
            inputs = channels;
        }
        Plain { convs, norms }
    }

    /// `[N, 3, S, S]` to `[N, 4 width, S / 8, S / 8]`.
    pub(super) fn forward(&self, x: Tensor<4>, mode: Mode) -> Tensor<4> {
        let layers = self.convs.iter().zip(&self.norms).zip(LAYERS);
        layers.fold(x, |x, ((conv, norm), (_, stride))| {
            let y = conv.forward(x, stride, around(1), Precision::F32);
            norm.forward(y, mode, LEAKY_SLOPE)
        })
    }
}

/// Batch normalisation with running statistics.
pub(super) fn running() -> NormSpec {
    NormSpec { kind: Norm::Batch, running: true }
}

/// Standard deviation of weights (He et al. 2015): a classification loss starts faster with it than
/// with N(0, 0.02).
pub(super) fn he(inputs: usize, kernel: usize) -> f32 {
    (2.0 / (inputs * kernel * kernel) as f32).sqrt()
}

/// So many zeros on every side.
pub(super) fn around(zeros: usize) -> Padding {
    Padding { top: zeros, left: zeros, bottom: zeros, right: zeros }
}
