//! `plan.json`: which cells a sweep has, under which ids, and how it was asked for.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::manifest::stays_below;
use crate::quote::{quotation, quoted};
use crate::seal::{seal, unseal};

/// Hexadecimal digits of the hash that make a cell's id.
pub const ID_DIGITS: usize = 12;

/// Whether a directory's name is a cell's id.
pub fn is_id(name: &str) -> bool {
    name.len() == ID_DIGITS
        && name.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}

/// One cell of a sweep as `plan.json` lists it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Cell {
    /// First 12 hexadecimal digits of `hash`; names the cell's directory.
    pub id: String,
    /// What is trained: BLAKE3 over the keys that can change a training, and the data's fingerprint.
    pub hash: String,
    /// How it is to be judged: BLAKE3 over the `[eval]` keys and the content of foreign weights; empty
    /// in plans older than this field, where any judgement is as asked for.
    #[serde(default)]
    pub judgement: String,
    /// Seed of the run.
    pub seed: u64,
    /// Factor key to level, as text.
    pub factors: BTreeMap<String, String>,
}

impl Cell {
    /// The arm in words: `dual=none, attribute=smiling`; "all" without factors.
    pub fn arm(&self) -> String {
        arm_of(&self.factors)
    }

    /// Its directory inside its experiment's results.
    pub fn dir(&self, experiment: &Path) -> PathBuf {
        cell_dir(experiment, &self.id)
    }
}

/// The last part of each factor's key with its level; "all" without factors.
pub fn arm_of(factors: &BTreeMap<String, String>) -> String {
    if factors.is_empty() {
        return "all".to_owned();
    }
    let short = |key: &str| key.rsplit('.').next().unwrap_or(key).to_owned();
    let parts: Vec<String> =
        factors.iter().map(|(key, level)| format!("{}={level}", short(key))).collect();
    parts.join(", ")
}

/// Directory of the cell with this id inside its experiment's results.
pub fn cell_dir(experiment: &Path, id: &str) -> PathBuf {
    experiment.join("cells").join(id)
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
    /// The same file as seen from the directory of its results: what stays right when both move
    /// together. Absent in plans older than this field.
    #[serde(default)]
    pub from_results: Option<PathBuf>,
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

/// Why a plan cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// Nothing was run yet.
    #[error("{} does not exist: this experiment has not run yet; start it with `cargo xtask run`", path.display())]
    Absent {
        /// Where the plan was looked for.
        path: PathBuf,
    },
    /// It is not a plan, or not what was written.
    #[error("{} cannot be understood: {reason}; run the experiment again, which rewrites it", path.display())]
    Format {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The operating system refused.
    #[error("cannot read {}: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
}

impl PlanFile {
    /// Its name in an experiment's results.
    pub const FILE: &str = "plan.json";

    /// The command line that asks for this very sweep again: an experiment that lies in a folder
    /// `experiments` goes by its name, any other by its path.
    pub fn command(&self) -> String {
        let mut words = vec!["cargo xtask run".to_owned()];
        let made = self.made.as_ref();
        let elsewhere = made.map(|made| made.experiment.as_path()).filter(|file| {
            file.parent().and_then(Path::file_name).is_none_or(|folder| folder != "experiments")
        });
        let name = elsewhere.map_or_else(|| self.experiment.clone().into(), Path::to_string_lossy);
        words.push(quoted(&name));
        words.extend(made.iter().flat_map(|made| made.arguments()).map(|word| quoted(&word)));
        words.join(" ")
    }

    /// Reads the plan of an experiment from its results directory.
    ///
    /// # Errors
    /// There is none yet, it is not a plan, or it is not what was written.
    pub fn read(dir: &Path) -> Result<PlanFile, PlanError> {
        let path = dir.join(PlanFile::FILE);
        match fs::read(&path) {
            Ok(text) => PlanFile::parse(&text).map_err(|reason| PlanError::Format { path, reason }),
            Err(e) if e.kind() == io::ErrorKind::NotFound => Err(PlanError::Absent { path }),
            Err(source) => Err(PlanError::Read { path, source }),
        }
    }

    /// Reads the text of a plan and its own checksum.
    ///
    /// # Errors
    /// What is wrong with the text.
    pub fn parse(text: &[u8]) -> Result<PlanFile, String> {
        unseal(text)?;
        let plan: PlanFile = serde_json::from_slice(text).map_err(|e| quotation(&e.to_string()))?;
        // An id names a directory: none outside of the results.
        let bad = |cell: &&Cell| !stays_below(&cell.id) || cell.id.contains(['/', '\\']);
        match plan.cells.iter().find(bad) {
            Some(cell) => Err(format!("`{}` is no id of a cell", quotation(&cell.id))),
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
        Ok(seal(serde_json::to_string_pretty(self)?).into_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_asks_for_the_same_sweep() {
        let made = Origin {
            experiment: "/w/experiments/dual.toml".into(),
            from_results: None,
            directory: "/w".into(),
            set: vec!["train.steps=5".into(), "data.root=/my faces".into()],
            seeds: Some(vec![1, 2]),
            backends: vec!["flex".into()],
        };
        let mut plan = PlanFile {
            experiment: "dual".into(),
            question: String::new(),
            factors: Vec::new(),
            seeds: Vec::new(),
            compare: None,
            worker: None,
            made: Some(made.clone()),
            steps: None,
            cells: Vec::new(),
        };
        assert_eq!(
            plan.command(),
            "cargo xtask run dual --backend flex --set train.steps=5 --set 'data.root=/my faces' \
             --seeds 1,2"
        );
        plan.made = Some(Origin {
            experiment: "/tmp/my study.toml".into(),
            set: Vec::new(),
            seeds: None,
            backends: Vec::new(),
            ..made
        });
        assert_eq!(plan.command(), "cargo xtask run '/tmp/my study.toml'");
        plan.made = None;
        assert_eq!(plan.command(), "cargo xtask run dual");
    }
}
