//! The judges of attributes: two architectures that share nothing but their inputs and their head.

use burn::module::Module;
use burn::tensor::Tensor;
use ops::Precision;

use super::plain::{Plain, around};
use super::pooling::averaged;
use super::residual::Residual;
use crate::init::Init;
use crate::layers::Conv;
use crate::norm::Mode;

/// Largest side that the networks see: larger images are averaged over blocks first.
const LARGEST_SIDE: usize = 64;

/// Which network judges.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Architecture {
    /// Seven convolutions 3x3 one behind the other, as in VGG (Simonyan and Zisserman 2015).
    Plain,
    /// A convolution, then residual blocks (He et al. 2016).
    Residual,
}

#[derive(Module, Debug)]
#[allow(clippy::large_enum_variant, reason = "there are two of them")]
enum Body {
    Plain(Plain),
    Residual(Residual),
}

/// Side of the grid that maps are averaged over: a judge of aligned faces may know where a mouth is.
const GRID: usize = 4;

/// Logits of one image, from features of a grid of places.
#[derive(Module, Debug)]
pub struct AttributeClassifier {
    body: Body,
    head: Conv,
    #[module(skip)]
    outputs: usize,
}

impl AttributeClassifier {
    /// Draws a classifier of so many outputs for images of `size` pixels; `width` is the number of channels
    /// of its first layer.
    pub fn new(
        architecture: Architecture,
        (size, width): (usize, usize),
        outputs: usize,
        init: &mut Init,
    ) -> Self {
        let body = match architecture {
            Architecture::Plain => Body::Plain(Plain::new(width, init)),
            Architecture::Residual => Body::Residual(Residual::new(width, init)),
        };
        let (channels, grid) = (4 * width, (size.min(LARGEST_SIDE) / 8).min(GRID));
        let std = (1.0 / (channels * grid * grid) as f32).sqrt();
        AttributeClassifier {
            body,
            head: Conv::scaled(channels, outputs, grid, std, init),
            outputs,
        }
    }

    /// `[N, 3, S, S]` to maps `[N, C, 4, 4]`, smaller of images below 32 pixels.
    pub fn maps(&self, x: Tensor<4>, mode: Mode) -> Tensor<4> {
        let x = down_to(x, LARGEST_SIDE);
        let y = match &self.body {
            Body::Plain(plain) => plain.forward(x, mode),
            Body::Residual(residual) => residual.forward(x, mode),
        };
        down_to(y, GRID)
    }

    /// `[N, 3, S, S]` to features `[N, C]`: the maps averaged over all places. The feature space of the
    /// Frechet and kernel distances; not Inception's.
    pub fn features(&self, x: Tensor<4>) -> Tensor<2> {
        let y = self.maps(x, Mode::Eval);
        let [n, channels, h, w] = y.dims();
        y.reshape([n, channels, h * w]).mean_dim(2).reshape([n, channels])
    }

    /// Maps to logits `[N, outputs]`.
    pub fn logits(&self, maps: Tensor<4>) -> Tensor<2> {
        let y = self.head.forward(maps, 1, around(0), Precision::F32);
        let [n, ..] = y.dims();
        y.reshape([n, self.outputs])
    }

    /// `[N, 3, S, S]` to logits `[N, outputs]`, as trained.
    pub fn forward(&self, x: Tensor<4>) -> Tensor<2> {
        self.logits(self.maps(x, Mode::Eval))
    }
}

/// Averages blocks until the side is `largest` at most.
fn down_to(x: Tensor<4>, largest: usize) -> Tensor<4> {
    let factor = (x.dims()[2] / largest).max(1);
    averaged(x, factor)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::init::Network;

    #[test]
    fn any_size_gives_one_row_per_image() {
        let device = backend::host();
        for architecture in [Architecture::Plain, Architecture::Residual] {
            for size in [16, 32, 64, 256] {
                let mut init = Init::new(1, Network::Classifier, &device);
                let network = AttributeClassifier::new(architecture, (size, 4), 9, &mut init);
                let x = Tensor::<4>::zeros([2, 3, size, size], &device);
                assert_eq!(network.forward(x.clone()).dims(), [2, 9]);
                assert_eq!(network.features(x).dims(), [2, 16]);
            }
        }
    }
}
