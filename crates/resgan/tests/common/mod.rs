//! A place for cells of a tiny run, and the worker that trains them.
#![allow(dead_code, reason = "not every test uses everything")]

pub(crate) mod desk;
#[cfg(target_os = "linux")]
pub(crate) mod trace;
pub(crate) mod trained;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use assert_cmd::cargo::cargo_bin;

/// Judges of three steps would be refused unless any will do.
pub(crate) const RUN: &str = "[data]\nsize = 16\nsynthetic_count = 64\n[model]\nwidth = 4\n\
                       [losses]\nperceptual_layer = 2\n\
                       [eval]\nclassifier_steps = 3\nlandmark_steps = 3\nidentity_steps = 3\n\
                       landmark_images = 20\nert_cascade_depth = 2\nert_trees = 4\nert_oversampling = 2\n\
                       judge_width = 4\njudge_batch = 8\nleast_accuracy = 0.01\n[train]\nbatch = 4\nlog_every = 1\n";

/// What a cell's figures rest on.
pub(crate) const RESULTS: [&str; 6] = [
    "metrics.jsonl",
    "weights/g0.safetensors",
    "weights/g1.safetensors",
    "eval/images.csv",
    "eval/landmarks.csv",
    "eval/summary.json",
];

pub(crate) struct Place(tempfile::TempDir);

impl Place {
    pub(crate) fn new(steps: usize) -> Place {
        Place::with(steps, "")
    }

    /// `train` adds keys to `[train]`.
    pub(crate) fn with(steps: usize, train: &str) -> Place {
        let place = Place(tempfile::tempdir().unwrap());
        fs::write(place.path("run.toml"), format!("{RUN}steps = {steps}\n{train}\n")).unwrap();
        place
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// The same place once more.
    pub(crate) fn copied(&self) -> Place {
        let place = Place(tempfile::tempdir().unwrap());
        copy(self.0.path(), place.0.path());
        place
    }

    /// The command line of a cell behind other words (a tracer, say).
    pub(crate) fn command(&self, before: &[&str], dir: &str) -> Command {
        let mut command = worker(before);
        command.args(["cell", "--config"]).arg(self.path("run.toml"));
        command.arg("--dir").arg(self.path(dir)).arg("--cache").arg(self.path("cache"));
        command
    }

    /// `resgan eval` of a cell, likewise.
    pub(crate) fn rejudge(&self, before: &[&str], dir: &str, set: &[&str]) -> Command {
        let mut command = worker(before);
        command.arg("eval").arg(self.path(dir)).arg("--cache").arg(self.path("cache"));
        command.args(set.iter().flat_map(|set| ["--set", set]));
        command
    }

    pub(crate) fn cell(&self, dir: &str) -> Child {
        self.command(&[], dir).spawn().unwrap()
    }

    /// Exit code and messages.
    pub(crate) fn run(&self, dir: &str) -> (i32, String) {
        let output = self.cell(dir).wait_with_output().unwrap();
        let messages = String::from_utf8_lossy(&output.stderr).into_owned();
        (output.status.code().unwrap(), messages)
    }

    pub(crate) fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(name)).unwrap_or_else(|e| panic!("{name}: {e}"))
    }

    /// Both cells came to the very same results.
    pub(crate) fn assert_equal(&self, a: &str, b: &str) {
        for name in RESULTS {
            let same = self.read(&format!("{a}/{name}")) == self.read(&format!("{b}/{name}"));
            assert!(same, "{name} of {b} differs from {a}'s");
        }
    }
}

/// The program behind other words, its messages captured.
fn worker(before: &[&str]) -> Command {
    let worker = cargo_bin!("resgan").to_str().unwrap().to_owned();
    let words = [before, &[worker.as_str()]].concat();
    let mut command = Command::new(words[0]);
    command.args(&words[1..]).stdout(Stdio::null()).stderr(Stdio::piped());
    command
}

/// Copies a directory.
pub(crate) fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().flatten() {
        match entry.file_type().unwrap().is_dir() {
            true => copy(&entry.path(), &to.join(entry.file_name())),
            false => drop(fs::copy(entry.path(), to.join(entry.file_name())).unwrap()),
        }
    }
}

/// Every file below a directory with its content.
pub(crate) fn content(dir: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    fn gather(root: &Path, dir: &Path, all: &mut BTreeMap<PathBuf, Vec<u8>>) {
        for entry in fs::read_dir(dir).into_iter().flatten().flatten() {
            let path = entry.path();
            match path.is_dir() {
                true => gather(root, &path, all),
                false => {
                    let bytes = fs::read(&path).unwrap();
                    all.insert(path.strip_prefix(root).unwrap().to_owned(), bytes);
                }
            }
        }
    }
    let mut all = BTreeMap::new();
    gather(dir, dir, &mut all);
    all
}

pub(crate) fn wait_for(path: &Path) {
    wait_until(path, || path.exists());
}

/// Waits until a file has something in it.
pub(crate) fn wait_for_text(path: &Path) {
    wait_until(path, || fs::metadata(path).is_ok_and(|file| file.len() > 0));
}

fn wait_until(path: &Path, come: impl Fn() -> bool) {
    let started = Instant::now();
    while !come() {
        assert!(started.elapsed() < Duration::from_secs(300), "{} never came", path.display());
        std::thread::sleep(Duration::from_millis(20));
    }
}

pub(crate) fn signal(child: &Child, name: &str) {
    let pid = child.id().to_string();
    assert!(Command::new("kill").args([name, &pid]).status().unwrap().success());
}
