//! A small sweep with a worker that keeps the real one's contract but trains nothing.
#![allow(dead_code, reason = "each test program uses a part of it")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use config::{Experiment, Overrides};
use record::{CellState, inspect};
use sweep::{Machine, Memory, Options, Outcome, Plan, launch};
use tempfile::TempDir;

/// A sweep in a directory of its own, on a machine with cores and memory to spare.
pub(crate) struct Bench {
    _dir: TempDir,
    pub(crate) plan: Plan,
    pub(crate) options: Options,
}

pub(crate) fn worker() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fake-worker.sh")
}

pub(crate) fn fingerprint(_: &config::Data) -> Result<String, String> {
    Ok("faces".to_owned())
}

/// An experiment with these lines under `[factors]` and two seeds. Its cells are small, so that what
/// they are expected to need is little.
pub(crate) fn experiment(dir: &Path, factors: &str) -> Experiment {
    let base = "[data]\nsize = 32\n[model]\nwidth = 4\n[train]\nsteps = 40\nbatch = 4\n";
    fs::write(dir.join("base.toml"), base).unwrap();
    let text = format!("base = \"base.toml\"\nseeds = [1, 2]\n[factors]\n{factors}\n");
    fs::write(dir.join("tiny.toml"), text).unwrap();
    Experiment::load(&dir.join("tiny.toml"), &Overrides::default()).unwrap()
}

/// Two arms.
pub(crate) const DUAL: &str = "\"losses.dual\" = [\"adversarial\", \"none\"]";

/// So much memory, of which 1000 MiB are to stay free.
pub(crate) fn memory(available_mib: f64) -> Memory {
    Memory { available_mib, total_mib: 20_000.0 }
}

impl Bench {
    /// Two arms and two seeds.
    pub(crate) fn new() -> Bench {
        Bench::of(DUAL)
    }

    pub(crate) fn of(factors: &str) -> Bench {
        let dir = tempfile::tempdir().unwrap();
        let experiment = experiment(dir.path(), factors);
        let results = dir.path().join("results");
        let plan = Plan::new(&experiment, &results, &fingerprint).unwrap();
        let cache = results.join("cache");
        fs::create_dir_all(&cache).unwrap();
        let machine =
            Machine { cores: 8, cuda: false, memory: Arc::new(|| Some(memory(18_000.0))) };
        let (jobs, backoff) = (Some(2), Duration::from_millis(20));
        let options = Options { jobs, backoff, machine, ..Options::new(cache) };
        Bench { _dir: dir, plan, options }
    }

    /// Tells the worker how to behave, see fake-worker.sh.
    pub(crate) fn tell(&self, file: &str, content: &str) {
        fs::write(self.options.cache.join(file), content).unwrap();
    }

    pub(crate) fn behave(&self, index: usize, how: &str) {
        self.tell(&format!("behave-{}", self.id(index)), how);
    }

    pub(crate) fn launch(&self) -> Outcome {
        launch(&self.plan, &self.options, &worker()).unwrap()
    }

    pub(crate) fn calls(&self) -> Vec<String> {
        calls(&self.options.cache)
    }

    pub(crate) fn starts(&self) -> usize {
        self.calls().iter().filter(|call| call.starts_with("start")).count()
    }

    pub(crate) fn starts_of(&self, index: usize) -> usize {
        let start = format!("start {}", self.id(index));
        self.calls().iter().filter(|call| call.starts_with(&start)).count()
    }

    /// The most cells of a kind that ran at one time; `kind` names the kind of a cell.
    pub(crate) fn most(
        &self,
        kind: impl Fn(&config::RunConfig) -> String,
    ) -> BTreeMap<String, usize> {
        let (mut now, mut most) = (BTreeMap::new(), BTreeMap::new());
        for call in self.calls() {
            let mut words = call.split(' ');
            let (word, id) = (words.next().unwrap(), words.next().unwrap_or_default());
            let Some((_, run)) = self.plan.runs().find(|(cell, _)| cell.id == id) else { continue };
            let now: &mut usize = now.entry(kind(run)).or_default();
            match word {
                "start" => *now += 1,
                "end" => *now -= 1,
                _ => {}
            }
            let most: &mut usize = most.entry(kind(run)).or_default();
            *most = (*now).max(*most);
        }
        most
    }

    pub(crate) fn states(&self, retry_failed: bool) -> Vec<(CellState, bool)> {
        let statuses = inspect(&self.plan.dir, &self.plan.file, retry_failed);
        statuses.iter().map(|s| (s.state, s.will_run)).collect()
    }

    pub(crate) fn id(&self, index: usize) -> &str {
        &self.plan.file.cells[index].id
    }

    pub(crate) fn dir(&self, index: usize) -> PathBuf {
        self.plan.cell_dir(&self.plan.file.cells[index])
    }
}

/// What workers have noted.
pub(crate) fn calls(cache: &Path) -> Vec<String> {
    let text = fs::read_to_string(cache.join("calls")).unwrap_or_default();
    text.lines().map(str::to_owned).collect()
}
