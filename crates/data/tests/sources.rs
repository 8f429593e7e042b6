//! Data sets on disk as a user has them, sound and unsound.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use config::RunConfig;
use config::{Attribute, JudgedPart};
use data::annotations::{celeba, lfw, mtfl};
use data::{DataError, Origin, Part, Prepared};
use image::{Rgb, RgbImage};

fn settings(text: &str) -> config::Data {
    RunConfig::from_toml(&format!("[data]\n{text}"), "test").unwrap().data
}

fn prepare(data: &config::Data, cache: &Path) -> Result<Prepared, DataError> {
    data::prepare(data, JudgedPart::Test, cache, &|_, _| {})
}

/// A small set in CelebA's layout: every other face has glasses.
fn celeba_tree(root: &Path, count: usize) -> config::Data {
    let images = root.join("img_align_celeba");
    fs::create_dir_all(&images).unwrap();
    let mut attributes = format!("{count}\nEyeglasses Male \n");
    let mut partition = String::new();
    for i in 1..=count {
        let name = format!("{i:06}.jpg");
        RgbImage::from_pixel(178, 218, Rgb([i as u8, 60, 200])).save(images.join(&name)).unwrap();
        attributes += &format!("{name} {:>2}  1\r\n", if i % 2 == 0 { 1 } else { -1 });
        partition += &format!("{name} {}\n", if i <= count / 2 { 0 } else { 2 });
    }
    fs::write(root.join("list_attr_celeba.txt"), attributes).unwrap();
    fs::write(root.join("list_eval_partition.txt"), partition).unwrap();
    settings(&format!("source = \"celeba\"\nsize = 32\nroot = \"{}\"", root.display()))
}

#[test]
fn celeba_is_read_split_decoded_and_cached() {
    let dir = tempfile::tempdir().unwrap();
    let data = celeba_tree(&dir.path().join("celeba"), 40);
    let cache = dir.path().join("cache");
    let first = prepare(&data, &cache).unwrap();
    assert_eq!((first.split.test_positive.len(), first.split.train_negative.len()), (5, 15));
    assert_eq!(first.faces[0].labels.get(0), Some(false));
    assert_eq!(first.columns.place(&Attribute::of("young")), None);
    for (i, face) in first.faces.iter().enumerate() {
        let number: u8 = face.id.trim_end_matches(".jpg").parse().unwrap();
        let pixel = first.images.image(i)[..3].to_vec();
        assert!(pixel[0].abs_diff(number) < 4 && pixel[2].abs_diff(200) < 4, "{pixel:?} {number}");
    }
    assert_eq!(first.truth(0, &data.attribute), None, "photographs have no true edit");

    // The images are read once: with them gone and their sizes kept, the cache still serves.
    let Origin::File(victim) = &first.faces[0].origin else { panic!("no file") };
    let bytes = fs::read(victim).unwrap();
    fs::write(victim, vec![0; bytes.len()]).unwrap();
    assert_eq!(prepare(&data, &cache).unwrap().images.image(0), first.images.image(0));
    // Another size of file is another data set, and this one is damaged.
    fs::write(victim, &bytes[..bytes.len() - 9]).unwrap();
    let error = prepare(&data, &cache).unwrap_err().to_string();
    assert!(error.contains("000001.jpg is cut off"), "{error}");
    let partial = fs::read_dir(cache.join("images")).unwrap().flatten();
    assert!(partial.into_iter().all(|e| !e.file_name().to_string_lossy().contains("partial")));
}

#[test]
fn the_official_partition_is_kept() {
    let dir = tempfile::tempdir().unwrap();
    let mut data = celeba_tree(dir.path(), 40);
    data.split = config::SplitRule::Official;
    let prepared = prepare(&data, &dir.path().join("cache")).unwrap();
    let part = |i: &usize| prepared.faces[*i].part;
    assert!(prepared.split.test_positive.iter().all(|i| part(i) == Part::Test));
    assert!(prepared.split.train_positive.iter().all(|i| part(i) == Part::Train));
    // This one keeps no face to validate on, and none is taken from another part.
    data.validation_per_class = 3;
    let error = data::check(&data, JudgedPart::Validation, dir.path()).unwrap_err().to_string();
    assert!(error.contains("1 face with and 1 without in the validation part"), "{error}");
    assert!(error.contains("data.split = \"paper\" with data.validation_per_class"), "{error}");
}

#[test]
fn the_fingerprint_follows_annotations_and_images() {
    let dir = tempfile::tempdir().unwrap();
    let data = celeba_tree(dir.path(), 16);
    let fingerprint = || data::fingerprint(&data, dir.path()).unwrap();
    let first = fingerprint();
    assert_eq!(first, fingerprint());
    fs::remove_file(dir.path().join("img_align_celeba/000003.jpg")).unwrap();
    let second = fingerprint();
    assert_ne!(first, second);
    let list = dir.path().join("list_eval_partition.txt");
    fs::write(&list, fs::read_to_string(&list).unwrap().replace("000001.jpg 0", "000001.jpg 1"))
        .unwrap();
    assert_ne!(second, fingerprint());
}

#[test]
fn what_is_not_an_annotation_file_is_named_with_a_remedy() {
    let path = Path::new("list_attr_celeba.txt");
    let cases: [(&[u8], &str); 9] = [
        (b"", "is empty"),
        (b"\n <!DOCTYPE html><html>Log in", "HTML page"),
        (b"version https://git-lfs.github.com/spec/v1\n", "git-LFS pointer"),
        (b"PK\x03\x04abc", "is a zip archive"),
        (b"1\nEyeglasses\n000001.jpg 2\n", ":3: Eyeglasses: '2' is not -1 or 1"),
        (b"1\nEyeglasses Male Young\n000001.jpg 1\n", ":3: 2 fields where 3 belong"),
        (b"2\nEyeglasses\na.jpg 1\na.jpg 1\n", ":4: 'a.jpg' is listed twice, first on line 3"),
        (b"1\nage\na.jpg 34\n", "has no column of labels"),
        (b"1\nEyeglasses\n\xff.jpg 1\n", ":3: is not UTF-8"),
    ];
    for (bytes, expected) in cases {
        let error = celeba::attributes(path, bytes).unwrap_err().to_string();
        assert!(error.starts_with("list_attr_celeba.txt") && error.contains(expected), "{error}");
    }
}

#[test]
fn celebas_wild_variants_read_alike() {
    let path = Path::new("list");
    let rows = |bytes: &[u8]| celeba::attributes(path, bytes).unwrap();
    let plain = rows(b"2\nEyeglasses Male \na.jpg -1  1\nb.jpg  1 -1\n");
    assert_eq!(plain.rows[0].1.get(0), Some(false));
    assert_eq!(plain.rows, rows(b"2\r\nEyeglasses Male\r\na.jpg -1 1\r\nb.jpg 1 -1").rows);
    assert_eq!(plain.rows, rows(b"Eyeglasses Male\na.jpg -1 1\nb.jpg 1 -1\n").rows);
    assert_eq!(plain.rows, rows(b"image_id,Eyeglasses,Male\na.jpg,-1,1\nb.jpg,1,-1\n").rows);
    let miscounted = rows(b"3\nEyeglasses Male\na.jpg -1 1\nb.jpg 1 -1\n");
    assert!(miscounted.notes.iter().any(|note| note.contains("promises 3 rows, it has 2")));
    let parts = celeba::partition(path, b"image_id,partition\na.jpg,0\nb.jpg,2\n").unwrap();
    assert_eq!(parts.rows[1].1, Part::Test);
}

#[test]
fn lfw_scores_are_joined_by_name_not_by_row() {
    let text = "#\tLFW attributes\n#\tperson\timagenum\tMale\tEyeglasses\tYouth\n\
                Jo Ann Doe\t2\t-0.5\t1.5\t0.1\nAl Roe\t1\t2.0\t-1.0\t-3\n";
    let scores = lfw::scores(Path::new("lfw_attributes.txt"), text.as_bytes()).unwrap();
    let (jo, jo_labels) = &scores.rows[0];
    assert_eq!(jo, "Jo_Ann_Doe_0002");
    let label = |name: &str| {
        scores.columns.place(&Attribute::of(name)).and_then(|place| jo_labels.get(place))
    };
    let found = ["eyeglasses", "male", "young", "smiling"].map(label);
    assert_eq!(found, [Some(true), Some(false), Some(true), None]);
}

#[test]
fn lfw_images_find_their_scores() {
    let dir = tempfile::tempdir().unwrap();
    let mut text = "#\tscores\n#\tperson\timagenum\tEyeglasses\n".to_owned();
    for i in 0..12 {
        let person = dir.path().join(format!("lfw/Person_{i:02}"));
        fs::create_dir_all(&person).unwrap();
        let image = RgbImage::from_pixel(250, 250, Rgb([200, i * 10, 30]));
        image.save(person.join(format!("Person_{i:02}_0001.jpg"))).unwrap();
        // In an order of its own, and one image has no row.
        if i != 5 {
            text.insert_str(
                text.len(),
                &format!("Person {:02}\t1\t{}\n", 11 - i, if i % 2 == 0 { 1.0 } else { -1.0 }),
            );
        }
    }
    fs::write(dir.path().join("lfw_attributes.txt"), text).unwrap();
    let root = dir.path().display();
    let data = settings(&format!("source = \"lfw\"\nsize = 32\nroot = \"{root}\""));
    let prepared = prepare(&data, &dir.path().join("cache")).unwrap();
    for (i, face) in prepared.faces.iter().enumerate() {
        let number: u8 = face.id[7..9].parse().unwrap();
        assert_eq!(face.labels.get(0), Some((11 - number).is_multiple_of(2)), "{}", face.id);
        assert!(prepared.images.image(i)[1].abs_diff(number * 10) < 6);
        assert_ne!(number, 6, "the image without a row is left out");
    }
}

/// MTFL in small: bright points on black at the landmarks, turned and shifted differently each time.
fn mtfl_tree(root: &Path, count: usize) -> config::Data {
    let mut list = String::new();
    for (part, folder) in ["net_7876", "lfw_5590"].into_iter().enumerate() {
        fs::create_dir_all(root.join(folder)).unwrap();
        for i in 0..count {
            let angle = (i as f32 - 3.0) * 0.15;
            let scale = 1.0 + 0.1 * (i % 4) as f32;
            let face = data::CELEBA_MEAN.map(|[x, y]| {
                let (x, y) = (scale * (x - 88.0), scale * (y - 130.0));
                [
                    125.0 + x * angle.cos() - y * angle.sin(),
                    125.0 + x * angle.sin() + y * angle.cos(),
                ]
            });
            let image = RgbImage::from_fn(250, 250, |x, y| {
                let near = face.iter().any(|p| (x as f32 - p[0]).hypot(y as f32 - p[1]) < 4.0);
                Rgb(if near { [255; 3] } else { [0; 3] })
            });
            let name = format!("Some_One_{:04}.png", 100 * part + i);
            image.save(root.join(folder).join(&name)).unwrap();
            let axis = |k: usize| face.iter().map(|p| format!(" {:.3}", p[k])).collect::<String>();
            let glasses = 1 + i % 2;
            list += &format!(" {folder}\\{name}{}{} 1 2 {glasses} 3\r\n", axis(0), axis(1));
        }
    }
    fs::write(root.join("training.txt"), list).unwrap();
    settings(&format!("source = \"mtfl\"\nsize = 64\nroot = \"{}\"", root.display()))
}

#[test]
fn mtfl_faces_are_brought_to_celebas_frame_web_to_train_lfw_to_test() {
    let dir = tempfile::tempdir().unwrap();
    let data = mtfl_tree(&dir.path().join("mtfl"), 8);
    let prepared = prepare(&data, &dir.path().join("cache")).unwrap();
    let [a, b] = [&prepared.split.test_negative, &prepared.split.train_positive];
    assert!(a.iter().all(|i| prepared.faces[*i].id.starts_with("lfw")));
    assert!(b.iter().all(|i| prepared.faces[*i].id.starts_with("net")));
    assert_eq!((a.len(), b.len()), (4, 4));
    for (i, face) in prepared.faces.iter().enumerate() {
        let points = face.landmarks.unwrap();
        assert!((points[0][0] - 24.5).abs() < 0.6, "{points:?}");
        for [x, y] in points {
            let at = (y.round() as usize * 64 + x.round() as usize) * 3;
            let bright = prepared.images.image(i)[at];
            assert!(bright > 150, "{} {bright}", face.id);
        }
    }
}

#[test]
fn mtfl_rows_are_checked() {
    let path = Path::new("training.txt");
    let row = " net\\a.jpg 1 2 3 4 5 6 7 8 9 10 1 2 2 3\n";
    let rows = mtfl::rows(path, row.as_bytes()).unwrap();
    assert_eq!((rows[0].landmarks[1], rows[0].image.as_str()), ([2.0, 7.0], "net/a.jpg"));
    let error = |text: String| mtfl::rows(path, text.as_bytes()).unwrap_err().to_string();
    assert!(error(row.replace(" 1 2 2 3", " 1 2 2")).contains(":1: 14 fields where 15 belong"));
    assert!(error(row.replace(" 1 2 2 3", " 1 2 3 3")).contains("glasses is 3, not 1 or 2"));
    assert!(error(row.replace("net", "..")).contains("no path inside"));
    assert!(error(row.replace("net", "net\\.")).contains("no path inside"));
    let dotted = mtfl::rows(path, row.replace("net", ".\\net").as_bytes()).unwrap();
    assert_eq!(dotted[0].image, "net/a.jpg");
    assert!(error(row.repeat(2)).contains(":2: 'net/a.jpg' is listed twice"));
}

#[test]
fn a_root_that_is_not_there_is_named() {
    let data = settings("source = \"celeba\"\nroot = \"no/such/place\"");
    let error = prepare(&data, Path::new("cache")).unwrap_err();
    assert!(error.is_bad_input() && error.to_string().contains("no/such/place"), "{error}");
    assert!(error.to_string().contains("--set data.root="));
}

#[test]
fn synthetic_faces_have_a_true_edit_that_differs_where_the_attribute_is() {
    let dir = tempfile::tempdir().unwrap();
    let data = settings("size = 64\nsynthetic_count = 24\nsynthetic_seed = 5");
    let prepared = prepare(&data, dir.path()).unwrap();
    for &face in &prepared.split.test_positive {
        let truth = prepared.truth(face, &data.attribute).unwrap();
        let image = prepared.images.image(face);
        let region =
            data::region(config::Region::Eyes, &prepared.faces[face].landmarks.unwrap(), 64);
        let (mut inside, mut total) = (0.0, 0.0);
        for (i, (a, b)) in image.iter().zip(&truth).enumerate() {
            let square = f64::from(a.abs_diff(*b)).powi(2);
            total += square;
            inside += if region[i / 3] { square } else { 0.0 };
        }
        assert!(total > 1000.0 && inside / total > 0.9, "{inside} of {total}");
    }
    // A batch holds the pixels plane by plane in [-1, 1], mirrored where asked.
    let mut batch = Vec::new();
    data::gather(&prepared.images, &[3, 3], &[false, true], &mut batch);
    assert_eq!(batch.len(), 2 * 3 * 64 * 64);
    for (channel, y, x) in [(0, 0, 0), (1, 20, 7), (2, 63, 40)] {
        let expected = f32::from(prepared.images.image(3)[(y * 64 + x) * 3 + channel]);
        let at = |image: usize, x: usize| batch[((image * 3 + channel) * 64 + y) * 64 + x];
        assert_eq!(at(0, x), expected / 127.5 - 1.0);
        assert_eq!(at(1, 63 - x), expected / 127.5 - 1.0);
    }
    // The same settings give the same faces, another seed others.
    let again = prepare(&data, &dir.path().join("again")).unwrap();
    assert_eq!(prepared.images.image(0), again.images.image(0));
    let other = settings("size = 64\nsynthetic_count = 24\nsynthetic_seed = 6");
    assert_ne!(prepared.images.image(0), prepare(&other, dir.path()).unwrap().images.image(0));
}

/// The heads of CelebA's own files and MTFL itself, where they lie beside the checkout.
#[test]
fn the_real_files_read_where_they_are() {
    let shared: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let head = shared.join("celeba-annotations/list_attr_celeba.head300.txt");
    let (Ok(attributes), Ok(rows)) = (fs::read(&head), fs::read(shared.join("mtfl/training.txt")))
    else {
        // Past the test harness, which swallows what is printed.
        let line = format!("skipped, not there: {}\n", shared.display());
        let _ = std::io::stderr().write_all(line.as_bytes());
        return;
    };
    let list = celeba::attributes(&head, &attributes).unwrap();
    assert!(
        list.rows.len() >= 298
            && list.rows.iter().all(|(_, l)| (0..40).all(|k| l.get(k).is_some()))
    );
    let rows = mtfl::rows(Path::new("training.txt"), &rows).unwrap();
    let glasses = |folder: &str| {
        let with =
            |row: &&mtfl::MtflRow| row.image.starts_with(folder) && row.labels.get(2) == Some(true);
        rows.iter().filter(with).count()
    };
    assert_eq!((rows.len(), glasses("lfw"), glasses("net")), (8961, 594, 619));
}

#[test]
fn an_image_that_two_mtfl_lists_label_differently_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let data = mtfl_tree(dir.path(), 8);
    let list = fs::read_to_string(dir.path().join("training.txt")).unwrap();
    let first = list.lines().next().unwrap();
    fs::write(dir.path().join("testing.txt"), format!("{first}\r\n")).unwrap();
    assert!(prepare(&data, &dir.path().join("cache")).is_ok());
    fs::write(dir.path().join("testing.txt"), first.replace(" 1 2 1 3", " 1 1 1 3")).unwrap();
    let error = prepare(&data, &dir.path().join("cache")).unwrap_err().to_string();
    assert!(error.contains("testing.txt:1:") && error.contains("training.txt:1;"), "{error}");
}
