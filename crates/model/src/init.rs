//! Drawing initial weights on the host.

use burn::module::{Param, ParamId, RunningState};
use burn::tensor::{Device, Tensor, TensorData};
use ops::Precision;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, Normal};

/// Which network is being built: each has its own random stream and its own parameter ids.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Network {
    /// The generator that adds the attribute.
    G0 = 1,
    /// The generator that removes it.
    G1 = 2,
    /// The discriminator.
    D = 3,
    /// The labels' network of the first judge of attributes.
    Classifier = 4,
    /// The judge of landmarks.
    Landmarks = 5,
    /// The embedding of identities.
    Identity = 6,
    /// The labels' network of the second judge of attributes.
    SecondClassifier = 7,
    /// The first judge's network of how complete an edit is.
    Completion = 8,
    /// The second judge's.
    SecondCompletion = 9,
}

/// Draws one network's parameters in declaration order.
///
/// Host-side drawing makes the weights equal on every backend, and leaves no parameter lazy:
/// in burn 0.22 `no_grad()` on a clone of a lazy parameter also switches off the original's
/// gradient, and the network would silently never train.
pub struct Init {
    rng: ChaCha8Rng,
    network: Network,
    next: u64,
    device: Device,
    precision: Precision,
}

impl Init {
    /// A drawing for one network from the run's seed.
    pub fn new(seed: u64, network: Network, device: &Device) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        rng.set_stream(network as u64);
        Init { rng, network, next: 0, device: device.clone(), precision: Precision::F32 }
    }

    /// For a network that is trained in this precision.
    pub fn in_precision(self, precision: Precision) -> Self {
        Init { precision, ..self }
    }

    pub(crate) fn precision(&self) -> Precision {
        self.precision
    }

    /// The device that the parameters live on.
    pub fn device(&self) -> &Device {
        &self.device
    }

    /// Ids are counted, not random, so that optimiser states written by one process line up with
    /// the parameters of the next.
    fn id(&mut self) -> ParamId {
        self.next += 1;
        ParamId::from(((self.network as u64) << 32) | self.next)
    }

    fn param<const D: usize>(&mut self, values: Vec<f32>, shape: [usize; D]) -> Param<Tensor<D>> {
        let tensor = Tensor::<D>::from_data(TensorData::new(values, shape), &self.device);
        let tensor = if self.device.is_autodiff() { tensor.require_grad() } else { tensor };
        Param::initialized(self.id(), tensor)
    }

    /// Weights from N(0, std).
    pub(crate) fn normal<const D: usize>(
        &mut self,
        shape: [usize; D],
        std: f32,
    ) -> Param<Tensor<D>> {
        let normal = Normal::new(0.0, std).expect("a positive deviation");
        let count = shape.iter().product();
        let values = (0..count).map(|_| normal.sample(&mut self.rng)).collect();
        self.param(values, shape)
    }

    /// A vector of one value.
    pub(crate) fn constant(&mut self, length: usize, value: f32) -> Param<Tensor<1>> {
        self.param(vec![value; length], [length])
    }

    /// A buffer of N(0, 1) that is saved with the network and never trained.
    pub(crate) fn normal_buffer(&mut self, length: usize) -> RunningState<Tensor<1>> {
        let normal = Normal::new(0.0, 1.0).expect("a positive deviation");
        let values: Vec<f32> = (0..length).map(|_| normal.sample(&mut self.rng)).collect();
        let data = TensorData::new(values, [length]);
        RunningState::with_id(self.id(), Tensor::from_data(data, &self.device))
    }

    /// A buffer that is saved with the network and never trained.
    pub(crate) fn buffer(&mut self, length: usize, value: f32) -> RunningState<Tensor<1>> {
        let data = TensorData::new(vec![value; length], [length]);
        RunningState::with_id(self.id(), Tensor::from_data(data, &self.device))
    }
}
