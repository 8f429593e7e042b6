//! The judges of attributes: two that share neither architecture nor seed nor a face to learn from.

use std::path::Path;

use burn::tensor::activation::{sigmoid, softmax};
use burn::tensor::{Device, Tensor};
use config::RunConfig;
use data::Prepared;
use model::{AttributeClassifier, Init, from_pixels, to_pixels};
use record::JudgeId;

use super::attributes::{JudgedList, shown};
use super::cache::{Key, Known, cached_network};
use super::error::JudgeError;
use super::juror::{Juror, Question};
use super::lessons::Lessons;
use super::pairs::knows_halves;
use super::partial::Completion;
use super::study;

/// A judge of attributes.
pub struct AttributeJudge {
    labels: AttributeClassifier,
    /// `None` where nobody knows what half an edit looks like.
    completion: Option<AttributeClassifier>,
}

/// One network of a judge of attributes from the cache, trained first if it is not there. Processes that ask
/// at the same time wait for the one that trains.
///
/// # Errors
/// The cache cannot be used, or the faces to learn from do not show the attribute both ways.
pub fn classifier(
    (juror, question): (Juror, Question),
    run: &RunConfig,
    data: &Prepared,
    device: &Device,
    cache: &Path,
) -> Result<Known<AttributeClassifier>, JudgeError> {
    let list = JudgedList::of(run, data)?;
    let (pool, name) = (juror.pool(data), juror.name(question));
    let target = list.places[list.target(run)];
    if shown(data, &pool, target).iter().any(Vec::is_empty) {
        return Err(JudgeError::NoData(format!(
            "the {} faces that the {name} may learn from do not show {} both ways; raise data.judge_pool",
            pool.len(),
            run.data.attribute
        )));
    }
    let e = &run.eval;
    let lessons = Lessons::new(question, (run, data), &list, &pool);
    let draw = |device: &Device| {
        let mut init = Init::new(e.judge_seed, juror.network(question), device);
        let shape = (run.data.size, e.judge_width + e.judge_width / 2);
        AttributeClassifier::new(juror.architecture(), shape, lessons.outputs(), &mut init)
    };
    let mut settings = format!("{}|{}|{}", e.classifier_steps, e.judge_width, e.judge_batch);
    settings.extend(["|", run.data.attribute.name()]);
    match question {
        Question::Completion => settings.push_str(&format!("|{:?}", run.region())),
        Question::Labels => {
            list.attributes.iter().for_each(|attribute| settings.extend(["|", attribute.name()]));
        }
    }
    let key = Key::new(run, data).faces(data, &pool).settings(&settings);
    let train = |network| study::train(juror, run, &lessons, network);
    cached_network(cache, name, &key, device, draw, train)
}

/// A judge of attributes with all that it has learned, from the cache or trained first, and who it is.
///
/// # Errors
/// As of [`classifier`].
pub fn attribute_judge(
    juror: Juror,
    run: &RunConfig,
    data: &Prepared,
    device: &Device,
    cache: &Path,
) -> Result<(AttributeJudge, Vec<JudgeId>), JudgeError> {
    let learned = |question| classifier((juror, question), run, data, device, cache);
    let labels = learned(Question::Labels)?;
    let completion = knows_halves(run, data).then(|| learned(Question::Completion)).transpose()?;
    let ids = [&labels].into_iter().chain(&completion).map(|known| known.id.clone()).collect();
    let completion = completion.map(|known| known.judge);
    Ok((AttributeJudge { labels: labels.judge, completion }, ids))
}

/// What a judge says of one image.
#[derive(Clone, Debug, PartialEq)]
pub struct Opinion {
    /// Probability of every judged attribute.
    pub attributes: Vec<f32>,
    /// Probability that the edited attribute is not there, partly there, wholly there; they sum to 1.
    pub completion: Option<[f32; Completion::ALL.len()]>,
}

impl AttributeJudge {
    /// Its opinion of each of these images in [-1, 1]; where `data.flip` lets a judge learn from mirror
    /// images, the mean of what it says of the image and of its mirror image.
    pub fn opinions(&self, values: Vec<f32>, run: &RunConfig, device: &Device) -> Vec<Opinion> {
        let x = from_pixels(values, run.data.size, device);
        let logits = |network: &AttributeClassifier| match run.data.flip {
            true => (network.forward(x.clone()) + network.forward(x.clone().flip([3]))) / 2.0,
            false => network.forward(x.clone()),
        };
        let labels = logits(&self.labels);
        let [images, attributes] = labels.dims();
        let probabilities = to_pixels(sigmoid(labels));
        let states = self.completion.as_ref().map(|net| to_pixels(softmax::<2>(logits(net), 1)));
        let opinion = |image: usize| Opinion {
            attributes: probabilities[image * attributes..][..attributes].to_vec(),
            completion: states.as_ref().map(|states| {
                std::array::from_fn(|state| states[image * Completion::ALL.len() + state])
            }),
        };
        (0..images).map(opinion).collect()
    }

    /// Features `[N, C]` of images `[N, 3, S, S]`: see [`AttributeClassifier::features`].
    pub(crate) fn features(&self, x: Tensor<4>) -> Tensor<2> {
        self.labels.features(x)
    }
}
