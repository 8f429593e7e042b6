//! What a cell will cost, from what cells like it have cost; never from anything else.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use config::{BackendKind, RunConfig};
use record::{CellState, DONE, Owner, Snapshot, cell_dir, last_lines};
use serde::{Deserialize, Serialize};

/// Cells of one shape that are measured at most; a median needs no more.
const ENOUGH: usize = 16;
/// Cell directories that are looked at in one experiment besides the plan's own.
const LOOKED_AT: usize = 200;
const MIB: f64 = 1024.0 * 1024.0;

/// What decides what a cell costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Shape {
    size: usize,
    width: usize,
    batch: usize,
    d_steps: usize,
    backend: BackendKind,
    threads: usize,
}

impl Shape {
    fn of(run: &RunConfig) -> Shape {
        Shape {
            size: run.data.size,
            width: run.model.width,
            batch: run.train.batch,
            d_steps: run.train.d_steps,
            backend: run.backend.kind,
            threads: run.backend.threads,
        }
    }
}

/// What was measured on cells of one shape.
#[derive(Clone, Debug, Default)]
struct Samples {
    /// Seconds per training step.
    step: Vec<f64>,
    /// Seconds of a cell besides training: reading data, judging, writing.
    rest: Vec<f64>,
    /// MiB on the disk of a finished cell.
    disk: Vec<f64>,
    /// MiB of memory at the peak.
    memory: Vec<f64>,
}

impl Samples {
    fn fields(&mut self) -> [&mut Vec<f64>; 4] {
        [&mut self.step, &mut self.rest, &mut self.disk, &mut self.memory]
    }

    /// Takes over what is still unknown.
    fn fill(&mut self, mut other: Samples) {
        for (own, other) in self.fields().into_iter().zip(other.fields()) {
            if own.is_empty() {
                *own = std::mem::take(other);
            }
        }
    }

    fn whole(&self) -> bool {
        ![&self.step, &self.disk, &self.memory].iter().any(|field| field.is_empty())
    }
}

/// What one cell is expected to cost; `None` where nothing like it was measured yet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Expected {
    /// Seconds: training that lies ahead, plus reading data and judging where that was measured.
    pub seconds: Option<f64>,
    /// MiB on the disk.
    pub disk_mib: Option<f64>,
    /// MiB of memory at the peak.
    pub memory_mib: Option<f64>,
}

/// Medians over finished and running cells with the same `data.size`, `model.width`, `train.batch`,
/// `train.d_steps`, `backend.kind` and `backend.threads`.
#[derive(Debug, Default)]
pub struct Estimates(HashMap<Shape, Samples>);

impl Estimates {
    /// Measures what lies in the experiment's directory; for shapes of which nothing lies there, what
    /// lies in the directories of other experiments beside it. `cells` are the ids and configurations
    /// of the plan.
    pub fn measure<'a>(
        dir: &Path,
        cells: impl Iterator<Item = (&'a str, &'a RunConfig)>,
    ) -> Estimates {
        let mut wanted = HashSet::new();
        let mut known: HashSet<&str> = HashSet::new();
        let mut own = Gathering::default();
        for (id, run) in cells {
            wanted.insert(Shape::of(run));
            known.insert(id);
            own.take(run, || cell_dir(dir, id));
        }
        let mut estimates = Estimates::default();
        estimates.fill(own.0);
        let elsewhere = beside(dir);
        let places = std::iter::once(dir.to_owned()).chain(elsewhere);
        for place in places {
            let missing = |shape: &&Shape| !estimates.0.get(shape).is_some_and(Samples::whole);
            let missing: HashSet<Shape> = wanted.iter().filter(missing).copied().collect();
            if missing.is_empty() {
                break;
            }
            estimates.fill(gather(&place, &missing, &known));
        }
        estimates
    }

    fn fill(&mut self, found: HashMap<Shape, Samples>) {
        for (shape, samples) in found {
            self.0.entry(shape).or_default().fill(samples);
        }
    }

    /// What a cell will cost that has `done` steps of training behind it.
    pub fn of(&self, run: &RunConfig, done: usize) -> Expected {
        let Some(samples) = self.0.get(&Shape::of(run)) else { return Expected::default() };
        let steps = run.train.steps.saturating_sub(done) as f64;
        let rest = median(&samples.rest).unwrap_or_default();
        Expected {
            seconds: median(&samples.step).map(|step| step * steps + rest),
            disk_mib: median(&samples.disk),
            memory_mib: median(&samples.memory),
        }
    }
}

/// Directories of other experiments.
fn beside(dir: &Path) -> Vec<PathBuf> {
    let entries = dir.parent().and_then(|parent| fs::read_dir(parent).ok());
    let paths = entries.into_iter().flatten().flatten().map(|entry| entry.path());
    let mut found: Vec<PathBuf> =
        paths.filter(|path| path != dir && path.join("cells").is_dir()).collect();
    found.sort();
    found
}

/// Measures the cells of a directory that have a wanted shape, whatever plan made them.
fn gather(dir: &Path, wanted: &HashSet<Shape>, known: &HashSet<&str>) -> HashMap<Shape, Samples> {
    let mut gathering = Gathering::default();
    let entries = fs::read_dir(dir.join("cells")).into_iter().flatten().flatten();
    let unknown = entries.filter(|e| !e.file_name().to_str().is_some_and(|id| known.contains(id)));
    for entry in unknown.take(LOOKED_AT) {
        let path = entry.path();
        let Ok(run) = RunConfig::load(&path.join("config.toml"), &[]) else { continue };
        if wanted.contains(&Shape::of(&run)) {
            gathering.take(&run, || path);
        }
    }
    gathering.0
}

#[derive(Default)]
struct Gathering(HashMap<Shape, Samples>);

impl Gathering {
    fn take(&mut self, run: &RunConfig, dir: impl FnOnce() -> PathBuf) {
        let samples = self.0.entry(Shape::of(run)).or_default();
        if samples.disk.len() < ENOUGH {
            let mut one = measure(&dir()).unwrap_or_default();
            for (all, own) in samples.fields().into_iter().zip(one.fields()) {
                all.append(own);
            }
        }
    }
}

#[derive(Deserialize)]
struct Timing {
    step: usize,
    seconds: f64,
}

/// What one cell's files say it has cost; `None` if it says nothing that others can be judged by.
fn measure(dir: &Path) -> Option<Samples> {
    let snapshot = Snapshot::read(dir)?;
    let done = snapshot.state == Some(CellState::Done) && dir.join(DONE).exists();
    if !done && !matches!(snapshot.state, Some(CellState::Running | CellState::Interrupted)) {
        return None;
    }
    let line = last_lines(&dir.join("timing.jsonl"), 1).pop();
    let timing: Option<Timing> = line.and_then(|line| serde_json::from_str(&line).ok());
    let timing = timing.filter(|timing| timing.step > 0 && timing.seconds > 0.0);
    let mut samples = Samples::default();
    samples.step.extend(timing.as_ref().map(|t| t.seconds / t.step as f64));
    // Before its first step a cell has not allocated what it will need.
    let stepped = done || snapshot.rate > 0.0;
    samples.memory.extend(snapshot.peak_mib.filter(|peak| stepped && *peak > 0.0));
    if done {
        samples.disk.push(size_mib(dir));
        samples.rest.extend(timing.and_then(|timing| rest(dir, &snapshot, &timing)));
    }
    Some(samples)
}

/// Seconds besides training of a cell that was made in one go.
fn rest(dir: &Path, snapshot: &Snapshot, timing: &Timing) -> Option<f64> {
    let owner = Owner::read(dir).filter(|owner| owner.number == 1)?;
    let whole = snapshot.updated.checked_sub(owner.started)? as f64;
    (owner.attempt == snapshot.attempt && whole >= timing.seconds).then_some(whole - timing.seconds)
}

/// MiB that a directory takes on its disk.
pub(crate) fn size_mib(dir: &Path) -> f64 {
    fn bytes(dir: &Path) -> u64 {
        let entries = fs::read_dir(dir).into_iter().flatten().flatten();
        let size = |entry: fs::DirEntry| match entry.metadata() {
            Ok(found) if found.is_dir() => bytes(&entry.path()),
            Ok(found) => found.len().max(512 * found.blocks()),
            Err(_) => 0,
        };
        entries.map(size).sum()
    }
    bytes(dir) as f64 / MIB
}

fn median(values: &[f64]) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    match sorted.len() {
        0 => None,
        n if n % 2 == 1 => Some(sorted[middle]),
        _ => Some((sorted[middle - 1] + sorted[middle]) / 2.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn medians_of_odd_even_and_no_values() {
        assert_eq!(median(&[3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(&[4.0, 1.0, 2.0, 3.0]), Some(2.5));
        assert_eq!(median(&[]), None);
    }
}
