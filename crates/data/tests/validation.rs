//! Validation images: apart from all others, as many as asked for, and nobody's business at the default.
#![allow(clippy::unwrap_used)]

use std::collections::HashSet;
use std::path::PathBuf;

use config::{JudgedPart, RunConfig};
use data::{Face, Part, Split};

fn settings(text: &str) -> config::Data {
    RunConfig::from_toml(&format!("[data]\n{text}"), "test").unwrap().data
}

/// Every fifth face has glasses, of a few nobody knows; ten faces a person, and a person is in one part.
fn faces(count: usize, part: impl Fn(usize) -> Part) -> Vec<Face> {
    let label = |i: usize| (!i.is_multiple_of(97)).then_some(i.is_multiple_of(5));
    let face = |i: usize| Face {
        id: format!("{i:06}.jpg"),
        origin: PathBuf::new().into(),
        labels: [label(i)].into_iter().collect(),
        landmarks: None,
        identity: Some((i / 10).to_string()),
        pose: None,
        part: part(i / 10),
    };
    (0..count).map(face).collect()
}

/// Eight of ten people train, one validates, one tests.
fn official(person: usize) -> Part {
    match person % 10 {
        8 => Part::Validation,
        9 => Part::Test,
        _ => Part::Train,
    }
}

/// Half of the people train, half test, as web and LFW images of MTFL do.
fn halves(person: usize) -> Part {
    [Part::Train, Part::Test][person % 2]
}

fn unassigned(_: usize) -> Part {
    Part::Unassigned
}

const LFW: &str = "source = \"lfw\"\nroot = \"there\"\n";
const MTFL: &str = "source = \"mtfl\"\nroot = \"there\"\n";
const OFFICIAL: &str = "source = \"celeba\"\nroot = \"there\"\nsplit = \"official\"\n";

fn draw(faces: &[Face], text: &str) -> Split {
    Split::draw(faces, 0, &settings(text)).unwrap()
}

/// Training, validation and test faces per class; both classes have as many, and no face is in two lists.
fn counts(split: &Split) -> [usize; 3] {
    let training: [&[usize]; 2] = [&split.train_negative, &split.train_positive];
    let parts = [JudgedPart::Validation, JudgedPart::Test].map(|part| split.judged(part));
    let lists = [training, parts[0], parts[1]];
    let mut seen = HashSet::new();
    for list in lists.iter().flatten() {
        list.iter().for_each(|face| assert!(seen.insert(*face), "{face} is in two lists"));
    }
    let judged: HashSet<usize> =
        parts.iter().flatten().flat_map(|list| list.iter().copied()).collect();
    assert!(split.judges.iter().all(|face| !judged.contains(face)), "judges know a judged face");
    lists.map(|[negative, positive]| {
        assert_eq!(negative.len(), positive.len());
        negative.len()
    })
}

/// The digests are those of the split before there were validation images.
#[test]
fn at_the_default_every_list_is_as_it_was() {
    for (faces, text, digest) in [
        (faces(2000, unassigned), "test_per_class = 50".to_owned(), "d8a3f5731ce2982a"),
        (faces(2000, unassigned), format!("{LFW}seed = 3\njudge_pool = 300"), "c8955369321e61b5"),
        (faces(2000, halves), format!("{MTFL}test_per_class = 70"), "e2aad4d1895a3ed0"),
        (faces(2000, official), format!("{OFFICIAL}train_per_class = 100"), "a43c563275315143"),
    ] {
        let split = draw(&faces, &text);
        let lists = [
            &split.train_negative,
            &split.train_positive,
            &split.test_negative,
            &split.test_positive,
            &split.judges,
        ];
        let found = blake3::hash(format!("{lists:?}").as_bytes()).to_hex();
        assert_eq!(&found[..16], digest, "{text}");
    }
}

#[test]
fn none_are_drawn_unasked_and_those_that_are_leave_the_test_images() {
    for (faces, text) in [
        (faces(2000, unassigned), "test_per_class = 50\n"),
        (faces(2000, unassigned), LFW),
        (faces(2000, halves), MTFL),
    ] {
        let plain = draw(&faces, text);
        let [train, none, test] = counts(&plain);
        assert_eq!(none, 0, "{text}");
        let split = draw(&faces, &format!("{text}validation_per_class = 30"));
        assert_eq!(counts(&split), [train - 30, 30, test], "{text}");
        assert_eq!(split.judged(JudgedPart::Test), plain.judged(JudgedPart::Test));
        assert_eq!(split.judges.len(), plain.judges.len() - 60);
        // Out of the faces that trained, or would have if more of the other class had been there.
        let before: HashSet<usize> = plain.judges.iter().copied().collect();
        assert!(split.judged(JudgedPart::Validation)[1].iter().all(|face| before.contains(face)));
    }
}

#[test]
fn validation_faces_of_mtfl_are_web_images() {
    let faces = faces(2000, halves);
    let split = draw(&faces, &format!("{MTFL}validation_per_class = 30"));
    let mut validation = split.judged(JudgedPart::Validation).into_iter().flatten();
    assert!(validation.all(|face| faces[*face].part == Part::Train));
}

#[test]
fn a_part_of_the_data_sets_own_validates_and_shares_no_person() {
    let faces = faces(4000, official);
    let people = |lists: [&[usize]; 2]| -> HashSet<&str> {
        lists
            .iter()
            .flat_map(|list| list.iter())
            .filter_map(|f| faces[*f].identity.as_deref())
            .collect()
    };
    let plain = draw(&faces, &format!("{OFFICIAL}test_per_class = 40"));
    let [_, validation, test] = counts(&plain);
    assert_eq!((validation, test), (40, 40));
    let [own, tests] =
        [JudgedPart::Validation, JudgedPart::Test].map(|part| people(plain.judged(part)));
    let training = people([&plain.train_negative, &plain.train_positive]);
    assert!(own.is_disjoint(&tests) && own.is_disjoint(&training) && !own.is_empty());
    assert!(own.is_disjoint(&people([&plain.judges, &[]])));
    // The key bounds it, and nothing else moves.
    for (asked, there) in [(15, 15), (50, 50), (10_000, 78)] {
        let text = format!("{OFFICIAL}test_per_class = 40\nvalidation_per_class = {asked}");
        let split = draw(&faces, &text);
        assert_eq!(counts(&split)[1], there);
        let (validation_negative, validation_positive) =
            (plain.validation_negative.clone(), plain.validation_positive.clone());
        assert_eq!(Split { validation_negative, validation_positive, ..split }, plain);
    }
}

#[test]
fn a_small_set_validates_on_a_quarter_of_what_is_left_and_keeps_a_face_to_train() {
    let small = |positive: usize| {
        let mut faces = faces(5 * positive, unassigned);
        faces
            .iter_mut()
            .enumerate()
            .for_each(|(i, face)| face.labels.set(0, Some(i.is_multiple_of(5))));
        counts(&draw(&faces, "test_per_class = 1\nvalidation_per_class = 1000"))
    };
    assert_eq!(small(41), [30, 10, 1]);
    assert_eq!(small(4), [2, 1, 1]);
    assert_eq!(small(3), [1, 1, 1]);
    assert_eq!(small(2), [1, 0, 1]);
}
