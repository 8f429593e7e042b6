//! The image transformation network G0 = G1 (paper, Table 1, left half).

use burn::module::Module;
use burn::tensor::Tensor;
use burn::tensor::activation::{sigmoid, tanh};
use config::{Model, Output};
use ops::Precision;

use crate::LEAKY_SLOPE;
use crate::init::Init;
use crate::layers::{Conv, Up};
use crate::norm::{Mode, NormAct, NormSpec};
use crate::residual_block::ResidualBlock;

/// An encoder of three convolutions, a decoder of two upsamplings, and a linear last layer that
/// puts out the residual image.
#[derive(Module, Debug)]
pub struct Generator {
    conv1: Conv,
    norm1: NormAct,
    conv2: Conv,
    norm2: NormAct,
    conv3: Conv,
    norm3: NormAct,
    blocks: Vec<ResidualBlock>,
    up1: Up,
    norm4: NormAct,
    up2: Up,
    norm5: NormAct,
    last: Conv,
    #[module(skip)]
    skips: bool,
    #[module(skip)]
    output: Output,
    #[module(skip)]
    precision: Precision,
}

/// What a generator makes of an image.
#[derive(Clone, Debug)]
pub struct GeneratorOutput {
    /// `r = G(x)`, `[N, 3, S, S]`; with a mask `m r'`, for whole-image generators `x~ - x`.
    pub residual: Tensor<4>,
    /// `x~ = x + r`, not clamped to [-1, 1].
    pub edited: Tensor<4>,
}

impl Generator {
    /// Draws a generator of the configured width and switches.
    pub fn new(model: &Model, init: &mut Init) -> Self {
        let w = model.width;
        let spec = NormSpec { kind: model.norm, running: true };
        Generator {
            conv1: Conv::new(3, w, 5, init),
            norm1: NormAct::new(w, spec, init),
            conv2: Conv::new(w, 2 * w, 4, init),
            norm2: NormAct::new(2 * w, spec, init),
            conv3: Conv::new(2 * w, 4 * w, 4, init),
            norm3: NormAct::new(4 * w, spec, init),
            blocks: (0..model.residual_blocks)
                .map(|_| ResidualBlock::new(4 * w, spec, init))
                .collect(),
            up1: Up::new(4 * w, 2 * w, model.upsample, init),
            norm4: NormAct::new(2 * w, spec, init),
            up2: Up::new(2 * w, w, model.upsample, init),
            norm5: NormAct::new(w, spec, init),
            last: Conv::new(w, if model.output == Output::Masked { 4 } else { 3 }, 4, init),
            skips: model.skips,
            output: model.output,
            precision: init.precision(),
        }
    }

    /// Edits a batch of images.
    ///
    /// # Shapes
    /// `[N, 3, S, S]`, S divisible by 4, to two tensors of the same shape.
    pub fn forward(&self, x: Tensor<4>, mode: Mode) -> GeneratorOutput {
        let act = |norm: &NormAct, y| norm.forward(y, mode, LEAKY_SLOPE);
        // Whoever looks at edits sees them in single precision.
        let p = if mode == Mode::Eval { Precision::F32 } else { self.precision };
        let skip = |y: Tensor<4>, encoded| if self.skips { y.add(encoded) } else { y };
        let whole = act(&self.norm1, self.conv1.forward_same(x.clone(), p));
        let half = act(&self.norm2, self.conv2.forward_halving(whole.clone(), p));
        let y = act(&self.norm3, self.conv3.forward_halving(half.clone(), p));
        let y = self.blocks.iter().fold(y, |y, block| block.forward(y, mode, p));
        let y = skip(act(&self.norm4, self.up1.forward(y, p)), half);
        let y = skip(act(&self.norm5, self.up2.forward(y, p)), whole);
        let y = self.last.forward_same(y, p);
        match self.output {
            Output::Residual => GeneratorOutput { edited: x.add(y.clone()), residual: y },
            Output::Masked => {
                let mask = sigmoid(y.clone().narrow(1, 3, 1));
                let residual = y.narrow(1, 0, 3).mul(mask);
                GeneratorOutput { edited: x.add(residual.clone()), residual }
            }
            Output::Image => {
                let edited = tanh(y);
                GeneratorOutput { residual: edited.clone().sub(x), edited }
            }
        }
    }
}
