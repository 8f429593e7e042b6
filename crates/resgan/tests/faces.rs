//! Whole photographs: faces are found, edited, and nothing else is touched.
#![allow(clippy::unwrap_used)]

mod common;

use std::fs;
use std::io::Cursor;
use std::path::Path;

use common::desk::Desk;
use common::trained::{another, edit, outcome, resgan, visible};
use common::{Place, RUN};
use data::synthetic::{Spec, draw, landmarks, render};
use data::{Landmarks, Metadata};
use faces::{Anchors, Frame};
use image::codecs::jpeg::JpegEncoder;
use image::imageops::{FilterType, replace, resize, rotate270};
use image::{ImageEncoder, ImageFormat, Rgb, RgbImage};
use serde_json::Value;

const SPEC: Spec = Spec { count: 64, seed: 1, correlation: 0.5 };

/// A photograph of drawn faces, each with its corner and how much it is enlarged.
fn photo(width: u32, height: u32, faces: &[(usize, [i64; 2], f32)]) -> RgbImage {
    let mut photo = RgbImage::from_fn(width, height, |x, y| {
        Rgb([90 + (x / 8) as u8, 100 + (y / 8) as u8, 120 + ((x + y) % 7) as u8])
    });
    for &(index, [x, y], scale) in faces {
        let face = render(&draw(index, &SPEC));
        let side = |length: u32| (length as f32 * scale) as u32;
        let (wide, high) = (side(face.width()), side(face.height()));
        replace(&mut photo, &resize(&face, wide, high, FilterType::CatmullRom), x, y);
    }
    photo
}

fn one_face() -> RgbImage {
    photo(640, 480, &[(3, [230, 120], 1.3)])
}

fn png(image: &RgbImage) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    image.write_to(&mut bytes, ImageFormat::Png).unwrap();
    bytes.into_inner()
}

impl Desk {
    fn pixels(&self, name: &str) -> RgbImage {
        image::open(self.path(name)).unwrap().into_rgb8()
    }

    fn edit(&self, words: &[&str]) -> (i32, String, String) {
        edit(self.0.path(), &visible().cell(), &[&["--remove", "-o", "out"], words].concat())
    }

    /// Edited without a word beside the names of files.
    fn edits(&self, words: &[&str], expected: &str) {
        let (code, output, messages) = self.edit(words);
        assert_eq!((code, output.as_str(), messages.as_str()), (0, expected, ""), "{words:?}");
    }

    /// What `--json` says, a value per file.
    fn told(&self, words: &[&str]) -> Vec<Value> {
        let (code, output, messages) = self.edit(&[&["--json"], words].concat());
        assert_eq!((code, messages.as_str()), (0, ""));
        output.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

fn points(face: &Value) -> Landmarks {
    let number = |k: usize, axis: usize| face["points"][k][axis].as_f64().unwrap() as f32;
    std::array::from_fn(|k| [number(k, 0), number(k, 1)])
}

/// Pixels that differ, and how many of them lie outside of all frames of these faces.
fn changed(before: &RgbImage, after: &RgbImage, faces: &[Landmarks]) -> (usize, usize) {
    assert_eq!(before.dimensions(), after.dimensions());
    let frames: Vec<_> = faces
        .iter()
        .map(|face| Frame::of_face(face, Anchors::FivePoints, 16).unwrap().corners())
        .collect();
    let inside = |x: f32, y: f32| {
        frames.iter().any(|corners| {
            (0..4).all(|k| {
                let ([ax, ay], [bx, by]) = (corners[k], corners[(k + 1) % 4]);
                // A tenth of a pixel is what `--json` leaves out.
                (bx - ax) * (y - ay) - (by - ay) * (x - ax) > -0.5 * (bx - ax).hypot(by - ay)
            })
        })
    };
    let differ =
        before.enumerate_pixels().filter(|(x, y, pixel)| after.get_pixel(*x, *y) != *pixel);
    let places: Vec<_> = differ.map(|(x, y, _)| inside(x as f32, y as f32)).collect();
    (places.len(), places.iter().filter(|inside| !**inside).count())
}

#[test]
fn the_face_changes_and_every_other_pixel_stays() {
    let before = one_face();
    let desk = Desk::with(&[("a.png", &png(&before))]);
    let told = desk.told(&["a.png"]);
    assert_eq!(told.len(), 1);
    assert_eq!((&told[0]["input"], &told[0]["output"]), (&"a.png".into(), &"out/a.png".into()));
    assert_eq!(told[0]["edits"][0]["cells"][0], visible().id.as_str());
    let face = &told[0]["faces"][0];
    let (all, outside) = changed(&before, &desk.pixels("out/a.png"), &[points(face)]);
    assert!(all > 5_000 && outside == 0, "{all} changed, {outside} of them outside");
    let sides: Vec<f64> =
        face["box"].as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).collect();
    assert!(
        sides[0] > 230.0 && sides[2] < 470.0 && sides[1] > 120.0 && sides[3] < 420.0,
        "{sides:?}"
    );
}

#[test]
fn strengths_are_files_and_none_changes_nothing() {
    let before = one_face();
    let desk = Desk::with(&[("a.png", &png(&before))]);
    desk.edits(&["a.png", "--strength", "0,0.5,1"], "out/a-g0.png\nout/a-g0.5.png\nout/a-g1.png\n");
    assert!(desk.pixels("out/a-g0.png") == before);
    let sum = |name: &str| -> u64 {
        let after = desk.pixels(name);
        before.iter().zip(after.iter()).map(|(a, b)| u64::from(a.abs_diff(*b))).sum()
    };
    let (half, whole) = (sum("out/a-g0.5.png"), sum("out/a-g1.png"));
    assert!(half > 0 && (1.8..2.2).contains(&(whole as f64 / half as f64)), "{half} {whole}");
    let (code, _, messages) = desk.edit(&["a.png", "--strength", "1,1.0"]);
    assert!(code == 2 && messages.contains("names 1 twice"), "{messages}");
}

/// EXIF data: orientation 6, and the maker `us`.
fn exif(orientation: u8) -> Vec<u8> {
    let tag = |tag: u8, kind: u8, count: u8, value: [u8; 4]| {
        [&[1, tag, 0, kind, 0, 0, 0, count][..], &value].concat()
    };
    let (maker, turn) = (tag(0x0F, 2, 3, *b"us\0\0"), tag(0x12, 3, 1, [0, orientation, 0, 0]));
    [&b"MM\0*\0\0\0\x08\0\x02"[..], &maker, &turn, &[0; 4]].concat()
}

#[test]
fn a_photograph_on_its_side_is_edited_as_the_upright_one_and_keeps_what_it_says() {
    let upright = one_face();
    let mut profile = vec![0; 132];
    profile[16..20].copy_from_slice(b"RGB ");
    let lying = |data: Vec<u8>, profile: Vec<u8>| {
        let pixels = rotate270(&upright);
        let mut info = png::Info::with_size(pixels.width(), pixels.height());
        (info.color_type, info.bit_depth) = (png::ColorType::Rgb, png::BitDepth::Eight);
        (info.icc_profile, info.exif_metadata) = (Some(profile.into()), Some(data.into()));
        let mut bytes = Vec::new();
        let mut writer = png::Encoder::with_info(&mut bytes, info).unwrap().write_header().unwrap();
        writer.write_image_data(&pixels).unwrap();
        writer.finish().unwrap();
        bytes
    };
    let mut inks = profile.clone();
    inks[16..20].copy_from_slice(b"CMYK");
    let desk = Desk::with(&[
        ("upright.png", &png(&upright)),
        ("lying.png", &lying(exif(6), profile.clone())),
        ("inks.png", &lying(exif(6), inks)),
    ]);
    desk.edits(
        &["upright.png", "lying.png", "inks.png"],
        "out/upright.png\nout/lying.png\nout/inks.png\n",
    );
    assert!(desk.pixels("out/lying.png") == desk.pixels("out/upright.png"));
    assert!(desk.pixels("out/upright.png") != upright);
    let said = |name: &str| Metadata::of(&fs::read(desk.path(name)).unwrap());
    let kept = said("out/lying.png");
    assert_eq!((kept.exif, kept.icc_profile), (Some(exif(1)), Some(profile)));
    assert_eq!(said("out/inks.png").icc_profile, None);
    assert_eq!(said("out/upright.png"), Metadata::default());
}

#[test]
fn faces_are_numbered_by_size_and_edited_apart() {
    let before = photo(1000, 500, &[(3, [40, 100], 1.0), (5, [260, 20], 1.8), (8, [680, 80], 1.4)]);
    let desk = Desk::with(&[("three.png", &png(&before))]);
    let told = desk.told(&["three.png"]);
    let faces = told[0]["faces"].as_array().unwrap();
    let places: Vec<f32> = faces.iter().map(|face| points(face)[2][0]).collect();
    assert!(
        places.len() == 3
            && (300.0..600.0).contains(&places[0])
            && places[1] > 600.0
            && places[2] < 250.0,
        "{places:?}"
    );
    let all: Vec<Landmarks> = faces.iter().map(points).collect();
    let (count, outside) = changed(&before, &desk.pixels("out/three.png"), &all);
    assert!(count > 10_000 && outside == 0, "{count} {outside}");
    desk.edits(&["three.png", "--face", "2"], "out/three.png\n");
    let (one, outside) = changed(&before, &desk.pixels("out/three.png"), &all[1..2]);
    assert!(one > 1_000 && one < count && outside == 0, "{one} {outside}");
    let (code, _, messages) = desk.edit(&["three.png", "--face", "4"]);
    assert!(
        code == 2 && messages.contains("three.png shows 3 faces: there is no --face 4"),
        "{messages}"
    );
    desk.edits(
        &["three.png", "--crop", "--face", "1,3"],
        "out/three-face1.png\nout/three-face3.png\n",
    );
    assert_eq!(desk.pixels("out/three-face3.png").dimensions(), (16, 16));
    desk.edits(&["three.png", "--grid", "--strength", "0,1"], "out/three-grid.png\n");
    let grid = desk.pixels("out/three-grid.png");
    // Five pictures wide, three faces high, 4 pixels between them.
    assert_eq!(grid.dimensions(), (5 * 192 + 16, 3 * 192 + 8));
    let picture =
        |column: u32| image::imageops::crop_imm(&grid, column * 196, 0, 192, 192).to_image();
    assert!(picture(1).pixels().all(|pixel| pixel.0 == [128; 3]), "no change at strength 0");
    assert!(picture(0) == picture(2));
    assert!(picture(0) != picture(4));
}

#[test]
fn a_file_without_a_face_is_named_and_the_others_are_done() {
    let rim = photo(600, 400, &[(3, [-75, 60], 1.3)]);
    let desk = Desk::with(&[
        ("a.png", &png(&one_face())),
        ("empty.png", &png(&photo(400, 300, &[]))),
        ("rim.png", &png(&rim)),
        ("z.png", &png(&one_face())),
    ]);
    let (code, output, messages) = desk.edit(&["a.png", "empty.png", "rim.png", "z.png"]);
    assert_eq!((code, output.as_str()), (2, "out/a.png\nout/z.png\n"), "{messages}");
    let lines: Vec<&str> = messages.lines().collect();
    assert_eq!(lines.len(), 3, "{messages}");
    assert!(lines[0].starts_with("error: empty.png shows no face that was found"), "{messages}");
    assert!(lines[0].contains("--aligned"), "{messages}");
    assert!(lines[1].starts_with("error: rim.png face 1"), "{messages}");
    assert_eq!(lines[2], "error: 2 of 4 image(s) not edited");
    let (code, output, messages) = desk.edit(&["z.png", "empty.png", "--aligned"]);
    assert_eq!((code, output.as_str()), (2, ""));
    assert!(messages.contains("z.png is 640 x 480 pixels: with --aligned"), "{messages}");
}

#[test]
fn a_directory_stands_for_its_images() {
    let face = png(&one_face());
    let desk = Desk::with(&[
        ("in/b.png", &face),
        ("in/a.jpg", &face),
        ("in/notes.txt", b"no image"),
        ("in/c.gif", b"GIF89a\x01\0\x01\0"),
        ("in/below/d.png", &face),
        ("e.png", &face),
    ]);
    let (code, output, messages) = desk.edit(&["e.png", "in"]);
    assert_eq!((code, output.as_str()), (0, "out/e.png\nout/a.png\nout/b.png\n"), "{messages}");
    assert!(messages.starts_with("note: left out in in: 1 image(s) of other kinds"), "{messages}");
    assert!(messages.contains("c.gif is a GIF image"), "{messages}");
    let (code, _, messages) = desk.edit(&["in/b.png", "in"]);
    assert!(code == 2 && messages.contains("would both become b.png"), "{messages}");
}

#[test]
fn cells_edit_side_by_side_or_in_a_chain() {
    let before = one_face();
    let desk = Desk::with(&[("a.png", &png(&before))]);
    let (one, two) = (visible(), another());
    let second = two.cell();
    let second = second.to_str().unwrap();
    let files = format!("out/a-{}.png\nout/a-{}.png\n", one.id, two.id);
    desk.edits(&["a.png", "--checkpoint", second], &files);
    let [first, other] = [&one.id, &two.id].map(|id| desk.pixels(&format!("out/a-{id}.png")));
    assert!(first != other);
    let told = desk.told(&["a.png", "--checkpoint", second, "--chain"]);
    assert_eq!(told[0]["edits"][0]["cells"].as_array().unwrap().len(), 2);
    let chained = desk.pixels("out/a.png");
    assert!(chained != first && chained != other && chained != before);
    let text = String::from_utf8_lossy(&fs::read(desk.path("out/a.png")).unwrap()).into_owned();
    let said = format!(
        "cell {}: remove eyeglasses, cell {}: remove eyeglasses, strength 1",
        one.id, two.id
    );
    assert!(text.contains(&said));
    // The chain is the second cell on what the first one left, by the same points.
    let face = points(&told[0]["faces"][0]);
    assert_eq!(changed(&before, &chained, &[face]).1, 0);
    let twice = desk.edit(&["a.png", "--checkpoint", one.cell().to_str().unwrap()]);
    assert!(twice.0 == 2 && twice.2.contains("named twice"), "{}", twice.2);
}

#[test]
fn an_edit_is_replaced_by_the_next_and_a_stranger_is_not() {
    let desk = Desk::with(&[("a.png", &png(&one_face())), ("out/a-face1.png", b"mine")]);
    desk.edits(&["a.png"], "out/a.png\n");
    desk.edits(&["a.png", "--strength", "0"], "out/a.png\n");
    let (code, _, messages) = desk.edit(&["a.png", "--crop"]);
    assert!(code == 2 && messages.contains("a-face1.png exists already"), "{messages}");
    assert_eq!(fs::read(desk.path("out/a-face1.png")).unwrap(), b"mine");
}

/// Photographs of MTFL, where they are: found, edited, and the same outside.
#[test]
fn real_photographs_keep_what_is_no_face() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/mtfl/net_7876");
    let Ok(entries) = fs::read_dir(&root) else {
        eprintln!("SKIPPED: no photographs in {}", root.display());
        return;
    };
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    let desk = Desk::with(&[]);
    let mut command = resgan(desk.0.path(), &["edit", "--remove", "--json", "-o", "out"]);
    command.arg("--checkpoint").arg(visible().cell());
    let chosen = names.iter().step_by(names.len() / 8).map(|name| root.join(name));
    command.args(chosen);
    let (_, output, messages) = outcome(command.output().unwrap());
    let told: Vec<Value> = output.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(told.len() >= 7, "{messages}");
    for told in told {
        let faces: Vec<Landmarks> = told["faces"].as_array().unwrap().iter().map(points).collect();
        let before = data::photo::read(Path::new(told["input"].as_str().unwrap())).unwrap();
        let after = desk.pixels(told["output"].as_str().unwrap());
        let (all, outside) = changed(&before, &after, &faces);
        assert!(all > 0 && outside == 0, "{told}: {all}, {outside}");
    }
}

#[test]
fn a_face_that_is_turned_farther_than_those_that_trained_is_edited_with_a_warning() {
    let text = fs::read(visible().cell().join("provenance.json")).unwrap();
    let provenance: Value = serde_json::from_slice(&text).unwrap();
    let [lo, hi] = [0, 1].map(|end| provenance["yaw"][end].as_f64().unwrap());
    // Mirrored faces train too.
    assert!((lo + hi).abs() < 1.0 && (12.0..32.0).contains(&hi), "{lo} to {hi}");
    let yaw = |index: &usize| data::yaw(&landmarks(&draw(*index, &SPEC))).unwrap();
    let turned = (0..3000).max_by(|a, b| yaw(a).total_cmp(&yaw(b))).unwrap();
    assert!(f64::from(yaw(&turned)) > hi + 4.0, "{} degrees", yaw(&turned));
    let desk = Desk::with(&[("a.png", &png(&photo(640, 480, &[(turned, [230, 120], 1.3)])))]);
    let (code, output, messages) = desk.edit(&["a.png"]);
    assert_eq!((code, output.as_str()), (0, "out/a.png\n"), "{messages}");
    assert!(messages.starts_with("warning: a.png: face 1 is turned by "), "{messages}");
    assert!(messages.contains(" degrees to the picture's right, and 98 of 100"), "{messages}");
}

#[test]
fn the_colour_profile_of_a_jpeg_is_kept() {
    let upright = one_face();
    let mut profile = vec![0; 132];
    profile[16..20].copy_from_slice(b"RGB ");
    let mut bytes = Vec::new();
    let mut encoder = JpegEncoder::new_with_quality(&mut bytes, 95);
    encoder.set_icc_profile(profile.clone()).unwrap();
    encoder.encode_image(&upright).unwrap();
    let desk = Desk::with(&[("a.jpg", &bytes)]);
    desk.edits(&["a.jpg"], "out/a.png\n");
    let kept = Metadata::of(&fs::read(desk.path("out/a.png")).unwrap());
    assert_eq!(kept.icc_profile, Some(profile));
}

#[test]
fn a_cell_whose_crops_are_of_unknown_origin_edits_crops_alone() {
    let place = Place::new(1);
    let faces = place.path("faces");
    data::synthetic::write(&faces, &SPEC, &|_, _| {}).unwrap();
    for file in fs::read_dir(faces.join("img_align_celeba")).unwrap() {
        let path = file.unwrap().path();
        let square = image::open(&path).unwrap().crop_imm(0, 20, 178, 178).into_rgb8();
        square.save(&path).unwrap();
    }
    let keys = format!("source = \"celeba\"\nroot = {}\ncrop = \"made\"", serde_json::json!(faces));
    let run = RUN.replace("synthetic_count = 64", &keys);
    fs::write(place.path("run.toml"), format!("{run}steps = 1\n")).unwrap();
    let (code, messages) = place.run("cell");
    assert_eq!(code, 0, "{messages}");
    let square = image::imageops::crop_imm(&one_face(), 230, 150, 230, 230).to_image();
    let desk = Desk::with(&[("a.png", &png(&one_face())), ("square.png", &png(&square))]);
    let edit = |words: &[&str]| edit(desk.0.path(), &place.path("cell"), words);
    let (code, output, messages) = edit(&["--remove", "-o", "out", "a.png"]);
    assert_eq!((code, output.as_str()), (2, ""));
    assert!(
        messages.contains("data.crop = \"made\"") && messages.contains("--aligned"),
        "{messages}"
    );
    assert!(!desk.path("out").exists());
    let (code, output, messages) = edit(&["--remove", "-o", "out", "--aligned", "square.png"]);
    assert_eq!((code, output.as_str()), (0, "out/square.png\n"), "{messages}");
}
