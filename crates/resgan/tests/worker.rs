//! The worker as a sweep runs it: exit codes, proof, resume.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use assert_cmd::cargo::cargo_bin;

const RUN: &str = "[data]\nsize = 16\nsynthetic_count = 64\n[model]\nwidth = 4\n\
                   [losses]\nperceptual_layer = 2\n\
                   [eval]\nclassifier_steps = 3\nlandmark_steps = 3\njudge_width = 4\n\
                   judge_batch = 8\n[train]\nbatch = 4\nlog_every = 1\n";

struct Place(tempfile::TempDir);

impl Place {
    fn new(steps: usize) -> Place {
        let place = Place(tempfile::tempdir().unwrap());
        fs::write(place.path("run.toml"), format!("{RUN}steps = {steps}\n")).unwrap();
        place
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn cell(&self, dir: &str) -> Child {
        let mut command = Command::new(cargo_bin!("resgan"));
        command.args(["cell", "--config"]).arg(self.path("run.toml"));
        command.arg("--dir").arg(self.path(dir)).arg("--cache").arg(self.path("cache"));
        command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap()
    }

    /// Exit code and messages.
    fn run(&self, dir: &str) -> (i32, String) {
        let output = self.cell(dir).wait_with_output().unwrap();
        let messages = String::from_utf8_lossy(&output.stderr).into_owned();
        (output.status.code().unwrap(), messages)
    }

    fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(name)).unwrap()
    }
}

fn wait_for(path: &Path) {
    let started = Instant::now();
    while !path.exists() {
        assert!(started.elapsed() < Duration::from_secs(300), "{} never came", path.display());
        std::thread::sleep(Duration::from_millis(20));
    }
}

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

#[test]
fn a_stopped_cell_says_75_and_resumes_to_the_same_bytes() {
    // Long enough not to end before the signal comes.
    let place = Place::new(200);
    assert_eq!(place.run("straight").0, 0);
    let child = place.cell("stopped");
    wait_for(&place.path("stopped/metrics.jsonl"));
    let kill = Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap();
    assert!(kill.success());
    let output = child.wait_with_output().unwrap();
    let messages = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(75), "{messages}");
    assert!(!place.path("stopped/done.json").exists());
    assert_eq!(place.run("stopped").0, 0);
    for name in ["metrics.jsonl", "eval/images.csv", "weights/g1.safetensors"] {
        let same =
            place.read(&format!("straight/{name}")) == place.read(&format!("stopped/{name}"));
        assert!(same, "{name} differs");
    }
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

#[test]
fn a_finished_cell_edits_images() {
    let place = Place::new(2);
    assert_eq!(place.run("cell").0, 0);
    let face = image::RgbImage::from_fn(178, 218, |x, y| image::Rgb([x as u8, y as u8, 90]));
    face.save(place.path("face.png")).unwrap();
    let status = Command::new(cargo_bin!("resgan"))
        .args(["edit", "--remove", "--checkpoint"])
        .arg(place.path("cell"))
        .arg(place.path("face.png"))
        .arg("-o")
        .arg(place.path("edited"))
        .stdout(Stdio::null())
        .status();
    assert!(status.unwrap().success());
    let edited = image::open(place.path("edited/face.png")).unwrap();
    assert_eq!((edited.width(), edited.height()), (16, 16));
}
