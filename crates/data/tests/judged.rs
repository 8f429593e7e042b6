//! What is made ready and checked where validation images are judged.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::Path;

use config::{JudgedPart, RunConfig};
use data::{DataError, Part, Prepared};

fn settings(text: &str) -> config::Data {
    let text = format!("[data]\nsize = 32\nsynthetic_count = 200\n{text}");
    RunConfig::from_toml(&text, "test").unwrap().data
}

fn prepare(text: &str, part: JudgedPart, cache: &Path) -> Result<Prepared, DataError> {
    data::prepare(&settings(text), part, cache, &|_, _| {})
}

fn entries(cache: &Path) -> usize {
    let files = fs::read_dir(cache.join("images")).unwrap().flatten();
    files.filter(|file| file.path().extension().is_some_and(|ending| ending == "rgb")).count()
}

#[test]
fn validation_images_are_decoded_where_they_are_used_and_only_there() {
    let dir = tempfile::tempdir().unwrap();
    let official = "split = \"official\"\n";
    let test = prepare(official, JudgedPart::Test, dir.path()).unwrap();
    assert_eq!(test.split.judged(JudgedPart::Validation), [[0; 0]; 2]);
    assert!(test.faces.iter().all(|face| face.part != Part::Validation));

    let validation = prepare(official, JudgedPart::Validation, dir.path()).unwrap();
    let judged = validation.split.judged(JudgedPart::Validation);
    assert!(judged.iter().all(|list| !list.is_empty()));
    let mut faces = judged.into_iter().flatten().map(|face| &validation.faces[*face]);
    assert!(faces.all(|face| face.part == Part::Validation));
    assert_eq!(entries(dir.path()), 2);
    // The judges learn from the same faces, whatever they judge.
    let names = |data: &Prepared| -> Vec<String> {
        data.split.judges.iter().map(|face| data.faces[*face].id.clone()).collect()
    };
    assert_eq!(names(&test), names(&validation));

    // Drawn ones are kept from training, and lie beside the test images.
    let drawn = "validation_per_class = 10\n";
    let [test, validation] = [JudgedPart::Test, JudgedPart::Validation]
        .map(|part| prepare(drawn, part, dir.path()).unwrap());
    assert_eq!(test.split, validation.split);
    assert_eq!(test.split.judged(JudgedPart::Validation)[1].len(), 10);
    assert_eq!(entries(dir.path()), 3);
}

#[test]
fn where_there_are_none_nothing_is_decoded() {
    let dir = tempfile::tempdir().unwrap();
    let none = prepare("", JudgedPart::Validation, dir.path()).unwrap_err();
    let text = none.to_string();
    assert!(none.is_bad_input() && text.contains("eval.part = \"validation\""), "{text}");
    assert!(text.contains("set data.validation_per_class above 0"), "{text}");
    let check = data::check(&settings(""), JudgedPart::Validation, dir.path()).unwrap_err();
    assert_eq!(check.to_string(), text);
    assert!(!dir.path().join("images").exists());
}

#[test]
fn the_check_says_how_many_there_are_and_who_is_judged() {
    let dir = tempfile::tempdir().unwrap();
    let check = |text: &str, part| data::check(&settings(text), part, dir.path()).unwrap();
    let plain = check("", JudgedPart::Test);
    let [train, none, test] = plain.split;
    assert!(train > 0 && none == 0 && test > 0);
    assert!(plain.to_string().contains("the test images are judged"), "{plain}");
    let tuned = check("validation_per_class = 5", JudgedPart::Validation);
    assert_eq!(tuned.split, [train - 5, 5, test]);
    let line = format!("{0} + {0} training, 5 + 5 validation, {test} + {test} test", train - 5);
    let text = tuned.to_string();
    assert!(text.contains(&line) && text.contains("the validation images are judged"), "{text}");
}
