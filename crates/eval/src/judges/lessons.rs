//! What a judge of attributes learns from: real faces with their labels, and images between a face
//! without the edited attribute and the same with it.

use config::RunConfig;
use data::Prepared;
use metrics::pixels::planar;
use rand::RngExt;
use rand::seq::IndexedRandom;
use rand_chacha::ChaCha8Rng;

use super::attributes::{JudgedList, shown};
use super::juror::Question;
use super::pairs::Pairs;
use super::partial::{Completion, partial};

/// Share of images from which labels are learned that are drawn for the edited attribute; the others are drawn
/// for one of all.
const FOR_TARGET: f64 = 0.5;
/// Share of images from which labels are learned that are an end of a pair: glasses that were drawn, rims of all
/// colours and the thinnest among them, which photographs show too seldom.
const LABELLED_ENDS: f64 = 0.2;
/// Share of images from which completeness is learned that are partly done.
const PARTLY: f64 = 0.25;
/// Share of them that are whole, of a pair; the rest are real faces.
const WHOLE: f64 = 0.35;

/// One image to learn from, planar `[3, size, size]`, as it is in the data set.
pub(super) struct Lesson {
    pub(super) image: Vec<f32>,
    /// One per output; `None` is not known. Of completeness one is right and the others wrong.
    pub(super) answers: Vec<Option<bool>>,
}

pub(super) struct Lessons<'a> {
    pub(super) question: Question,
    run: &'a RunConfig,
    data: &'a Prepared,
    list: &'a JudgedList,
    /// Faces without and with each attribute that is shown both ways.
    by_label: Vec<[Vec<usize>; 2]>,
    for_target: [Vec<usize>; 2],
    pairs: Option<Pairs<'a>>,
}

impl<'a> Lessons<'a> {
    /// From the faces of `pool`, which shows the edited attribute both ways.
    pub(super) fn new(
        question: Question,
        (run, data): (&'a RunConfig, &'a Prepared),
        list: &'a JudgedList,
        pool: &[usize],
    ) -> Self {
        let both = |place: &usize| {
            let faces = shown(data, pool, *place);
            faces.iter().all(|faces| !faces.is_empty()).then_some(faces)
        };
        let for_target = shown(data, pool, list.places[list.target(run)]);
        let pairs = Pairs::new(run, data, for_target.clone());
        let by_label = list.places.iter().filter_map(both).collect();
        Lessons { question, run, data, list, by_label, for_target, pairs }
    }

    /// Side of the images.
    pub(super) fn size(&self) -> usize {
        self.data.images.size()
    }

    /// Number of outputs of the network that learns.
    pub(super) fn outputs(&self) -> usize {
        match self.question {
            Question::Labels => self.list.len(),
            Question::Completion => Completion::ALL.len(),
        }
    }

    /// Whether images may be mirrored.
    pub(super) fn may_flip(&self) -> bool {
        self.run.data.flip
    }

    /// Draws one.
    pub(super) fn draw(&self, rng: &mut ChaCha8Rng) -> Lesson {
        match self.question {
            Question::Labels => self.labelled(rng),
            Question::Completion => self.partly(rng),
        }
    }

    /// A real image is drawn for one attribute and one label, the label uniform: a rare attribute is learned as
    /// well as a common one, and the judge does not lean to the common label.
    fn labelled(&self, rng: &mut ChaCha8Rng) -> Lesson {
        if rng.random_bool(LABELLED_ENDS)
            && let Some(pair) = self.pairs.as_ref().and_then(|pairs| pairs.draw(rng))
            && pair.true_ends
        {
            let with = rng.random_bool(0.5);
            let mut answers = self.list.labels(self.data, pair.face);
            answers[self.list.target(self.run)] = Some(with);
            return Lesson { image: pair.end(with), answers };
        }
        let of_target = rng.random_bool(FOR_TARGET);
        let faces = if of_target { Some(&self.for_target) } else { self.by_label.choose(rng) };
        let faces = &faces.unwrap_or(&self.for_target)[rng.random_range(0..2usize)];
        let face = faces[rng.random_range(0..faces.len())];
        let answers = self.list.labels(self.data, face);
        Lesson { image: planar(self.data.images.image(face)), answers }
    }

    /// What is partly done, or either end: of a pair, or a real image.
    fn partly(&self, rng: &mut ChaCha8Rng) -> Lesson {
        let what = rng.random_range(0.0..1.0);
        let with = rng.random_bool(0.5);
        let drawn = || self.pairs.as_ref().filter(|_| what < PARTLY + WHOLE);
        let pair = drawn().and_then(|pairs| pairs.draw(rng));
        let (image, state) = match pair {
            Some(pair) if what < PARTLY => {
                (partial(rng, &pair.without, &pair.change, self.size()), Completion::Partly)
            }
            Some(pair) if pair.true_ends => (pair.end(with), Completion::of(with)),
            _ => {
                let faces = &self.for_target[usize::from(with)];
                let face = faces[rng.random_range(0..faces.len())];
                (planar(self.data.images.image(face)), Completion::of(with))
            }
        };
        let answers = Completion::ALL.map(|any| Some(any == state)).into();
        Lesson { image, answers }
    }
}
