//! What is given to `resgan landmarks` as a model is told by its content; what is given to `resgan edit` as
//! a cell is a trained one whose bytes are proved.
#![allow(clippy::unwrap_used)]

mod common;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use common::trained::{Trained, edit, outcome, resgan, trained};
use common::{Place, copy};
use record::{Cell, Manifest, PlanFile};
use tempfile::TempDir;

/// A directory with a photograph.
fn desk() -> TempDir {
    let desk = tempfile::tempdir().unwrap();
    let face = image::RgbImage::from_fn(40, 40, |x, y| image::Rgb([6 * x as u8, 6 * y as u8, 90]));
    face.save(desk.path().join("face.png")).unwrap();
    desk
}

/// `resgan landmarks` with a model in the desk: exit code, output, messages.
fn landmarks(desk: &TempDir, model: &str) -> (i32, String, String) {
    let words = ["landmarks", "--box", "4,4,36,36", "--model", model, "face.png"];
    outcome(resgan(desk.path(), &words).output().unwrap())
}

#[test]
fn a_model_is_told_by_its_content() {
    let desk = desk();
    let ours = fs::read(&trained().trees).unwrap();
    let dlibs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../ert/tests/dlib/drawings.dat");
    let dlibs = fs::read(dlibs).unwrap();
    let mut tables = Vec::new();
    for bytes in [&ours, &dlibs] {
        let found: Vec<String> = ["model.bin", "model.dat", "model.ert", "model"]
            .into_iter()
            .map(|name| {
                fs::write(desk.path().join(name), bytes).unwrap();
                let (code, output, messages) = landmarks(&desk, name);
                assert_eq!((code, messages.as_str()), (0, ""), "{name}");
                assert_eq!(output.lines().count(), 1 + 5, "{output}");
                output
            })
            .collect();
        assert!(found.iter().all(|other| *other == found[0]));
        tables.push(found[0].clone());
    }
    assert_ne!(tables[0], tables[1]);
}

#[test]
fn what_is_no_model_is_named_and_says_how_to_get_at_the_model() {
    let desk = desk();
    let ours = fs::read(&trained().trees).unwrap();
    let mut damaged = ours.clone();
    damaged[ours.len() / 2] ^= 1;
    let cases: [(&[u8], &str, &str); 11] = [
        (b"BZh91AY&SY\x01\x02", "is a bzip2 archive", "bunzip2"),
        (b"\x1F\x8B\x08\0\0\0", "is a gzip archive", "gunzip"),
        (b"PK\x03\x04\x14\0\0\0model.dat", "is a zip archive", "unzip"),
        (b"\xFD7zXZ\0\0", "is an xz archive", "unxz"),
        (b"version https://git-lfs.github.com/spec/v1\n", "is a git-LFS pointer", "git lfs pull"),
        (b"\n<!DOCTYPE html><html>", "is an HTML page", "browser"),
        (b"\x89PNG\r\n\x1A\n", "is a PNG image", "shape_predictor"),
        (b"", "is an empty file", "again"),
        (b"[data]\nsize = 64\n", "is text", "results/cache/judges"),
        (&ours[..ours.len() - 9], "is not a readable ert model", "results/cache/judges"),
        (&damaged, "is not a readable ert model: its checksum is wrong", "results/cache/judges"),
    ];
    for (bytes, what, remedy) in cases {
        for name in ["model.dat", "model.ert", "model.dat.bz2"] {
            fs::write(desk.path().join(name), bytes).unwrap();
            let (code, output, messages) = landmarks(&desk, name);
            assert_eq!((code, output.as_str()), (2, ""), "{messages}");
            let start = format!("error: {name} {what}");
            assert!(messages.starts_with(&start) && messages.contains(remedy), "{messages}");
        }
    }
    let (code, _, messages) = landmarks(&desk, "nowhere.dat");
    assert!(code == 2 && messages.starts_with("error: nowhere.dat does not exist"), "{messages}");
}

/// A copy of the sweep's results whose cells are: done, waiting, done but for its judgement, waiting...
fn sweep(desk: &TempDir, more: usize) -> (PathBuf, Vec<Cell>) {
    let Trained { home, id, .. } = trained();
    let results = desk.path().join("tiny");
    copy(home, &results);
    let hash = Manifest::parse(&fs::read(trained().cell().join("done.json")).unwrap());
    let hash = hash.unwrap().config_hash;
    let cell = |seed: usize| Cell {
        id: if seed == 2 { id.clone() } else { format!("{seed:012x}") },
        hash: if seed == 2 { hash.clone() } else { format!("{seed:012x}0") },
        judgement: String::new(),
        seed: seed as u64,
        factors: BTreeMap::from([("losses.dual".to_owned(), "none".to_owned())]),
    };
    let cells: Vec<Cell> = (1..=3 + more).map(cell).collect();
    // Trained, and not judged.
    let trained_only = cells[2].dir(&results);
    copy(&trained().cell(), &trained_only);
    fs::remove_file(trained_only.join("done.json")).unwrap();
    let plan = PlanFile {
        experiment: "tiny".to_owned(),
        question: "Is it?".to_owned(),
        factors: vec![("losses.dual".to_owned(), vec!["none".to_owned()])],
        seeds: vec![1, 2, 3],
        compare: None,
        worker: None,
        made: None,
        steps: Some(2),
        cells: cells.clone(),
    };
    fs::write(results.join(PlanFile::FILE), plan.to_sealed().unwrap()).unwrap();
    (results, cells)
}

fn remove(desk: &TempDir, cell: &Path) -> (i32, String, String) {
    edit(desk.path(), cell, &["--remove", "--aligned", "--crop", "face.png", "-o", "out"])
}

#[test]
fn a_directory_that_is_no_cell_is_answered_with_the_cells_that_are_there() {
    let desk = desk();
    let (results, cells) = sweep(&desk, 0);
    for place in [".", "cells", "cells/0123456789ab"] {
        let (code, _, messages) = remove(&desk, &results.join(place));
        assert_eq!(code, 2, "{messages}");
        assert!(messages.contains("results/<experiment>/cells/<id>"), "{messages}");
        let lines: Vec<&str> = messages.lines().filter(|line| line.contains("  cells/")).collect();
        // The finished one first, then the trained one.
        let [done, trained, waiting] = lines[..] else { panic!("{messages}") };
        let line = |cell: &Cell, rest: &str| format!("  cells/{}  dual=none, {rest}", cell.id);
        assert_eq!(done, line(&cells[1], "seed 2: done"));
        assert_eq!(trained, line(&cells[2], "seed 3: trained"));
        assert_eq!(waiting, line(&cells[0], "seed 1: waiting"));
    }
    // The same from within.
    let inside = edit(&results.join("cells"), Path::new("."), &["--add", "x.png", "-o", "out"]);
    assert!(inside.2.contains("seed 2: done"), "{inside:?}");
    let (code, _, messages) = remove(&desk, desk.path());
    assert!(code == 2 && messages.contains("is no cell"), "{messages}");
    assert!(!messages.contains("  cells/"), "{messages}");
    let (code, _, messages) = remove(&desk, &desk.path().join("nowhere"));
    assert!(code == 2 && messages.contains("does not exist"), "{messages}");
    assert!(!desk.path().join("out").exists());
}

#[test]
fn of_many_cells_ten_are_listed() {
    let desk = desk();
    let (results, _) = sweep(&desk, 40);
    let (_, _, messages) = remove(&desk, &results);
    assert_eq!(messages.lines().filter(|line| line.contains("  cells/")).count(), 10);
    assert!(messages.contains("and 33 more, see `cargo xtask status tiny`"), "{messages}");
}

#[test]
fn a_part_of_a_cell_says_which_cell_is_meant() {
    let desk = desk();
    let cell = trained().cell();
    for part in ["weights", "weights/g1.safetensors", "config.toml", "eval"] {
        let (code, _, messages) = remove(&desk, &cell.join(part));
        let help = format!("give --checkpoint {}", cell.canonicalize().unwrap().display());
        assert!(code == 2 && messages.contains(&help), "{messages}");
    }
}

#[test]
fn weights_that_are_not_what_was_written_are_named_before_they_are_used() {
    let desk = desk();
    let cell = desk.path().join("cell");
    copy(&trained().cell(), &cell);
    for file in ["weights/g1.safetensors", "config.toml", "trained.json"] {
        let (path, sound) = (cell.join(file), fs::read(cell.join(file)).unwrap());
        let mut flipped = sound.clone();
        flipped[sound.len() / 2] ^= 1;
        for harm in [Some(&flipped[..]), Some(&sound[1..]), None] {
            match harm {
                Some(bytes) => fs::write(&path, bytes).unwrap(),
                // Without this proof the other one counts.
                None if file == "trained.json" => continue,
                None => fs::remove_file(&path).unwrap(),
            }
            let (code, _, messages) = remove(&desk, &cell);
            let named = messages.starts_with(&format!("error: {} ", path.display()));
            assert!(code == 2 && named, "{messages}");
            assert_eq!(messages.contains("is missing"), harm.is_none(), "{messages}");
            let remedies = ["cargo xtask run", "cargo xtask verify"];
            assert!(remedies.iter().all(|words| messages.contains(words)), "{messages}");
            assert!(!desk.path().join("out").exists());
            // The other direction does not rest on these weights.
            if file.ends_with("g1.safetensors") {
                let add =
                    edit(desk.path(), &cell, &["--add", "--aligned", "face.png", "-o", "added"]);
                assert_eq!(add.0, 0, "{}", add.2);
            }
        }
        fs::write(&path, sound).unwrap();
    }
    assert_eq!(remove(&desk, &cell).0, 0);
    // Somebody else's cell in this one's place.
    let moved = desk.path().join("0123456789ab");
    fs::rename(&cell, &moved).unwrap();
    let (code, _, messages) = remove(&desk, &moved);
    let words = format!("holds the results of cell {}", trained().id);
    assert!(code == 2 && messages.contains(&words), "{messages}");
}

#[test]
fn a_trained_cell_edits_before_it_is_judged_and_an_unfinished_one_does_not() {
    let desk = desk();
    let cell = desk.path().join("cell");
    copy(&trained().cell(), &cell);
    fs::remove_file(cell.join("done.json")).unwrap();
    fs::remove_dir_all(cell.join("eval")).unwrap();
    assert_eq!(remove(&desk, &cell).0, 0);
    fs::remove_file(cell.join("trained.json")).unwrap();
    let (code, _, messages) = remove(&desk, &cell);
    assert!(code == 2 && messages.contains("is not trained to its end"), "{messages}");
    assert!(messages.contains("`cargo xtask run EXPERIMENT` goes on"), "{messages}");
}

/// Weights that only judges need keep nobody from editing, wherever the program runs.
#[test]
fn an_edit_asks_for_no_judge() {
    let (place, desk) = (Place::new(1), desk());
    let run = fs::read_to_string(place.path("run.toml")).unwrap();
    let lpips = format!("[eval]\nlpips_weights = {:?}\n", place.path("lpips.safetensors"));
    // LPIPS sees nothing smaller.
    let run = run.replace("[eval]\n", &lpips).replace("size = 16", "size = 32");
    fs::write(place.path("run.toml"), run).unwrap();
    // The judges want them, and only they.
    let (code, messages) = place.run("cell");
    assert!(code == 2 && messages.contains("lpips.safetensors"), "{messages}");
    let pointer = "version https://git-lfs.github.com/spec/v1\n";
    fs::write(place.path("lpips.safetensors"), pointer).unwrap();
    let (code, messages) = place.run("cell");
    let words = "it is a git-LFS pointer, not the file itself; fetch the file with `git lfs pull`";
    assert!(code == 2 && messages.contains(words), "{messages}");
    // Nothing has to be saved another way.
    assert!(!messages.contains("state_dict"), "{messages}");
    fs::remove_file(place.path("lpips.safetensors")).unwrap();
    let (code, _, messages) = remove(&desk, &place.path("cell"));
    assert_eq!((code, messages.as_str()), (0, ""));
    let edited = image::open(desk.path().join("out/face.png")).unwrap();
    assert_eq!((edited.width(), edited.height()), (32, 32));
}
