//! What a judge of attributes learns from: real faces with their labels, and images between a face
//! without the edited attribute and the same with it.

use config::RunConfig;
use data::Prepared;
use metrics::pixels::planar;
use rand::RngExt;
use rand::seq::IndexedRandom;
use rand_chacha::ChaCha8Rng;

use super::attributes::{JudgedList, shown};
use super::pairs::Pairs;
use super::partial::{Completion, partial};

/// Share of images made from pairs.
const FROM_PAIRS: f64 = 0.45;
/// Share of real images that are drawn for the edited attribute; the others are drawn for one of all.
const FOR_TARGET: f64 = 0.4;

/// One image to learn from, planar `[3, size, size]`, as it is in the data set.
pub(super) struct Lesson {
    pub(super) image: Vec<f32>,
    /// By the places of the judged attributes; `None` is not asked.
    pub(super) labels: Vec<Option<bool>>,
    pub(super) completion: Option<Completion>,
}

pub(super) struct Lessons<'a> {
    run: &'a RunConfig,
    data: &'a Prepared,
    list: &'a JudgedList,
    target: usize,
    /// Faces without and with each attribute that is shown both ways.
    by_label: Vec<[Vec<usize>; 2]>,
    for_target: [Vec<usize>; 2],
    pairs: Option<Pairs<'a>>,
}

impl<'a> Lessons<'a> {
    /// From the faces of `pool`, which shows the edited attribute both ways.
    pub(super) fn new(
        run: &'a RunConfig,
        data: &'a Prepared,
        list: &'a JudgedList,
        pool: &[usize],
    ) -> Self {
        let target = list.target(run);
        let both = |place: &usize| {
            let faces = shown(data, pool, *place);
            faces.iter().all(|faces| !faces.is_empty()).then_some(faces)
        };
        let for_target = shown(data, pool, list.places[target]);
        let pairs = Pairs::new(run, data, for_target.clone());
        let by_label = list.places.iter().filter_map(both).collect();
        Lessons { run, data, list, target, by_label, for_target, pairs }
    }

    /// Side of the images.
    pub(super) fn size(&self) -> usize {
        self.data.images.size()
    }

    /// Number of judged attributes.
    pub(super) fn attributes(&self) -> usize {
        self.list.len()
    }

    /// Whether images may be mirrored.
    pub(super) fn may_flip(&self) -> bool {
        self.run.data.flip
    }

    /// Draws one. A real image is drawn for one attribute and one label, the label uniform: a rare
    /// attribute is learned as well as a common one, and the judge does not lean to the common label.
    pub(super) fn draw(&self, rng: &mut ChaCha8Rng) -> Lesson {
        if rng.random_bool(FROM_PAIRS)
            && let Some(lesson) = self.between(rng)
        {
            return lesson;
        }
        let of_target = rng.random_bool(FOR_TARGET);
        let faces = if of_target { Some(&self.for_target) } else { self.by_label.choose(rng) };
        let faces = &faces.unwrap_or(&self.for_target)[rng.random_range(0..2usize)];
        let face = faces[rng.random_range(0..faces.len())];
        let labels = self.list.labels(self.data, face);
        let completion = labels[self.target].map(Completion::of);
        Lesson { image: planar(self.data.images.image(face)), labels, completion }
    }

    /// Half of them partly done, the other half an end. What is partly done has no label of the edited
    /// attribute: only completeness is learned from it.
    fn between(&self, rng: &mut ChaCha8Rng) -> Option<Lesson> {
        let pair = self.pairs.as_ref()?.draw(rng)?;
        let mut labels = self.list.labels(self.data, pair.face);
        labels[self.target] = None;
        if pair.true_ends && rng.random_bool(0.5) {
            let with = rng.random_bool(0.5);
            let all = pair.without.iter().zip(&pair.change).map(|(x, c)| x + c);
            let image = if with { all.collect() } else { pair.without };
            labels[self.target] = Some(with);
            return Some(Lesson { image, labels, completion: Some(Completion::of(with)) });
        }
        let image = partial(rng, &pair.without, &pair.change, self.size());
        Some(Lesson { image, labels, completion: Some(Completion::Partly) })
    }
}
