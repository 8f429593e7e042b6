//! `data locate` as a person with photographs and labels meets it: faces are found, and what is written trains.
#![allow(clippy::unwrap_used, reason = "a test that cannot set up its files should fail")]

mod common;

use std::fs;
use std::io::Cursor;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use common::{Home, code, err, out};
use config::{JudgedPart, RunConfig};
use data::synthetic::{FaceParams, HEIGHT, Spec, WIDTH, draw, landmarks, render};
use data::{Landmarks, Prepared};
use faces::{Anchors, Frame};
use image::imageops::{FilterType, replace, resize, rotate270};
use image::{ImageFormat, Rgb, RgbImage};

const SPEC: Spec = Spec { count: 64, seed: 1, correlation: 0.5 };
/// Photographs with a face; one more has none.
const FACES: usize = 16;
/// The one that lies on its side and says so.
const TURNED: usize = 2;
const SIDES: (u32, u32) = (640, 480);

/// Drawn face number nine is left out: the detector takes one of its lenses for a face.
fn drawn(index: usize) -> FaceParams {
    draw(index + usize::from(index >= 9), &SPEC)
}

/// The corner of a face in its photograph, and how much it is enlarged.
fn place(index: usize) -> ([u32; 2], f32) {
    let shift = index as u32;
    ([40 + 22 * shift, 20 + 7 * shift], 1.0 + 0.03 * index as f32)
}

/// An uneven background.
fn backdrop() -> RgbImage {
    RgbImage::from_fn(SIDES.0, SIDES.1, |x, y| {
        Rgb([90 + (x / 8) as u8, 100 + (y / 8) as u8, 120 + ((x + y) % 7) as u8])
    })
}

fn photograph(index: usize) -> RgbImage {
    let ([x, y], scale) = place(index);
    let face = render(&drawn(index));
    let [width, height] = [WIDTH, HEIGHT].map(|length| (length as f32 * scale) as u32);
    let mut photo = backdrop();
    let face = resize(&face, width, height, FilterType::CatmullRom);
    replace(&mut photo, &face, x.into(), y.into());
    photo
}

/// Where the points lie in the photograph: whole numbers are centres of pixels there as in the drawing.
fn truth(index: usize) -> Landmarks {
    let ([x, y], scale) = place(index);
    // As the picture is resized: by whole pixels, edge to edge.
    let along = |value: f32, length: u32, corner: u32| {
        let new = (length as f32 * scale).floor() / length as f32;
        (value + 0.5) * new - 0.5 + corner as f32
    };
    landmarks(&drawn(index)).map(|[u, v]| [along(u, WIDTH, x), along(v, HEIGHT, y)])
}

fn png(image: &RgbImage) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    image.write_to(&mut bytes, ImageFormat::Png).unwrap();
    bytes.into_inner()
}

/// A JPEG that has to be turned by 90 degrees clockwise to be seen upright.
fn lying(upright: &RgbImage) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    rotate270(upright).write_to(&mut bytes, ImageFormat::Jpeg).unwrap();
    let jpeg = bytes.into_inner();
    // EXIF data with one tag, the orientation.
    let exif =
        b"\xFF\xE1\0\x22Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0";
    [&jpeg[..2], exif, &jpeg[2..]].concat()
}

/// Photographs and their table, semicolons between fields; the first row shows nobody, the last is not there.
fn photographs() -> Home {
    let home = Home::with(&[]);
    let root = home.path("my photos");
    fs::create_dir_all(root.join("img")).unwrap();
    let mut text = "file_name;Hat;who\r\nimg\\none.png;0;7\r\n".to_owned();
    fs::write(root.join("img/none.png"), png(&backdrop())).unwrap();
    for index in 0..FACES {
        let photo = photograph(index);
        let (name, bytes) = match index {
            TURNED => (format!("img/{index:02}.jpg"), lying(&photo)),
            _ => (format!("img/{index:02}.png"), png(&photo)),
        };
        fs::write(root.join(&name), bytes).unwrap();
        text += &format!("{};{};\"{index}\"\r\n", name.replace('/', "\\"), index % 2);
    }
    text += "img\\lost.png;1;8\r\n";
    fs::write(root.join("labels.csv"), text).unwrap();
    home
}

fn locate(home: &Home, more: &[&str]) -> (i32, String, String) {
    let said = home.xtask(&[&["data", "locate", "--root", "my photos"], more].concat());
    (code(&said), out(&said), err(&said))
}

fn settings(root: &Path, table: &str) -> config::Data {
    let [root, table] = [root.to_str().unwrap(), table].map(|text| serde_json::json!(text));
    let text = format!(
        "[data]\nsource = \"folder\"\nroot = {root}\ntable = {table}\nsize = 64\nattribute = \"hat\"\n\
         alignment = \"five-point\"\n"
    );
    RunConfig::from_toml(&text, "test").unwrap().data
}

fn prepared(data: &config::Data) -> Prepared {
    let cache = tempfile::tempdir().unwrap();
    data::prepare(data, JudgedPart::Test, cache.path(), &|_, _| {}).unwrap()
}

/// The same table with the true points of the faces that were found.
fn known(found: &Prepared) -> String {
    let mut text = "file_name,hat,x1,y1,x2,y2,x3,y3,x4,y4,x5,y5\n".to_owned();
    for face in &found.faces {
        let index: usize = face.id["img/".len()..][..2].parse().unwrap();
        let points = truth(index);
        let points: Vec<String> = points.as_flattened().iter().map(f32::to_string).collect();
        text += &format!("{},{},{}\n", face.id, index % 2, points.join(","));
    }
    text
}

#[test]
fn faces_are_found_and_the_table_that_comes_out_cuts_them_as_their_true_points_do() {
    let home = photographs();
    let (code, told, said) = locate(&home, &["-o", "found.csv"]);
    assert_eq!(code, 0, "{said}");
    let none = "img/none.png (line 2) shows no face that was found";
    assert!(told.lines().next().unwrap().starts_with(none), "{told}");
    let line = told.lines().find(|line| line.contains("have five points now")).unwrap();
    let count: usize = line.split(' ').next().unwrap().parse().unwrap();
    assert!(count >= FACES - 1 && line.contains("of 17 photographs"), "{line}");
    assert!(said.contains("photographs: 17/17") && said.contains("lost.png"), "{said}");
    assert!(!home.path("found.csv.part").exists());

    // What stood there stands there still, and rows without a face have no points.
    let text = fs::read_to_string(home.path("found.csv")).unwrap();
    let rows: Vec<Vec<&str>> = text.split("\r\n").map(|row| row.split(';').collect()).collect();
    assert_eq!(rows[0][..4], ["file_name", "Hat", "who", "lefteye_x"]);
    assert_eq!(rows[0][12..], ["rightmouth_y", "face_score", "faces_found"]);
    assert_eq!(rows[1][..4], ["img\\none.png", "0", "7", ""]);
    assert_eq!((rows[1][12], rows[1][14]), ("", "0"));
    assert_eq!(rows[18], [&["img\\lost.png", "1", "8"][..], &[""; 12]].concat());

    // The check understands it, from the working directory as the command says.
    let key = home.path("found.csv");
    let key = key.to_str().unwrap();
    assert!(told.contains("--set 'data.root=my photos'"), "{told}");
    let check = ["data", "check", "--source", "folder", "--root", "my photos"];
    let more = ["--set", "data.table=found.csv", "--set", "data.alignment=five-point"];
    let check = home.xtask(&[&check[..], &more, &["--set", "data.attribute=hat"]].concat());
    let checked = out(&check);
    for line in [
        "a point, x of the left eye",
        "nothing; what `data locate` says of the image",
        "faces have no five points that place a face and are left out",
        "attribute \"hat\"; 1 and 0",
    ] {
        assert!(checked.contains(line), "{line}\n{checked}{}", err(&check));
    }

    let root = home.path("my photos");
    let data = settings(&root, key);
    let found = prepared(&data);
    assert!(found.faces.iter().any(|face| face.id == format!("img/{TURNED:02}.jpg")));
    // Where editing sees a face by these points, training sees it: turned alike, to the byte.
    for face in data::open(&data, &home.path("cache")).unwrap().faces {
        let Some(index) = found.faces.iter().position(|known| known.id == face.id) else {
            continue;
        };
        let frame = Frame::of_face(&face.landmarks.unwrap(), Anchors::FivePoints, 64).unwrap();
        let photo = data::photo::read(&root.join(&face.id)).unwrap();
        assert!(frame.view(&photo) == found.images.image(index), "{}", face.id);
    }
    fs::write(home.path("true.csv"), known(&found)).unwrap();
    let right = prepared(&settings(&root, home.path("true.csv").to_str().unwrap()));
    let differences: Vec<f64> = (0..found.faces.len())
        .map(|index| {
            assert_eq!(found.faces[index].id, right.faces[index].id);
            let pairs = found.images.image(index).iter().zip(right.images.image(index));
            let sum: u64 = pairs.map(|(a, b)| u64::from(a.abs_diff(*b))).sum();
            sum as f64 / f64::from(3 * 64 * 64)
        })
        .collect();
    let mean = differences.iter().sum::<f64>() / differences.len() as f64;
    eprintln!("levels between crops: {mean:.1}, {differences:.1?}");
    assert!(mean < 8.0 && differences.iter().all(|far| *far < 14.0), "{differences:?}");
}

#[test]
fn what_was_seen_before_a_kill_is_not_looked_at_again() {
    let home = photographs();
    let part = home.path("found.csv.part");
    let words = ["data", "locate", "--root", "my photos", "-o", "found.csv", "--jobs", "1"];
    let mut first = home.command(&words).stderr(Stdio::null()).spawn().unwrap();
    let lines = || fs::read(&part).map_or(0, |bytes| bytes.iter().filter(|b| **b == b'\n').count());
    let start = Instant::now();
    while lines() < 3 {
        assert!(start.elapsed() < Duration::from_secs(120), "nothing was seen");
        std::thread::sleep(Duration::from_millis(1));
    }
    first.kill().unwrap();
    first.wait().unwrap();
    assert!(part.exists() && !home.path("found.csv").exists());
    let before = lines() - 1;
    let (code, _, said) = locate(&home, &["-o", "found.csv"]);
    let told = format!("{before} of the photographs had been looked at by an earlier run");
    assert!(code == 0 && said.contains(&told), "{told}: {said}");
    assert!(!part.exists());
    let (_, _, said) = locate(&home, &["-o", "again.csv"]);
    assert!(!said.contains("earlier run"), "{said}");
    let [one, other] = ["found.csv", "again.csv"].map(|name| fs::read(home.path(name)).unwrap());
    assert!(one == other);
}

#[test]
fn what_cannot_become_a_table_with_points_is_refused_before_anything_is_looked_at() {
    let home = Home::with(&[]);
    let root = home.path("my photos");
    for name in ["a/1.png", "b/1.png", "2.png"] {
        fs::create_dir_all(root.join(name).parent().unwrap()).unwrap();
        fs::write(root.join(name), png(&RgbImage::new(60, 50))).unwrap();
    }
    let refused = |more: &[&str], what: &str| {
        let (code, told, said) = locate(&home, more);
        assert!(code == 2 && said.contains(what), "{what}: {code} {told}{said}");
        assert!(!home.path("new.csv").exists() && !home.path("new.csv.part").exists());
    };
    let new = ["-o", "new.csv"];
    refused(&new, "which of them have an attribute is what a table says");
    fs::write(root.join("t.csv"), "file_name,hat\n2.png,1\n").unwrap();
    refused(&["-o", "my photos/t.csv"], "my photos/t.csv exists, and is not overwritten");
    refused(&["-o", "nowhere/new.csv"], "nowhere/new.csv has no directory to lie in");
    refused(
        &["-o", "new.csv", "--table", "u.csv"],
        "below data.root or from the working directory",
    );
    // The directory of the table says which of two images is meant.
    fs::write(root.join("a/t.csv"), "file_name,hat\n1.png,1\n").unwrap();
    refused(
        &["-o", "new.csv", "--table", "a/t.csv"],
        "would mean others in new.csv; write the new table into",
    );
    let names = "x1,y1,x2,y2,x3,y3,x4,y4,x5,y5";
    fs::write(home.path("t.csv"), format!("file_name,hat,{names}\n2.png,1,1,1,3,1,2,2,1,3,3,3\n"))
        .unwrap();
    // Below the root before the working directory.
    refused(&["-o", "new.csv", "--table", "t.csv"], "none of 1 photographs shows a face");
    let outside = home.path("t.csv");
    refused(
        &["-o", "new.csv", "--table", outside.to_str().unwrap()],
        "t.csv:1: has five points already",
    );
    fs::write(home.path("new.csv.part"), "mine").unwrap();
    let (code, _, said) = locate(&home, &new);
    assert!(code == 2 && said.contains("new.csv.part is there and was not written by"), "{said}");
    assert_eq!(fs::read(home.path("new.csv.part")).unwrap(), b"mine");
}
