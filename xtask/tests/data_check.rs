//! `data check` as a person with a folder of faces meets it.
#![allow(clippy::unwrap_used, reason = "a test that cannot set up its files should fail")]

mod common;

use std::fs;
use std::path::Path;

use common::{Home, code, err, out};
use config::RunConfig;
use image::{Rgb, RgbImage};

/// 24 squares of 64 pixels, every other with a hat, and their table.
fn faces() -> Home {
    let home = Home::with(&[]);
    let faces = home.path("my faces");
    fs::create_dir_all(faces.join("img")).unwrap();
    let mut text = "file_name;Hat;age;celeb_id\r\n".to_owned();
    for i in 0..24u8 {
        let name = format!("img/{i:02}.png");
        RgbImage::from_pixel(64, 64, Rgb([i * 10; 3])).save(faces.join(&name)).unwrap();
        text += &format!("img\\{i:02}.png;{};{};{}\r\n", i % 2, 20 + i, i / 4);
    }
    text += "img\\24.png;1;44;6\r\n";
    fs::write(faces.join("labels.csv"), text).unwrap();
    home
}

const CHECK: [&str; 6] = ["data", "check", "--source", "folder", "--root", "my faces"];

fn check(home: &Home, more: &[&str]) -> (i32, String, String) {
    let said = home.xtask(&[&CHECK, more].concat());
    (code(&said), out(&said), err(&said))
}

#[test]
fn a_folder_is_explained_before_it_is_used_and_refusals_come_after_what_explains_them() {
    let home = faces();
    // The wrong frame: nothing to explain yet, but the key that fits.
    let (code, _, said) = check(&home, &[]);
    assert!(code == 2 && said.contains("set data.crop to \"made\""), "{said}");
    // The wrong attribute: the columns that are there stand above the refusal.
    let made = ["--set", "data.crop=made"];
    let (code, told, said) = check(&home, &made);
    assert!(code == 2 && said.contains("no column eyeglasses"), "{said}");
    assert!(told.contains("attribute \"hat\"; 1 and 0"), "{told}");

    let right = ["--set", "data.crop=made", "--set", "data.attribute=hat"];
    let (code, told, said) = check(&home, &right);
    assert_eq!(code, 0, "{said}");
    for line in [
        "folder: 24 faces",
        "  frame: square crops, taken whole; 64 x 64 (24) pixels, 24 images looked at",
        "  people: 6",
        "labels.csv, 25 rows, semicolons between fields",
        "the image file; the first is 'img",
        "Hat              12       12        0  attribute \"hat\"; 1 and 0",
        "nothing; line 2: '20' is not -1 or 1 (nor 0 or 1, true or false)",
        "the person; 7 different",
        "have no file below my faces and are left out: 'img",
        "24.png' (line 26)",
        "  split: 10 + 10 training, 0 + 0 validation, 2 + 2 test images; the test images are judged",
        "  24 images decoded as a sample",
    ] {
        assert!(told.contains(line), "{line}\n{told}");
    }
}

#[test]
fn all_images_are_decoded_on_request_and_what_fails_is_listed_with_exit_code_1() {
    let home = faces();
    let all = ["--all", "--set", "data.crop=made", "--set", "data.attribute=hat"];
    let (code, told, said) = check(&home, &all);
    assert!(code == 0 && told.contains("  all 24 images can be decoded"), "{said}");
    let [cut, empty] = ["my faces/img/07.png", "my faces/img/19.png"];
    let whole = fs::read(home.path(cut)).unwrap();
    fs::write(home.path(cut), &whole[..whole.len() / 2]).unwrap();
    fs::write(home.path(empty), "").unwrap();
    let (code, told, said) = check(&home, &all);
    assert!(code == 1 && said.contains("2 of 24 images cannot be used"), "{said}");
    let lines: Vec<&str> = told.lines().filter(|line| line.contains(".png is ")).collect();
    assert_eq!(lines.len(), 2, "{told}");
    assert!(lines[0].starts_with(cut) && lines[0].contains("is cut off"), "{told}");
    assert!(lines[1].starts_with(empty) && lines[1].contains("is empty"), "{told}");
}

#[test]
fn a_source_that_is_none_is_refused_with_those_that_are() {
    let home = faces();
    let said = home.xtask(&["data", "check", "--source", "folders", "--root", "my faces"]);
    assert!(
        code(&said) == 2 && err(&said).contains("synthetic, celeba, lfw, mtfl, folder"),
        "{}",
        err(&said)
    );
}

#[test]
fn a_cell_finds_root_and_table_from_wherever_it_runs() {
    let home = faces();
    fs::rename(home.path("my faces/labels.csv"), home.path("outside.csv")).unwrap();
    home.add("study.toml", 40);
    let set = ["source=folder", "root=my faces", "table=outside.csv", "crop=made", "attribute=hat"];
    let set = set.map(|set| format!("data.{set}"));
    let set = set.iter().flat_map(|set| ["--set", set]);
    let made = home.run(&[&["study.toml"], &set.collect::<Vec<_>>()[..]].concat());
    assert_eq!(code(&made), 0, "{}", err(&made));
    let cells = fs::read_dir(home.path("results/study/cells")).unwrap().flatten();
    let configs: Vec<_> =
        cells.map(|cell| RunConfig::load(&cell.path().join("config.toml"), &[]).unwrap()).collect();
    assert!(!configs.is_empty());
    for config::Data { root, table, .. } in configs.iter().map(|run| &run.data) {
        assert_eq!(Path::new(root), home.path("my faces"));
        assert_eq!(Path::new(table), home.path("outside.csv"));
    }
}
