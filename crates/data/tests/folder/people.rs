//! Splits by person, and by the table's own parts.

use std::collections::{BTreeSet, HashSet};
use std::fmt::Write;

use config::JudgedPart;
use data::{Collection, Face, Part, Split};

use super::Home;

/// A face of a person; hats are drawn by number.
fn face(number: usize, hat: bool, person: Option<String>) -> Face {
    Face {
        id: format!("{number}.png"),
        origin: data::Origin::File("".into()),
        labels: [Some(hat)].into_iter().collect(),
        landmarks: None,
        identity: person,
        pose: None,
        part: Part::Unassigned,
    }
}

fn settings(more: &str) -> config::Data {
    let home = Home::squares("file_name,hat\na.png,1\n");
    home.settings(&format!("attribute = \"hat\"\n{more}"))
}

fn people(faces: &[Face], of: &[&Vec<usize>]) -> BTreeSet<String> {
    of.iter().copied().flatten().filter_map(|face| faces[*face].identity.clone()).collect()
}

#[test]
fn no_person_is_on_two_sides_of_a_split() {
    // 60 people with one to eight faces each, and faces of nobody known.
    let mut faces = Vec::new();
    for person in 0..60 {
        for shot in 0..1 + person % 8 {
            let hat = (person * 3 + shot * 5) % 7 < 2;
            faces.push(face(faces.len(), hat, Some(format!("p{person}"))));
        }
    }
    (0..20).for_each(|i| faces.push(face(faces.len(), i % 3 == 0, None)));
    for seed in 0..5 {
        let data =
            settings(&format!("test_per_class = 12\nvalidation_per_class = 5\nseed = {seed}"));
        let split = Split::draw(&faces, 0, &data).unwrap();
        let test = people(&faces, &[&split.test_negative, &split.test_positive]);
        let validation = people(&faces, &[&split.validation_negative, &split.validation_positive]);
        let train = people(&faces, &[&split.train_negative, &split.train_positive]);
        let judges = people(&faces, &[&split.judges]);
        assert_eq!(split.test_negative.len(), split.test_positive.len());
        assert_eq!((split.test_positive.len(), split.validation_positive.len()), (12, 5), "{seed}");
        assert!(split.train_positive.len() > 40, "{}", split.train_positive.len());
        for (a, b) in [(&test, &train), (&test, &validation), (&train, &validation)] {
            assert!(a.is_disjoint(b), "{seed}");
        }
        assert!(judges.is_disjoint(&test) && judges.is_disjoint(&validation), "{seed}");
        assert_eq!(split, Split::draw(&faces, 0, &data).unwrap());
        let all: Vec<usize> = [&split.test_negative, &split.test_positive, &split.train_negative]
            .into_iter()
            .chain([&split.train_positive, &split.validation_negative, &split.validation_positive])
            .flatten()
            .copied()
            .collect();
        assert_eq!(all.iter().collect::<HashSet<_>>().len(), all.len());
        for (list, hat) in [(&split.test_negative, false), (&split.validation_positive, true)] {
            assert!(list.iter().all(|face| faces[*face].labels.get(0) == Some(hat)));
        }
    }
    let draw = |seed| Split::draw(&faces, 0, &settings(&format!("seed = {seed}"))).unwrap();
    assert_ne!(draw(1).test_positive, draw(2).test_positive);
}

#[test]
fn few_people_with_many_faces_are_split_all_the_same_and_one_cannot_be() {
    let of = |count: usize| -> Vec<Face> {
        (0..60).map(|i| face(i, i % 2 == 0, Some(format!("p{}", (i / 2) % count)))).collect()
    };
    let (faces, data) = (of(3), settings(""));
    let split = Split::draw(&faces, 0, &data).unwrap();
    let test = people(&faces, &[&split.test_negative, &split.test_positive]);
    let train = people(&faces, &[&split.train_negative, &split.train_positive]);
    assert_eq!((test.len(), train.len()), (1, 2));
    assert_eq!((split.test_positive.len(), split.train_positive.len()), (7, 20));
    let told = Split::draw(&of(1), 0, &data).unwrap_err().to_string();
    assert!(told.contains("30 with and 30 without, of 1 people"), "{told}");
    assert!(told.contains("take the column of people away"), "{told}");
}

fn parts(text: &str) -> (Home, String) {
    let rows: String = (0..24).fold(String::new(), |mut rows, i| {
        let part = text.split(' ').nth(i % 4).unwrap();
        writeln!(rows, "{i}.png,{},{part},p{}", (i / 4) % 2, i / 2).unwrap();
        rows
    });
    let images: Vec<String> = (0..24).map(|i| format!("{i}.png")).collect();
    let images: Vec<&str> = images.iter().map(String::as_str).collect();
    let table = format!("file_name,hat,split,person\n{rows}");
    (Home::new("metadata.csv", &table, &images, [40, 40]), table)
}

#[test]
fn the_official_rule_keeps_to_the_tables_parts() {
    let (home, _) = parts("train train valid test");
    let official = "attribute = \"hat\"\ncrop = \"made\"\nsplit = \"official\"";
    let data = home.settings(official);
    let Collection { faces, notes, .. } = data::open(&data, home.path()).unwrap();
    let split = Split::draw(&faces, 0, &data).unwrap();
    let of = |lists: [&Vec<usize>; 2]| -> HashSet<Part> {
        lists.into_iter().flatten().map(|face| faces[*face].part).collect()
    };
    assert_eq!(of([&split.train_negative, &split.train_positive]), [Part::Train].into());
    assert_eq!(of([&split.test_negative, &split.test_positive]), [Part::Test].into());
    let validation = [&split.validation_negative, &split.validation_positive];
    assert_eq!(of(validation), [Part::Validation].into());
    assert!(data::check(&data, JudgedPart::Validation, home.path()).is_ok());
    let torn = notes.iter().find(|note| note.contains("people in more than one part")).unwrap();
    assert!(torn.contains("'p1', 'p11'") && torn.contains("more"), "{torn}");
    let told = home.overview(official);
    for said in ["people: 12", "train: 12", "validation: 6", "test: 6", "the part; train 12"] {
        assert!(told.contains(said), "{said}\n{told}");
    }
}

#[test]
fn without_parts_the_official_rule_is_refused_with_what_is_there_instead() {
    let official = "crop = \"made\"\nsplit = \"official\"";
    let (home, text) = parts("train train valid tset");
    let told = home.refused(official);
    assert!(
        told.contains("metadata.csv:1: split is no column of parts: line 5: 'tset' is not"),
        "{told}"
    );
    home.write("metadata.csv", text.replace("split", "other"));
    let told = home.refused(official);
    assert!(told.contains("metadata.csv:1: has no column of parts"), "{told}");
    assert!(told.contains("or use data.split = \"paper\""), "{told}");
}
