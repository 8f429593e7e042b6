//! A convolution, then residual blocks with their activation behind the sum.

use burn::module::Module;
use burn::tensor::Tensor;
use ops::Precision;

use super::plain::{around, he, running};
use super::pooling::averaged;
use crate::LEAKY_SLOPE;
use crate::init::Init;
use crate::layers::Conv;
use crate::norm::{Mode, NormAct};

/// Channels in units of the width, and strides.
const BLOCKS: [(usize, usize); 4] = [(2, 2), (4, 2), (4, 2), (4, 1)];

#[derive(Module, Debug)]
pub(super) struct Residual {
    stem: Conv,
    norm: NormAct,
    blocks: Vec<Block>,
}

impl Residual {
    pub(super) fn new(width: usize, init: &mut Init) -> Self {
        let stem = Conv::scaled(3, width, 3, he(3, 3), init);
        let norm = NormAct::new(width, running(), init);
        let (mut blocks, mut inputs) = (Vec::new(), width);
        for (factor, stride) in BLOCKS {
            blocks.push(Block::new(inputs, factor * width, stride, init));
            inputs = factor * width;
        }
        Residual { stem, norm, blocks }
    }

    /// `[N, 3, S, S]` to `[N, 4 width, S / 8, S / 8]`.
    pub(super) fn forward(&self, x: Tensor<4>, mode: Mode) -> Tensor<4> {
        let y = self.stem.forward(x, 1, around(1), Precision::F32);
        let y = self.norm.forward(y, mode, LEAKY_SLOPE);
        self.blocks.iter().fold(y, |y, block| block.forward(y, mode))
    }
}

/// `act(shortcut(x) + norm(conv(act(norm(conv(x))))))`.
#[derive(Module, Debug)]
struct Block {
    conv1: Conv,
    norm1: NormAct,
    conv2: Conv,
    norm2: NormAct,
    shortcut: Option<Conv>,
    #[module(skip)]
    stride: usize,
}

impl Block {
    fn new(inputs: usize, channels: usize, stride: usize, init: &mut Init) -> Self {
        let changes = inputs != channels || stride != 1;
        Block {
            conv1: Conv::scaled(inputs, channels, 3, he(inputs, 3), init),
            norm1: NormAct::new(channels, running(), init),
            conv2: Conv::scaled(channels, channels, 3, he(channels, 3), init),
            norm2: NormAct::new(channels, running(), init),
            shortcut: changes.then(|| Conv::scaled(inputs, channels, 1, he(inputs, 1), init)),
            stride,
        }
    }

    fn forward(&self, x: Tensor<4>, mode: Mode) -> Tensor<4> {
        let y = self.conv1.forward(x.clone(), self.stride, around(1), Precision::F32);
        let y = self.norm1.forward(y, mode, LEAKY_SLOPE);
        let y = self.conv2.forward(y, 1, around(1), Precision::F32);
        let y = self.norm2.forward(y, mode, 1.0);
        let x = match &self.shortcut {
            Some(shortcut) => {
                // A strided convolution 1x1 would look at one pixel in four (He et al. 2019).
                let x = averaged(x, self.stride);
                shortcut.forward(x, 1, around(0), Precision::F32)
            }
            None => x,
        };
        ops::leaky_relu(x + y, LEAKY_SLOPE)
    }
}
