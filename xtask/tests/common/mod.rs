//! A directory with experiments and their results, and a worker that trains nothing.
#![allow(dead_code, reason = "each test program uses a part of it")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

/// A directory of its own.
pub(crate) struct Home {
    dir: TempDir,
}

/// An experiment of two arms and two seeds, on a base beside it.
pub(crate) const STUDY: &str = "question = \"Does it work?\"\nbase = \"base.toml\"\nseeds = [1, 2]\n\
                                [factors]\n\"losses.dual\" = [\"adversarial\", \"none\"]\n\
                                [compare]\nfactor = \"losses.dual\"\nbaseline = \"none\"\n";

impl Home {
    /// With these experiments; the name decides how long they train, so that no two share a cell.
    pub(crate) fn with(names: &[&str]) -> Home {
        let home = Home { dir: tempfile::tempdir().unwrap() };
        names.iter().enumerate().for_each(|(index, name)| home.add(name, 40 + index));
        home
    }

    /// Adds an experiment that trains so many steps.
    pub(crate) fn add(&self, name: &str, steps: usize) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let base = "[data]\nsize = 32\n[model]\nwidth = 4\n[train]\nsteps = 40\nbatch = 4\n";
        fs::write(path.with_file_name("base.toml"), base).unwrap();
        fs::write(&path, format!("{STUDY}[set]\n\"train.steps\" = {steps}\n")).unwrap();
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Tells the worker how to behave, see fake-worker.sh.
    pub(crate) fn tell(&self, file: &str, content: &str) {
        let cache = self.path("results/cache");
        fs::create_dir_all(&cache).unwrap();
        fs::write(cache.join(file), content).unwrap();
    }

    /// What workers have noted.
    pub(crate) fn calls(&self) -> Vec<String> {
        let text = fs::read_to_string(self.path("results/cache/calls")).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
        command.current_dir(self.dir.path());
        command.arg("--results").arg(self.path("results")).args(arguments);
        command.stdin(Stdio::null());
        command
    }

    pub(crate) fn xtask(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    pub(crate) fn run_command(&self, arguments: &[&str]) -> Command {
        let mut command = self.command(&["run", "--jobs", "2", "--worker"]);
        command.arg(worker()).args(arguments);
        command
    }

    /// Runs an experiment with the worker that trains nothing.
    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        self.run_command(arguments).output().unwrap()
    }

    /// How many cells lie among the results of this name.
    pub(crate) fn cells(&self, name: &str) -> usize {
        let cells = fs::read_dir(self.path("results").join(name).join("cells"));
        cells.into_iter().flatten().count()
    }
}

fn worker() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/sweep/tests/fake-worker.sh")
}

pub(crate) fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

pub(crate) fn out(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

pub(crate) fn err(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}
