//! Files of one experiment, read and proved.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use proof::{Damage, Proof};
use serde::Deserialize;
use serde_json::Value;

use crate::ReportError;

/// One experiment's directory, read.
#[derive(Clone, Debug)]
pub struct Results {
    /// `results/<experiment>`.
    pub dir: PathBuf,
    /// The experiment's name.
    pub experiment: String,
    /// What the sweep asks.
    pub question: String,
    /// Factor keys with their levels, in the experiment's order.
    pub factors: Vec<(String, Vec<String>)>,
    /// Seeds.
    pub seeds: Vec<u64>,
    /// Factor and baseline of the plan's `[compare]`.
    pub compare: Option<(String, String)>,
    /// Every planned cell, in the plan's order, whatever became of it.
    pub cells: Vec<Cell>,
}

/// What the files prove about a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CellState {
    /// `done.json` verifies: its numbers count.
    Complete,
    /// Nothing was written yet.
    NotStarted,
    /// A worker says that it works on it.
    Running,
    /// Stopped in order; the same command resumes it.
    Interrupted,
    /// The worker failed.
    Failed,
    /// A loss was not finite.
    Diverged,
    /// Said to be done, but the proof does not hold.
    Unproved,
}

impl CellState {
    /// The state in words.
    pub fn name(self) -> &'static str {
        match self {
            CellState::Complete => "complete",
            CellState::NotStarted => "not started",
            CellState::Running => "running",
            CellState::Interrupted => "interrupted",
            CellState::Failed => "failed",
            CellState::Diverged => "diverged",
            CellState::Unproved => "unproved",
        }
    }
}

/// One cell's files.
#[derive(Clone, Debug)]
pub struct Cell {
    /// First 12 digits of the cell's hash.
    pub id: String,
    /// `train.seed`.
    pub seed: u64,
    /// Factor key to level.
    pub factors: BTreeMap<String, String>,
    /// What is proved.
    pub state: CellState,
    /// The worker's error, or what the proof lacks.
    pub note: Option<String>,
    /// The training log; of an incomplete cell, as far as it goes.
    pub curves: Curves,
    /// Per-image results; only of a complete cell.
    pub images: Option<Images>,
    /// The judges' own quality; only of a complete cell.
    pub judge: Option<Judge>,
    /// The latest sample grid.
    pub sample: Option<PathBuf>,
}

impl Cell {
    /// Whether its numbers count.
    pub fn is_complete(&self) -> bool {
        self.state == CellState::Complete
    }
}

/// `metrics.jsonl` by columns.
#[derive(Clone, Debug, Default)]
pub struct Curves {
    /// Generator steps, ascending.
    pub steps: Vec<f64>,
    /// Column to values, as many as steps; NaN where a line lacks the column or holds `null`.
    pub series: BTreeMap<String, Vec<f64>>,
}

/// `eval/images.csv`.
#[derive(Clone, Debug, Default)]
pub struct Images {
    /// Metric names, in the file's order.
    pub metrics: Vec<String>,
    /// One row per test image and direction.
    pub rows: Vec<ImageRow>,
}

/// One test image in one direction.
#[derive(Clone, Debug)]
pub struct ImageRow {
    /// The image's name.
    pub image: String,
    /// `add` or `remove`.
    pub direction: String,
    /// One value per metric; `None` where it was not measured.
    pub values: Vec<Option<f64>>,
}

impl Images {
    /// The cell's score: the mean over its images of one direction, `None` where no image has the
    /// metric.
    pub fn score(&self, direction: &str, metric: &str) -> Option<f64> {
        let column = self.metrics.iter().position(|name| name == metric)?;
        let rows = self.rows.iter().filter(|row| row.direction == direction);
        let values: Vec<f64> = rows.filter_map(|row| row.values[column]).collect();
        stats::mean(&values)
    }

    /// Directions in the order in which they first stand.
    pub fn directions(&self) -> Vec<&str> {
        let mut found: Vec<&str> = Vec::new();
        for row in &self.rows {
            if !found.contains(&row.direction.as_str()) {
                found.push(&row.direction);
            }
        }
        found
    }

    /// The images of one direction, sorted.
    pub(crate) fn names(&self, direction: &str) -> Vec<&str> {
        let rows = self.rows.iter().filter(|row| row.direction == direction);
        let mut names: Vec<&str> = rows.map(|row| row.image.as_str()).collect();
        names.sort_unstable();
        names
    }
}

/// The judges of a cell, on real test images.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub struct Judge {
    /// The attribute that was edited.
    pub attribute: String,
    /// Figures of the attribute judge, such as `accuracy` and `n`.
    #[serde(rename = "judge", default)]
    pub classifier: BTreeMap<String, f64>,
    /// Figures of the landmark judge; empty without landmarks.
    #[serde(default)]
    pub landmarks: BTreeMap<String, f64>,
    /// Images whose landmarks could not be scored.
    #[serde(default)]
    pub landmarks_refused: usize,
}

#[derive(Deserialize)]
struct PlanFile {
    experiment: String,
    #[serde(default)]
    question: String,
    #[serde(default)]
    factors: Vec<(String, Vec<Value>)>,
    #[serde(default)]
    seeds: Vec<u64>,
    compare: Option<PlanCompare>,
    cells: Vec<PlanCell>,
}

#[derive(Deserialize)]
struct PlanCompare {
    factor: String,
    baseline: Value,
}

#[derive(Deserialize)]
struct PlanCell {
    id: String,
    hash: String,
    seed: u64,
    #[serde(default)]
    factors: BTreeMap<String, Value>,
}

#[derive(Deserialize)]
struct StateFile {
    state: String,
    error: Option<String>,
}

/// Reads `plan.json` and every cell's files of one experiment.
///
/// A cell is complete only when its `done.json` verifies (configuration, sizes, BLAKE3). Every
/// other cell is kept with its state: nothing is dropped.
///
/// # Errors
/// No plan, or a file that a proof vouches for is not in its format.
pub fn load(results: &Path) -> Result<Results, ReportError> {
    let path = results.join("plan.json");
    let remedy = "run the experiment first with `cargo xtask run`, or name another";
    let text = fs::read_to_string(&path).map_err(ReportError::io(&path, remedy))?;
    let plan: PlanFile = parse_json(&path, &text, "remove the file and run the experiment again")?;
    let cells = plan.cells.into_iter().map(|cell| load_cell(results, cell));
    let cells = cells.collect::<Result<_, _>>()?;
    let levels = |values: Vec<Value>| values.into_iter().map(level_text).collect();
    Ok(Results {
        dir: results.to_owned(),
        experiment: plan.experiment,
        question: plan.question,
        factors: plan.factors.into_iter().map(|(key, values)| (key, levels(values))).collect(),
        seeds: plan.seeds,
        compare: plan.compare.map(|compare| (compare.factor, level_text(compare.baseline))),
        cells,
    })
}

impl Results {
    /// Whether every planned cell is complete.
    pub fn complete(&self) -> bool {
        self.cells.iter().all(Cell::is_complete)
    }

    /// How many cells are in which state, such as `3 complete, 1 diverged`.
    pub fn states(&self) -> String {
        let mut counts: BTreeMap<CellState, usize> = BTreeMap::new();
        for cell in &self.cells {
            *counts.entry(cell.state).or_default() += 1;
        }
        let parts: Vec<String> =
            counts.iter().map(|(state, count)| format!("{count} {}", state.name())).collect();
        parts.join(", ")
    }

    /// A cell's combination of levels, in the order of the factors.
    pub fn arm(&self, cell: &Cell) -> String {
        let levels = self.factors.iter().filter_map(|(key, _)| cell.factors.get(key));
        let levels: Vec<&str> = levels.map(String::as_str).collect();
        if levels.is_empty() { "the only arm".to_owned() } else { levels.join(" · ") }
    }

    /// Arms in the plan's order.
    pub fn arms(&self) -> Vec<String> {
        let mut arms = Vec::new();
        for cell in &self.cells {
            let arm = self.arm(cell);
            if !arms.contains(&arm) {
                arms.push(arm);
            }
        }
        arms
    }

    /// Directions over all complete cells.
    pub fn directions(&self) -> Vec<&str> {
        let mut found: Vec<&str> = Vec::new();
        let images = self.cells.iter().filter_map(|cell| cell.images.as_ref());
        for direction in images.flat_map(Images::directions) {
            if !found.contains(&direction) {
                found.push(direction);
            }
        }
        found.sort_unstable();
        found
    }
}

/// A level as text; the plan writes text, other JSON scalars are taken as written.
fn level_text(value: Value) -> String {
    match value {
        Value::String(text) => text,
        other => other.to_string(),
    }
}

fn parse_json<'t, T: Deserialize<'t>>(
    path: &Path,
    text: &'t str,
    remedy: &'static str,
) -> Result<T, ReportError> {
    serde_json::from_str(text).map_err(|error| ReportError::Malformed {
        path: path.to_owned(),
        line: error.line().max(1),
        problem: error.to_string(),
        remedy,
    })
}

fn load_cell(results: &Path, plan: PlanCell) -> Result<Cell, ReportError> {
    let dir = results.join("cells").join(&plan.id);
    let (state, note) = match Proof::read(&dir, "done.json", &plan.hash) {
        Proof::Sound => (CellState::Complete, None),
        Proof::Absent => said_state(&dir),
        Proof::Stale => {
            (CellState::Unproved, Some("done.json belongs to another configuration".to_owned()))
        }
        Proof::Damaged(damages) => (CellState::Unproved, damages.first().map(Damage::to_string)),
    };
    let complete = state == CellState::Complete;
    let (images, judge) = match complete {
        true => (Some(load_images(&dir)?), Some(load_judge(&dir)?)),
        false => (None, None),
    };
    Ok(Cell {
        curves: load_curves(&dir, complete)?,
        sample: last_sample(&dir),
        id: plan.id,
        seed: plan.seed,
        factors: plan.factors.into_iter().map(|(key, level)| (key, level_text(level))).collect(),
        state,
        note,
        images,
        judge,
    })
}

/// What `state.json` says, where no proof stands.
fn said_state(dir: &Path) -> (CellState, Option<String>) {
    let Ok(text) = fs::read(dir.join("state.json")) else { return (CellState::NotStarted, None) };
    let Ok(file) = serde_json::from_slice::<StateFile>(&text) else {
        return (CellState::Unproved, Some("state.json cannot be read".to_owned()));
    };
    let state = match file.state.as_str() {
        "running" => CellState::Running,
        "interrupted" => CellState::Interrupted,
        "failed" => CellState::Failed,
        "diverged" => CellState::Diverged,
        _ => {
            let note = format!("state.json says `{}`, but there is no done.json", file.state);
            return (CellState::Unproved, Some(note));
        }
    };
    (state, file.error)
}

const REMEDY: &str = "remove the cell's directory and run the experiment again";

fn load_judge(dir: &Path) -> Result<Judge, ReportError> {
    let path = dir.join("eval/summary.json");
    let text = fs::read_to_string(&path).map_err(ReportError::io(&path, REMEDY))?;
    parse_json(&path, &text, REMEDY)
}

fn load_images(dir: &Path) -> Result<Images, ReportError> {
    let path = dir.join("eval/images.csv");
    let text = fs::read_to_string(&path).map_err(ReportError::io(&path, REMEDY))?;
    let malformed = |line: usize, problem: String| ReportError::Malformed {
        path: path.clone(),
        line,
        problem,
        remedy: REMEDY,
    };
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let header = reader.headers().map_err(|error| malformed(1, error.to_string()))?.clone();
    let column = |name: &str| {
        let found = header.iter().position(|title| title == name);
        found.ok_or_else(|| malformed(1, format!("there is no column `{name}`")))
    };
    let (image, direction) = (column("image")?, column("direction")?);
    let is_metric = |index: &usize| *index != image && *index != direction;
    let columns: Vec<usize> = (0..header.len()).filter(is_metric).collect();
    let mut rows = Vec::new();
    for (index, record) in reader.records().enumerate() {
        let line = index + 2;
        let record = record.map_err(|error| malformed(line, error.to_string()))?;
        let value = |column: &usize| {
            let text = &record[*column];
            if text.is_empty() {
                return Ok(None);
            }
            let number = text.parse::<f64>().ok().filter(|number| number.is_finite());
            number.map(Some).ok_or_else(|| {
                malformed(line, format!("`{}` is no finite number: `{text}`", &header[*column]))
            })
        };
        rows.push(ImageRow {
            image: record[image].to_owned(),
            direction: record[direction].to_owned(),
            values: columns.iter().map(value).collect::<Result<_, _>>()?,
        });
    }
    Ok(Images { metrics: columns.iter().map(|c| header[*c].to_owned()).collect(), rows })
}

/// A worker that was killed may leave a cut last line: of an incomplete cell it is skipped.
fn load_curves(dir: &Path, complete: bool) -> Result<Curves, ReportError> {
    let path = dir.join("metrics.jsonl");
    let Ok(text) = fs::read_to_string(&path) else { return Ok(Curves::default()) };
    let mut curves = Curves::default();
    for (index, line) in text.split_inclusive('\n').enumerate() {
        let parsed: Result<BTreeMap<String, Option<f64>>, _> = serde_json::from_str(line);
        match parsed {
            Ok(entry) => curves.push(&entry),
            Err(_) if !complete && !line.ends_with('\n') => {}
            Err(error) => {
                let (path, line, problem) = (path.clone(), index + 1, error.to_string());
                return Err(ReportError::Malformed { path, line, problem, remedy: REMEDY });
            }
        }
    }
    Ok(curves)
}

impl Curves {
    fn push(&mut self, entry: &BTreeMap<String, Option<f64>>) {
        let Some(step) = entry.get("step").copied().flatten() else { return };
        let before = self.steps.len();
        self.steps.push(step);
        for (name, value) in entry.iter().filter(|(name, _)| *name != "step") {
            let values = self.series.entry(name.clone()).or_default();
            values.resize(before, f64::NAN);
            values.push(value.unwrap_or(f64::NAN));
        }
        self.series.values_mut().for_each(|values| values.resize(before + 1, f64::NAN));
    }
}

/// The grid of the latest step; names are zero-padded, but a long run may outgrow the padding.
fn last_sample(dir: &Path) -> Option<PathBuf> {
    let entries = fs::read_dir(dir.join("samples")).ok()?;
    let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
    let steps = paths.filter_map(|path| {
        let name = path.file_name()?.to_str()?;
        let step: u64 = name.strip_prefix("step-")?.strip_suffix(".png")?.parse().ok()?;
        Some((step, path))
    });
    steps.max().map(|(_, path)| path)
}
