//! The resolved sweep: which cells there are, under which ids, and the file that says so.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use config::{CellSpec, Experiment, Overrides, RunConfig};
use serde::{Deserialize, Serialize};

use crate::error::SweepError;

/// Hexadecimal digits of the hash that make a cell's id.
pub(crate) const ID_DIGITS: usize = 12;
pub(crate) const PLAN: &str = "plan.json";

/// One cell of a sweep as `plan.json` lists it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cell {
    /// First 12 hexadecimal digits of `hash`; names the cell's directory.
    pub id: String,
    /// [`RunConfig::cell_hash`]: configuration and data.
    pub hash: String,
    /// Seed of the run.
    pub seed: u64,
    /// Factor key to level, as text.
    pub factors: BTreeMap<String, String>,
}

impl Cell {
    /// The arm in words: `dual=none, attribute=smiling`; "all" without factors.
    pub fn arm(&self) -> String {
        arm(&self.factors)
    }
}

/// The last part of each factor's key with its level.
fn arm(factors: &BTreeMap<String, String>) -> String {
    if factors.is_empty() {
        return "all".to_owned();
    }
    let short = |key: &str| key.rsplit('.').next().unwrap_or(key).to_owned();
    let parts: Vec<String> =
        factors.iter().map(|(key, level)| format!("{}={level}", short(key))).collect();
    parts.join(", ")
}

/// The factor that the experiment asks about and the level that everything is compared with.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    /// Dotted key of the factor.
    pub factor: String,
    /// Its baseline level, as text.
    pub baseline: String,
}

/// How a sweep was asked for, so that it can be asked for again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Origin {
    /// The experiment's file, absolute.
    pub experiment: PathBuf,
    /// The working directory, which relative paths in `set` start from.
    pub directory: PathBuf,
    /// `--set`.
    pub set: Vec<String>,
    /// `--seeds`.
    pub seeds: Option<Vec<u64>>,
    /// `--backend`.
    pub backends: Vec<String>,
}

impl Origin {
    /// An experiment with these overrides, asked for in the present working directory.
    pub fn new(experiment: &Path, overrides: &Overrides) -> Origin {
        Origin {
            experiment: std::path::absolute(experiment).unwrap_or(experiment.to_owned()),
            directory: std::env::current_dir().unwrap_or_default(),
            set: overrides.set.clone(),
            seeds: overrides.seeds.clone(),
            backends: overrides.backends.clone(),
        }
    }

    /// The options that it was given, as arguments of `cargo xtask run`.
    pub fn arguments(&self) -> Vec<String> {
        let pair = |option: &str, value: &String| [option.to_owned(), value.clone()];
        let mut words: Vec<String> =
            self.backends.iter().flat_map(|kind| pair("--backend", kind)).collect();
        words.extend(self.set.iter().flat_map(|assignment| pair("--set", assignment)));
        if let Some(seeds) = &self.seeds {
            let seeds: Vec<String> = seeds.iter().map(u64::to_string).collect();
            words.extend(pair("--seeds", &seeds.join(",")));
        }
        words
    }
}

/// The content of `plan.json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PlanFile {
    /// Name of the experiment.
    pub experiment: String,
    /// What it asks.
    pub question: String,
    /// Factor keys with their levels, in the experiment's order.
    pub factors: Vec<(String, Vec<String>)>,
    /// Seeds.
    pub seeds: Vec<u64>,
    /// What is compared unless told otherwise.
    pub compare: Option<Comparison>,
    /// BLAKE3 of the worker that ran last; absent as long as none ran.
    pub worker: Option<String>,
    /// How the sweep was asked for; absent in plans older than this field.
    #[serde(default)]
    pub made: Option<Origin>,
    /// `train.steps` if it is the same in all cells; absent in plans older than this field.
    #[serde(default)]
    pub steps: Option<usize>,
    /// Every cell of the present sweep.
    pub cells: Vec<Cell>,
}

impl PlanFile {
    /// Reads the plan of an experiment from its results directory.
    ///
    /// # Errors
    /// There is none yet, it is not a plan, or it is not what was written.
    pub fn read(dir: &Path) -> Result<PlanFile, SweepError> {
        let path = dir.join(PLAN);
        let text = match fs::read(&path) {
            Ok(text) => text,
            Err(e) if e.kind() == io::ErrorKind::NotFound => {
                return Err(SweepError::NoPlan { path });
            }
            Err(e) => return Err(SweepError::io("read", &path)(e)),
        };
        PlanFile::parse(&text).map_err(|reason| SweepError::Format { path, reason })
    }

    /// Reads the text of a plan.
    ///
    /// # Errors
    /// It is not a plan, or not what was written, or an id leads out of the directory of cells.
    pub fn parse(text: &[u8]) -> Result<PlanFile, String> {
        record::unseal(text)?;
        let plan: PlanFile =
            serde_json::from_slice(text).map_err(|e| record::quotation(&e.to_string()))?;
        let bad = |cell: &&Cell| !record::stays_below(&cell.id) || cell.id.contains(['/', '\\']);
        match plan.cells.iter().find(bad) {
            Some(cell) => {
                let id = record::quotation(&cell.id);
                Err(format!("the cell {id} has an id that names no directory"))
            }
            None => Ok(plan),
        }
    }

    /// Training steps of a cell, as far as the plan says so.
    pub fn steps_of(&self, cell: &Cell) -> Option<usize> {
        cell.factors.get("train.steps").and_then(|level| level.parse().ok()).or(self.steps)
    }

    /// The plan as it is written, with a checksum over its own text.
    ///
    /// # Errors
    /// Never in practice: a plan is plain JSON.
    pub fn to_sealed(&self) -> io::Result<Vec<u8>> {
        Ok(record::seal(serde_json::to_string_pretty(self)?).into_bytes())
    }
}

/// Directory of a cell inside its experiment's results.
pub(crate) fn cell_dir(dir: &Path, id: &str) -> PathBuf {
    dir.join("cells").join(id)
}

/// A cell before it is certain that its data can be identified.
#[derive(Clone, Debug)]
pub struct Draft {
    /// Factors, seed and configuration.
    pub spec: CellSpec,
    /// The cell's hash, or why it has none yet.
    pub hash: Result<String, String>,
}

impl Draft {
    /// The cell's id; absent as long as its data cannot be identified.
    pub fn id(&self) -> Option<&str> {
        self.hash.as_ref().ok().map(|hash| &hash[..ID_DIGITS])
    }

    /// The arm in words, as [`Cell::arm`].
    pub fn arm(&self) -> String {
        arm(&self.spec.factors)
    }
}

/// Hashes every cell. `fingerprint` identifies the data of a run; it is asked once per distinct
/// `[data]` table. Cells with the same hash (two spellings of one level) merge: the first stays.
pub fn draft(
    experiment: &Experiment,
    fingerprint: &dyn Fn(&config::Data) -> Result<String, String>,
) -> Vec<Draft> {
    let mut known: Vec<(config::Data, Result<String, String>)> = Vec::new();
    let mut seen = BTreeSet::new();
    let mut drafts = Vec::new();
    for spec in &experiment.cells {
        let data = &spec.config.data;
        let print = match known.iter().find(|(other, _)| other == data) {
            Some((_, print)) => print.clone(),
            None => {
                let print = fingerprint(data);
                known.push((data.clone(), print.clone()));
                print
            }
        };
        let hash = print.map(|print| spec.config.cell_hash(&print));
        if hash.as_ref().map_or(true, |hash| seen.insert(hash.clone())) {
            drafts.push(Draft { spec: spec.clone(), hash });
        }
    }
    drafts
}

/// A sweep that can run: every cell has its id and its configuration.
#[derive(Clone, Debug)]
pub struct Plan {
    /// `results/<experiment>`.
    pub dir: PathBuf,
    /// What `plan.json` will say.
    pub file: PlanFile,
    /// The configuration of each cell, in the order of `file.cells`.
    pub configs: Vec<RunConfig>,
}

impl Plan {
    /// Plans an experiment whose results go to `results/<experiment>`; touches no file.
    ///
    /// # Errors
    /// The data of a cell cannot be identified.
    pub fn new(
        experiment: &Experiment,
        results: &Path,
        fingerprint: &dyn Fn(&config::Data) -> Result<String, String>,
    ) -> Result<Plan, SweepError> {
        let mut cells = Vec::new();
        let mut configs = Vec::new();
        for draft in draft(experiment, fingerprint) {
            let hash = draft.hash.map_err(|reason| SweepError::Data { reason })?;
            let CellSpec { factors, seed, config } = draft.spec;
            cells.push(Cell { id: hash[..ID_DIGITS].to_owned(), hash, seed, factors });
            configs.push(config);
        }
        let compare = experiment
            .compare
            .as_ref()
            .map(|c| Comparison { factor: c.factor.clone(), baseline: c.baseline.clone() });
        let file = PlanFile {
            experiment: experiment.name.clone(),
            question: experiment.question.clone(),
            factors: experiment.factors.clone(),
            seeds: experiment.seeds.clone(),
            compare,
            worker: None,
            made: None,
            steps: common_steps(&configs),
            cells,
        };
        Ok(Plan { dir: results.join(&experiment.name), file, configs })
    }

    /// Cells with their configurations.
    pub fn runs(&self) -> impl Iterator<Item = (&Cell, &RunConfig)> {
        self.file.cells.iter().zip(&self.configs)
    }

    /// The directory of a cell.
    pub fn cell_dir(&self, cell: &Cell) -> PathBuf {
        cell_dir(&self.dir, &cell.id)
    }

    /// Notes how the plan was asked for.
    #[must_use]
    pub fn made_by(mut self, origin: Origin) -> Plan {
        self.file.made = Some(origin);
        self
    }

    /// Writes `plan.json`. Directories of cells that an earlier sweep had stay where they are.
    /// `worker` is the program that will run; without one the hash of the last one is kept.
    ///
    /// # Errors
    /// The worker cannot be read or the plan cannot be written.
    pub fn write(&self, worker: Option<&Path>) -> Result<(), SweepError> {
        let hash = match worker {
            Some(path) => Some(hash_of(path).map_err(SweepError::io("read", path))?),
            None => PlanFile::read(&self.dir).ok().and_then(|old| old.worker),
        };
        let file = PlanFile { worker: hash, ..self.file.clone() };
        fs::create_dir_all(&self.dir).map_err(SweepError::io("create", &self.dir))?;
        let path = self.dir.join(PLAN);
        file.to_sealed()
            .and_then(|text| record::write_atomic(&path, &text))
            .map_err(SweepError::io("write", &path))
    }

    /// Writes a cell's resolved configuration into its directory, unless it stands there already.
    pub(crate) fn write_config(&self, cell: &Cell, run: &RunConfig) -> Result<PathBuf, SweepError> {
        let dir = self.cell_dir(cell);
        fs::create_dir_all(&dir).map_err(SweepError::io("create", &dir))?;
        let path = dir.join("config.toml");
        let text = run.to_toml();
        if fs::read_to_string(&path).ok().as_deref() != Some(text.as_str()) {
            record::write_atomic(&path, text.as_bytes()).map_err(SweepError::io("write", &path))?;
        }
        Ok(path)
    }
}

/// BLAKE3 of a program, in hexadecimal; read in pieces.
fn hash_of(program: &Path) -> io::Result<String> {
    let mut hasher = blake3::Hasher::new();
    hasher.update_reader(File::open(program)?)?;
    Ok(hasher.finalize().to_hex().to_string())
}

/// The number of training steps that all runs share.
fn common_steps(configs: &[RunConfig]) -> Option<usize> {
    let steps = configs.first()?.train.steps;
    configs.iter().all(|run| run.train.steps == steps).then_some(steps)
}
