//! The loss terms of the paper, one function each.
//!
//! `L_G = L_GAN + L_dual + alpha L_pix + beta L_per`, and `L_D` for the discriminator.
//! Classes of D: 0 real without the attribute, 1 real with it, 2 generated. All terms are means
//! over the batch; sums over pixels or features where the paper writes an L1 norm.

mod adversarial;
mod discriminator;
mod l1;

pub use adversarial::{adversarial, dual_adversarial};
pub use discriminator::{accuracy, class_loss};
pub use l1::{perceptual, pixel, reconstruction, size_factor};

/// A class of the discriminator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// A real image without the attribute.
    RealNegative = 0,
    /// A real image with the attribute.
    RealPositive = 1,
    /// An edited image, from either generator.
    Generated = 2,
}

/// Which generator: G0 adds the attribute to images of label 0, G1 removes it from label 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// G0: from label 0 to label 1.
    Add,
    /// G1: from label 1 to label 0.
    Remove,
}

impl Direction {
    /// The class of the input images, `i`.
    pub fn source(self) -> Class {
        match self {
            Direction::Add => Class::RealNegative,
            Direction::Remove => Class::RealPositive,
        }
    }

    /// The class that edited images should look like, `1 - i`.
    pub fn target(self) -> Class {
        match self {
            Direction::Add => Class::RealPositive,
            Direction::Remove => Class::RealNegative,
        }
    }
}

#[cfg(test)]
pub(crate) mod testing {
    use burn::tensor::{Device, Tensor};

    pub(crate) fn device() -> Device {
        let backend = config::RunConfig::from_toml("", "defaults").unwrap().backend;
        backend::open(&backend).unwrap()
    }

    pub(crate) fn scalar(tensor: Tensor<1>) -> f32 {
        tensor.into_scalar::<f32>()
    }

    pub(crate) fn close(found: f32, expected: f64) {
        let error = (f64::from(found) - expected).abs();
        assert!(error < 1e-5 * expected.abs().max(1.0), "found {found}, expected {expected}");
    }
}
