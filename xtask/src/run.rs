//! `cargo xtask run`: check, plan, build, launch, report; in this order, so that a mistake costs
//! seconds.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use config::{BackendKind, Overrides};
use sweep::{Cell, CellState, CellStatus, Options, Origin, Outcome, Plan};

use crate::Plain;
use crate::failure::Failure;
use crate::table::cells;
use crate::{doctor, dry_run, load, places, results, worker};

#[derive(Args)]
pub(crate) struct Arguments {
    /// Experiment: a path, or a name in experiments/
    #[arg(default_value = "quickstart")]
    experiment: String,
    /// Backend instead of the experiment's; more than one makes it a factor
    #[arg(long = "backend", value_name = "KIND")]
    backends: Vec<String>,
    /// Set a key of every cell, e.g. --set data.root=DIRECTORY --set train.steps=100
    #[arg(long, value_name = "KEY=VALUE")]
    set: Vec<String>,
    /// Seeds instead of the experiment's, e.g. --seeds 1,2,3
    #[arg(long, value_delimiter = ',', value_name = "SEEDS")]
    seeds: Option<Vec<u64>>,
    /// Cells at a time [default: cores over threads per cell on the processor, 1 on a GPU]
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..))]
    jobs: Option<u16>,
    /// Where cells run
    #[arg(long, value_enum, default_value_t = Launcher::Local)]
    launcher: Launcher,
    /// List every cell with the reason it will or will not run, and what it will cost; touch nothing
    #[arg(long)]
    dry_run: bool,
    /// How to print a dry run
    #[arg(long, value_enum, default_value_t = Plain::Table, requires = "dry_run")]
    format: Plain,
    /// Take failed and diverged cells up again
    #[arg(long)]
    retry_failed: bool,
    /// Stop at the first failing cell
    #[arg(long)]
    fail_fast: bool,
    /// Worker to use instead of building one
    #[arg(long, hide = true)]
    worker: Option<PathBuf>,
    /// Cells to start, of those that have to run; all if absent
    #[arg(skip)]
    only: Option<BTreeSet<String>>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Launcher {
    /// Processes on this machine
    Local,
}

impl Arguments {
    fn overrides(&self) -> Overrides {
        let (set, seeds) = (self.set.clone(), self.seeds.clone());
        Overrides { set, seeds, backends: self.backends.clone() }
    }

    /// The same for these cells alone.
    pub(crate) fn only(self, ids: BTreeSet<String>) -> Arguments {
        Arguments { only: Some(ids), ..self }
    }

    /// The command line that resumes.
    fn again(&self) -> String {
        let words: Vec<String> = match &self.only {
            None => std::env::args().skip(1).map(quoted).collect(),
            // A cell that was stopped is no failed one any more.
            Some(_) => {
                let origin = Origin::new(Path::new(&self.experiment), &self.overrides());
                let head = ["run".to_owned(), self.experiment.clone()];
                head.into_iter().chain(origin.arguments()).map(quoted).collect()
            }
        };
        format!("cargo xtask {}", words.join(" "))
    }

    fn wants(&self, cell: &Cell) -> bool {
        self.only.as_ref().is_none_or(|only| only.contains(&cell.id))
    }
}

pub(crate) fn run(arguments: &Arguments, results: &Path) -> Result<(), Failure> {
    let path = places::experiment(&arguments.experiment)?;
    let cache = places::cache(results);
    let fingerprint = |data: &config::Data| load::fingerprint(data, &cache);
    if arguments.dry_run {
        let experiment = load::experiment_without_data(&path, &arguments.overrides())?;
        let drafts = sweep::draft(&experiment, &fingerprint);
        let configs = drafts.iter().map(|draft| &draft.spec.config);
        let jobs = arguments.jobs.map_or_else(|| sweep::default_jobs(configs), usize::from);
        let dir = results.join(&experiment.name);
        let (retry, format) = (arguments.retry_failed, arguments.format);
        return dry_run::print(&experiment.name, &drafts, &dir, jobs, retry, format);
    }
    let experiment = load::experiment(&path, &arguments.overrides())?;
    let origin = Origin::new(&path, &arguments.overrides());
    let plan = Plan::new(&experiment, results, &fingerprint)?.made_by(origin);
    all_planned(&plan, arguments)?;
    let ids = plan.file.cells.iter().map(|cell| cell.id.as_str());
    match sweep::orphan_ids(&plan.dir, ids).len() {
        0 => {}
        orphans => eprintln!("{}", dry_run::left_over(orphans, &experiment.name)),
    }
    let outcome = match needed_backends(&plan, arguments) {
        kinds if kinds.is_empty() => {
            plan.write(None)?;
            Outcome::default()
        }
        kinds => {
            let worker = match (&arguments.worker, arguments.launcher) {
                (Some(worker), Launcher::Local) => worker.clone(),
                (None, Launcher::Local) => {
                    doctor::require(kinds.iter().copied())?;
                    let worker = worker::build(&kinds)?;
                    open_devices(&worker, &plan, &kinds)?;
                    worker
                }
            };
            let options = Options {
                jobs: arguments.jobs.map(usize::from),
                retry_failed: arguments.retry_failed,
                fail_fast: arguments.fail_fast,
                cache,
                only: arguments.only.clone(),
            };
            sweep::launch(&plan, &options, &worker)?
        }
    };
    conclude(&plan, &outcome, arguments)
}

/// Lets the worker open every device that it was built for and the plan names, so that a wrong index
/// costs seconds. Cells that are finished need no device any more.
fn open_devices(worker: &Path, plan: &Plan, kinds: &BTreeSet<BackendKind>) -> Result<(), Failure> {
    let backends = plan.configs.iter().map(|run| &run.backend);
    let backends = backends.filter(|backend| kinds.contains(&backend.kind));
    let devices: BTreeMap<_, _> = backends.map(|b| ((b.kind, b.index, b.precision), b)).collect();
    for ((kind, index, _), backend) in devices {
        if let Err(text) = worker::probe(worker, backend) {
            let text = format!("error: backend \"{kind}\" cannot open device {index}: {text}");
            return Err(Failure::BadInput(text));
        }
    }
    Ok(())
}

/// Refuses cells that the experiment does not have any more.
fn all_planned(plan: &Plan, arguments: &Arguments) -> Result<(), Failure> {
    let planned: BTreeSet<&str> = plan.file.cells.iter().map(|cell| cell.id.as_str()).collect();
    let gone = arguments.only.iter().flatten().find(|id| !planned.contains(id.as_str()));
    gone.map_or(Ok(()), |id| {
        Err(Failure::BadInput(format!(
            "error: {} was edited since its last run, or its data were: it has no cell {id} any more\n\
             help: `cargo xtask run` plans it anew",
            arguments.experiment
        )))
    })
}

/// Backends of the cells that will run; none if nothing is left to do.
fn needed_backends(plan: &Plan, arguments: &Arguments) -> BTreeSet<BackendKind> {
    let statuses = sweep::inspect(&plan.dir, &plan.file, arguments.retry_failed);
    let due = |status: &CellStatus| status.will_run && arguments.wants(&status.cell);
    let runs = statuses.iter().zip(&plan.configs).filter(|(status, _)| due(status));
    runs.map(|(_, run)| run.backend.kind).collect()
}

/// Says what happened; reports if every cell of the sweep is done.
fn conclude(plan: &Plan, outcome: &Outcome, arguments: &Arguments) -> Result<(), Failure> {
    if !outcome.failures.is_empty() {
        eprintln!("\n{} failed:", cells(outcome.failures.len()));
    }
    for failure in &outcome.failures {
        let Cell { id, seed, .. } = &failure.cell;
        eprintln!("  {} seed {seed} [{id}]: {}", failure.cell.arm(), failure.reason);
        failure.tail.iter().for_each(|line| eprintln!("    | {line}"));
        eprintln!("    log: {}", failure.log.display());
    }
    let statuses: Vec<CellStatus> = sweep::glance(&plan.dir, &plan.file, false).collect();
    let done = statuses.iter().filter(|s| s.state == CellState::Done).count();
    if outcome.stopped {
        let text = format!(
            "interrupted with {done} of {} done; resume with: {}",
            cells(statuses.len()),
            arguments.again()
        );
        return Err(Failure::Interrupted(text));
    }
    if done == statuses.len() {
        return results::report_all(&plan.dir);
    }
    let chosen = |status: &&CellStatus| arguments.wants(&status.cell);
    let undone = |status: &CellStatus| status.state != CellState::Done;
    if arguments.only.is_some() && !statuses.iter().filter(chosen).any(undone) {
        println!("the cells taken up again are done, {done} of {} are", cells(statuses.len()));
        return Ok(());
    }
    Err(incomplete(&statuses, outcome, done, arguments))
}

/// Why a sweep that was not stopped is not complete.
fn incomplete(
    statuses: &[CellStatus],
    outcome: &Outcome,
    done: usize,
    arguments: &Arguments,
) -> Failure {
    let total = statuses.len();
    let elsewhere = statuses.iter().filter(|s| s.state == CellState::Running).count();
    let earlier = statuses
        .iter()
        .filter(|s| matches!(s.state, CellState::Failed | CellState::Diverged))
        .count();
    let text = format!("{done} of {} done", cells(total));
    let bad_input = outcome.failures.iter().all(|failure| failure.code == Some(2));
    match (outcome.failures.len(), earlier, elsewhere) {
        (0, 0, 0) => Failure::Interrupted(format!("{text}; resume with: {}", arguments.again())),
        (0, 0, _) => Failure::Interrupted(format!(
            "{text}, another process works on {}; run this again when it has ended",
            cells(elsewhere)
        )),
        (0, _, _) => {
            let text = format!("{text}, {} failed earlier; add --retry-failed", cells(earlier));
            Failure::Failed(text)
        }
        _ if bad_input => Failure::BadInput(text),
        _ => Failure::Failed(format!("{text}; after a remedy, add --retry-failed")),
    }
}

/// A word as a shell reads it back.
fn quoted(word: String) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./,:=@%+".contains(c);
    match !word.is_empty() && word.chars().all(plain) {
        true => word,
        false => format!("'{}'", word.replace('\'', "'\\''")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_to_resume_can_be_pasted() {
        assert_eq!(quoted("data.root=/a/b".to_owned()), "data.root=/a/b");
        assert_eq!(quoted("data.root=/my faces".to_owned()), "'data.root=/my faces'");
        assert_eq!(quoted("it's".to_owned()), r"'it'\''s'");
    }
}
