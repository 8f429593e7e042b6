//! Copies of CelebA as people have them: lists that lack something, images that are crops already.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::Path;

use config::{JudgedPart, RunConfig};
use data::{DataError, Prepared, check};
use image::imageops::{FilterType, crop_imm, resize};
use image::{Rgb, RgbImage};

fn settings(root: &Path, text: &str) -> config::Data {
    let root = root.display();
    let text = format!("[data]\nsource = \"celeba\"\nsize = 32\nroot = \"{root}\"\n{text}");
    RunConfig::from_toml(&text, "test").unwrap().data
}

fn prepare(data: &config::Data) -> Result<Prepared, DataError> {
    data::prepare(data, JudgedPart::Test, &Path::new(&data.root).join("cache"), &|_, _| {})
}

fn refused(data: &config::Data) -> String {
    let error = prepare(data).unwrap_err();
    assert!(error.is_bad_input(), "{error}");
    let checked = check(data, JudgedPart::Test, &Path::new(&data.root).join("cache")).unwrap_err();
    assert_eq!(checked.to_string(), error.to_string());
    error.to_string()
}

/// A picture that differs everywhere, face `i`.
fn picture(i: usize) -> RgbImage {
    RgbImage::from_fn(178, 218, |x, y| {
        let wave =
            |a: f32, b: f32| (127.0 + 100.0 * (a * x as f32 + b * y as f32 + i as f32).sin()) as u8;
        Rgb([wave(0.05, 0.02), wave(0.02, 0.04), wave(0.03, -0.03)])
    })
}

/// `count` faces, every other with glasses; `column` names them.
fn tree(root: &Path, count: usize, column: &str, image: impl Fn(usize) -> RgbImage) {
    let images = root.join("img_align_celeba");
    fs::create_dir_all(&images).unwrap();
    let mut attributes = format!("{count}\n{column} Male Young\n");
    let mut landmarks = "lefteye_x lefteye_y righteye_x righteye_y nose_x nose_y leftmouth_x \
                         leftmouth_y rightmouth_x rightmouth_y\n"
        .to_owned();
    for i in 1..=count {
        let name = format!("{i:06}.png");
        image(i).save(images.join(&name)).unwrap();
        attributes += &format!("{name} {:>2} 1 1\n", if i % 2 == 0 { 1 } else { -1 });
        landmarks += &format!("{name} {} 111 107 111 87 134 71 151 105 152\n", 69 + i % 3);
    }
    fs::write(root.join("list_attr_celeba.txt"), attributes).unwrap();
    fs::write(root.join("list_landmarks_align_celeba.txt"), landmarks).unwrap();
}

#[test]
fn a_missing_column_is_named_with_the_columns_that_are_there() {
    let dir = tempfile::tempdir().unwrap();
    tree(dir.path(), 12, "Wearing_Eyeglass", picture);
    let error = refused(&settings(dir.path(), ""));
    assert!(error.contains("list_attr_celeba.txt:2: no column eyeglasses"), "{error}");
    assert!(
        error.contains("'wearing-eyeglass', 'male', 'young'")
            || error.contains("'wearing-eyeglass', 'young', 'male'"),
        "{error}"
    );
    assert!(
        error.contains("set data.attribute to one that is there (wearing-eyeglass, male, young)"),
        "{error}"
    );
    let report = check(&settings(dir.path(), "attribute = \"male\""), JudgedPart::Test, dir.path())
        .unwrap_err();
    // There the column is, but everybody has it.
    assert!(report.to_string().contains("found 12 with and 0 without"), "{report}");
}

#[test]
fn a_missing_partition_is_named_with_where_it_was_looked_for() {
    let dir = tempfile::tempdir().unwrap();
    tree(dir.path(), 12, "Eyeglasses", picture);
    let error = refused(&settings(dir.path(), "split = \"official\""));
    assert!(error.contains("list_eval_partition.txt (or .csv)"), "{error}");
    assert!(
        error.contains(&format!("not found in {} (nor in Anno, Eval", dir.path().display())),
        "{error}"
    );
    assert!(error.contains("data.split = \"paper\""), "{error}");
    // A partition of other images.
    fs::write(dir.path().join("list_eval_partition.csv"), "image_id,partition\nx.jpg,0\n").unwrap();
    let error = refused(&settings(dir.path(), "split = \"official\""));
    assert!(error.contains("12 faces in no part"), "{error}");
    let report =
        check(&settings(dir.path(), ""), JudgedPart::Test, &dir.path().join("cache")).unwrap();
    let note = "none of its 1 rows names an image that is there";
    assert!(report.notes.iter().any(|n| n.contains(note)), "{:?}", report.notes);
}

#[test]
fn missing_lists_and_images_say_where_they_were_looked_for() {
    let dir = tempfile::tempdir().unwrap();
    let error = refused(&settings(dir.path(), ""));
    assert!(
        error.contains("nor in img_align_celeba, img_align_celeba/img_align_celeba"),
        "{error}"
    );
    tree(dir.path(), 12, "Eyeglasses", picture);
    fs::remove_file(dir.path().join("list_landmarks_align_celeba.txt")).unwrap();
    let report =
        check(&settings(dir.path(), ""), JudgedPart::Test, &dir.path().join("cache")).unwrap();
    let lists = "identity_CelebA, list_landmarks_align_celeba";
    assert!(report.notes.iter().any(|note| note.contains(lists)), "{:?}", report.notes);
    fs::remove_file(dir.path().join("list_attr_celeba.txt")).unwrap();
    let error = refused(&settings(dir.path(), ""));
    assert!(error.contains("list_attr_celeba.txt (or .csv) was not found in"), "{error}");
    assert!(error.contains("(nor in Anno, Eval, anno, eval, celeba there)"), "{error}");
}

#[test]
fn a_list_of_other_images_is_told_with_an_example_of_both() {
    let dir = tempfile::tempdir().unwrap();
    tree(dir.path(), 12, "Eyeglasses", picture);
    fs::write(dir.path().join("list_attr_celeba.txt"), "Eyeglasses\n1 1\n2 -1\n").unwrap();
    let error = refused(&settings(dir.path(), ""));
    assert!(error.contains("its first is '1', the first there is '000001.png'"), "{error}");
}

#[test]
fn crops_that_are_made_already_are_read_when_the_configuration_says_so() {
    let whole = tempfile::tempdir().unwrap();
    tree(whole.path(), 12, "Eyeglasses", picture);
    let aligned = prepare(&settings(whole.path(), "")).unwrap();
    for side in [32, 64, 128, 178] {
        let dir = tempfile::tempdir().unwrap();
        let centre = |i| {
            let square = crop_imm(&picture(i), 0, 20, 178, 178).to_image();
            resize(&square, side, side, FilterType::Triangle)
        };
        tree(dir.path(), 12, "Eyeglasses", centre);
        let error = refused(&settings(dir.path(), ""));
        let told =
            format!("is {side} x {side} pixels where 178 x 218 belong: if the images are square");
        assert!(error.contains(&told) && error.contains("data.crop to \"made\""), "{error}");
        assert!(error.contains("likewise"), "{error}");

        // As the aligned images, but for the second resizing; points where they were.
        let made = prepare(&settings(dir.path(), "crop = \"made-centre\"")).unwrap();
        assert_eq!(made.split, aligned.split);
        for (i, (a, b)) in aligned.faces.iter().zip(&made.faces).enumerate() {
            assert_eq!(a.landmarks, b.landmarks);
            let pairs = aligned.images.image(i).iter().zip(made.images.image(i));
            let worst = pairs.map(|(a, b)| a.abs_diff(*b)).max().unwrap();
            assert!(worst < 12, "{side}: {worst}");
        }
        // Which crop it is is unknown: no points.
        let data = settings(dir.path(), "crop = \"made\"");
        let unknown = prepare(&data).unwrap();
        assert!(unknown.faces.iter().all(|face| face.landmarks.is_none()));
        assert_eq!(unknown.images.image(0), made.images.image(0));
        assert_ne!(unknown.fingerprint, made.fingerprint);
        let notes = check(&data, JudgedPart::Test, dir.path()).unwrap().notes;
        assert!(
            notes.iter().any(|note| note.contains("is left out: it speaks of the 178 x 218 frame"))
        );
    }
}

#[test]
fn an_image_of_the_asked_size_is_taken_pixel_by_pixel() {
    let dir = tempfile::tempdir().unwrap();
    let small = |i| resize(&picture(i), 32, 32, FilterType::Triangle);
    tree(dir.path(), 12, "Eyeglasses", small);
    let made = prepare(&settings(dir.path(), "crop = \"made\"")).unwrap();
    for (i, face) in made.faces.iter().enumerate() {
        let number: usize = face.id[..6].parse().unwrap();
        assert_eq!(made.images.image(i), small(number).as_raw().as_slice());
    }
}

#[test]
fn what_is_no_made_crop_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    tree(dir.path(), 12, "Eyeglasses", picture);
    let error = refused(&settings(dir.path(), "crop = \"made\""));
    assert!(error.contains("set data.crop to \"align\""), "{error}");
    let text =
        format!("[data]\nsource = \"lfw\"\nroot = \"{}\"\ncrop = \"made\"", dir.path().display());
    let error = RunConfig::from_toml(&text, "test").unwrap_err().to_string();
    assert!(error.contains("never cropped already"), "{error}");
}

#[test]
fn points_of_another_frame_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    tree(dir.path(), 60, "Eyeglasses", picture);
    assert!(prepare(&settings(dir.path(), "")).is_ok());
    let list = dir.path().join("list_landmarks_align_celeba.txt");
    // As a copy of 128 x 128 would have them.
    let scaled = fs::read_to_string(&list)
        .unwrap()
        .replace(" 111 107 111 87 134 71 151 105 152", " 65 77 65 63 82 51 94 76 95");
    fs::write(&list, scaled).unwrap();
    let error = refused(&settings(dir.path(), ""));
    assert!(error.contains("pixels away from CelebA's mean face"), "{error}");
    assert!(!refused(&settings(dir.path(), "crop = \"made\"")).contains("mean face"));
}
