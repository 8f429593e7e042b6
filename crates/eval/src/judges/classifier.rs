//! The judges of attributes: two that share neither architecture nor seed nor a face to learn from.

use std::path::Path;

use burn::tensor::Device;
use burn::tensor::activation::{sigmoid, softmax};
use config::RunConfig;
use data::Prepared;
use model::{AttributeClassifier, Init, from_pixels, to_pixels};

use super::attributes::{JudgedList, shown};
use super::cache::{Key, Known, cached_network};
use super::error::JudgeError;
use super::juror::Juror;
use super::lessons::Lessons;
use super::partial::Completion;
use super::study;

/// A judge of attributes from the cache, trained first if it is not there. Processes that ask at the same
/// time wait for the one that trains.
///
/// # Errors
/// The cache cannot be used, or the faces to learn from do not show the attribute both ways.
pub fn classifier(
    juror: Juror,
    run: &RunConfig,
    data: &Prepared,
    device: &Device,
    cache: &Path,
) -> Result<Known<AttributeClassifier>, JudgeError> {
    let list = JudgedList::of(run, data)?;
    let pool = juror.pool(data);
    let e = &run.eval;
    let draw = |device: &Device| {
        let mut init = Init::new(e.judge_seed, juror.network(), device);
        let outputs = list.len() + Completion::COUNT;
        let shape = (run.data.size, e.judge_width + e.judge_width / 2);
        AttributeClassifier::new(juror.architecture(), shape, outputs, &mut init)
    };
    let target = list.places[list.target(run)];
    if shown(data, &pool, target).iter().any(Vec::is_empty) {
        return Err(JudgeError::NoData(format!(
            "the {} faces that the {} may learn from do not show {} both ways; raise data.judge_pool",
            pool.len(),
            juror.name(),
            run.data.attribute
        )));
    }
    let mut settings = format!("{}|{}|{}", e.classifier_steps, e.judge_width, e.judge_batch);
    settings.extend(["|", run.data.attribute.name()]);
    settings.push_str(&format!("|{:?}", run.region()));
    list.attributes.iter().for_each(|attribute| settings.extend(["|", attribute.name()]));
    let key = Key::new(run, data).faces(data, &pool).settings(&settings);
    let lessons = Lessons::new(run, data, &list, &pool);
    let train = |network| study::train(juror, run, &lessons, network);
    cached_network(cache, juror.name(), &key, device, draw, train)
}

/// What a judge says of one image.
#[derive(Clone, Debug, PartialEq)]
pub struct Opinion {
    /// Probability of every judged attribute.
    pub attributes: Vec<f32>,
    /// Probability that the edited attribute is not there, partly there, wholly there; they sum to 1.
    pub completion: [f32; Completion::COUNT],
}

/// A judge's opinion of each of these images in [-1, 1]; where `data.flip` lets a judge learn from mirror
/// images, the mean of what it says of the image and of its mirror image.
pub fn opinions(
    network: &AttributeClassifier,
    values: Vec<f32>,
    run: &RunConfig,
    device: &Device,
) -> Vec<Opinion> {
    let x = from_pixels(values, run.data.size, device);
    let logits = match run.data.flip {
        true => (network.forward(x.clone()) + network.forward(x.flip([3]))) / 2.0,
        false => network.forward(x),
    };
    let [_, outputs] = logits.dims();
    let attributes = outputs - Completion::COUNT;
    let part = |range| logits.clone().slice([0..logits.dims()[0], range]);
    let probabilities = to_pixels(sigmoid(part(0..attributes)));
    let states = to_pixels(softmax::<2>(part(attributes..outputs), 1));
    let pairs = probabilities.chunks(attributes).zip(states.chunks_exact(Completion::COUNT));
    pairs
        .map(|(attributes, states)| Opinion {
            attributes: attributes.to_vec(),
            completion: std::array::from_fn(|state| states[state]),
        })
        .collect()
}
