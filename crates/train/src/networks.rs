//! The three networks and their three Adam optimisers.

use burn::tensor::Device;
use config::RunConfig;
use model::{Discriminator, Generator, Init, Network};

use crate::adam::Adam;

/// G0 adds the attribute, G1 removes it, D judges both.
#[derive(Clone, Debug)]
pub struct Networks {
    /// Adds.
    pub g0: Generator,
    /// Removes.
    pub g1: Generator,
    /// Judges.
    pub d: Discriminator,
}

impl Networks {
    /// Draws all three from `train.seed`.
    pub fn new(run: &RunConfig, device: &Device) -> Self {
        let precision = backend::precision(&run.backend);
        let init = |n| Init::new(run.train.seed, n, device).in_precision(precision);
        Networks {
            g0: Generator::new(&run.model, &mut init(Network::G0)),
            g1: Generator::new(&run.model, &mut init(Network::G1)),
            d: Discriminator::new(&run.model, run.data.size, &mut init(Network::D)),
        }
    }
}

/// One Adam per network.
#[derive(Clone, Debug)]
pub struct Optimisers {
    /// For G0.
    pub g0: Adam,
    /// For G1.
    pub g1: Adam,
    /// For D.
    pub d: Adam,
}

impl Optimisers {
    /// Fresh optimisers with the configured betas and epsilon.
    pub fn new(train: &config::Train) -> Self {
        let adam = || Adam::new(train);
        Optimisers { g0: adam(), g1: adam(), d: adam() }
    }
}
