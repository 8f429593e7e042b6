//! The worker as a sweep runs it: exit codes, proof, resume.
#![allow(clippy::unwrap_used)]

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;
use std::process::Child;

use common::{Place, RUN, content, signal, wait_for};

#[test]
fn a_cell_is_trained_judged_proved_and_then_left_alone() {
    let place = Place::new(4);
    let (code, messages) = place.run("cell");
    assert_eq!(code, 0, "{messages}");
    let images = String::from_utf8(place.read("cell/eval/images.csv")).unwrap();
    assert!(images.lines().nth(1).unwrap().contains(",remove,") && images.contains(",add,"));
    let summary: serde_json::Value =
        serde_json::from_slice(&place.read("cell/eval/summary.json")).unwrap();
    assert!(summary["directions"]["remove"]["psnr"].as_f64().unwrap() > 5.0);
    assert!(summary["groups"]["removed"].as_f64().unwrap() > 0.0);
    assert_eq!(summary["detectors"].as_array().unwrap().len(), 6);

    let written = fs::metadata(place.path("cell/metrics.jsonl")).unwrap().modified().unwrap();
    let (code, messages) = place.run("cell");
    assert!(code == 0 && messages.contains("finished already"), "{messages}");
    assert_eq!(
        fs::metadata(place.path("cell/metrics.jsonl")).unwrap().modified().unwrap(),
        written
    );

    // A damaged result is no result: the cell is judged again from its last checkpoint.
    fs::write(place.path("cell/eval/images.csv"), "not what was written").unwrap();
    assert_eq!(place.run("cell").0, 0);
    assert_eq!(String::from_utf8(place.read("cell/eval/images.csv")).unwrap(), images);
}

/// The rows of a table as maps from column to text.
fn table(bytes: &[u8]) -> Vec<BTreeMap<String, String>> {
    let text = std::str::from_utf8(bytes).unwrap();
    let mut lines = text.lines().map(|line| line.split(',').map(str::to_owned));
    let header: Vec<String> = lines.next().unwrap().collect();
    lines.map(|line| header.iter().cloned().zip(line).collect()).collect()
}

#[test]
fn every_detector_is_tried_on_every_group_against_the_original_annotation() {
    let place = Place::new(20);
    // Steps large enough for an edit that eight bits can hold.
    fs::write(place.path("run.toml"), format!("{RUN}steps = 20\nlr = 0.01\n")).unwrap();
    let (code, messages) = place.run("cell");
    assert_eq!(code, 0, "{messages}");
    let rows = table(&place.read("cell/eval/landmarks.csv"));
    let errors = |group: &str, detector: &str, training: &str| -> BTreeMap<String, f64> {
        let wanted = [("group", group), ("detector", detector), ("training", training)];
        let rows = rows.iter().filter(|row| wanted.iter().all(|(key, value)| row[*key] == *value));
        rows.map(|row| (row["image"].clone(), row["nme"].parse().unwrap())).collect()
    };
    for detector in ["ert", "cnn", "mean-shape"] {
        for training in ["without", "mixed"] {
            let with = errors("with", detector, training);
            assert!(!with.is_empty() && with.values().all(|nme| nme.is_finite()));
            // The edit's own path without an edit changes nothing.
            assert_eq!(errors("zero", detector, training), with);
            for group in ["noise", "removed", "removed-noise", "true-edit"] {
                let names = |errors: &BTreeMap<String, f64>| -> Vec<String> {
                    errors.keys().cloned().collect()
                };
                let errors = errors(group, detector, training);
                assert_eq!(names(&errors), names(&with), "{group}");
                // The baseline looks at no image: it cannot tell the groups apart.
                assert!(detector != "mean-shape" || errors == with, "{group}");
                assert!(detector != "cnn" || errors != with, "{group}");
            }
            let without = errors("without", detector, training);
            assert!(without.keys().all(|image| !with.contains_key(image)));
        }
    }
}

#[test]
fn success_is_measured_at_every_strength_beside_its_price() {
    let place = Place::new(2);
    assert_eq!(place.run("cell").0, 0);
    let rows = table(&place.read("cell/eval/strength.csv"));
    let images = table(&place.read("cell/eval/images.csv"));
    assert_eq!(rows.len(), 9 * images.len());
    for row in &rows {
        let image = |other: &&BTreeMap<String, String>| {
            ["image", "direction"].iter().all(|key| other[*key] == row[*key])
        };
        let edit = images.iter().find(image).unwrap();
        match row["strength"].as_str() {
            "0.0" => assert_eq!(
                (row["preservation"].as_str(), row["residual_l1"].as_str()),
                ("1.0", "0.0")
            ),
            "1.0" => {
                let number = |row: &BTreeMap<String, String>, key| row[key].parse::<f64>().unwrap();
                for key in ["success", "preservation", "residual_l1"] {
                    assert_eq!(number(row, key), number(edit, key), "{key}");
                }
            }
            _ => {}
        }
    }
    let attributes = table(&place.read("cell/eval/attributes.csv"));
    assert_eq!(attributes.len(), 6 * images.len());
    let scores = table(&place.read("cell/eval/scores.csv"));
    let metrics: BTreeSet<&str> = scores.iter().map(|row| row["metric"].as_str()).collect();
    assert!(
        metrics.contains("kid_attribute_net") && metrics.contains("fid_attribute_net_identity")
    );
}

#[test]
fn cells_that_start_together_share_their_judges() {
    let place = Place::new(1);
    let cells: Vec<Child> = ["a", "b"].into_iter().map(|dir| place.cell(dir)).collect();
    for cell in cells {
        let output = cell.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    assert_eq!(place.read("a/eval/summary.json"), place.read("b/eval/summary.json"));
    let files = fs::read_dir(place.path("cache/judges")).unwrap();
    let names: Vec<PathBuf> = files.map(|file| file.unwrap().path()).collect();
    let of = |wanted: &str| {
        let extension = |path: &&PathBuf| path.extension().is_some_and(|e| e == wanted);
        names.iter().filter(extension).count()
    };
    // Each with its proof, and one lock for it.
    assert_eq!((of("safetensors") + of("ert"), of("json"), of("lock")), (9, 9, 9), "{names:?}");
}

#[test]
fn a_directory_of_somebody_or_of_another_cell_is_not_written_over() {
    let place = Place::new(2);
    for name in ["config.toml", "weights/g0.safetensors", "eval/images.csv"] {
        let path = place.path("mine").join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, "mine").unwrap();
        let before = content(&place.path("mine"));
        let (code, messages) = place.run("mine");
        let said = messages.contains("was not written by a worker")
            && messages.contains(name.split('/').next().unwrap());
        assert!(code == 2 && said, "{messages}");
        assert_eq!(content(&place.path("mine")), before);
        fs::remove_dir_all(place.path("mine")).unwrap();
    }
    assert_eq!(place.run("other").0, 0);
    let weights = place.read("other/weights/g0.safetensors");
    let run = fs::read_to_string(place.path("run.toml")).unwrap();
    fs::write(place.path("run.toml"), run.replace("steps = 2", "steps = 3")).unwrap();
    let (code, messages) = place.run("other");
    assert!(code == 0 && messages.contains("lay here; they stand in"), "{messages}");
    let kept = fs::read_dir(place.path("other")).unwrap().map(|entry| entry.unwrap().path());
    let kept =
        kept.into_iter().find(|path| path.to_string_lossy().contains("results-of-")).unwrap();
    assert!(fs::read(kept.join("weights/g0.safetensors")).unwrap() == weights);
    assert!(kept.join("done.json").exists() && kept.join("eval/images.csv").exists());
}

#[test]
fn a_stopped_cell_says_75_and_resumes_to_the_same_bytes() {
    // Long enough not to end before the signal comes.
    let place = Place::new(200);
    assert_eq!(place.run("straight").0, 0);
    for name in ["-TERM", "-HUP"] {
        let stopped = format!("stopped{name}");
        let child = place.cell(&stopped);
        wait_for(&place.path(&format!("{stopped}/metrics.jsonl")));
        signal(&child, name);
        let output = child.wait_with_output().unwrap();
        let messages = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(75), "{name}: {messages}");
        assert!(!place.path(&format!("{stopped}/done.json")).exists());
        assert_eq!(place.run(&stopped).0, 0);
        for file in ["metrics.jsonl", "eval/images.csv", "weights/g1.safetensors"] {
            let same =
                place.read(&format!("straight/{file}")) == place.read(&format!("{stopped}/{file}"));
            assert!(same, "{file} differs");
        }
    }
}

#[test]
fn a_cell_under_nohup_outlives_its_terminal() {
    let place = Place::new(60);
    let nohup = ["sh", "-c", "trap '' HUP; exec \"$@\"", "sh"];
    let child = place.command(&nohup, "cell").spawn().unwrap();
    wait_for(&place.path("cell/metrics.jsonl"));
    signal(&child, "-HUP");
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(place.path("cell/done.json").exists());
}

#[test]
fn bad_input_says_2_and_leaves_nothing_behind() {
    let place = Place::new(1);
    fs::write(place.path("run.toml"), "[losses]\nalpha = nan\n").unwrap();
    let (code, messages) = place.run("cell");
    assert!(code == 2 && messages.contains("run.toml:2"), "{messages}");
    assert!(!place.path("cell").exists() && !place.path("cache").exists());

    fs::write(place.path("run.toml"), "[data]\nsource = \"celeba\"\nroot = \"nowhere\"\n").unwrap();
    let (code, messages) = place.run("cell");
    assert!(code == 2 && messages.contains("nowhere"), "{messages}");
}
