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
    /// Draws the split of `data.seed`; `attribute` is the place of `data.attribute` in the labels.
    ///
    /// With the rule `paper`, test images are drawn per class from all faces and the rest trains,
    /// balanced; MTFL's web images train and its LFW images test under either rule, as `official`
    /// does with every data set that has a partition. A set too small for `test_per_class` tests on
    /// fewer: all of the smaller class where test images are apart, a quarter of it otherwise.
    ///
    /// # Errors
    /// [`DataError::Split`], with counts, where a class has too few faces.
    pub fn draw(faces: &[Face], attribute: usize, data: &config::Data) -> Result<Split, DataError> {
        let apart = data.split == SplitRule::Official || data.source.row().always_apart;
        let pool = |part, label| pool(faces, attribute, data, (apart.then_some(part), label));
        let mut pools =
            [Part::Test, Part::Train].map(|part| [false, true].map(|label| pool(part, label)));
        let needed = if apart { 1 } else { 2 };
        if pools.iter().flatten().any(|list| list.len() < needed) {
            return Err(too_few(faces, attribute, data, apart));
        }
        let [tests, trains] = &mut pools;
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
        faces[*i].labels.any() && !test.contains(i) && (!apart || faces[*i].part == Part::Train)
    };
    let mut pool: Vec<usize> = (0..faces.len()).filter(wanted).collect();
    shuffle(&mut pool, &mut stream(Purpose::Judges, data.seed, 0, 0));
    pool.truncate(data.judge_pool);
    pool
}

/// Faces of one part (`None`: of all) with this label, in the seed's order.
fn pool(
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

/// How many faces are needed, and how many there are.
fn too_few(faces: &[Face], attribute: usize, data: &config::Data, apart: bool) -> DataError {
    let count = |part: Option<Part>| {
        let of_part = || faces.iter().filter(|face| part.is_none_or(|part| face.part == part));
        let of = |label| of_part().filter(|face| face.labels.get(attribute) == label).count();
        let unknown = match of(None) {
            0 => String::new(),
            count => format!(" ({count} more are not labelled)"),
        };
        format!("{} with and {} without{unknown}", of(Some(true)), of(Some(false)))
    };
    let (needs, found) = if apart {
        let parts =
            [("training", Part::Train), ("validation", Part::Validation), ("test", Part::Test)];
        let parts = parts.map(|(name, part)| format!("{} in the {name} part", count(Some(part))));
        let outside = faces.iter().filter(|face| face.part == Part::Unassigned).count();
        let outside = format!("{outside} faces in no part");
        let needs = "1 face with and 1 without in the training part and as many in the test part";
        (needs, format!("{}, {outside}", parts.join(", ")))
    } else {
        ("2 faces with and 2 without, one of each to train and one to test", count(None))
    };
    DataError::Split {
        problem: format!("data.attribute = \"{}\" needs {needs}; found {found}", data.attribute),
        remedy: match (apart, data.source) {
            (_, config::Source::Mtfl) => "check that lfw_5590 and net_7876 hold images".to_owned(),
            (true, _) => "use data.split = \"paper\", or another data.attribute".to_owned(),
            (false, config::Source::Synthetic) => "raise data.synthetic_count".to_owned(),
            (false, _) => "choose another data.attribute, or more images".to_owned(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn face(number: usize, glasses: bool, part: Part) -> Face {
        Face {
            id: format!("{number:06}.jpg"),
            path: "".into(),
            labels: [Some(glasses)].into_iter().collect(),
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
        let split = Split::draw(&faces, 0, &settings("test_per_class = 50")).unwrap();
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
        let split = Split::draw(&faces(40, 400), 0, &settings("test_per_class = 1000")).unwrap();
        assert_eq!((split.test_negative.len(), split.train_positive.len()), (10, 30));
    }

    #[test]
    fn the_seed_changes_the_draw_and_nothing_else_does() {
        let faces = faces(100, 100);
        let draw = |text: &str| Split::draw(&faces, 0, &settings(text)).unwrap();
        assert_eq!(draw("seed = 1"), draw("seed = 1\nsize = 64"));
        assert_ne!(draw("seed = 1").test_positive, draw("seed = 2").test_positive);
    }

    #[test]
    fn the_official_rule_keeps_to_the_parts() {
        let parts = [Part::Train, Part::Validation, Part::Test];
        let faces: Vec<Face> = (0..300).map(|i| face(i, i % 2 == 0, parts[i / 2 % 3])).collect();
        let split =
            Split::draw(&faces, 0, &settings("split = \"official\"\ntest_per_class = 20")).unwrap();
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
        let split = Split::draw(&faces(300, 900), 0, &settings("test_per_class = 50")).unwrap();
        let test: HashSet<&usize> =
            split.test_negative.iter().chain(&split.test_positive).collect();
        assert_eq!(split.judges.len(), 1200 - 100);
        assert!(split.judges.iter().all(|face| !test.contains(face)));
        let few = settings("test_per_class = 50\njudge_pool = 7");
        assert_eq!(Split::draw(&faces(300, 900), 0, &few).unwrap().judges.len(), 7);
    }

    #[test]
    fn where_test_images_are_apart_every_attribute_has_the_same_judges() {
        let parts = [Part::Train, Part::Test];
        let mut faces: Vec<Face> =
            (0..300).map(|i| face(i, i % 2 == 0, parts[i / 2 % 2])).collect();
        faces.iter_mut().enumerate().for_each(|(i, face)| face.labels.set(1, Some(i % 3 == 0)));
        let draw = |attribute: &str| {
            let text = format!("split = \"official\"\nattribute = \"{attribute}\"");
            let place = usize::from(attribute == "male");
            Split::draw(&faces, place, &settings(&text)).unwrap()
        };
        assert_eq!(draw("eyeglasses").judges, draw("male").judges);
        assert!(draw("male").judges.iter().all(|i| faces[*i].part == Part::Train));
    }

    #[test]
    fn too_few_faces_are_refused_with_counts_and_a_remedy() {
        let refused = |faces: &[Face], text: &str| {
            let text = format!("source = \"celeba\"\nroot = \"there\"\n{text}");
            Split::draw(faces, 0, &settings(&text)).unwrap_err().to_string()
        };
        let mut some = faces(1, 50);
        some[7].labels = Default::default();
        let error = refused(&some, "");
        assert!(error.contains("needs 2 faces with and 2 without"), "{error}");
        assert!(error.contains("found 1 with and 49 without (1 more are not labelled)"), "{error}");
        assert!(error.contains("choose another data.attribute"), "{error}");

        some.iter_mut().skip(1).for_each(|face| face.part = Part::Train);
        let error = refused(&some, "split = \"official\"");
        assert!(error.contains("0 with and 49 without (1 more are not labelled) in the training"));
        assert!(
            error.contains("0 with and 0 without in the test part, 1 faces in no part"),
            "{error}"
        );
        assert!(error.contains("data.split = \"paper\""), "{error}");
    }

    #[test]
    fn two_faces_of_each_kind_are_enough() {
        let split = Split::draw(&faces(2, 2), 0, &settings("")).unwrap();
        assert_eq!((split.train_positive.len(), split.test_negative.len()), (1, 1));
    }
}
