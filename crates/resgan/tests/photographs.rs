//! `resgan edit` and `resgan landmarks` on photographs of one's own: no file is hurt, and what is wrong is
//! said before anything is written.
#![allow(clippy::unwrap_used)]

mod common;

use std::fs;
use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use assert_cmd::cargo::cargo_bin;
use common::{Place, content, copy};
use image::{ImageFormat, Rgb, RgbImage};

/// A place with a finished cell and some pictures, none of them square.
fn place() -> Place {
    let place = Place::new(1);
    let (code, messages) = place.run("cell");
    assert_eq!(code, 0, "{messages}");
    for (name, seed) in [("face.png", 0), ("other.png", 9), ("a/face.png", 3), ("b/Face.png", 5)] {
        let path = place.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        picture(seed).save(path).unwrap();
    }
    place
}

fn picture(seed: u8) -> RgbImage {
    RgbImage::from_fn(178, 218, |x, y| Rgb([x as u8 ^ seed, y as u8, 90 + seed]))
}

fn jpeg(seed: u8) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture(seed).write_to(&mut bytes, ImageFormat::Jpeg).unwrap();
    bytes.into_inner()
}

/// `resgan edit` in this place; names are relative to it.
fn edit(place: &Place, images: &[&str], output: &str) -> Command {
    let mut command = Command::new(cargo_bin!("resgan"));
    command.current_dir(place.path("")).args(["edit", "--remove", "--checkpoint", "cell"]);
    command.args(images).args(["--output", output]);
    command
}

fn refused(mut command: Command, words: &[&str]) {
    let output = command.output().unwrap();
    let messages = err(&output);
    assert_eq!(output.status.code(), Some(2), "{messages}");
    assert!(!messages.contains("panicked"), "{messages}");
    for word in words {
        assert!(messages.contains(word), "`{word}` is missing: {messages}");
    }
}

fn accepted(mut command: Command) -> Output {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", err(&output));
    output
}

fn err(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn ert(place: &Place) -> PathBuf {
    let files = fs::read_dir(place.path("cache/judges")).unwrap().map(|file| file.unwrap().path());
    files.into_iter().find(|path| path.extension().is_some_and(|e| e == "ert")).unwrap()
}

fn dlib() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../ert/tests/dlib/drawings.dat")
}

fn landmarks(place: &Place, model: &Path, images: &[&str]) -> Command {
    let mut command = Command::new(cargo_bin!("resgan"));
    command.current_dir(place.path("")).args(["landmarks", "--model"]).arg(model).args(images);
    command
}

#[test]
fn an_edit_has_the_size_of_the_network_and_says_what_made_it() {
    let place = place();
    let output = accepted(edit(&place, &["face.png", "other.png"], "new/edited"));
    let printed = String::from_utf8(output.stdout).unwrap();
    assert_eq!(printed, "new/edited/face.png\nnew/edited/other.png\n");
    let edited = image::open(place.path("new/edited/face.png")).unwrap();
    assert_eq!((edited.width(), edited.height()), (16, 16));
    let bytes = place.read("new/edited/face.png");
    let text = String::from_utf8_lossy(&bytes);
    assert!(text.contains("resgan ") && text.contains(": remove eyeglasses, strength 1"));
}

#[test]
fn no_file_of_somebody_else_is_overwritten() {
    let place = place();
    let before = content(&place.path(""));
    refused(
        edit(&place, &["face.png"], "."),
        &["face.png is one of the images to edit", "--output"],
    );
    refused(edit(&place, &["a/face.png"], "."), &["face.png exists already and is no edit"]);
    fs::create_dir_all(place.path("links")).unwrap();
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(place.path("face.png"), place.path("links/face.png")).unwrap();
        refused(edit(&place, &["a/face.png"], "links"), &["exists already"]);
        refused(edit(&place, &["face.png"], "links"), &["is one of the images to edit"]);
        fs::remove_dir_all(place.path("links")).unwrap();
    }
    refused(edit(&place, &["face.png"], "other.png"), &["--output other.png"]);
    assert_eq!(content(&place.path("")), before);
    // One of ours is made anew by the same command, unless somebody has drawn on it.
    accepted(edit(&place, &["face.png"], "out"));
    let first = place.read("out/face.png");
    accepted(edit(&place, &["face.png"], "out"));
    assert_eq!(place.read("out/face.png"), first);
    let mut drawn = image::open(place.path("out/face.png")).unwrap().into_rgb8();
    drawn.put_pixel(3, 3, Rgb([255, 0, 0]));
    drawn.save(place.path("out/face.png")).unwrap();
    let theirs = place.read("out/face.png");
    refused(edit(&place, &["other.png", "face.png"], "out"), &["out/face.png exists already"]);
    assert_eq!(place.read("out/face.png"), theirs);
    assert!(!place.path("out/other.png").exists());
}

#[test]
fn outputs_that_collide_are_refused_before_anything_is_written() {
    let place = place();
    fs::write(place.path("face.jpg"), jpeg(1)).unwrap();
    for images in [["a/face.png", "b/Face.png"], ["face.png", "face.jpg"], ["face.png", "face.png"]]
    {
        refused(edit(&place, &images, "out"), &[images[0], images[1], "would both become"]);
        assert!(!place.path("out").exists());
    }
}

#[test]
fn content_decides_and_what_is_no_whole_photograph_is_named() {
    let place = place();
    let sound = jpeg(1);
    fs::write(place.path("jpeg.png"), &sound).unwrap();
    fs::write(place.path("bare"), &sound).unwrap();
    fs::write(place.path("cut.jpg"), &sound[..sound.len() / 2]).unwrap();
    fs::write(place.path("page.jpg"), "<!DOCTYPE html><html>Log in</html>").unwrap();
    fs::write(place.path("lfs.jpg"), "version https://git-lfs.github.com/spec/v1\noid sha256:0\n")
        .unwrap();
    accepted(edit(&place, &["jpeg.png", "bare"], "out"));
    assert_eq!(place.read("out/jpeg.png"), place.read("out/bare.png"));
    let bad = [
        ("cut.jpg", "is cut off"),
        ("page.jpg", "is an HTML page"),
        ("lfs.jpg", "`git lfs pull`"),
        ("missing.jpg", "does not exist"),
    ];
    for (name, words) in bad {
        refused(edit(&place, &["face.png", name], "none"), &[name, words]);
        refused(landmarks(&place, &dlib(), &[name]), &[name, words]);
    }
    assert!(!place.path("none").exists());
    let found = |name: &str| {
        let output = accepted(landmarks(&place, &dlib(), &[name]));
        String::from_utf8(output.stdout).unwrap().replace(name, "")
    };
    assert_eq!(found("jpeg.png"), found("bare"));
    assert_eq!(found("bare").lines().count(), 1 + 5);
}

/// A JPEG with an EXIF orientation in front of its data.
fn turned(orientation: u8, jpeg: &[u8]) -> Vec<u8> {
    let entry = [0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0];
    let exif = [&b"Exif\0\0MM\0*\0\0\0\x08\0\x01"[..], &entry, &[0; 4]].concat();
    let length = (exif.len() as u16 + 2).to_be_bytes();
    [&jpeg[..2], &[0xFF, 0xE1], &length, &exif, &jpeg[2..]].concat()
}

#[test]
fn a_photograph_that_is_stored_turned_is_edited_upright() {
    let place = place();
    // Stored upside down, in both senses of the word.
    let upright = picture(0);
    let stored = image::imageops::rotate180(&upright);
    let mut bytes = Cursor::new(Vec::new());
    stored.write_to(&mut bytes, ImageFormat::Jpeg).unwrap();
    fs::write(place.path("turned.jpg"), turned(3, bytes.get_ref())).unwrap();
    let mut bytes = Cursor::new(Vec::new());
    upright.write_to(&mut bytes, ImageFormat::Jpeg).unwrap();
    fs::write(place.path("upright.jpg"), bytes.get_ref()).unwrap();
    accepted(edit(&place, &["turned.jpg", "upright.jpg"], "out"));
    let [a, b] = ["out/turned.png", "out/upright.png"]
        .map(|name| image::open(place.path(name)).unwrap().into_rgb8());
    let difference = a.iter().zip(b.iter()).map(|(a, b)| a.abs_diff(*b)).max().unwrap();
    assert!(difference <= 12, "{difference}");
}

#[cfg(unix)]
#[test]
fn nobody_reading_ends_no_work_and_prints_no_panic() {
    let place = place();
    let closed = || {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        Stdio::from(writer)
    };
    let mut command = edit(&place, &["face.png", "other.png"], "out");
    let output = command.stdout(closed()).stderr(Stdio::piped()).spawn().unwrap();
    let output = output.wait_with_output().unwrap();
    assert!(output.status.success() && err(&output).is_empty(), "{}", err(&output));
    assert!(place.path("out/face.png").exists() && place.path("out/other.png").exists());
    let mut command = landmarks(&place, &dlib(), &["face.png", "other.png"]);
    let output = command.stdout(closed()).stderr(Stdio::piped()).spawn().unwrap();
    let output = output.wait_with_output().unwrap();
    assert!(output.status.success() && err(&output).is_empty(), "{}", err(&output));
    for arguments in [&["build"][..], &["--version"], &["probe", "flex"]] {
        let mut command = Command::new(cargo_bin!("resgan"));
        let child = command.args(arguments).stdout(closed()).stderr(Stdio::piped()).spawn();
        let output = child.unwrap().wait_with_output().unwrap();
        assert!(!err(&output).contains("panicked"), "{arguments:?}: {}", err(&output));
    }
}

#[test]
fn a_model_is_known_by_its_content_and_what_is_none_is_named() {
    let place = place();
    let sound = fs::read(dlib()).unwrap();
    fs::write(place.path("model.bin"), &sound).unwrap();
    fs::copy(ert(&place), place.path("ours.dat")).unwrap();
    for model in ["model.bin", "ours.dat"] {
        let output = accepted(landmarks(&place, Path::new(model), &["face.png"]));
        assert_eq!(String::from_utf8(output.stdout).unwrap().lines().count(), 1 + 5);
    }
    let bad: [(&str, &[u8], &str); 6] = [
        ("packed.dat", b"BZh91AY&SY\x01\x02", "is a bzip2 archive; unpack it first (`bunzip2`"),
        ("packed.ert", b"\x1F\x8B\x08\0\0", "is a gzip archive; unpack it first"),
        ("pointer.dat", b"version https://git-lfs.github.com/spec/v1\n", "`git lfs pull`"),
        ("page.dat", b"<html><body>404</body></html>", "is an HTML page"),
        ("empty.dat", b"", "is an empty file"),
        ("cut.dat", &sound[..sound.len() / 2], "is not a readable dlib shape_predictor"),
    ];
    for (name, bytes, words) in bad {
        fs::write(place.path(name), bytes).unwrap();
        refused(landmarks(&place, Path::new(name), &["face.png"]), &[name, words, "help: "]);
    }
    refused(landmarks(&place, Path::new("run.toml"), &["face.png"]), &["run.toml is text"]);
    refused(landmarks(&place, Path::new("none.dat"), &["face.png"]), &["does not exist"]);
}

#[test]
fn weights_are_checked_against_their_proof_before_use() {
    let place = place();
    for name in ["weights/g1.safetensors", "config.toml", "trained.json"] {
        copy(&place.path("cell"), &place.path("other/cell"));
        let path = place.path("other/cell").join(name);
        let mut bytes = fs::read(&path).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        fs::write(&path, bytes).unwrap();
        refused(with_checkpoint(&place, "other/cell"), &[name, "help: "]);
        assert!(!place.path("out").exists());
        fs::remove_dir_all(place.path("other")).unwrap();
    }
    // The other direction's weights are none of its business.
    copy(&place.path("cell"), &place.path("other/cell"));
    fs::write(place.path("other/cell/weights/g0.safetensors"), "?").unwrap();
    accepted(with_checkpoint(&place, "other/cell"));
}

/// [`edit`] of `face.png` with another checkpoint.
fn with_checkpoint(place: &Place, checkpoint: &str) -> Command {
    let mut command = Command::new(cargo_bin!("resgan"));
    command.current_dir(place.path("")).args(["edit", "--remove", "--checkpoint", checkpoint]);
    command.args(["face.png", "--output", "out"]);
    command
}

#[test]
fn a_checkpoint_that_is_no_trained_cell_is_told_which_are() {
    let place = place();
    let id = {
        let done: serde_json::Value =
            serde_json::from_slice(&place.read("cell/done.json")).unwrap();
        done["config_hash"].as_str().unwrap().to_owned()
    };
    let cell = place.path("results/study/cells").join(&id[..12]);
    copy(&place.path("cell"), &cell);
    let plan = format!(
        r#"{{"experiment": "study", "question": "?", "factors": [], "seeds": [1, 2], "compare": null,
            "worker": null, "cells": [
            {{"id": "000000000000", "hash": "{}", "seed": 2, "factors": {{"losses.dual": "none"}}}},
            {{"id": "{}", "hash": "{id}", "seed": 1, "factors": {{"losses.dual": "none"}}}}]}}"#,
        "0".repeat(64),
        &id[..12]
    );
    fs::write(place.path("results/study/plan.json"), plan).unwrap();
    let listed = format!(
        "{}  dual=none seed 1: done",
        Path::new("results/study/cells").join(&id[..12]).display()
    );
    for place_given in ["results/study", "results/study/cells"] {
        let words = ["is no cell", &listed, "000000000000  dual=none seed 2: waiting"];
        refused(with_checkpoint(&place, place_given), &words);
    }
    accepted(with_checkpoint(&place, &format!("results/study/cells/{}", &id[..12])));
    refused(
        with_checkpoint(&place, "cell/weights"),
        &["lies inside of a cell", "--checkpoint cell"],
    );
    let inside = with_checkpoint(&place, "cell/weights/g1.safetensors");
    refused(inside, &["lies inside of a cell", "--checkpoint cell"]);
    refused(with_checkpoint(&place, "nowhere"), &["nowhere does not exist", "cells/<id>"]);
    refused(with_checkpoint(&place, "a"), &["is no cell", "results/<experiment>/cells/<id>"]);
    // Another cell's results under this id.
    fs::rename(&cell, place.path("results/study/cells/000000000000")).unwrap();
    let mixed = with_checkpoint(&place, "results/study/cells/000000000000");
    refused(mixed, &[&format!("holds the results of cell {}", &id[..12])]);
    for name in ["trained.json", "done.json"] {
        fs::remove_file(place.path("cell").join(name)).unwrap();
    }
    refused(with_checkpoint(&place, "cell"), &["is a cell that is not trained to its end"]);
}

#[test]
fn editing_asks_for_no_weights_of_judges() {
    let place = place();
    let run = fs::read_to_string(place.path("run.toml")).unwrap();
    let eval = "[eval]\nlpips_weights = \"lpips.safetensors\"\n";
    // LPIPS sees nothing smaller.
    let run = run.replace("[eval]\n", eval).replace("size = 16", "size = 32");
    fs::write(place.path("run.toml"), run).unwrap();
    // The judges want them, and only they.
    let (code, messages) = place.run("lpips");
    assert!(code == 2 && messages.contains("lpips.safetensors"), "{messages}");
    fs::write(place.path("lpips.safetensors"), "version https://git-lfs.github.com/spec/v1\n")
        .unwrap();
    let (code, messages) = place.run("lpips");
    assert!(code == 2 && messages.contains("git-LFS pointer"), "{messages}");
    fs::remove_file(place.path("lpips.safetensors")).unwrap();
    assert!(place.path("lpips/trained.json").exists(), "{messages}");
    accepted(with_checkpoint(&place, "lpips"));
    fs::create_dir_all(place.path("elsewhere")).unwrap();
    let mut command = Command::new(cargo_bin!("resgan"));
    command.current_dir(place.path("elsewhere")).args([
        "edit",
        "--add",
        "--checkpoint",
        "../lpips",
    ]);
    command.args(["../face.png", "--output", "."]);
    accepted(command);
}
