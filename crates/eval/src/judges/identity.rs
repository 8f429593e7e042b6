//! Who is shown: an embedding trained here where the data set names its people, or ArcFace weights
//! that the user points at.

use std::collections::BTreeMap;
use std::path::Path;

use burn::module::Module;
use burn::optim::GradientsParams;
use burn::tensor::activation::log_softmax;
use burn::tensor::{Device, Tensor, TensorData};
use config::RunConfig;
use data::Prepared;
use model::iresnet::Iresnet;
use model::{IdentityEmbedding, Init, Mode, Network, from_pixels, to_pixels};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::cache::{Key, Known, cached_network, foreign};
use super::error::JudgeError;
use super::training::{adam, log_loss, rate};
use crate::augment::augmented;

/// Temperature of the contrastive loss.
const TEMPERATURE: f64 = 0.1;
/// Fewer people than this with two training images teach nothing.
const FEWEST_PEOPLE: usize = 16;

/// Turns faces into unit vectors.
#[derive(Debug)]
pub enum IdentityJudge {
    /// Trained on the judges' pool.
    Trained(Box<IdentityEmbedding>),
    /// The user's weights.
    ArcFace(Box<Iresnet>),
}

impl IdentityJudge {
    /// Unit vectors of images in [-1, 1].
    pub fn embed(&self, values: Vec<f32>, size: usize, device: &Device) -> Vec<Vec<f32>> {
        let x = from_pixels(values, size, device);
        match self {
            IdentityJudge::Trained(network) => {
                let flat = to_pixels(network.forward(x, Mode::Eval));
                flat.chunks_exact(IdentityEmbedding::OUTPUTS).map(<[f32]>::to_vec).collect()
            }
            IdentityJudge::ArcFace(network) => network.embed(x),
        }
    }
}

/// Cosine of the angle between two unit vectors.
pub(crate) fn cosine(a: &[f32], b: &[f32]) -> f64 {
    a.iter().zip(b).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum()
}

/// The people of the pool that are shown at least twice.
fn people(data: &Prepared) -> Vec<Vec<usize>> {
    let mut people: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for &face in &data.split.judges {
        if let Some(who) = &data.faces[face].identity {
            people.entry(who).or_default().push(face);
        }
    }
    people.into_values().filter(|images| images.len() > 1).collect()
}

/// Whether the data can train an embedding.
pub fn possible(data: &Prepared) -> bool {
    people(data).len() >= FEWEST_PEOPLE
}

/// The user's ArcFace network, else the embedding from the cache, trained first if it is not there.
/// `None` where the data set does not say who is shown.
///
/// # Errors
/// The user's weights do not load, or the cache cannot be used.
pub fn identity(
    run: &RunConfig,
    data: &Prepared,
    device: &Device,
    cache: &Path,
) -> Result<Option<Known<IdentityJudge>>, JudgeError> {
    let e = &run.eval;
    if !e.identity_weights.is_empty() {
        let (key, path) = ("eval.identity_weights", Path::new(&e.identity_weights));
        let id = foreign(key, "arcface", path)?;
        let network =
            Iresnet::load(path, device).map_err(|source| JudgeError::Weights { key, source })?;
        return Ok(Some(Known { judge: IdentityJudge::ArcFace(Box::new(network)), id }));
    }
    if !possible(data) {
        return Ok(None);
    }
    let draw = |device: &Device| {
        let mut init = Init::new(e.judge_seed, Network::Identity, device);
        IdentityEmbedding::new(run.data.size, e.judge_width, &mut init)
    };
    let outputs = IdentityEmbedding::OUTPUTS;
    let settings = format!("{}|{}|{}|{outputs}", e.identity_steps, e.judge_width, e.judge_batch);
    let key = Key::new(run, data).faces(data, &data.split.judges).settings(&settings);
    let train = |network| train(run, data, &people(data), network);
    let network = cached_network(cache, "identity", &key, device, draw, train)?;
    Ok(Some(network.map(|network| IdentityJudge::Trained(Box::new(network)))))
}

/// Two images each of many people; each image has to find its partner among all others
/// (normalised temperature-scaled cross entropy; Sohn 2016, Chen et al. 2020).
fn train(
    run: &RunConfig,
    data: &Prepared,
    people: &[Vec<usize>],
    mut network: IdentityEmbedding,
) -> IdentityEmbedding {
    let device = network.devices()[0].clone();
    let steps = run.eval.identity_steps;
    let pairs = run.eval.judge_batch.min(people.len());
    let n = 2 * pairs;
    let mut rng = ChaCha8Rng::seed_from_u64(run.eval.judge_seed + 2);
    let mut optimiser = adam();
    let square = |entry: &dyn Fn(usize, usize) -> f32| {
        let values: Vec<f32> = (0..n * n).map(|i| entry(i / n, i % n)).collect();
        Tensor::<2>::from_data(TensorData::new(values, [n, n]), &device)
    };
    // Images 2k and 2k + 1 show the same person; an image is not its own partner.
    let partner = square(&|i, j| f32::from(i ^ 1 == j));
    let itself = square(&|i, j| if i == j { 1e4 } else { 0.0 });
    for step in 0..steps {
        let mut faces = Vec::with_capacity(n);
        for who in rand::seq::index::sample(&mut rng, people.len(), pairs) {
            let images = &people[who];
            let first = rng.random_range(0..images.len());
            let second = (first + rng.random_range(1..images.len())) % images.len();
            faces.extend([images[first], images[second]]);
        }
        let shown = augmented(&mut rng, &faces, run, data, 0.3);
        let z = network.forward(from_pixels(shown.values, run.data.size, &device), Mode::Train);
        let similarity = z.clone().matmul(z.transpose()).div_scalar(TEMPERATURE);
        let log_p = log_softmax(similarity - itself.clone(), 1);
        let loss = (log_p * partner.clone()).sum().neg().div_scalar(n as f64);
        log_loss("identity judge", step, steps, || loss.clone().into_scalar::<f32>());
        let grads = GradientsParams::from_grads(loss.backward(), &network);
        network = optimiser.step(rate(step, steps), network, grads);
    }
    network.valid()
}
