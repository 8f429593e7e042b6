//! The attribute classifier.

use std::path::Path;

use burn::module::Module;
use burn::optim::GradientsParams;
use burn::tensor::activation::sigmoid;
use burn::tensor::{Device, Tensor, TensorData};
use config::RunConfig;
use data::Prepared;
use model::{AttributeClassifier, Init, Mode, Network, from_pixels, to_pixels};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::attributes::{JudgedList, shown};
use super::cache::{Key, Known, cached_network};
use super::error::JudgeError;
use super::training::{adam, log_loss, rate};
use crate::augment::augmented;

/// The attribute classifier from the cache, trained first if it is not there. Processes that ask
/// at the same time wait for the one that trains.
///
/// # Errors
/// The cache cannot be used, or the faces to learn from do not show the attribute both ways.
pub fn classifier(
    run: &RunConfig,
    data: &Prepared,
    device: &Device,
    cache: &Path,
) -> Result<Known<AttributeClassifier>, JudgeError> {
    let list = JudgedList::of(run, data)?;
    let outputs = list.len();
    let draw = |device: &Device| {
        let mut init = Init::new(run.eval.judge_seed, Network::Classifier, device);
        AttributeClassifier::new(run.data.size, run.eval.judge_width, outputs, &mut init)
    };
    let target = list.places[list.target(run)];
    if shown(data, target).iter().any(Vec::is_empty) {
        return Err(JudgeError::NoData(format!(
            "the {} faces that judges may learn from do not show {} both ways; raise \
             data.judge_pool",
            data.split.judges.len(),
            run.data.attribute
        )));
    }
    let e = &run.eval;
    let mut settings = format!("{}|{}|{}", e.classifier_steps, e.judge_width, e.judge_batch);
    list.attributes.iter().for_each(|attribute| settings.extend(["|", attribute.name()]));
    let key = Key::new(run, data).faces(data, &data.split.judges).settings(&settings);
    let train = |network| train(run, data, &list, network);
    cached_network(cache, "classifier", &key, device, draw, train)
}

/// Faces by label: one pair of lists (without, with) per attribute that the pool shows both ways.
fn balanced(data: &Prepared, list: &JudgedList) -> Vec<[Vec<usize>; 2]> {
    let pools = list.places.iter().map(|place| shown(data, *place));
    pools.filter(|pool| pool.iter().all(|faces| !faces.is_empty())).collect()
}

/// Every image is drawn for one attribute and one label, both uniform: a rare attribute is learned
/// as well as a common one, and the classifier does not lean to the common label.
fn train(
    run: &RunConfig,
    data: &Prepared,
    list: &JudgedList,
    mut network: AttributeClassifier,
) -> AttributeClassifier {
    let device = network.devices()[0].clone();
    let (steps, n) = (run.eval.classifier_steps, run.eval.judge_batch);
    let mut rng = ChaCha8Rng::seed_from_u64(run.eval.judge_seed);
    let mut optimiser = adam();
    let pools = balanced(data, list);
    for step in 0..steps {
        let mut pick = || {
            let list = &pools[rng.random_range(0..pools.len())][rng.random_range(0..2usize)];
            list[rng.random_range(0..list.len())]
        };
        let faces: Vec<usize> = (0..n).map(|_| pick()).collect();
        let shown = augmented(&mut rng, &faces, run, data, 0.5);
        let labels = faces.iter().flat_map(|face| list.labels(data, *face));
        let target: Vec<f32> = labels.clone().map(|l| f32::from(l == Some(true))).collect();
        let known: Vec<f32> = labels.map(|l| f32::from(l.is_some())).collect();
        let tensor = |values: Vec<f32>| {
            let data = TensorData::new(values, [n, list.len()]);
            Tensor::<2>::from_data(data, &device)
        };
        let count = known.iter().sum::<f32>().max(1.0);
        let (target, known) = (tensor(target), tensor(known));
        let x = from_pixels(shown.values, run.data.size, &device);
        let logits = network.forward(x, Mode::Train);
        // -[t log s(z) + (1-t) log(1 - s(z))] = max(z, 0) - z t + log(1 + exp(-|z|))
        let softplus = logits.clone().abs().neg().exp().add_scalar(1.0).log();
        let loss = (logits.clone().clamp_min(0.0) - logits * target + softplus) * known;
        let loss = loss.sum().div_scalar(count);
        log_loss("attribute judge", step, steps, || loss.clone().into_scalar::<f32>());
        let grads = GradientsParams::from_grads(loss.backward(), &network);
        network = optimiser.step(rate(step, steps), network, grads);
    }
    network.valid()
}

/// The judge's probability of every attribute, one list per face, on images in [-1, 1].
pub fn probabilities(
    network: &AttributeClassifier,
    values: Vec<f32>,
    size: usize,
    device: &Device,
) -> Vec<Vec<f32>> {
    let logits = network.forward(from_pixels(values, size, device), Mode::Eval);
    let outputs = logits.dims()[1];
    to_pixels(sigmoid(logits)).chunks(outputs).map(<[f32]>::to_vec).collect()
}
