//! Convolution and upsampling layers with their weights.

use burn::module::{Module, Param};
use burn::tensor::Tensor;
use config::Upsample;
use ops::{Padding, Precision};

use crate::init::Init;
use crate::spectral::Spectral;

/// Standard deviation of initial weights (DCGAN, as in the paper's re-implementations).
const WEIGHT_STD: f32 = 0.02;

/// A convolution; stride and padding are the caller's, since they are the architecture's.
#[derive(Module, Debug)]
pub(crate) struct Conv {
    weight: Param<Tensor<4>>,
    bias: Param<Tensor<1>>,
    spectral: Option<Spectral>,
}

impl Conv {
    /// `kernel`x`kernel`, from `inputs` to `outputs` channels.
    pub(crate) fn new(inputs: usize, outputs: usize, kernel: usize, init: &mut Init) -> Self {
        Conv::scaled(inputs, outputs, kernel, WEIGHT_STD, init)
    }

    pub(crate) fn scaled(
        inputs: usize,
        outputs: usize,
        kernel: usize,
        std: f32,
        init: &mut Init,
    ) -> Self {
        let weight = init.normal([outputs, inputs, kernel, kernel], std);
        Conv { weight, bias: init.constant(outputs, 0.0), spectral: None }
    }

    /// The same with its weight divided by its largest singular value.
    pub(crate) fn with_spectral_norm(self, init: &mut Init) -> Self {
        Conv { spectral: Some(Spectral::new(&self.weight.val(), init)), ..self }
    }

    /// Follows a weight that has changed with the estimate of its largest singular value.
    pub(crate) fn iterate(&self) {
        if let Some(spectral) = &self.spectral {
            spectral.iterate(&self.weight.val());
        }
    }

    /// `[N, Ci, H, W]` to `[N, Co, (H + pad - k) / stride + 1, ...]`.
    pub(crate) fn forward(
        &self,
        x: Tensor<4>,
        stride: usize,
        padding: Padding,
        precision: Precision,
    ) -> Tensor<4> {
        let weight = self.weight.val();
        let weight = match &self.spectral {
            Some(spectral) => spectral.normalised(weight),
            None => weight,
        };
        ops::conv2d(x, weight, Some(self.bias.val()), stride, padding, precision)
    }

    /// Stride 1, the output as large as the input. An even kernel pads one more after than before.
    pub(crate) fn forward_same(&self, x: Tensor<4>, precision: Precision) -> Tensor<4> {
        let kernel = self.weight.dims()[2];
        let (before, after) = ((kernel - 1) / 2, kernel / 2);
        let padding = Padding { top: before, left: before, bottom: after, right: after };
        self.forward(x, 1, padding, precision)
    }

    /// 4x4, stride 2, padding 1: halves the side.
    pub(crate) fn forward_halving(&self, x: Tensor<4>, precision: Precision) -> Tensor<4> {
        self.forward(x, 2, Padding { top: 1, left: 1, bottom: 1, right: 1 }, precision)
    }
}

/// Doubles the side: a transposed convolution, or nearest neighbour and a convolution.
#[derive(Module, Debug)]
pub(crate) struct Up {
    weight: Param<Tensor<4>>,
    bias: Param<Tensor<1>>,
    #[module(skip)]
    kind: Upsample,
}

impl Up {
    pub(crate) fn new(inputs: usize, outputs: usize, kind: Upsample, init: &mut Init) -> Self {
        let shape = match kind {
            Upsample::Deconv => [inputs, outputs, 3, 3],
            Upsample::NearestConv => [outputs, inputs, 3, 3],
        };
        Up { weight: init.normal(shape, WEIGHT_STD), bias: init.constant(outputs, 0.0), kind }
    }

    /// `[N, Ci, H, W]` to `[N, Co, 2H, 2W]`.
    pub(crate) fn forward(&self, x: Tensor<4>, precision: Precision) -> Tensor<4> {
        let (weight, bias) = (self.weight.val(), Some(self.bias.val()));
        match self.kind {
            Upsample::Deconv => ops::conv_transpose2d(x, weight, bias, 2, 1, 1, precision),
            Upsample::NearestConv => ops::upsample_conv2d(x, weight, bias, precision),
        }
    }
}
