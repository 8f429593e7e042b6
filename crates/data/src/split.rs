//! Which images test, which train, and which the judges learn from.

use std::collections::HashSet;

use config::SplitRule;

use crate::DataError;
use crate::face::{Face, Part};
use crate::shuffle::{Purpose, shuffle, stream};

/// Indices into a list of faces: four disjoint lists, and the judges' pool, which holds no test face.
/// "Positive" faces have the attribute.
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
    /// Labelled faces that judges may learn from, in a drawn order. Where the data set keeps its
    /// test images apart, the pool does not depend on the attribute: one judge serves all.
    pub judges: Vec<usize>,
}

/// Where one pool serves both, testing takes at most this share of the smaller class.
const LARGEST_TEST_SHARE: usize = 4;

impl Split {
    /// Draws the split of `data.seed`.
    ///
    /// With the rule `paper`, test images are drawn per class from all faces and the rest trains,
    /// balanced; MTFL's web images train and its LFW images test under either rule, as `official`
    /// does with every data set that has a partition. A set too small for `test_per_class` tests on
    /// fewer: all of the smaller class where test images are apart, a quarter of it otherwise.
    ///
    /// # Errors
    /// [`DataError::Split`] when a class is missing.
    pub fn draw(faces: &[Face], data: &config::Data) -> Result<Split, DataError> {
        let apart = data.split == SplitRule::Official || data.source == config::Source::Mtfl;
        let mut pools = [Part::Test, Part::Train]
            .map(|part| [false, true].map(|label| pool(faces, data, apart.then_some(part), label)));
        let [tests, trains] = &mut pools;
        for lists in [&*tests, &*trains] {
            for (list, with) in lists.iter().zip(["without", "with"]) {
                if list.is_empty() {
                    return Err(nothing(data, apart, with));
                }
            }
        }
        let smaller = tests[0].len().min(tests[1].len());
        let available = if apart { smaller } else { (smaller / LARGEST_TEST_SHARE).max(1) };
        let count = data.test_per_class.min(available);
        let [test_negative, test_positive] = tests.each_ref().map(|list| list[..count].to_vec());
        if !apart {
            trains.iter_mut().for_each(|list| drop(list.drain(..count)));
        }
        let mut balanced = trains[0].len().min(trains[1].len());
        if data.train_per_class > 0 {
            balanced = balanced.min(data.train_per_class);
        }
        if balanced == 0 {
            return Err(nothing(data, apart, "enough training faces with and without"));
        }
        let [train_negative, train_positive] =
            trains.each_ref().map(|list| list[..balanced].to_vec());
        let judges = judges(faces, data, apart, [&test_negative, &test_positive]);
        Ok(Split { train_negative, train_positive, test_negative, test_positive, judges })
    }

    /// Every index of the split, ascending.
    pub(crate) fn members(&self) -> Vec<usize> {
        let mut all: Vec<usize> = self.lists().into_iter().flatten().copied().collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    fn lists(&self) -> [&Vec<usize>; 5] {
        [
            &self.train_negative,
            &self.train_positive,
            &self.test_negative,
            &self.test_positive,
            &self.judges,
        ]
    }

    /// The same split of a list that holds only `members` (ascending) of the faces.
    pub(crate) fn reindexed(&self, members: &[usize]) -> Split {
        let place = |i: &usize| members.binary_search(i).expect("a member of the split");
        let [train_negative, train_positive, test_negative, test_positive, judges] =
            self.lists().map(|list| list.iter().map(place).collect());
        Split { train_negative, train_positive, test_negative, test_positive, judges }
    }
}

/// The judges' pool: labelled faces of the training part, or all but the test faces.
fn judges(faces: &[Face], data: &config::Data, apart: bool, tests: [&Vec<usize>; 2]) -> Vec<usize> {
    let test: HashSet<usize> = tests.into_iter().flatten().copied().collect();
    let wanted = |i: &usize| {
        faces[*i].is_labelled() && !test.contains(i) && (!apart || faces[*i].part == Part::Train)
    };
    let mut pool: Vec<usize> = (0..faces.len()).filter(wanted).collect();
    shuffle(&mut pool, &mut stream(Purpose::Judges, data.seed, 0, 0));
    pool.truncate(data.judge_pool);
    pool
}

/// Faces of one part (`None`: of all) with this label, in the seed's order.
fn pool(faces: &[Face], data: &config::Data, part: Option<Part>, label: bool) -> Vec<usize> {
    let wanted = |face: &Face| {
        face.label(data.attribute) == Some(label) && part.is_none_or(|part| face.part == part)
    };
    let mut found: Vec<usize> = (0..faces.len()).filter(|&i| wanted(&faces[i])).collect();
    let mut rng =
        stream(Purpose::Split, data.seed, data.attribute.index() as u64, u64::from(label));
    shuffle(&mut found, &mut rng);
    found
}

fn nothing(data: &config::Data, apart: bool, with: &str) -> DataError {
    let place = if apart { "in the training or the test part" } else { "in the data set" };
    DataError::Split {
        problem: format!("no face {with} {} {place}", data.attribute),
        remedy: match (apart, data.source) {
            (_, config::Source::Mtfl) => "check that lfw_5590 and net_7876 hold images".to_owned(),
            (true, _) => "use data.split = \"paper\", or another data.attribute".to_owned(),
            (false, _) => "choose another data.attribute, or more images".to_owned(),
        },
    }
}

#[cfg(test)]
mod tests {
    use config::Attribute;

    use super::*;

    fn face(number: usize, glasses: bool, part: Part) -> Face {
        let mut labels = [None; 6];
        labels[Attribute::Eyeglasses.index()] = Some(glasses);
        Face {
            id: format!("{number:06}.jpg"),
            path: "".into(),
            labels,
            landmarks: None,
            identity: None,
            pose: None,
            part,
        }
    }

    fn settings(text: &str) -> config::Data {
        config::RunConfig::from_toml(&format!("[data]\n{text}"), "test").unwrap().data
    }

    fn faces(positive: usize, negative: usize) -> Vec<Face> {
        (0..positive + negative).map(|i| face(i, i < positive, Part::Unassigned)).collect()
    }

    #[test]
    fn the_lists_are_disjoint_balanced_and_of_the_asked_size() {
        let faces = faces(300, 900);
        let split = Split::draw(&faces, &settings("test_per_class = 50")).unwrap();
        assert_eq!(split.test_negative.len(), 50);
        assert_eq!(split.test_positive.len(), 50);
        assert_eq!(split.train_negative.len(), 250);
        assert_eq!(split.train_positive.len(), 250);
        let lists = [&split.test_negative, &split.test_positive];
        let training = [&split.train_negative, &split.train_positive];
        let unique: HashSet<usize> = lists.into_iter().chain(training).flatten().copied().collect();
        assert_eq!(unique.len(), 600);
        assert!(split.test_positive.iter().chain(&split.train_positive).all(|i| *i < 300));
        assert!(split.test_negative.iter().chain(&split.train_negative).all(|i| *i >= 300));
    }

    #[test]
    fn a_small_set_tests_on_a_quarter_of_the_smaller_class() {
        let split = Split::draw(&faces(40, 400), &settings("test_per_class = 1000")).unwrap();
        assert_eq!((split.test_negative.len(), split.train_positive.len()), (10, 30));
    }

    #[test]
    fn the_seed_changes_the_draw_and_nothing_else_does() {
        let faces = faces(100, 100);
        let draw = |text: &str| Split::draw(&faces, &settings(text)).unwrap();
        assert_eq!(draw("seed = 1"), draw("seed = 1\nsize = 64"));
        assert_ne!(draw("seed = 1").test_positive, draw("seed = 2").test_positive);
    }

    #[test]
    fn the_official_rule_keeps_to_the_parts() {
        let parts = [Part::Train, Part::Validation, Part::Test];
        let faces: Vec<Face> = (0..300).map(|i| face(i, i % 2 == 0, parts[i / 2 % 3])).collect();
        let split =
            Split::draw(&faces, &settings("split = \"official\"\ntest_per_class = 20")).unwrap();
        let part = |i: &usize| faces[*i].part;
        assert!(
            split.test_negative.iter().chain(&split.test_positive).all(|i| part(i) == Part::Test)
        );
        assert!(
            split
                .train_negative
                .iter()
                .chain(&split.train_positive)
                .all(|i| part(i) == Part::Train)
        );
        assert_eq!((split.test_negative.len(), split.train_negative.len()), (20, 50));
    }

    #[test]
    fn judges_learn_from_all_but_the_test_faces() {
        let split = Split::draw(&faces(300, 900), &settings("test_per_class = 50")).unwrap();
        let test: HashSet<&usize> =
            split.test_negative.iter().chain(&split.test_positive).collect();
        assert_eq!(split.judges.len(), 1200 - 100);
        assert!(split.judges.iter().all(|face| !test.contains(face)));
        let few = settings("test_per_class = 50\njudge_pool = 7");
        assert_eq!(Split::draw(&faces(300, 900), &few).unwrap().judges.len(), 7);
    }

    #[test]
    fn where_test_images_are_apart_every_attribute_has_the_same_judges() {
        let parts = [Part::Train, Part::Test];
        let mut faces: Vec<Face> =
            (0..300).map(|i| face(i, i % 2 == 0, parts[i / 2 % 2])).collect();
        faces.iter_mut().enumerate().for_each(|(i, face)| face.labels[5] = Some(i % 3 == 0));
        let draw = |attribute: &str| {
            let text = format!("split = \"official\"\nattribute = \"{attribute}\"");
            Split::draw(&faces, &settings(&text)).unwrap()
        };
        assert_eq!(draw("eyeglasses").judges, draw("male").judges);
        assert!(draw("male").judges.iter().all(|i| faces[*i].part == Part::Train));
    }

    #[test]
    fn a_missing_class_is_refused_with_a_remedy() {
        let error = Split::draw(&faces(0, 50), &settings("")).unwrap_err().to_string();
        assert!(error.contains("no face with eyeglasses") && error.contains("data.attribute"));
    }
}
