//! ArcFace backbones (Deng et al., "ArcFace", CVPR 2019) in the form of insightface's
//! `arcface_torch`: iresnet18, 34, 50, 100 and whatever else has their names (Duta et al.,
//! "Improved residual networks", 2020).
//!
//! [`Iresnet::load`] reads a `backbone.pth` as it is published, in whatever precision, and safetensors in
//! f32. The counters of batch normalisation are ignored.
//!
//! These networks were trained on faces aligned by five points to a template of 112x112 pixels, in
//! RGB. Faces cut otherwise still give embeddings, but published accuracies do not hold for them.

use std::path::Path;

use burn::tensor::activation::prelu;
use burn::tensor::module::interpolate;
use burn::tensor::ops::{InterpolateMode, InterpolateOptions};
use burn::tensor::{Device, Tensor};
use ops::Padding;

use crate::foreign::Arrays;
use crate::weights::WeightsError;

/// `eps` of every batch normalisation.
const EPSILON: f64 = 1e-5;
/// Side of the last maps: four halvings of [`Iresnet::SIZE`].
const LAST: usize = 7;

/// Turns faces into unit vectors.
#[derive(Debug)]
pub struct Iresnet {
    stem: Tensor<4>,
    stem_norm: BatchNorm,
    stem_slope: Tensor<1>,
    blocks: Vec<Block>,
    last_norm: BatchNorm,
    /// `[C * 49, E]`.
    head: Tensor<2>,
    head_bias: Tensor<2>,
    features: BatchNorm,
}

/// Batch normalisation with the statistics of the training.
#[derive(Debug)]
struct BatchNorm {
    gamma: Tensor<1>,
    beta: Tensor<1>,
    mean: Tensor<1>,
    variance: Tensor<1>,
}

/// A residual block; its second convolution has the stride.
#[derive(Debug)]
struct Block {
    first: (BatchNorm, Tensor<4>),
    second: (BatchNorm, Tensor<1>, Tensor<4>),
    last: BatchNorm,
    stride: usize,
    shortcut: Option<(Tensor<4>, BatchNorm)>,
}

impl Iresnet {
    /// Side in pixels that the network works at.
    pub const SIZE: usize = 112;

    /// Reads a network from a file of `torch.save`, or from safetensors in f32. Depth and widths are those
    /// of the arrays.
    ///
    /// # Errors
    /// The file cannot be read, is neither, or an array is missing, superfluous or has a shape that does
    /// not fit its neighbours.
    pub fn load(path: &Path, device: &Device) -> Result<Iresnet, WeightsError> {
        let mut arrays = Arrays::open(path, device)?;
        let width = arrays.outputs("conv1.weight")?;
        let stem = arrays.tensor("conv1.weight", [width, 3, 3, 3])?;
        let stem_norm = BatchNorm::take(&mut arrays, "bn1", width)?;
        let stem_slope = arrays.tensor("prelu.weight", [width])?;
        let (mut blocks, mut inputs) = (Vec::new(), width);
        for stage in 1..=4 {
            let mut depth = 0;
            while depth == 0 || arrays.has(&format!("layer{stage}.{depth}.conv1.weight")) {
                let name = format!("layer{stage}.{depth}");
                let stride = if depth == 0 { 2 } else { 1 };
                let (block, outputs) = Block::take(&mut arrays, &name, inputs, stride)?;
                blocks.push(block);
                inputs = outputs;
                depth += 1;
            }
        }
        let last_norm = BatchNorm::take(&mut arrays, "bn2", inputs)?;
        let embedding = arrays.outputs("fc.weight")?;
        let head = arrays.tensor("fc.weight", [embedding, inputs * LAST * LAST])?.transpose();
        let head_bias = arrays.tensor("fc.bias", [embedding])?.reshape([1, embedding]);
        let features = BatchNorm::take(&mut arrays, "features", embedding)?;
        arrays.finish(|name| name.ends_with(".num_batches_tracked"))?;
        Ok(Iresnet { stem, stem_norm, stem_slope, blocks, last_norm, head, head_bias, features })
    }

    /// Embeddings of images `[N, 3, H, W]` in [-1, 1]: N vectors of length 1, whose dot product is
    /// the similarity of the faces.
    ///
    /// Images of another size than [`Iresnet::SIZE`] are resized bilinearly first (half-pixel
    /// centres, no smoothing: PyTorch's `interpolate` with `align_corners=False`).
    pub fn embed(&self, x: Tensor<4>) -> Vec<Vec<f32>> {
        let [n, _, height, width] = x.dims();
        let size = [Iresnet::SIZE; 2];
        let mut y = if [height, width] == size {
            x
        } else {
            let options = InterpolateOptions::new(InterpolateMode::Bilinear);
            interpolate(x, options.with_align_corners(false).with_output_size(size))
        };
        y = prelu(self.stem_norm.forward(conv(y, &self.stem, 1)), self.stem_slope.clone());
        for block in &self.blocks {
            y = block.forward(y);
        }
        let [inputs, embedding] = self.head.dims();
        let flat = self.last_norm.forward(y).reshape([n, inputs]);
        let embedded = flat.matmul(self.head.clone()) + self.head_bias.clone();
        let embedded = self.features.forward(embedded.reshape([n, embedding, 1, 1]));
        let values: Vec<f32> = embedded.into_data().iter::<f32>().collect();
        values.chunks_exact(embedding).map(unit).collect()
    }
}

impl BatchNorm {
    fn take(arrays: &mut Arrays, name: &str, channels: usize) -> Result<BatchNorm, WeightsError> {
        let mut of = |part| arrays.tensor(&format!("{name}.{part}"), [channels]);
        Ok(BatchNorm {
            gamma: of("weight")?,
            beta: of("bias")?,
            mean: of("running_mean")?,
            variance: of("running_var")?,
        })
    }

    fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        let BatchNorm { gamma, beta, mean, variance } = self;
        let (gamma, beta) = (gamma.clone(), beta.clone());
        let (mean, variance) = (mean.clone(), variance.clone());
        // Slope 1: no activation.
        ops::batch_norm_leaky_relu_inference(x, gamma, beta, mean, variance, EPSILON, 1.0)
    }
}

impl Block {
    /// The block of this name, and its channels.
    fn take(
        arrays: &mut Arrays,
        name: &str,
        inputs: usize,
        stride: usize,
    ) -> Result<(Block, usize), WeightsError> {
        let of = |part: &str| format!("{name}.{part}");
        let outputs = arrays.outputs(&of("conv1.weight"))?;
        let shortcut = if stride != 1 || inputs != outputs {
            let weight = arrays.tensor(&of("downsample.0.weight"), [outputs, inputs, 1, 1])?;
            Some((weight, BatchNorm::take(arrays, &of("downsample.1"), outputs)?))
        } else {
            None
        };
        let block = Block {
            first: (
                BatchNorm::take(arrays, &of("bn1"), inputs)?,
                arrays.tensor(&of("conv1.weight"), [outputs, inputs, 3, 3])?,
            ),
            second: (
                BatchNorm::take(arrays, &of("bn2"), outputs)?,
                arrays.tensor(&of("prelu.weight"), [outputs])?,
                arrays.tensor(&of("conv2.weight"), [outputs, outputs, 3, 3])?,
            ),
            last: BatchNorm::take(arrays, &of("bn3"), outputs)?,
            stride,
            shortcut,
        };
        Ok((block, outputs))
    }

    fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        let (norm, weight) = &self.first;
        let y = conv(norm.forward(x.clone()), weight, 1);
        let (norm, slope, weight) = &self.second;
        let y = conv(prelu(norm.forward(y), slope.clone()), weight, self.stride);
        let shortcut = match &self.shortcut {
            Some((weight, norm)) => norm.forward(conv(x, weight, self.stride)),
            None => x,
        };
        self.last.forward(y) + shortcut
    }
}

/// Without bias; a 3x3 kernel pads by 1, a 1x1 kernel not at all.
fn conv(x: Tensor<4>, weight: &Tensor<4>, stride: usize) -> Tensor<4> {
    let p = weight.dims()[2] / 2;
    let padding = Padding { top: p, left: p, bottom: p, right: p };
    ops::conv2d(x, weight.clone(), None, stride, padding, ops::Precision::F32)
}

/// Scaled to length 1; zeros stay zeros.
fn unit(vector: &[f32]) -> Vec<f32> {
    let square: f64 = vector.iter().map(|&v| f64::from(v).powi(2)).sum();
    let length = square.sqrt().max(1e-12);
    vector.iter().map(|&v| (f64::from(v) / length) as f32).collect()
}
