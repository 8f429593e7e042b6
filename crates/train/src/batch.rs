//! What a step learns from: as it is made ready on the host, and on the device.

use burn::tensor::{Device, Tensor, TensorData};
use config::RunConfig;
use losses::View;
use model::from_pixels;
use rand::{Rng, RngExt};

use crate::views::ViewNumbers;

/// One batch of pairs; images are `[N, 3, S, S]` in [-1, 1], of unpaired people.
#[derive(Clone, Debug)]
pub struct Batch {
    /// Images without the attribute.
    pub x0: Tensor<4>,
    /// Images with it.
    pub x1: Tensor<4>,
    /// `x0` with the attribute drawn on, of a run with `losses.paired`.
    pub worn: Option<Tensor<4>>,
    /// Where the attribute belongs in `x0` and in `x1`, `[N, 1, S, S]`, of a run with
    /// `losses.alpha_inside`.
    pub inside: Option<[Tensor<4>; 2]>,
    /// How D sees the four groups, of a run with `train.augment_discriminator` or `instance_noise`.
    pub views: Option<[View; 4]>,
    /// Numbers in [0, 1) that choose among old edits of G0 and of G1, one per image, of a run with
    /// `train.replay`.
    pub replay: Option<[Vec<f32>; 2]>,
}

/// The same on the host.
#[derive(Clone, Debug)]
pub struct HostBatch {
    /// `x0` and `x1`.
    pub images: [Vec<f32>; 2],
    /// `x0` with the attribute drawn on.
    pub worn: Option<Vec<f32>>,
    /// Where the attribute belongs.
    pub inside: Option<[Vec<f32>; 2]>,
    /// How D sees the groups.
    pub views: Option<[ViewNumbers; 4]>,
    /// What chooses among old edits.
    pub replay: Option<[Vec<f32>; 2]>,
}

impl HostBatch {
    /// The numbers that this run draws for a batch, beside its images.
    pub fn new(run: &RunConfig, images: [Vec<f32>; 2], rng: &mut impl Rng) -> Self {
        let mut numbers = || (0..run.train.batch).map(|_| rng.random::<f32>()).collect();
        let replay = (run.train.replay > 0).then(|| [numbers(), numbers()]);
        let views = ViewNumbers::draw(run, rng);
        HostBatch { images, worn: None, inside: None, views, replay }
    }

    /// On a device, for images of this side.
    pub fn on(self, size: usize, device: &Device) -> Batch {
        let images = |values| from_pixels(values, size, device);
        let mask = |values: Vec<f32>| {
            let n = values.len() / (size * size);
            Tensor::from_data(TensorData::new(values, [n, 1, size, size]), device)
        };
        let [x0, x1] = self.images.map(images);
        Batch {
            x0,
            x1,
            worn: self.worn.map(images),
            inside: self.inside.map(|inside| inside.map(mask)),
            views: self.views.map(|views| views.map(|view| view.on(size, device))),
            replay: self.replay,
        }
    }
}
