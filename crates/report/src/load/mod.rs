//! Files of one experiment, read and proved.

mod curves;
mod images;
mod landmarks;
mod means;
mod samples;
mod summary;
mod table;
mod text;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use record::tables::{ScoreRow, Summary};
use record::{CellState, CellStatus, Made, PlanFile};

pub use curves::Curves;
pub use images::{ImageRow, Images};
pub(crate) use landmarks::POINTS;
pub use landmarks::{Detection, Landmarks};
pub use means::{Flips, Strength, scores};
pub use samples::last_sample;
pub(crate) use samples::step_of;
pub use summary::summary;

use text::REMEDY;

use crate::ReportError;
use crate::level::quoted_level;

/// One experiment's directory, read.
#[derive(Clone, Debug)]
pub struct Results {
    /// `results/<experiment>`.
    pub dir: PathBuf,
    /// The experiment's name.
    pub experiment: String,
    /// The command that asks for the sweep again.
    pub command: String,
    /// The options that it was asked for with (`--set` and the like).
    pub asked: Vec<String>,
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
    /// Why its numbers do not count; `None` if they do.
    pub note: Option<String>,
    /// What made its numbers, if its proof says so.
    pub made: Option<Made>,
    /// The training log; of an incomplete cell, as far as it goes.
    pub curves: Curves,
    /// Per-image results; only of a complete cell.
    pub images: Option<Images>,
    /// Errors of landmark detectors; empty without landmarks.
    pub landmarks: Landmarks,
    /// Success and its price by edit strength; empty if not measured.
    pub strength: Vec<Strength>,
    /// What the edits did to every attribute; empty if not measured.
    pub attributes: Vec<Flips>,
    /// Metrics of whole sets of images; empty if not measured.
    pub scores: Vec<ScoreRow>,
    /// The judges' own quality; only of a complete cell.
    pub judge: Option<Summary>,
    /// The latest sample grid.
    pub sample: Option<PathBuf>,
}

impl Cell {
    /// Whether its numbers count.
    pub fn is_complete(&self) -> bool {
        self.state == CellState::Done
    }

    /// The part of the data that its scores are of: `test` or `validation`.
    pub fn judged_on(&self) -> &str {
        Made::judged_on(self.made.as_ref())
    }

    /// The cell's score: the mean over its images of one direction, or its only value where the
    /// metric belongs to the whole set; `None` where it was not measured.
    pub fn score(&self, direction: &str, metric: &str) -> Option<f64> {
        let images = self.images.as_ref().and_then(|images| images.score(direction, metric));
        let same = |score: &&ScoreRow| score.metric == metric && score.direction == direction;
        images.or_else(|| self.scores.iter().find(same).map(|score| score.value))
    }

    /// Names of everything that has a score.
    pub(crate) fn metrics(&self) -> impl Iterator<Item = &str> {
        let images = self.images.iter().flat_map(|images| images.metrics.iter());
        images.map(String::as_str).chain(self.scores.iter().map(|score| &*score.metric))
    }

    /// Directions that were edited.
    pub(crate) fn directions(&self) -> Vec<&str> {
        let mut found = self.images.as_ref().map_or_else(Vec::new, Images::directions);
        for score in &self.scores {
            if !found.contains(&&*score.direction) {
                found.push(&score.direction);
            }
        }
        found
    }
}

/// Reads `plan.json` and every cell's files of one experiment.
///
/// A cell is complete only when its `done.json` verifies (configuration, sizes, BLAKE3). Every
/// other cell is kept with its state: nothing is dropped.
///
/// # Errors
/// No plan, or a file that a proof vouches for is not in its format.
pub fn load(results: &Path) -> Result<Results, ReportError> {
    let plan = PlanFile::read(results)?;
    let statuses = record::inspect(results, &plan, false);
    let cells = statuses.into_iter().map(|status| load_cell(results, status));
    let cells = cells.collect::<Result<_, _>>()?;
    Ok(Results {
        dir: results.to_owned(),
        command: plan.command(),
        asked: plan.made.as_ref().map(record::Origin::arguments).unwrap_or_default(),
        experiment: plan.experiment,
        question: plan.question,
        factors: plan.factors,
        seeds: plan.seeds,
        compare: plan.compare.map(|compare| (compare.factor, compare.baseline)),
        cells,
    })
}

impl Results {
    /// Whether every planned cell is complete.
    pub fn complete(&self) -> bool {
        self.cells.iter().all(Cell::is_complete)
    }

    /// How many cells are in which state, such as `3 done, 1 diverged`.
    pub fn states(&self) -> String {
        let mut counts: BTreeMap<CellState, usize> = BTreeMap::new();
        for cell in &self.cells {
            *counts.entry(cell.state).or_default() += 1;
        }
        let parts: Vec<String> =
            counts.iter().map(|(state, count)| format!("{count} {}", state.name())).collect();
        parts.join(", ")
    }

    /// Runs among these that diverged: counted wherever their arm is shown.
    pub(crate) fn diverged<'c>(cells: impl Iterator<Item = &'c Cell>) -> usize {
        cells.filter(|cell| cell.state == CellState::Diverged).count()
    }

    /// A cell's combination of levels, in the order of the factors.
    pub fn arm(&self, cell: &Cell) -> String {
        let levels = self.factors.iter().filter_map(|(key, _)| cell.factors.get(key));
        let levels: Vec<_> = levels.map(|level| quoted_level(level)).collect();
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

    /// The part of the data that the scores of all complete cells are of: `test`, `validation`, or both
    /// words where cells were judged on either; empty where none is complete.
    pub fn judged_on(&self) -> String {
        let complete = self.cells.iter().filter(|cell| cell.is_complete());
        let parts: BTreeSet<&str> = complete.map(Cell::judged_on).collect();
        parts.into_iter().collect::<Vec<_>>().join(" and ")
    }

    /// Directions over all complete cells.
    pub fn directions(&self) -> Vec<&str> {
        let mut found: Vec<&str> = self.cells.iter().flat_map(Cell::directions).collect();
        found.sort_unstable();
        found.dedup();
        found
    }
}

fn load_cell(results: &Path, status: CellStatus) -> Result<Cell, ReportError> {
    let dir = status.cell.dir(results);
    let dir = dir.as_path();
    let complete = status.state == CellState::Done;
    let listed = |name: &str| complete && status.files.iter().any(|file| file.path == name);
    let (images, judge) = match complete {
        true => (
            Some(read(&dir.join("eval/images.csv"), Images::parse)?),
            Some(read(&dir.join("eval/summary.json"), summary)?),
        ),
        false => (None, None),
    };
    Ok(Cell {
        curves: curves::load(dir, complete)?,
        landmarks: proved_if(listed, dir, "eval/landmarks.csv", Landmarks::parse)?,
        strength: proved_if(listed, dir, "eval/strength.csv", Strength::parse)?,
        attributes: proved_if(listed, dir, "eval/attributes.csv", Flips::parse)?,
        scores: proved_if(listed, dir, "eval/scores.csv", scores)?,
        sample: last_sample(&dir.join("samples")),
        id: status.cell.id,
        seed: status.cell.seed,
        factors: status.cell.factors,
        note: (!complete).then_some(status.reason),
        state: status.state,
        made: status.made,
        images,
        judge,
    })
}

/// Reads the file below a complete cell's directory if the cell's proof vouches for it.
fn proved_if<T: Default>(
    listed: impl Fn(&str) -> bool,
    dir: &Path,
    name: &str,
    parse: impl FnOnce(&Path, &str) -> Result<T, ReportError>,
) -> Result<T, ReportError> {
    if listed(name) { read(&dir.join(name), parse) } else { Ok(T::default()) }
}

fn read<T>(
    path: &Path,
    parse: impl FnOnce(&Path, &str) -> Result<T, ReportError>,
) -> Result<T, ReportError> {
    let text = fs::read_to_string(path).map_err(ReportError::io(path, REMEDY))?;
    parse(path, &text)
}
