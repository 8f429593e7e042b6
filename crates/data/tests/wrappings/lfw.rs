//! LFW as its three archives unpack, and once more below a directory of the same name.

use std::fs;
use std::path::Path;

use config::{JudgedPart, RunConfig};
use data::{CheckReport, Framing};
use image::{Rgb, RgbImage};

fn settings(root: &Path) -> config::Data {
    let text = format!("[data]\nsource = \"lfw\"\nsize = 32\nroot = \"{}\"\n", root.display());
    RunConfig::from_toml(&text, "test").unwrap().data
}

fn people(dir: &Path, red: u8) {
    for i in 0..12 {
        let person = dir.join(format!("Person_{i:02}"));
        fs::create_dir_all(&person).unwrap();
        let image = RgbImage::from_pixel(250, 250, Rgb([red, i * 10, 30]));
        image.save(person.join(format!("Person_{i:02}_0001.jpg"))).unwrap();
    }
}

fn scores(dir: &Path) {
    let rows = (0..12).map(|i| format!("Person {i:02}\t1\t{}\n", if i % 2 == 0 { 1 } else { -1 }));
    let text = format!("#\tperson\timagenum\tEyeglasses\n{}", rows.collect::<String>());
    fs::write(dir.join("lfw_attributes.txt"), text).unwrap();
}

/// MTFL's list: five points of every image.
fn points(dir: &Path) {
    let row = |i| {
        format!(
            " lfw_5590\\Person_{i:02}_0001.jpg 106 147 126 109 145 114 113 137 158 158 1 2 2 3\n"
        )
    };
    fs::write(dir.join("training.txt"), (0..12).map(row).collect::<String>()).unwrap();
}

fn check(root: &Path) -> CheckReport {
    let cache = tempfile::tempdir().unwrap();
    data::check(&settings(root), JudgedPart::Test, cache.path()).unwrap()
}

/// The red of the images that are read.
fn red(root: &Path) -> u8 {
    let cache = tempfile::tempdir().unwrap();
    let prepared =
        data::prepare(&settings(root), JudgedPart::Test, cache.path(), &|_, _| {}).unwrap();
    assert_eq!(prepared.faces[0].labels.get(0), Some(true));
    prepared.images.image(0)[0]
}

const PLACES: [&str; 7] = [
    "lfw",
    "lfw_funneled",
    "lfw-deepfunneled",
    "lfw/lfw",
    "lfw_funneled/lfw_funneled",
    "lfw-deepfunneled/lfw-deepfunneled",
    "",
];

#[test]
fn each_version_is_read_where_its_archive_unpacks_and_one_directory_deeper() {
    let plain = tempfile::tempdir().unwrap();
    people(&plain.path().join("lfw"), 100);
    scores(plain.path());
    let expected = data::open(&settings(plain.path()), plain.path()).unwrap();
    for place in PLACES {
        let dir = tempfile::tempdir().unwrap();
        people(&dir.path().join(place), 100);
        scores(dir.path());
        let found = data::open(&settings(dir.path()), dir.path()).unwrap();
        let ids = |c: &data::Collection| c.faces.iter().map(|f| f.id.clone()).collect::<Vec<_>>();
        assert_eq!((ids(&found), found.framing), (ids(&expected), Framing::Lfw), "{place}");
        assert_eq!(found.fingerprint, expected.fingerprint, "{place}");
        assert!(red(dir.path()).abs_diff(100) < 4);
        // The directory of the people itself, its list above it.
        let below = dir.path().join(place);
        let collection = data::open(&settings(&below), dir.path());
        assert!(place.contains('/') || collection.is_ok(), "{place}");
    }
}

#[test]
fn of_several_versions_the_one_that_is_read_is_said() {
    let dir = tempfile::tempdir().unwrap();
    people(&dir.path().join("lfw"), 50);
    people(&dir.path().join("lfw-deepfunneled"), 200);
    scores(dir.path());
    let notes = check(dir.path()).notes;
    let said = "the deep-funneled images in";
    assert!(notes.iter().any(|n| n.contains(said) && n.contains("lfw are not")), "{notes:#?}");
    assert!(red(dir.path()).abs_diff(200) < 4);
    assert!(red(&dir.path().join("lfw")).abs_diff(50) < 4);
}

#[test]
fn points_of_the_original_images_are_not_put_on_others() {
    for (place, own) in [("lfw", true), ("lfw_funneled", false), ("lfw-deepfunneled", false)] {
        let dir = tempfile::tempdir().unwrap();
        people(&dir.path().join(place), 100);
        scores(dir.path());
        let without = data::fingerprint(&settings(dir.path()), dir.path()).unwrap();
        points(dir.path());
        let with = data::fingerprint(&settings(dir.path()), dir.path()).unwrap();
        let report = data::overview(&settings(dir.path()), dir.path()).unwrap();
        assert_eq!(report.with_landmarks, if own { 12 } else { 0 }, "{place}");
        // Crops change with the points, and with nothing else.
        assert_eq!(with != without, own, "{place}");
        let told = report.notes.iter().any(|n| n.contains("its points are of the original images"));
        assert_eq!(told, !own, "{place}: {:#?}", report.notes);
    }
}

#[test]
fn an_archive_that_is_still_packed_is_named() {
    let dir = tempfile::tempdir().unwrap();
    scores(dir.path());
    fs::write(dir.path().join("lfw-deepfunneled.tgz"), b"\x1f\x8b").unwrap();
    let error = data::open(&settings(dir.path()), dir.path()).unwrap_err().to_string();
    assert!(error.contains("unpack ") && error.contains("lfw-deepfunneled.tgz there"), "{error}");
}
