//! The command line as a person meets it, with a worker that trains nothing.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test that cannot set up its files should fail")]

mod refusals;
mod results;
mod running;
mod stopping;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Output, Stdio};
use std::time::{Duration, Instant};

use assert_cmd::Command;
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

/// A directory with an experiment of two arms and two seeds, and its results.
struct Bench {
    dir: TempDir,
}

impl Bench {
    fn new() -> Bench {
        let dir = tempfile::tempdir().unwrap();
        // Small cells: however little memory the machine has left, two fit.
        let base = "[data]\nsize = 32\n[model]\nwidth = 4\n[train]\nsteps = 40\nbatch = 4\n";
        fs::write(dir.path().join("base.toml"), base).unwrap();
        let experiment = "question = \"Does it work?\"\nbase = \"base.toml\"\nseeds = [1, 2]\n\
                          [factors]\n\"losses.dual\" = [\"adversarial\", \"none\"]\n\
                          [compare]\nfactor = \"losses.dual\"\nbaseline = \"none\"\n";
        fs::write(dir.path().join("tiny.toml"), experiment).unwrap();
        Bench { dir }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn results(&self) -> PathBuf {
        self.path("results")
    }

    /// Tells the worker how to behave, see fake-worker.sh.
    fn tell(&self, file: &str, content: &str) {
        let cache = self.results().join("cache");
        fs::create_dir_all(&cache).unwrap();
        fs::write(cache.join(file), content).unwrap();
    }

    fn calls(&self, word: &str) -> usize {
        let text = fs::read_to_string(self.results().join("cache/calls")).unwrap_or_default();
        text.lines().filter(|line| line.contains(word)).count()
    }

    fn command(&self, arguments: &[&str]) -> std::process::Command {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_xtask"));
        command.current_dir(self.dir.path()).arg("--results").arg(self.results()).args(arguments);
        command
    }

    fn xtask(&self, arguments: &[&str]) -> Output {
        Command::from_std(self.command(arguments)).output().unwrap()
    }

    fn run_command(&self, arguments: &[&str]) -> std::process::Command {
        let mut command = self.command(&["run", "tiny.toml", "--jobs", "2", "--worker"]);
        command.arg(worker()).args(arguments);
        command
    }

    fn run(&self, arguments: &[&str]) -> Output {
        Command::from_std(self.run_command(arguments)).output().unwrap()
    }

    /// A run with no flag but these.
    fn run_alone(&self, arguments: &[&str]) -> Output {
        self.xtask(&[&["run", "tiny.toml"], arguments].concat())
    }

    /// Starts a run and waits until two cells are in the middle of their work.
    fn run_midway(&self) -> Child {
        self.tell("steps", "40");
        let mut command = self.run_command(&[]);
        let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let start = Instant::now();
        while self.midway() < 2 {
            assert!(start.elapsed() < Duration::from_secs(30), "no cell got going");
            std::thread::sleep(Duration::from_millis(20));
        }
        child
    }

    fn midway(&self) -> usize {
        let cells = fs::read_dir(self.results().join("tiny/cells")).into_iter().flatten();
        cells.flatten().filter(|cell| cell.path().join("checkpoints/step").exists()).count()
    }
}

fn worker() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/sweep/tests/fake-worker.sh")
}

fn signal(child: &Child, signal: Signal) {
    kill_process(Pid::from_child(child), signal).unwrap();
}

fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

fn out(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn err(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}
