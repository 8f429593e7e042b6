//! Which images test, which validate, which train, and which the judges learn from.

use std::collections::HashSet;

use config::JudgedPart;

use crate::DataError;
use crate::face::{Face, Part};
use crate::people;
use crate::shortage;
use crate::shuffle::{Purpose, shuffle, stream};
use crate::validation;

/// Indices into a list of faces: six disjoint lists, and the judges' pool, which holds no test and no
/// validation face. "Positive" faces have the attribute.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Split {
    /// Training faces without the attribute; as many as with it.
    pub train_negative: Vec<usize>,
    /// Training faces with the attribute.
    pub train_positive: Vec<usize>,
    /// Test faces without the attribute; as many as with it.
    pub test_negative: Vec<usize>,
    /// Test faces with the attribute.
    pub test_positive: Vec<usize>,
    /// Validation faces without the attribute; as many as with it, and none where there is no
    /// validation part.
    pub validation_negative: Vec<usize>,
    /// Validation faces with the attribute.
    pub validation_positive: Vec<usize>,
    /// Labelled faces that judges may learn from, in a drawn order. Where the data set keeps its
    /// test images apart, the pool does not depend on the attribute: one judge serves all.
    pub judges: Vec<usize>,
}

/// Where one pool serves both, testing takes at most this share of the smaller class.
const LARGEST_TEST_SHARE: usize = 4;

impl Split {
    /// Draws the split of `data.seed`; `attribute` is the place of `data.attribute` in the labels.
    ///
    /// With the rule `paper`, test images are drawn per class from all faces and the rest trains,
    /// balanced; MTFL's web images train and its LFW images test under either rule, as `official`
    /// does with every data set that has a partition. A set too small for `test_per_class` tests on
    /// fewer: all of the smaller class where test images are apart, a quarter of it otherwise.
    /// Validation images are the data set's own or are drawn (`data.validation_per_class`), and leave
    /// the test images as they are. A folder whose table says who is shown draws whole people.
    ///
    /// # Errors
    /// [`DataError::Split`], with counts, where a class has too few faces.
    pub fn draw(faces: &[Face], attribute: usize, data: &config::Data) -> Result<Split, DataError> {
        let row = data.source.row();
        let apart = row.apart(data.split);
        let pool = |part, label| pool(faces, attribute, data, (apart.then_some(part), label));
        let mut pools =
            [Part::Test, Part::Train].map(|part| [false, true].map(|label| pool(part, label)));
        let needed = if apart { 1 } else { 2 };
        if pools.iter().flatten().any(|list| list.len() < needed) {
            return Err(shortage::of_training_or_test(faces, attribute, data));
        }
        let [tests, trains] = &mut pools;
        let smaller = tests[0].len().min(tests[1].len());
        let available = if apart { smaller } else { (smaller / LARGEST_TEST_SHARE).max(1) };
        let count = data.test_per_class.min(available);
        let by_person = row.people_apart && !apart && faces.iter().any(|f| f.identity.is_some());
        let draw = |pools: &mut [Vec<usize>; 2], count, number| {
            let rng = stream(Purpose::Split, data.seed, data.attribute.number(), number);
            people::drawn(faces, pools, count, rng)
        };
        let [test_negative, test_positive] = match by_person {
            true => draw(trains, count, 2),
            false => tests.each_ref().map(|list| list[..count].to_vec()),
        };
        if test_negative.is_empty() {
            return Err(shortage::of_people(faces, attribute, data));
        }
        if !apart && !by_person {
            trains.iter_mut().for_each(|list| drop(list.drain(..count)));
        }
        let [validation_negative, validation_positive] = if row.has_validation(data.split) {
            validation::own([false, true].map(|label| pool(Part::Validation, label)), data)
        } else if by_person {
            let count = validation::count(trains, data);
            draw(trains, count, 3)
        } else {
            validation::drawn(trains, data)
        };
        let mut balanced = trains[0].len().min(trains[1].len());
        if data.train_per_class > 0 {
            balanced = balanced.min(data.train_per_class);
        }
        let [train_negative, train_positive] =
            trains.each_ref().map(|list| list[..balanced].to_vec());
        let mut split = Split {
            train_negative,
            train_positive,
            test_negative,
            test_positive,
            validation_negative,
            validation_positive,
            judges: Vec::new(),
        };
        split.judges = judges(faces, data, (apart, by_person), &split);
        Ok(split)
    }

    /// The faces that are judged, without and with the attribute: of this part, wherever edits are
    /// judged, shown or counted.
    pub fn judged(&self, part: JudgedPart) -> [&[usize]; 2] {
        match part {
            JudgedPart::Test => [&self.test_negative, &self.test_positive],
            JudgedPart::Validation => [&self.validation_negative, &self.validation_positive],
        }
    }

    /// The split as it is used where this part is judged: validation faces that nobody asked for are
    /// left out, so that their images need not be decoded.
    ///
    /// # Errors
    /// [`DataError::Split`] where there are no faces to judge.
    pub(crate) fn judging(
        mut self,
        part: JudgedPart,
        faces: &[Face],
        attribute: usize,
        data: &config::Data,
    ) -> Result<Split, DataError> {
        if self.judged(part).iter().any(|list| list.is_empty()) {
            return Err(shortage::of_validation(faces, attribute, data));
        }
        if part == JudgedPart::Test && data.validation_per_class == 0 {
            (self.validation_negative, self.validation_positive) = Default::default();
        }
        Ok(self)
    }

    /// Every index of the split, ascending.
    pub(crate) fn members(&self) -> Vec<usize> {
        let mut all: Vec<usize> = self.lists().into_iter().flatten().copied().collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    fn lists(&self) -> [&Vec<usize>; 7] {
        [
            &self.train_negative,
            &self.train_positive,
            &self.test_negative,
            &self.test_positive,
            &self.validation_negative,
            &self.validation_positive,
            &self.judges,
        ]
    }

    /// The same split of a list that holds only `members` (ascending) of the faces.
    pub(crate) fn reindexed(mut self, members: &[usize]) -> Split {
        for list in [
            &mut self.train_negative,
            &mut self.train_positive,
            &mut self.test_negative,
            &mut self.test_positive,
            &mut self.validation_negative,
            &mut self.validation_positive,
            &mut self.judges,
        ] {
            for face in list {
                *face = members.binary_search(face).expect("a member of the split");
            }
        }
        self
    }
}

/// The judges' pool: labelled faces of the training part, or all, but no face that may be judged, nor
/// another face of the same person where people are kept apart.
fn judges(
    faces: &[Face],
    data: &config::Data,
    (apart, by_person): (bool, bool),
    split: &Split,
) -> Vec<usize> {
    let kept: HashSet<usize> = [JudgedPart::Test, JudgedPart::Validation]
        .into_iter()
        .flat_map(|part| split.judged(part))
        .flatten()
        .copied()
        .collect();
    let people = people::shown(faces, kept.iter().copied().filter(|_| by_person));
    let wanted = |i: &usize| {
        let face = &faces[*i];
        let known = face.identity.as_deref().is_some_and(|person| people.contains(person));
        face.labels.any() && !kept.contains(i) && !known && (!apart || face.part == Part::Train)
    };
    let mut pool: Vec<usize> = (0..faces.len()).filter(wanted).collect();
    shuffle(&mut pool, &mut stream(Purpose::Judges, data.seed, 0, 0));
    pool.truncate(data.judge_pool);
    pool
}

/// Faces of one part (`None`: of all) with this label, in the seed's order.
pub(crate) fn pool(
    faces: &[Face],
    attribute: usize,
    data: &config::Data,
    (part, label): (Option<Part>, bool),
) -> Vec<usize> {
    let wanted = |face: &Face| {
        face.labels.get(attribute) == Some(label) && part.is_none_or(|part| face.part == part)
    };
    let mut found: Vec<usize> = (0..faces.len()).filter(|&i| wanted(&faces[i])).collect();
    let number = data.attribute.number();
    shuffle(&mut found, &mut stream(Purpose::Split, data.seed, number, u64::from(label)));
    found
}
