//! Faces meet CelebA's frame by five points through one code path, whatever source they come from.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::Path;

use config::{JudgedPart, RunConfig};
use data::{CELEBA_MEAN, DataError, Framing, Landmarks};
use image::{Rgb, RgbImage};

const FACES: usize = 12;

fn settings(source: &str, root: &Path, more: &str) -> config::Data {
    let text =
        format!("[data]\nsource = \"{source}\"\nsize = 32\nroot = \"{}\"\n{more}", root.display());
    RunConfig::from_toml(&text, "test").unwrap().data
}

/// CelebA's mean face, turned, enlarged and moved.
fn face(number: usize) -> Landmarks {
    let (angle, scale) = (0.1 * number as f32 - 0.6, 1.0 + 0.03 * number as f32);
    CELEBA_MEAN.map(|[x, y]| {
        let (x, y) = (scale * (x - 88.0), scale * (y - 130.0));
        let (sin, cos) = angle.sin_cos();
        [120.0 + x * cos - y * sin, 125.0 + x * sin + y * cos]
    })
}

/// The same images as MTFL has them, as LFW has them, and as a folder with a table; number 5 has no points in
/// LFW and the folder.
fn sets(root: &Path) {
    let (mut mtfl, mut scores) = (String::new(), "#\tperson\timagenum\tEyeglasses\n".to_owned());
    let mut few = String::new();
    let mut table = "path,Eyeglasses,x1,y1,x2,y2,x3,y3,x4,y4,x5,y5\n".to_owned();
    for i in 0..FACES {
        let points = face(i);
        let image = RgbImage::from_fn(250, 250, |x, y| {
            let near = points.iter().any(|p| (x as f32 - p[0]).hypot(y as f32 - p[1]) < 4.0);
            Rgb([if near { 255 } else { i as u8 * 10 }, (x % 251) as u8, (y % 251) as u8])
        });
        let (person, name) = (format!("P_{i:02}"), format!("P_{i:02}_0001.png"));
        for dir in ["mtfl/net_7876", "mtfl/lfw_5590", &format!("lfw/{person}"), "folder/any"] {
            fs::create_dir_all(root.join(dir)).unwrap();
            image.save(root.join(dir).join(&name)).unwrap();
        }
        let axis = |k: usize| points.iter().map(|p| format!(" {}", p[k])).collect::<String>();
        let numbers = format!("{}{} 1 2 {} 3\n", axis(0), axis(1), 1 + i % 2);
        writeln!(mtfl, "net_7876/{name}{}", numbers.trim_end()).unwrap();
        let row = format!("lfw_5590/{name}{numbers}");
        mtfl += &row;
        writeln!(scores, "P {i:02}\t1\t{}", if i % 2 == 0 { 1 } else { -1 }).unwrap();
        let flat = points.as_flattened().iter().map(|v| format!(",{v}")).collect::<String>();
        if i != 5 {
            few += &row;
        }
        let flat = if i == 5 { ",".repeat(10) } else { flat };
        writeln!(table, "any/{name},{}{flat}", (i + 1) % 2).unwrap();
    }
    fs::write(root.join("mtfl/training.txt"), mtfl).unwrap();
    fs::write(root.join("lfw/training.txt"), few).unwrap();
    fs::write(root.join("lfw/lfw_attributes.txt"), scores).unwrap();
    fs::write(root.join("folder/metadata.csv"), table).unwrap();
}

/// Pixels by the file's name.
fn pixels(data: &config::Data, cache: &Path) -> Result<BTreeMap<String, Vec<u8>>, DataError> {
    let prepared = data::prepare(data, JudgedPart::Test, cache, &|_, _| {})?;
    let name = |id: &str| id.rsplit('/').next().unwrap_or_default().to_owned();
    let faces = prepared.faces.iter().enumerate();
    Ok(faces.map(|(i, face)| (name(&face.id), prepared.images.image(i).to_vec())).collect())
}

#[test]
fn mtfl_lfw_and_a_folder_come_to_the_same_pixels() {
    let dir = tempfile::tempdir().unwrap();
    sets(dir.path());
    let read = |source: &str, more: &str| {
        let data = settings(source, &dir.path().join(source), more);
        pixels(&data, &dir.path().join("cache")).unwrap()
    };
    let five = "alignment = \"five-point\"";
    let mut mtfl = read("mtfl", "");
    assert_eq!(mtfl, read("mtfl", five));
    assert_eq!(mtfl.len(), FACES);
    // Number 5 has no points: given, LFW's window takes it; by five points it is left out.
    let given = read("lfw", "");
    assert_eq!(given.len(), FACES);
    assert_ne!(given["P_05_0001.png"], mtfl["P_05_0001.png"]);
    mtfl.remove("P_05_0001.png");
    assert!(mtfl.iter().all(|(name, pixels)| given[name] == *pixels));
    assert_eq!(read("lfw", five), mtfl);
    assert_eq!(read("folder", five), mtfl);
}

#[test]
fn lfw_by_five_points_alone_needs_points_and_is_another_data_set() {
    let dir = tempfile::tempdir().unwrap();
    sets(dir.path());
    let root = dir.path().join("lfw");
    let [given, five] = ["", "alignment = \"five-point\""].map(|more| settings("lfw", &root, more));
    let print = |data| data::fingerprint(data, dir.path()).unwrap();
    assert_ne!(print(&given), print(&five));
    let read = data::open(&five, dir.path()).unwrap();
    assert_eq!((read.framing, read.faces.len()), (Framing::FivePoint, FACES - 1));
    assert!(read.notes.iter().any(|note| note.starts_with("1 of 12 faces have no five points")));
    fs::remove_file(root.join("training.txt")).unwrap();
    assert_eq!(data::open(&given, dir.path()).unwrap().framing, Framing::Lfw);
    let told = data::open(&five, dir.path()).unwrap_err().to_string();
    assert!(
        told.contains("MTFL's training.txt, by whose points") && told.contains("\"given\""),
        "{told}"
    );
}

#[test]
fn faces_of_another_source_are_judged_in_the_same_frame_with_their_own_labels() {
    let dir = tempfile::tempdir().unwrap();
    sets(dir.path());
    let cache = dir.path().join("cache");
    let judged = |source: &str, more: &str| {
        let root = dir.path().join(source);
        let text = format!(
            "[data]\nsize = 32\nsynthetic_count = 200\n{more}\n[eval]\nsource = \"{source}\"\nroot = \"{}\"\n",
            root.display()
        );
        let run = RunConfig::from_toml(&text, "test").unwrap();
        let own = data::prepare(&run.data, JudgedPart::Test, &cache, &|_, _| {}).unwrap();
        let judged = data::prepare_judged(&run, &own, &cache, &|_, _| {});
        judged.map(|judged| (own, judged.unwrap()))
    };
    let expected = |source: &str| {
        let more = if source == "folder" { "alignment = \"five-point\"" } else { "" };
        let data = settings(source, &dir.path().join(source), more);
        pixels(&data, &cache).unwrap()
    };
    for (source, count) in [("mtfl", FACES), ("lfw", FACES), ("folder", FACES - 2)] {
        let (own, judged) = judged(source, "").unwrap();
        let [without, with] = judged.split.judged(JudgedPart::Test);
        // All of both classes, and none of them teaches anything.
        assert_eq!((without.len(), with.len()), (count / 2, count / 2), "{source}");
        assert_eq!(judged.split.train_positive, [0; 0]);
        assert_eq!(judged.split.judges, [0; 0]);
        // Labels stand in the columns of the data that trained; what is not labelled there is unknown.
        let place = own.columns.place(&config::Attribute::of("eyeglasses")).unwrap();
        let beard = own.columns.place(&config::Attribute::of("no-beard")).unwrap();
        let same = expected(source);
        for (list, label) in [(without, false), (with, true)] {
            for face in list {
                let (labels, id) = (judged.faces[*face].labels, &judged.faces[*face].id);
                assert_eq!((labels.get(place), labels.get(beard)), (Some(label), None), "{id}");
                let name = id.rsplit('/').next().unwrap();
                assert_eq!(same[name], judged.images.image(*face), "{source}: {id}");
                let number: usize = name[2..4].parse().unwrap();
                assert_eq!(label, number.is_multiple_of(2), "{source}: {id}");
            }
        }
    }
    let (_, fewer) = judged("mtfl", "test_per_class = 2\n").unwrap();
    assert_eq!(fewer.split.judged(JudgedPart::Test).map(<[usize]>::len), [2, 2]);
    fs::remove_file(dir.path().join("mtfl/training.txt")).unwrap();
    let told = judged("mtfl", "").unwrap_err().to_string();
    assert!(told.starts_with("eval.source: MTFL's training.txt"), "{told}");
    assert!(told.contains("set eval.root to the directory"), "{told}");
}

#[test]
fn faces_that_train_are_not_judged_where_the_source_is_the_same_once_more() {
    let dir = tempfile::tempdir().unwrap();
    sets(dir.path());
    let cache = dir.path().join("cache");
    let judged = |source: &str| {
        let root = dir.path().join(source);
        let root = root.display();
        let text = format!(
            "[data]\nsource = \"{source}\"\nroot = \"{root}\"\nsize = 32\n\
             [eval]\nsource = \"{source}\"\nroot = \"{root}/../{source}\"\n"
        );
        let run = RunConfig::from_toml(&text, "test").unwrap();
        let own = data::prepare(&run.data, JudgedPart::Test, &cache, &|_, _| {}).unwrap();
        data::prepare_judged(&run, &own, &cache, &|_, _| {})
            .map(|judged| judged.unwrap().faces.len())
    };
    // MTFL's LFW images never train; of LFW all but two would be judged again.
    assert_eq!(judged("mtfl").unwrap(), FACES);
    let told = judged("lfw").unwrap_err().to_string();
    assert!(told.contains("10 of the faces to be judged are among those that train"), "{told}");
}
