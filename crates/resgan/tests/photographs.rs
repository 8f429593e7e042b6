//! Files as people have them, edited as crops and measured: whatever they are called and however they are
//! stored, and never to the loss of a file. Faces that have to be found: `faces.rs`.
#![allow(clippy::unwrap_used)]

mod common;

use std::collections::BTreeMap;
use std::fs;
use std::io::Cursor;
use std::path::{Path, PathBuf};

use common::content;
use common::desk::Desk;
use common::trained::{Trained, edit, outcome, resgan, trained, unheard};
use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::PngEncoder;
use image::imageops::rotate270;
use image::{DynamicImage, ExtendedColorType, ImageEncoder, ImageFormat, Rgb, RgbImage, Rgba};

/// No side like another.
fn face() -> RgbImage {
    RgbImage::from_fn(60, 60, |x, y| Rgb([4 * x as u8, 4 * y as u8, (x * y / 16) as u8]))
}

fn encoded(image: impl Into<DynamicImage>, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    image.into().write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

/// The face as a camera on its side stores it: lying, with a word on how to turn it.
fn lying(format: ImageFormat) -> Vec<u8> {
    fn write(mut encoder: impl ImageEncoder) {
        let exif =
            [&b"MM\0*\0\0\0\x08\0\x01"[..], &[1, 0x12, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0], &[0; 4]];
        encoder.set_exif_metadata(exif.concat()).unwrap();
        let pixels = rotate270(&face());
        encoder.write_image(pixels.as_raw(), 60, 60, ExtendedColorType::Rgb8).unwrap();
    }
    let mut bytes = Vec::new();
    match format {
        ImageFormat::Png => write(PngEncoder::new(&mut bytes)),
        _ => write(JpegEncoder::new_with_quality(&mut bytes, 100)),
    }
    bytes
}

impl Desk {
    fn content(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        content(self.0.path())
    }

    /// `resgan edit --remove` of crops here: exit code, output, messages.
    fn edit(&self, words: &[&str]) -> (i32, String, String) {
        let words = [&["--remove", "--aligned", "--crop"], words].concat();
        edit(self.0.path(), &trained().cell(), &words)
    }

    /// Refused before anything was written, with these words.
    fn refuses(&self, words: &[&str], expected: &[&str]) {
        let before = self.content();
        let (code, output, messages) = self.edit(words);
        assert_eq!((code, output.as_str()), (2, ""), "{words:?}: {messages}");
        for words in expected {
            assert!(messages.contains(words), "{messages}");
        }
        assert_eq!(self.content(), before, "{words:?}: {messages}");
    }

    /// Edited, with this output.
    fn edits(&self, words: &[&str], expected: &str) {
        let (code, output, messages) = self.edit(words);
        assert_eq!((code, output.as_str(), messages.as_str()), (0, expected, ""), "{words:?}");
    }

    /// `resgan landmarks` with this model: exit code, output, messages.
    fn landmarks(&self, model: &Path, images: &[&str]) -> (i32, String, String) {
        let mut command = resgan(self.0.path(), &["landmarks", "--model"]);
        outcome(command.arg(model).args(images).output().unwrap())
    }

    /// The points that the trees find in a file, without its name.
    fn points(&self, image: &str) -> Vec<String> {
        let (code, output, messages) = self.landmarks(&trained().trees, &[image]);
        assert_eq!((code, messages.as_str()), (0, ""), "{image}");
        let rest = |line: &str| line.split_once(',').unwrap().1.to_owned();
        output.lines().map(rest).collect()
    }

    fn pixels(&self, name: &str) -> RgbImage {
        image::open(self.path(name)).unwrap().into_rgb8()
    }
}

#[test]
fn an_edited_crop_has_the_size_of_the_network_and_says_what_made_it() {
    let tall = RgbImage::from_fn(178, 218, |x, y| Rgb([x as u8, y as u8, 90]));
    let desk = Desk::with(&[("tall.png", &encoded(tall, ImageFormat::Png))]);
    desk.edits(&["tall.png", "-o", "new/out"], "new/out/tall.png\n");
    assert_eq!(desk.pixels("new/out/tall.png").dimensions(), (16, 16));
    let bytes = fs::read(desk.path("new/out/tall.png")).unwrap();
    let said = format!("cell {}: remove eyeglasses, strength 1", trained().id);
    let text = String::from_utf8_lossy(&bytes);
    assert!(text.contains("Software\0resgan ") && text.contains(&said), "{text}");
}

#[test]
fn a_photograph_is_never_replaced_by_its_edit() {
    let png = encoded(face(), ImageFormat::Png);
    let desk = Desk::with(&[("face.png", &png), ("out/keep.txt", b"mine")]);
    let help = "name another directory with --output";
    desk.refuses(&["face.png", "-o", "."], &["face.png is one of the images", help]);
    desk.refuses(&["out/../face.png", "-o", "./out/.."], &["face.png is one of the images"]);
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(".", desk.path("here")).unwrap();
        let refused = desk.edit(&["face.png", "-o", "here"]);
        assert!(refused.0 == 2 && refused.2.contains("is one of the images"), "{refused:?}");
        fs::remove_file(desk.path("here")).unwrap();
        std::os::unix::fs::symlink("../face.png", desk.path("out/face.png")).unwrap();
        desk.refuses(&["face.png", "-o", "out"], &["face.png is one of the images"]);
        fs::remove_file(desk.path("out/face.png")).unwrap();
    }
    // The output of one is the input of another.
    fs::write(desk.path("out/face.png"), &png).unwrap();
    desk.refuses(&["face.png", "out/keep.txt", "-o", "out"], &["no edit of this program"]);
    fs::remove_file(desk.path("out/face.png")).unwrap();
    desk.refuses(
        &["face.png", "-o", "out/keep.txt"],
        &["--output out/keep.txt is a file, not a directory"],
    );
    desk.edits(&["face.png", "-o", "out"], "out/face.png\n");
    // Even an edit is not replaced by the edit of itself.
    desk.refuses(&["out/face.png", "-o", "out"], &["face.png is one of the images"]);
    assert_eq!(fs::read(desk.path("face.png")).unwrap(), png);
}

#[test]
fn only_an_edit_that_nobody_has_touched_since_is_replaced() {
    let png = encoded(face(), ImageFormat::Png);
    let desk = Desk::with(&[("a.png", &png), ("b.png", &png)]);
    let again = ["a.png", "b.png", "-o", "out"];
    desk.edits(&again, "out/a.png\nout/b.png\n");
    let first = desk.content();
    desk.edits(&again, "out/a.png\nout/b.png\n");
    assert_eq!(desk.content(), first);
    desk.edits(&["a.png", "b.png", "-o", "out", "--strength", "0"], "out/a.png\nout/b.png\n");
    assert_ne!(desk.content(), first);

    // Drawn on, and saved by a program that keeps no words or all of them.
    let edited = fs::read(desk.path("out/b.png")).unwrap();
    let mut drawn = desk.pixels("out/b.png");
    drawn.put_pixel(3, 3, Rgb([255, 0, 0]));
    let mut with_words = Vec::new();
    let mut reader = png::Decoder::new(Cursor::new(&edited)).read_info().unwrap();
    let mut encoder = png::Encoder::with_info(&mut with_words, reader.info().clone()).unwrap();
    for chunk in &reader.info().uncompressed_latin1_text {
        encoder.add_text_chunk(chunk.keyword.clone(), chunk.text.clone()).unwrap();
    }
    reader.finish().unwrap();
    let mut writer = encoder.write_header().unwrap();
    writer.write_image_data(drawn.as_raw()).unwrap();
    writer.finish().unwrap();
    assert!(with_words.windows(6).any(|word| word == b"resgan"));
    for touched in [encoded(drawn, ImageFormat::Png), with_words, b"a list".to_vec(), Vec::new()] {
        fs::write(desk.path("out/b.png"), &touched).unwrap();
        // Nor is the other one written.
        fs::remove_file(desk.path("out/a.png")).ok();
        desk.refuses(
            &again,
            &["out/b.png exists already and is no edit of this program", "--output"],
        );
    }
    fs::write(desk.path("out/b.png"), edited).unwrap();
    desk.edits(&again, "out/a.png\nout/b.png\n");
}

#[test]
fn names_that_would_collide_are_refused_with_both() {
    let (png, jpeg) = (encoded(face(), ImageFormat::Png), encoded(face(), ImageFormat::Jpeg));
    let desk = Desk::with(&[("a/face.png", &png), ("b/face.png", &png), ("b/face.jpg", &jpeg)]);
    fs::write(desk.path("a/FACE.jpg"), &jpeg).unwrap();
    fs::write(desk.path("a/face.v2.jpg"), &jpeg).unwrap();
    for (one, other) in [
        ("a/face.png", "b/face.png"),
        ("b/face.png", "b/face.jpg"),
        ("b/face.png", "a/FACE.jpg"),
        ("b/face.png", "b/face.png"),
    ] {
        desk.refuses(&[one, other, "-o", "out"], &[one, other, "would both become", "--output"]);
    }
    desk.edits(&["a/face.png", "a/face.v2.jpg", "-o", "out"], "out/face.png\nout/face.v2.png\n");
}

#[test]
fn a_photograph_is_edited_and_measured_as_it_is_shown_whatever_it_is_called() {
    let clear = image::RgbaImage::from_fn(60, 60, |x, y| {
        let [r, g, b] = face().get_pixel(x, y).0;
        Rgba([r, g, b, if x < 30 { 255 } else { 0 }])
    });
    let white = RgbImage::from_fn(60, 60, |x, y| match x < 30 {
        true => *face().get_pixel(x, y),
        false => Rgb([255; 3]),
    });
    let png = encoded(face(), ImageFormat::Png);
    let desk = Desk::with(&[
        ("upright.png", &png),
        ("lying.png", &lying(ImageFormat::Png)),
        ("called.jpg", &png),
        ("bare", &png),
        ("clear.png", &encoded(clear, ImageFormat::Png)),
        ("white.png", &encoded(white, ImageFormat::Png)),
        ("photo.jpg", &encoded(face(), ImageFormat::Jpeg)),
        ("photo2.png", &encoded(face(), ImageFormat::Jpeg)),
        ("lying2.png", &lying(ImageFormat::Jpeg)),
    ]);
    let names = ["upright.png", "lying.png", "called.jpg", "bare", "clear.png", "white.png"];
    let (code, _, messages) =
        desk.edit(&[&names[..], &["photo.jpg", "photo2.png", "lying2.png", "-o", "out"]].concat());
    assert_eq!((code, messages.as_str()), (0, ""));
    let same = |a: &str, b: &str| {
        let out = |name: &str| format!("out/{}.png", name.split('.').next().unwrap());
        assert_eq!(desk.pixels(&out(a)), desk.pixels(&out(b)), "{a} and {b}");
        assert_eq!(desk.points(a), desk.points(b), "{a} and {b}");
    };
    same("upright.png", "lying.png");
    same("upright.png", "called.jpg");
    same("upright.png", "bare");
    same("clear.png", "white.png");
    same("photo.jpg", "photo2.png");
    assert_ne!(desk.pixels("out/upright.png"), desk.pixels("out/white.png"));
    assert_ne!(desk.points("upright.png"), desk.points("white.png"));
    // A JPEG's losses lie elsewhere when it lies on its side.
    let far = |a: RgbImage, b: RgbImage| {
        let pairs = a.into_raw().into_iter().zip(b.into_raw());
        pairs.map(|(a, b)| a.abs_diff(b)).max().unwrap()
    };
    let [lying, upright] = ["out/lying2.png", "out/upright.png"].map(|name| desk.pixels(name));
    assert!(far(lying, upright) < 24);
    let on_its_side = rotate270(&desk.pixels("out/upright.png"));
    assert!(far(on_its_side, desk.pixels("out/upright.png")) > 48);
}

#[test]
fn what_is_no_whole_photograph_is_named_before_any_other_is_touched() {
    let (png, jpeg) = (encoded(face(), ImageFormat::Png), encoded(face(), ImageFormat::Jpeg));
    let desk = Desk::with(&[("good.png", &png)]);
    let cases: [(&[u8], &[&str]); 7] = [
        (&jpeg[..jpeg.len() / 2], &["is cut off", "again"]),
        (&png[..png.len() / 2], &["is cut off", "again"]),
        (&png[..png.len() - 1], &["is cut off", "again"]),
        (b"<!DOCTYPE html><html>", &["is an HTML page", "browser"]),
        (b"version https://git-lfs.github.com/spec/v1\n", &["git-LFS pointer", "git lfs pull"]),
        (b"GIF89a\x01\0\x01\0", &["is a GIF image", "convert it to JPEG or PNG"]),
        (b"", &["is empty", "again"]),
    ];
    for (bytes, expected) in cases {
        fs::write(desk.path("bad.jpg"), bytes).unwrap();
        let expected = [&["error: bad.jpg "], expected].concat();
        desk.refuses(&["good.png", "bad.jpg", "-o", "out"], &expected);
        let (code, output, messages) = desk.landmarks(&trained().trees, &["good.png", "bad.jpg"]);
        assert_eq!((code, output.as_str()), (2, ""), "{messages}");
        assert!(expected.iter().all(|words| messages.contains(words)), "{messages}");
    }
    desk.refuses(&["nowhere.png", "-o", "out"], &["nowhere.png does not exist"]);
    fs::create_dir(desk.path("empty")).unwrap();
    desk.refuses(&["empty", "-o", "out"], &["empty holds no image"]);
    fs::write(desk.path("empty/a.gif"), b"GIF89a\x01\0\x01\0").unwrap();
    desk.refuses(&["empty", "-o", "out"], &["a.gif is a GIF image", "convert"]);
}

#[test]
fn nobody_has_to_listen() {
    let png = encoded(face(), ImageFormat::Png);
    let desk = Desk::with(&[("a.png", &png), ("b.png", &png), ("c.png", &png)]);
    let Trained { trees, .. } = trained();
    let mut command =
        resgan(desk.0.path(), &["edit", "--add", "--aligned", "a.png", "b.png", "c.png"]);
    command.arg("--checkpoint").arg(trained().cell()).args(["-o", "out"]);
    assert_eq!(unheard(command), (0, String::new()));
    assert_eq!(fs::read_dir(desk.path("out")).unwrap().count(), 3);
    let mut command = resgan(desk.0.path(), &["landmarks", "a.png", "b.png", "--model"]);
    command.arg(trees);
    assert_eq!(unheard(command), (0, String::new()));
    for words in [&["build"][..], &["probe", "flex"], &["--version"], &["--help"], &["edit", "-h"]]
    {
        assert_eq!(unheard(resgan(desk.0.path(), words)), (0, String::new()), "{words:?}");
    }
}

/// Unlike a reader that has enough, a full disk is an error, but none that costs an edit.
#[test]
#[cfg(target_os = "linux")]
fn words_that_find_no_place_cost_no_edit() {
    let png = encoded(face(), ImageFormat::Png);
    let desk = Desk::with(&[("a.png", &png), ("b.png", &png)]);
    let mut command =
        resgan(desk.0.path(), &["edit", "--add", "--aligned", "a.png", "b.png", "-o", "out"]);
    command.arg("--checkpoint").arg(trained().cell());
    let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let (code, _, messages) = outcome(command.stdout(full).output().unwrap());
    assert!(code == 1 && messages.contains("cannot write to standard output"), "{messages}");
    assert_eq!(fs::read_dir(desk.path("out")).unwrap().count(), 2);
}
