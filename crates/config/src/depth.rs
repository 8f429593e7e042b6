//! How deep D is. Apart from the rest: of this crate, it alone shapes a network.

use crate::run::RunConfig;

impl RunConfig {
    /// Number of hidden convolutions of D at this image size: it halves until 4x4.
    pub fn discriminator_layers(size: usize) -> usize {
        size.ilog2() as usize - 2
    }
}
