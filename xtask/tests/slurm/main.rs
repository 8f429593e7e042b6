//! A sweep of the real worker under a real Slurm that is made to misbehave: the numbers are those of the
//! same sweep on one machine, byte for byte.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a test says why it is skipped")]
#![allow(missing_docs, reason = "a test's helpers")]

mod cluster;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use cluster::{Cluster, Process, Task, wait_for};
use serde_json::Value;

const EXPERIMENT: &str = "question = \"Is it the same everywhere?\"\nbase = \"base.toml\"\n\
    seeds = [1, 2, 3, 4, 5, 6]\n[factors]\n\"losses.dual\" = [\"adversarial\", \"none\"]\n\
    [compare]\nfactor = \"losses.dual\"\nbaseline = \"none\"\n";
const RUN: &str = "[data]\nsize = 16\nsynthetic_count = 64\n[model]\nwidth = 4\n\
    [losses]\nperceptual_layer = 2\n[eval]\nclassifier_steps = 3\nlandmark_steps = 3\n\
    identity_steps = 3\nlandmark_images = 20\nert_cascade_depth = 2\nert_trees = 4\n\
    ert_oversampling = 2\njudge_width = 4\njudge_batch = 8\n\
    [train]\nbatch = 4\nlog_every = 1\ncheckpoint_every = 50\nsteps = 300\n";
/// Slurm tells a job 90 s before its end or up to half a minute earlier: of two minutes' time, at its
/// first look at the clock.
const PROFILE: &str =
    "partition = \"normal\"\ntime = \"2\"\ngrace = 90\nmax_running = 2\nmem = \"200M\"\n";
const USR1: u32 = 10;

struct Bench {
    dir: tempfile::TempDir,
    cluster: Cluster,
    worker: PathBuf,
}

impl Bench {
    fn new(worker: PathBuf) -> Bench {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("base.toml"), RUN).unwrap();
        fs::write(dir.path().join("tiny.toml"), EXPERIMENT).unwrap();
        fs::write(dir.path().join("profile.toml"), PROFILE).unwrap();
        let cluster = Cluster::start(&dir.path().join("cluster"));
        Bench { dir, cluster, worker }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn xtask(&self, results: &str, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
        command.current_dir(self.dir.path()).env("SLURM_CONF", self.cluster.conf());
        command.arg("--results").arg(self.path(results)).args(arguments).output().unwrap()
    }

    fn run(&self, results: &str, arguments: &[&str]) -> (i32, String) {
        let worker = self.worker.to_string_lossy().into_owned();
        let all = [&["run", "tiny.toml", "--worker", &worker], arguments].concat();
        let output = self.xtask(results, &all);
        let text = [output.stdout, output.stderr].concat();
        (output.status.code().unwrap_or(-1), String::from_utf8_lossy(&text).into_owned())
    }

    fn submit(&self, more: &[&str]) -> String {
        let slurm = ["--launcher", "slurm", "--profile", "profile.toml"];
        let (code, text) = self.run("results", &[&slurm[..], more].concat());
        assert_eq!(code, 0, "{text}");
        text
    }

    fn cell(&self, id: &str) -> PathBuf {
        self.path("results/tiny/cells").join(id)
    }

    /// Ids of all cells of the plan.
    fn ids(&self, results: &str) -> Vec<String> {
        let text = fs::read(self.path(results).join("tiny/plan.json")).unwrap();
        let plan: Value = serde_json::from_slice(&text).unwrap();
        let id = |cell: &Value| cell["id"].as_str().unwrap().to_owned();
        plan["cells"].as_array().unwrap().iter().map(id).collect()
    }

    /// Cells in the state, as `status` says.
    fn in_state(&self, state: &str) -> BTreeSet<String> {
        let output = self.xtask("results", &["status", "tiny.toml", "--format", "json"]);
        let status: Value = serde_json::from_slice(&output.stdout).unwrap();
        let cells = status["cells"].as_array().unwrap().iter();
        let cells = cells.filter(|cell| cell["state"] == state);
        cells.map(|cell| cell["id"].as_str().unwrap().to_owned()).collect()
    }

    /// The jobs of the newest submission that work on cells: number, and ids by index.
    fn cell_job(&self) -> (String, Vec<String>) {
        let entries = fs::read_dir(self.path("results/tiny/slurm")).unwrap().flatten();
        let folder = entries.map(|e| e.path()).filter(|path| path.is_dir()).max().unwrap();
        let text = fs::read(folder.join("submission.json")).unwrap();
        let record: Value = serde_json::from_slice(&text).unwrap();
        let jobs = record["jobs"].as_array().unwrap();
        let job = jobs.iter().find(|job| job["kind"] == "cells").unwrap();
        let ids = job["cells"].as_array().unwrap().iter();
        let ids = ids.map(|id| id.as_str().unwrap().to_owned()).collect();
        (job["job"].to_string(), ids)
    }

    /// The running tasks that work on cells, with the cell and its worker, once training has begun.
    fn at_work(&self) -> Vec<(Task, String, Process)> {
        let (job, ids) = self.cell_job();
        let tasks = self.cluster.tasks().into_iter();
        let tasks = tasks.filter(|task| task.job == job && task.state == "RUNNING");
        let at_work = |task: Task| {
            let id = ids[task.index.parse::<usize>().unwrap()].clone();
            let dir = self.cell(&id);
            let worker = *Process::find("/resgan", &["cell", &dir.to_string_lossy()]).first()?;
            let state = fs::read(dir.join("state.json")).ok()?;
            let state: Value = serde_json::from_slice(&state).ok()?;
            let training = state["pid"] == worker.0 && state["phase"] == "train";
            (training && state["state"] == "running").then_some((task, id, worker))
        };
        tasks.filter_map(at_work).collect()
    }

    /// The task that works on a cell.
    fn task(&self, id: &str) -> Option<Task> {
        let (job, ids) = self.cell_job();
        let index = ids.iter().position(|other| other == id)?.to_string();
        self.cluster.tasks().into_iter().find(|task| task.job == job && task.index == index)
    }

    fn attempts(&self, id: &str) -> usize {
        let log = fs::read_to_string(self.cell(id).join("log.txt")).unwrap_or_default();
        log.lines().filter(|line| line.starts_with("=== attempt ")).count()
    }
}

/// Counts running tasks of arrays until told to stop; gives the most.
fn sample(conf: PathBuf, stop: Arc<AtomicBool>) -> JoinHandle<usize> {
    thread::spawn(move || {
        let mut most = 0;
        while !stop.load(Ordering::SeqCst) {
            let mut command = Command::new("squeue");
            command.env("SLURM_CONF", &conf);
            command.args(["--noheader", "--array", "--states=RUNNING", "--partition=normal"]);
            let text = command.args(["--format=%K"]).output().unwrap().stdout;
            let text = String::from_utf8_lossy(&text).into_owned();
            let running = text.lines().filter(|line| line.trim().parse::<u32>().is_ok()).count();
            most = most.max(running);
            thread::sleep(Duration::from_millis(200));
        }
        most
    })
}
