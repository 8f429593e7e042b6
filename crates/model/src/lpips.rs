//! LPIPS version 0.1 on AlexNet (Zhang et al., "The unreasonable effectiveness of deep features as
//! a perceptual metric", CVPR 2018), with the weights of the `lpips` Python package.
//!
//! To make the file that [`Lpips::load`] reads:
//! ```python
//! import lpips, torch
//! torch.save(lpips.LPIPS(net="alex").state_dict(), "lpips-alex.pth")
//! ```
//! The package holds each linear layer under two names (`lin0`, `lins.0`); one of them is enough.

use std::path::Path;

use burn::tensor::activation::relu;
use burn::tensor::module::max_pool2d;
use burn::tensor::ops::MaxPoolOptions;
use burn::tensor::{Device, Tensor};
use ops::Padding;

use crate::foreign::Arrays;
use crate::weights::WeightsError;

/// Keeps the direction of a pixel without features finite (`normalize_tensor` of the package).
const EPSILON: f64 = 1e-10;

/// AlexNet's convolutions as torchvision has them: name, shape, stride, padding, and whether a
/// 3x3 maximum with stride 2 comes first.
const LAYERS: [(&str, [usize; 4], usize, usize, bool); 5] = [
    ("net.slice1.0", [64, 3, 11, 11], 4, 2, false),
    ("net.slice2.3", [192, 64, 5, 5], 1, 2, true),
    ("net.slice3.6", [384, 192, 3, 3], 1, 1, true),
    ("net.slice4.8", [256, 384, 3, 3], 1, 1, false),
    ("net.slice5.10", [256, 256, 3, 3], 1, 1, false),
];

/// The images leave nothing for the deep layers to look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "LPIPS needs images of at least {smallest}x{smallest} pixels, not {size}: raise `data.size` \
     or leave `eval.lpips_weights` empty",
    smallest = Lpips::SMALLEST
)]
pub struct TooSmall {
    /// The shorter side in pixels.
    pub size: usize,
}

/// The perceptual distance between two images.
#[derive(Debug)]
pub struct Lpips {
    shift: Tensor<4>,
    scale: Tensor<4>,
    layers: Vec<Layer>,
}

/// A convolution, and how much a difference in each of its channels counts.
#[derive(Debug)]
struct Layer {
    weight: Tensor<4>,
    bias: Tensor<1>,
    stride: usize,
    padding: usize,
    pooled: bool,
    importance: Tensor<4>,
}

impl Lpips {
    /// Smallest side in pixels: the second maximum still has 3x3 pixels to choose from.
    pub const SMALLEST: usize = 31;

    /// Reads the weights from a file of `torch.save` (module documentation: how to make one) or from
    /// safetensors in f32.
    ///
    /// # Errors
    /// The file cannot be read, is neither, or holds other names or shapes: those of another network
    /// (`vgg`, `squeeze`), for instance.
    pub fn load(path: &Path, device: &Device) -> Result<Lpips, WeightsError> {
        let mut arrays = Arrays::open(path, device)?;
        let layers =
            LAYERS.iter().enumerate().map(|(i, &(name, shape, stride, padding, pooled))| {
                Ok(Layer {
                    weight: arrays.tensor(&format!("{name}.weight"), shape)?,
                    bias: arrays.tensor(&format!("{name}.bias"), [shape[0]])?,
                    stride,
                    padding,
                    pooled,
                    importance: arrays
                        .tensor(&format!("lin{i}.model.1.weight"), [1, shape[0], 1, 1])?,
                })
            });
        let layers = layers.collect::<Result<_, WeightsError>>()?;
        let shift = arrays.tensor("scaling_layer.shift", [1, 3, 1, 1])?;
        let scale = arrays.tensor("scaling_layer.scale", [1, 3, 1, 1])?;
        arrays.finish(|name| name.starts_with("lins."))?;
        Ok(Lpips { shift, scale, layers })
    }

    /// Whether images of `size` x `size` pixels can be compared.
    ///
    /// # Errors
    /// `size` is below [`Lpips::SMALLEST`].
    pub fn check_size(size: usize) -> Result<(), TooSmall> {
        if size < Lpips::SMALLEST { Err(TooSmall { size }) } else { Ok(()) }
    }

    /// Distance of each image of `a` to its counterpart in `b`, both `[N, 3, H, W]` in [-1, 1]: N
    /// values, 0 for equal images, larger for images that look less alike.
    ///
    /// NaN where a side is below [`Lpips::SMALLEST`]: ask [`Lpips::check_size`] beforehand.
    pub fn distance(&self, a: Tensor<4>, b: Tensor<4>) -> Vec<f64> {
        let [n, _, height, width] = a.dims();
        if Lpips::check_size(height.min(width)).is_err() {
            return vec![f64::NAN; n];
        }
        let mut total = Tensor::<1>::zeros([n], &a.device());
        let (mut a, mut b) = (self.scaled(a), self.scaled(b));
        for layer in &self.layers {
            (a, b) = (layer.forward(a), layer.forward(b));
            let gap = direction(a.clone()) - direction(b.clone());
            let weighted = gap.clone().mul(gap).mul(layer.importance.clone()).sum_dim(1);
            total = total + weighted.mean_dim(3).mean_dim(2).reshape([n]);
        }
        total.into_data().iter::<f64>().collect()
    }

    /// From [-1, 1] to the range that AlexNet was trained on.
    fn scaled(&self, x: Tensor<4>) -> Tensor<4> {
        (x - self.shift.clone()) / self.scale.clone()
    }
}

impl Layer {
    fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        let x = if self.pooled {
            max_pool2d(x, MaxPoolOptions::new([3, 3]).with_stride([2, 2]))
        } else {
            x
        };
        let p = self.padding;
        let padding = Padding { top: p, left: p, bottom: p, right: p };
        relu(ops::conv2d(
            x,
            self.weight.clone(),
            Some(self.bias.clone()),
            self.stride,
            padding,
            ops::Precision::F32,
        ))
    }
}

/// The features of each pixel, scaled to unit length.
fn direction(x: Tensor<4>) -> Tensor<4> {
    let length = x.clone().mul(x.clone()).sum_dim(1).sqrt();
    x / length.add_scalar(EPSILON)
}
