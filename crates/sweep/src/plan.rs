//! The resolved sweep: which cells there are, under which ids, with which configurations.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use config::{CellSpec, Experiment, Overrides, RunConfig};
use record::{Cell, Comparison, ID_DIGITS, Origin, PlanFile, arm_of};

use crate::belonging::seen_from;
use crate::error::SweepError;

/// Notes how an experiment with these overrides was asked for in the present working directory.
pub fn origin(experiment: &Path, overrides: &Overrides) -> Origin {
    Origin {
        experiment: std::path::absolute(experiment).unwrap_or(experiment.to_owned()),
        from_results: None,
        directory: std::env::current_dir().unwrap_or_default(),
        set: overrides.set.clone(),
        seeds: overrides.seeds.clone(),
        backends: overrides.backends.clone(),
    }
}

/// A cell before it is certain that its data can be identified.
#[derive(Clone, Debug)]
pub struct Draft {
    /// Factors, seed and configuration.
    pub spec: CellSpec,
    /// The cell's hash, or why it has none yet.
    pub hash: Result<String, String>,
    /// How it is to be judged, as [`Cell::judgement`], or why that cannot be said yet.
    pub judgement: Result<String, String>,
    /// The id that the cell had when `[eval]` was part of it; empty as long as it has no hash.
    pub earlier_id: String,
}

impl Draft {
    /// The cell's id; absent as long as its data cannot be identified.
    pub fn id(&self) -> Option<&str> {
        self.hash.as_ref().ok().map(|hash| &hash[..ID_DIGITS])
    }

    /// The arm in words, as [`Cell::arm`].
    pub fn arm(&self) -> String {
        arm_of(&self.spec.factors)
    }
}

/// Hashes every cell. `fingerprint` identifies the data of a run; it is asked once per distinct
/// `[data]` table. Cells with the same hash (two spellings of one level) merge: the first stays.
pub fn draft(
    experiment: &Experiment,
    fingerprint: &dyn Fn(&config::Data) -> Result<String, String>,
) -> Vec<Draft> {
    let mut known: Vec<(config::Data, Result<String, String>)> = Vec::new();
    let mut judgements = Judgements::default();
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
        let earlier = print.as_ref().map(|print| spec.config.earlier_cell_hash(print));
        let earlier_id =
            earlier.map_or_else(|_| String::new(), |hash| hash[..ID_DIGITS].to_owned());
        let hash = print.map(|print| spec.config.cell_hash(&print));
        if hash.as_ref().map_or(true, |hash| seen.insert(hash.clone())) {
            let judgement = judgements.of(&spec.config, fingerprint);
            drafts.push(Draft { spec: spec.clone(), hash, judgement, earlier_id });
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
    /// The id that each cell had in the earlier layout of results.
    pub(crate) earlier_ids: Vec<String>,
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
        let mut earlier_ids = Vec::new();
        for draft in draft(experiment, fingerprint) {
            let hash = draft.hash.map_err(|reason| SweepError::Data { reason })?;
            let CellSpec { factors, seed, config } = draft.spec;
            let judgement = draft.judgement.map_err(|reason| SweepError::Data { reason })?;
            cells.push(Cell { id: hash[..ID_DIGITS].to_owned(), hash, judgement, seed, factors });
            configs.push(config);
            earlier_ids.push(draft.earlier_id);
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
        Ok(Plan { dir: results.join(&experiment.name), file, configs, earlier_ids })
    }

    /// Cells with their configurations.
    pub fn runs(&self) -> impl Iterator<Item = (&Cell, &RunConfig)> {
        self.file.cells.iter().zip(&self.configs)
    }

    /// The directory of a cell.
    pub fn cell_dir(&self, cell: &Cell) -> PathBuf {
        cell.dir(&self.dir)
    }

    /// Notes how the plan was asked for.
    #[must_use]
    pub fn made_by(mut self, origin: Origin) -> Plan {
        let from_results = Some(seen_from(&self.dir, &origin.experiment));
        self.file.made = Some(Origin { from_results, ..origin });
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
        let path = self.dir.join(PlanFile::FILE);
        file.to_sealed()
            .and_then(|text| record::write_atomic(&path, &text))
            .map_err(SweepError::io("write", &path))
    }

    /// Writes a cell's resolved configuration into its directory, unless it stands there already. Where
    /// its training stands, that one's configuration stays, and what the next judgement is made with goes
    /// beside it; what belongs to another cell does not stay. Gives the path of the former, which a worker
    /// is told of.
    pub(crate) fn write_config(&self, cell: &Cell, run: &RunConfig) -> Result<PathBuf, SweepError> {
        let dir = self.cell_dir(cell);
        fs::create_dir_all(&dir).map_err(SweepError::io("create", &dir))?;
        let path = dir.join("config.toml");
        let own = || {
            let there = RunConfig::load(&path, &[]);
            there.is_ok_and(|there| there.id_payload() == run.id_payload())
        };
        let trained = dir.join(record::TRAINED).exists() && own();
        let target = if trained { dir.join(record::JUDGE_CONFIG) } else { path.clone() };
        let text = run.to_toml();
        let stands = |path: &Path| fs::read_to_string(path).ok().as_deref() == Some(text.as_str());
        // Another judgement than the last may have been asked for before.
        let superseded = trained && dir.join(record::JUDGE_CONFIG).exists();
        if !stands(&target) && (superseded || !stands(&path)) {
            record::write_atomic(&target, text.as_bytes())
                .map_err(SweepError::io("write", &target))?;
        }
        Ok(path)
    }
}

/// How cells are to be judged, hashed once per distinct `[eval]` table and data that it judges.
#[derive(Default)]
struct Judgements(Vec<(Judging, Result<String, String>)>);

/// What a judgement depends on.
type Judging = (config::Eval, Option<config::Data>);

impl Judgements {
    fn of(
        &mut self,
        run: &RunConfig,
        fingerprint: &dyn Fn(&config::Data) -> Result<String, String>,
    ) -> Result<String, String> {
        let what = (run.eval.clone(), run.judged_elsewhere());
        if let Some((_, hash)) = self.0.iter().find(|(known, _)| *known == what) {
            return hash.clone();
        }
        let hash = run.judgement_hash(fingerprint);
        self.0.push((what, hash.clone()));
        hash
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
