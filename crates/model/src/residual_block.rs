//! The block that a generator's bottleneck repeats (He et al. 2016).

use burn::module::Module;
use burn::tensor::Tensor;
use ops::Precision;

use crate::LEAKY_SLOPE;
use crate::init::Init;
use crate::layers::Conv;
use crate::norm::{Mode, NormAct, NormSpec};

/// `x + norm(conv(act(norm(conv(x)))))`, both convolutions 3x3; nothing is activated behind the sum
/// (Johnson et al. 2016).
#[derive(Module, Debug)]
pub(crate) struct ResidualBlock {
    conv1: Conv,
    norm1: NormAct,
    conv2: Conv,
    norm2: NormAct,
}

impl ResidualBlock {
    pub(crate) fn new(channels: usize, spec: NormSpec, init: &mut Init) -> Self {
        ResidualBlock {
            conv1: Conv::new(channels, channels, 3, init),
            norm1: NormAct::new(channels, spec, init),
            conv2: Conv::new(channels, channels, 3, init),
            norm2: NormAct::new(channels, spec, init),
        }
    }

    /// `[N, C, H, W]` to the same.
    pub(crate) fn forward(&self, x: Tensor<4>, mode: Mode, precision: Precision) -> Tensor<4> {
        let y = self.conv1.forward_same(x.clone(), precision);
        let y = self.norm1.forward(y, mode, LEAKY_SLOPE);
        let y = self.conv2.forward_same(y, precision);
        x.add(self.norm2.forward(y, mode, 1.0))
    }
}
