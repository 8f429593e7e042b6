//! Which images test, which train, and which judges learn from.
#![allow(clippy::unwrap_used)]

use std::collections::HashSet;
use std::path::PathBuf;

use config::RunConfig;
use data::{Face, Part, Split};

fn face(number: usize, glasses: bool, part: Part) -> Face {
    Face {
        id: format!("{number:06}.jpg"),
        origin: PathBuf::new().into(),
        labels: [Some(glasses)].into_iter().collect(),
        landmarks: None,
        identity: None,
        pose: None,
        part,
    }
}

fn settings(text: &str) -> config::Data {
    RunConfig::from_toml(&format!("[data]\n{text}"), "test").unwrap().data
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
    assert!(split.test_negative.iter().chain(&split.test_positive).all(|i| part(i) == Part::Test));
    assert!(
        split.train_negative.iter().chain(&split.train_positive).all(|i| part(i) == Part::Train)
    );
    assert_eq!((split.test_negative.len(), split.train_negative.len()), (20, 50));
}

#[test]
fn judges_learn_from_all_but_the_test_faces() {
    let split = Split::draw(&faces(300, 900), 0, &settings("test_per_class = 50")).unwrap();
    let test: HashSet<&usize> = split.test_negative.iter().chain(&split.test_positive).collect();
    assert_eq!(split.judges.len(), 1200 - 100);
    assert!(split.judges.iter().all(|face| !test.contains(face)));
    let few = settings("test_per_class = 50\njudge_pool = 7");
    assert_eq!(Split::draw(&faces(300, 900), 0, &few).unwrap().judges.len(), 7);
}

#[test]
fn where_test_images_are_apart_every_attribute_has_the_same_judges() {
    let parts = [Part::Train, Part::Test];
    let mut faces: Vec<Face> = (0..300).map(|i| face(i, i % 2 == 0, parts[i / 2 % 2])).collect();
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
    assert!(error.contains("0 with and 0 without in the test part, 1 faces in no part"), "{error}");
    assert!(error.contains("data.split = \"paper\""), "{error}");
}

#[test]
fn two_faces_of_each_kind_are_enough() {
    let split = Split::draw(&faces(2, 2), 0, &settings("")).unwrap();
    assert_eq!((split.train_positive.len(), split.test_negative.len()), (1, 1));
}
