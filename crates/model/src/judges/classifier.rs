//! The judges of attributes: two architectures that share nothing but their inputs and their head.

use burn::module::Module;
use burn::tensor::Tensor;
use ops::Precision;

use super::plain::{Plain, around};
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

/// Logits of one image, from features averaged over all places.
#[derive(Module, Debug)]
pub struct AttributeClassifier {
    body: Body,
    head: Conv,
    #[module(skip)]
    outputs: usize,
}

impl AttributeClassifier {
    /// Draws a classifier of so many outputs; `width` is the number of channels of its first layer.
    pub fn new(architecture: Architecture, width: usize, outputs: usize, init: &mut Init) -> Self {
        let body = match architecture {
            Architecture::Plain => Body::Plain(Plain::new(width, init)),
            Architecture::Residual => Body::Residual(Residual::new(width, init)),
        };
        let channels = 4 * width;
        let std = (1.0 / channels as f32).sqrt();
        AttributeClassifier { body, head: Conv::scaled(channels, outputs, 1, std, init), outputs }
    }

    /// `[N, 3, S, S]` to features `[N, C]`: maps averaged over all places. The feature space of the
    /// Frechet and kernel distances; not Inception's.
    pub fn features(&self, x: Tensor<4>, mode: Mode) -> Tensor<2> {
        let factor = (x.dims()[2] / LARGEST_SIDE).max(1);
        let x = averaged(x, factor);
        let y = match &self.body {
            Body::Plain(plain) => plain.forward(x, mode),
            Body::Residual(residual) => residual.forward(x, mode),
        };
        let [n, channels, h, w] = y.dims();
        y.reshape([n, channels, h * w]).mean_dim(2).reshape([n, channels])
    }

    /// Features to logits `[N, outputs]`.
    pub fn logits(&self, features: Tensor<2>) -> Tensor<2> {
        let [n, channels] = features.dims();
        let maps = features.reshape([n, channels, 1, 1]);
        self.head.forward(maps, 1, around(0), Precision::F32).reshape([n, self.outputs])
    }

    /// `[N, 3, S, S]` to logits `[N, outputs]`, as trained.
    pub fn forward(&self, x: Tensor<4>) -> Tensor<2> {
        self.logits(self.features(x, Mode::Eval))
    }
}

/// The mean of every block of `factor` x `factor` pixels.
pub(super) fn averaged(x: Tensor<4>, factor: usize) -> Tensor<4> {
    if factor == 1 {
        return x;
    }
    let [n, c, h, w] = x.dims();
    let blocks: Tensor<6> = x.reshape([n, c, h / factor, factor, w / factor, factor]);
    blocks.mean_dim(5).mean_dim(3).reshape([n, c, h / factor, w / factor])
}

#[cfg(test)]
mod tests {
    use burn::tensor::TensorData;

    use super::*;
    use crate::init::Network;

    #[test]
    fn any_size_gives_one_row_per_image() {
        let device = backend::host();
        for architecture in [Architecture::Plain, Architecture::Residual] {
            for size in [16, 32, 64, 256] {
                let mut init = Init::new(1, Network::Classifier, &device);
                let network = AttributeClassifier::new(architecture, 4, 9, &mut init);
                let x = Tensor::<4>::zeros([2, 3, size, size], &device);
                assert_eq!(network.forward(x.clone()).dims(), [2, 9]);
                assert_eq!(network.features(x, Mode::Eval).dims(), [2, 16]);
            }
        }
    }

    #[test]
    fn large_images_are_averaged_over_blocks() {
        let values: Vec<f32> = (0..128 * 128).map(|i| (i % 2) as f32).collect();
        let x =
            TensorData::new([values.clone(), values.clone(), values].concat(), [1, 3, 128, 128]);
        let y = averaged(Tensor::from_data(x, &backend::host()), 2);
        assert_eq!(y.dims(), [1, 3, 64, 64]);
        assert!(y.into_data().try_to_vec::<f32>().unwrap().iter().all(|v| *v == 0.5));
    }
}
