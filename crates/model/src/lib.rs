//! The networks of the method: [`Generator`] (G0 adds the attribute, G1 removes it),
//! [`Discriminator`] (three classes), and the judges' networks.
//!
//! Images are `[N, 3, S, S]` in [-1, 1]. Every parameter is drawn on the host from a seed and a
//! network's name, at construction: no lazy initialisation, the same weights on every backend.

mod discriminator;
mod foreign;
mod generator;
mod init;
pub mod iresnet;
mod judges;
mod layers;
pub mod lpips;
mod norm;
mod pixels;
mod residual_block;
mod spectral;
pub mod weights;

pub use discriminator::{Discriminator, DiscriminatorOutput};
pub use generator::{Generator, GeneratorOutput};
pub use init::{Init, Network};
pub use judges::{Architecture, AttributeClassifier, IdentityEmbedding, LandmarkRegressor};
pub use norm::Mode;
pub use pixels::{from_pixels, to_pixels};

/// Negative slope of every leaky ReLU (paper: 0.2).
pub const LEAKY_SLOPE: f64 = 0.2;
