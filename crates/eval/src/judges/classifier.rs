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

use super::{JudgeError, Key, Known, adam, cached_network, log_loss, rate};
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
    let draw = |device: &Device| {
        let mut init = Init::new(run.eval.judge_seed, Network::Classifier, device);
        AttributeClassifier::new(run.data.size, run.eval.judge_width, &mut init)
    };
    if of_attribute(data, run.data.attribute.index()).iter().any(Vec::is_empty) {
        return Err(JudgeError::NoData(format!(
            "the {} faces that judges may learn from do not show {} both ways; raise \
             data.judge_pool",
            data.split.judges.len(),
            run.data.attribute
        )));
    }
    let e = &run.eval;
    let outputs = AttributeClassifier::OUTPUTS;
    let settings = format!("{}|{}|{}|{outputs}", e.classifier_steps, e.judge_width, e.judge_batch);
    let key = Key::new(run, data).faces(data, &data.split.judges).settings(&settings);
    let train = |network| train(run, data, network);
    cached_network(cache, "classifier", &key, device, draw, train)
}

/// The pool's faces without and with one attribute.
fn of_attribute(data: &Prepared, attribute: usize) -> [Vec<usize>; 2] {
    [false, true].map(|label| {
        let has = |face: &&usize| data.faces[**face].labels[attribute] == Some(label);
        data.split.judges.iter().filter(has).copied().collect()
    })
}

/// Faces by label: one pair of lists (without, with) per attribute that the pool shows both ways.
fn balanced(data: &Prepared) -> Vec<[Vec<usize>; 2]> {
    let pools = (0..AttributeClassifier::OUTPUTS).map(|attribute| of_attribute(data, attribute));
    pools.filter(|pool| pool.iter().all(|list| !list.is_empty())).collect()
}

/// Every image is drawn for one attribute and one label, both uniform: a rare attribute is learned
/// as well as a common one, and the classifier does not lean to the common label.
fn train(
    run: &RunConfig,
    data: &Prepared,
    mut network: AttributeClassifier,
) -> AttributeClassifier {
    let device = network.devices()[0].clone();
    let (steps, n) = (run.eval.classifier_steps, run.eval.judge_batch);
    let mut rng = ChaCha8Rng::seed_from_u64(run.eval.judge_seed);
    let mut optimiser = adam();
    let pools = balanced(data);
    for step in 0..steps {
        let mut pick = || {
            let list = &pools[rng.random_range(0..pools.len())][rng.random_range(0..2usize)];
            list[rng.random_range(0..list.len())]
        };
        let faces: Vec<usize> = (0..n).map(|_| pick()).collect();
        let shown = augmented(&mut rng, &faces, run, data, 0.5);
        let labels = faces.iter().flat_map(|face| data.faces[*face].labels);
        let target: Vec<f32> = labels.clone().map(|l| f32::from(l == Some(true))).collect();
        let known: Vec<f32> = labels.map(|l| f32::from(l.is_some())).collect();
        let tensor = |values: Vec<f32>| {
            let data = TensorData::new(values, [n, AttributeClassifier::OUTPUTS]);
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

/// The judge's probability of every attribute, `[faces][6]`, on images in [-1, 1].
pub fn probabilities(
    network: &AttributeClassifier,
    values: Vec<f32>,
    size: usize,
    device: &Device,
) -> Vec<[f32; 6]> {
    let logits = network.forward(from_pixels(values, size, device), Mode::Eval);
    let flat = to_pixels(sigmoid(logits));
    flat.as_chunks::<6>().0.to_vec()
}
