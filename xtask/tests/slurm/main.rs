//! A sweep of the real worker under a real Slurm that is made to misbehave: the numbers are those of the
//! same sweep on one machine, byte for byte.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a test says why it is skipped")]
#![allow(missing_docs, reason = "a test's helpers")]

mod cluster;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
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
    [train]\nbatch = 4\nlog_every = 1\ncheckpoint_every = 50\nsteps = 600\n";
/// Slurm tells a job 90 s before its end or up to half a minute earlier: of two minutes' time, at its
/// first look at the clock.
const PROFILE: &str =
    "partition = \"normal\"\ntime = \"2\"\ngrace = 90\nmax_running = 2\nmem = \"200M\"\n";
const USR1: u32 = 10;

struct Bench {
    // Stopped before its directory is removed.
    cluster: Cluster,
    dir: tempfile::TempDir,
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

    fn state(&self, id: &str) -> Option<Value> {
        serde_json::from_slice(&fs::read(self.cell(id).join("state.json")).ok()?).ok()
    }

    /// The running tasks that work on cells, with the cell and its worker, once training has begun.
    fn at_work(&self) -> Vec<(Task, String, Process)> {
        let (job, ids) = self.cell_job();
        let tasks = self.cluster.tasks().into_iter();
        let tasks = tasks.filter(|task| task.job == job && task.state == "RUNNING");
        let at_work = |task: Task| {
            let id = ids[task.index.parse::<usize>().unwrap()].clone();
            let dir = self.cell(&id);
            let workers = Process::find("/resgan", &["cell", &dir.to_string_lossy()]);
            let state = self.state(&id)?;
            let worker = workers.into_iter().find(|worker| state["pid"] == worker.0)?;
            let training = state["state"] == "running" && state["phase"] == "train";
            training.then_some((task, id, worker))
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

/// Counts the running tasks of each array until told to stop; gives the most of one. The limit is an
/// array's: a cell that is submitted again may start beside the last tasks of the array before.
fn sample(conf: PathBuf, stop: Arc<AtomicBool>) -> JoinHandle<usize> {
    thread::spawn(move || {
        let mut most = 0;
        while !stop.load(Ordering::SeqCst) {
            let mut command = Command::new("squeue");
            command.env("SLURM_CONF", &conf);
            command.args(["--noheader", "--array", "--states=RUNNING", "--partition=normal"]);
            let text = command.args(["--format=%F %K"]).output().unwrap().stdout;
            let mut running = BTreeMap::<String, usize>::new();
            for line in String::from_utf8_lossy(&text).lines() {
                let (array, task) = line.trim().split_once(' ').unwrap_or_default();
                if task.trim().parse::<u32>().is_ok() {
                    *running.entry(array.to_owned()).or_default() += 1;
                }
            }
            most = most.max(running.into_values().max().unwrap_or_default());
            thread::sleep(Duration::from_millis(200));
        }
        most
    })
}

/// Why there is nothing to test with here.
fn missing(worker: &Path) -> Option<String> {
    if !worker.is_file() {
        return Some(format!("{} is not built", worker.display()));
    }
    Cluster::possible().err()
}

#[test]
fn a_sweep_under_slurm_has_the_numbers_of_one_machine() {
    let worker = Path::new(env!("CARGO_BIN_EXE_xtask")).with_file_name("resgan");
    if let Some(why) = missing(&worker) {
        eprintln!("SKIPPED, no Slurm to test with: {why}");
        return;
    }
    let bench = Bench::new(worker);
    let cluster = &bench.cluster;
    begin_locally(&bench);
    forget(&bench);

    let (_, ids) = bench.cell_job();
    assert_eq!(ids.len(), 10);
    // A file where the worker needs a directory: repaired at the end.
    let failing = ids.last().unwrap().clone();
    fs::create_dir_all(bench.cell(&failing)).unwrap();
    fs::write(bench.cell(&failing).join("checkpoints"), "in the way").unwrap();
    // In a cell that was begun: in any other it would be somebody's file, and be refused.
    let note = r#"{"number": 1, "attempt": "a", "host": "gone", "pid": 1, "started": 1}"#;
    fs::write(bench.cell(&failing).join("owner.json"), note).unwrap();
    let stop = Arc::new(AtomicBool::new(false));
    let sampler = sample(cluster.conf(), Arc::clone(&stop));

    let [slow, lost] = stop_two(&bench);
    // A stopped process is hung up on when the one above it dies: it is stopped again behind that death.
    lost.2.signal("CONT");
    cluster.lose_node(&lost.0.node);
    lost.2.signal("STOP");
    outlast_time_limit(&bench, &slow.1, slow.2);
    preempt(&bench, &lost.1);
    outdate(&bench, &lost.1, &lost.0.node, lost.2);

    let slurm = ["--launcher", "slurm", "--profile", "profile.toml", "--wait"];
    let (code, text) = bench.run("results", &slurm);
    assert_eq!(code, 1, "{text}");
    stop.store(true, Ordering::SeqCst);
    assert_eq!(sampler.join().unwrap(), 2, "tasks at a time");
    assert_eq!(bench.in_state("failed"), BTreeSet::from([failing.clone()]), "{text}");
    assert_eq!(bench.in_state("done").len(), 11);
    assert!(bench.path("results/tiny/tables/cells.csv").exists(), "the last job has reported");

    fs::remove_file(bench.cell(&failing).join("checkpoints")).unwrap();
    let (code, text) = bench.run("results", &["--jobs", "2", "--retry-failed"]);
    assert_eq!(code, 0, "{text}");
    let (code, text) = bench.run("reference", &["--jobs", "2"]);
    assert_eq!(code, 0, "{text}");
    compare(&bench);
}

/// Cells that ran on this machine are not submitted.
fn begin_locally(bench: &Bench) {
    let (code, text) = bench.run("results", &["--seeds", "6", "--jobs", "2"]);
    assert_eq!(code, 0, "{text}");
}

/// A controller that loses what it was given: the same command submits it again, and only once. Job
/// numbers come again.
fn forget(bench: &Bench) {
    let memory = bench.cluster.memory();
    let text = bench.submit(&[]);
    assert!(text.contains("submitted 10 cells"), "{text}");
    bench.cluster.lose_controller(&memory);
    assert_eq!(bench.cluster.tasks(), []);
    // What a forgotten job was doing is ended by its node.
    let dir = bench.path("results").to_string_lossy().into_owned();
    wait_for("the forgotten job ends", 60, || {
        let idle = bench.cluster.ask("sinfo", &["-h", "-p", "normal", "-t", "idle", "-o", "%D"])?;
        (Process::find("", &[&dir]).is_empty() && idle.trim() == "2").then_some(())
    });
    let text = bench.submit(&[]);
    assert!(text.contains("submitted 10 cells"), "{text}");
    let text = bench.submit(&[]);
    assert!(text.contains("10 cells in Slurm's queue") && !text.contains("submitted"), "{text}");
}

/// Stops the workers of two cells on two nodes, as if these were slow.
fn stop_two(bench: &Bench) -> [(Task, String, Process); 2] {
    let mut stopped: Vec<(Task, String, Process)> = Vec::new();
    wait_for("two cells train on two nodes", 120, || {
        bench.cluster.resume_nodes();
        for found in bench.at_work() {
            if stopped.iter().all(|other| other.0.node != found.0.node) {
                found.2.signal("STOP");
                stopped.push(found);
            }
        }
        (stopped.len() == 2).then_some(())
    });
    stopped.try_into().unwrap()
}

/// Slurm tells a cell that its time is up: it saves, and its task is requeued.
fn outlast_time_limit(bench: &Bench, id: &str, worker: Process) {
    wait_for("Slurm warns of the time limit, and the task is requeued", 90, || {
        if worker.pending(USR1) {
            worker.signal("CONT");
        }
        bench.task(id).filter(|task| task.restarts == 1)
    });
    assert!(!worker.alive());
    assert_eq!(bench.state(id).unwrap()["state"], "interrupted");
}

/// A job of higher priority takes the node of a cell (not `but` that one): it is requeued.
fn preempt(bench: &Bench, but: &str) {
    let (task, id, worker) = wait_for("a further cell trains", 60, || {
        bench.at_work().into_iter().find(|(_, id, _)| id != but)
    });
    worker.signal("STOP");
    let node = format!("--nodelist={}", task.node);
    let job = ["-p", "high", "-N1", "--exclusive", "--output=/dev/null", &node, "--wrap=sleep 2"];
    bench.cluster.ask("sbatch", &job).unwrap();
    wait_for("the task is preempted", 60, || {
        bench.task(&id).filter(|now| now.restarts > task.restarts)
    });
}

/// A cell of a lost node is taken up elsewhere; the first worker, still there, must not write any more.
fn outdate(bench: &Bench, id: &str, node: &str, orphan: Process) {
    wait_for("the lost task is requeued", 120, || bench.task(id).filter(|task| task.restarts >= 1));
    bench.cluster.revive_node(node);
    wait_for("the second attempt has taken the cell", 120, || {
        let state = bench.state(id)?;
        (state["pid"] != orphan.0 && state["phase"] != "data").then_some(())
    });
    assert!(orphan.alive(), "the first worker of {id} has ended");
    assert!(bench.attempts(id) >= 2);
    orphan.signal("CONT");
    wait_for("the orphan ends", 60, || (!orphan.alive()).then_some(()));
    let log = fs::read_to_string(bench.cell(id).join("log.txt")).unwrap();
    // It says so itself, or it was stopped inside a checkpoint whose scratch directory the later attempt
    // has removed.
    let ends = ["a later attempt has taken", "cannot write the checkpoint"];
    assert!(ends.iter().any(|end| log.contains(end)), "{log}");
    for note in ["state.json", "owner.json"] {
        let text = fs::read(bench.cell(id).join(note)).unwrap();
        let note: Value = serde_json::from_slice(&text).unwrap();
        assert_ne!(note["pid"], orphan.0);
    }
}

/// Everything that a cell's numbers are in, and what is made of them, byte for byte.
fn compare(bench: &Bench) {
    let ids = bench.ids("reference");
    assert_eq!(bench.ids("results"), ids);
    let files = ["eval/images.csv", "metrics.jsonl", "weights/g0.safetensors"];
    let files = files.into_iter().chain(["weights/g1.safetensors", "eval/summary.json"]);
    let cells = ids.iter().flat_map(|id| files.clone().map(move |f| format!("cells/{id}/{f}")));
    for name in cells.chain(["tables/comparison.csv".to_owned()]) {
        let read = |results: &str| fs::read(bench.path(results).join("tiny").join(&name)).unwrap();
        assert!(read("results") == read("reference"), "{name} differs");
    }
}
