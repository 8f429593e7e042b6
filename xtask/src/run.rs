//! `cargo xtask run`: check, plan, build, launch, report; in this order, so that a mistake costs
//! seconds.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use config::{BackendKind, CommandProfile, Overrides};
use record::{Cell, CellState, CellStatus, quoted};
use sweep::{CommandTemplate, Options, Outcome, Plan};

use crate::again::{self, Wish};
use crate::failure::Failure;
use crate::format::Plain;
use crate::going::{self, Going};
use crate::pipe::say;
use crate::pipe::{Quiet, tell};
use crate::table::cells;
use crate::{doctor, dry_run, libtorch, load, places, results, slurm, which, worker};

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
    /// Cells at a time, at most [default: as many as cores, GPUs and memory allow]
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..))]
    jobs: Option<u16>,
    /// Cells that may share one GPU
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..))]
    per_device: u16,
    /// Where cells run
    #[arg(long, value_enum, default_value_t = Launcher::Local)]
    launcher: Launcher,
    /// What jobs ask Slurm for, or the command that starts cells: a path, or a name in
    /// configs/slurm/ or configs/command/
    #[arg(long, value_name = "FILE")]
    profile: Option<String>,
    /// Command that starts a cell, or all of them with {list}, for --launcher command
    #[arg(long, value_name = "TEMPLATE", conflicts_with = "profile")]
    command: Option<String>,
    /// With --launcher slurm, wait until every task has left the queue
    #[arg(long)]
    wait: bool,
    /// List every cell with the reason it will or will not run, and what it will cost; touch nothing
    #[arg(long)]
    dry_run: bool,
    /// How to print a dry run
    #[arg(long, value_enum, default_value_t = Plain::Table, requires = "dry_run")]
    format: Plain,
    /// Take failed and diverged cells up again
    #[arg(long)]
    retry_failed: bool,
    /// Make finished cells again that other code than today's made, or that different judges judged:
    /// train and judge them again as each needs
    #[arg(long, conflicts_with_all = ["rejudge", "dry_run"])]
    remake: bool,
    /// Judge every finished cell again, with today's judges and `[eval]` keys, without training
    #[arg(long, conflicts_with = "dry_run")]
    rejudge: bool,
    /// Take over results that another file of this name has made
    #[arg(long)]
    adopt: bool,
    /// Stop at the first failing cell
    #[arg(long, conflicts_with = "keep_going")]
    fail_fast: bool,
    /// Run all other cells when one fails, which is the default
    #[arg(long)]
    keep_going: bool,
    /// Stop a cell that takes longer, e.g. 30m or 2h; it saves a checkpoint and counts as failed
    #[arg(long, value_name = "DURATION", value_parser = crate::duration::parse)]
    timeout: Option<std::time::Duration>,
    /// Start a cell again, so often, after a crash, a kill or a failing disk; never after an error of
    /// its own
    #[arg(long, default_value_t = 2, value_name = "N")]
    retries: u16,
    /// Worker to use instead of building one
    #[arg(long, hide = true)]
    worker: Option<PathBuf>,
    /// Cells to start, of those that have to run; all if absent
    #[arg(skip)]
    only: Option<BTreeSet<String>>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Launcher {
    /// Processes on this machine
    Local,
    /// Tasks of Slurm's job arrays
    Slurm,
    /// A command of your own
    Command,
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

    fn options(&self, cache: PathBuf) -> Options {
        Options {
            jobs: self.jobs.map(usize::from),
            per_device: self.per_device.into(),
            retry_failed: self.retry_failed,
            fail_fast: self.fail_fast,
            timeout: self.timeout,
            retries: self.retries.into(),
            only: self.only.clone(),
            machine: libtorch::machine(),
            ..Options::new(cache)
        }
    }

    /// Refuses options that the chosen launcher would ignore.
    fn check(&self) -> Result<(), Failure> {
        let slurm = self.launcher == Launcher::Slurm;
        let wrong = [
            (slurm && self.jobs.is_some(), "--jobs", "a Slurm profile has max_running"),
            (slurm && self.fail_fast, "--fail-fast", "Slurm's tasks know nothing of each other"),
            (!slurm && self.wait, "--wait", "it goes with --launcher slurm"),
            (
                self.launcher != Launcher::Command && self.command.is_some(),
                "--command",
                "it goes with --launcher command",
            ),
            (
                self.launcher == Launcher::Local && self.profile.is_some(),
                "--profile",
                "it goes with --launcher slurm or command",
            ),
        ];
        match wrong.iter().find(|(given, ..)| *given) {
            Some((_, option, why)) => {
                Err(Failure::BadInput(format!("error: {option} has no effect here: {why}")))
            }
            None => Ok(()),
        }
    }

    /// The command of `--launcher command`.
    fn template(&self) -> Result<Option<CommandTemplate>, Failure> {
        if self.launcher != Launcher::Command {
            return Ok(None);
        }
        let text = match (&self.command, &self.profile) {
            (Some(text), _) => text.clone(),
            (None, Some(given)) => CommandProfile::load(&places::command_profile(given)?)?.command,
            (None, None) => {
                let text = "error: --launcher command needs --command TEMPLATE or --profile FILE\n\
                            help: docs/launchers.md shows templates";
                return Err(Failure::BadInput(text.to_owned()));
            }
        };
        CommandTemplate::parse(&text)
            .map(Some)
            .map_err(|why| Failure::BadInput(format!("error: {why}")))
    }

    fn slurm(&self, cache: PathBuf) -> slurm::Request<'_> {
        slurm::Request {
            profile: self.profile.as_deref(),
            wait: self.wait,
            only: self.only.as_ref(),
            retry_failed: self.retry_failed,
            worker: self.worker.as_deref(),
            cache,
        }
    }

    /// The command line that resumes.
    fn again(&self) -> String {
        let words: Vec<String> = match &self.only {
            None => std::env::args().skip(1).map(|word| quoted(&word)).collect(),
            // A cell that was stopped is no failed one any more.
            Some(_) => {
                let origin = sweep::origin(Path::new(&self.experiment), &self.overrides());
                let head = ["run".to_owned(), self.experiment.clone()];
                head.into_iter().chain(origin.arguments()).map(|word| quoted(&word)).collect()
            }
        };
        format!("cargo xtask {}", words.join(" "))
    }

    /// What is to be made again of finished cells.
    fn wish(&self) -> Option<Wish> {
        match (self.remake, self.rejudge) {
            (true, _) => Some(Wish::Remake),
            (_, true) => Some(Wish::Rejudge),
            _ => None,
        }
    }

    fn wants(&self, cell: &Cell) -> bool {
        self.only.as_ref().is_none_or(|only| only.contains(&cell.id))
    }
}

pub(crate) fn run(arguments: &Arguments, results: &Path, quiet: &Quiet) -> Result<(), Failure> {
    arguments.check()?;
    let template = arguments.template()?;
    let path = places::experiment(&arguments.experiment)?;
    let cache = places::cache(results);
    let fingerprint = |data: &config::Data| load::fingerprint(data, &cache);
    if arguments.dry_run {
        let experiment = load::experiment_without_data(&path, &arguments.overrides())?;
        let drafts = sweep::draft(&experiment, &fingerprint);
        let (retry, format) = (arguments.retry_failed, arguments.format);
        let configs = drafts.iter().map(|draft| &draft.spec.config);
        let jobs = arguments.jobs.map(usize::from);
        let jobs = sweep::at_once(configs, &libtorch::machine(), jobs, arguments.per_device.into());
        let dir = results.join(&experiment.name);
        which::take(&dir, &path, arguments.adopt)?;
        dry_run::print(&experiment.name, &drafts, &dir, jobs, retry, format)?;
        if arguments.launcher == Launcher::Slurm && arguments.format == Plain::Table {
            let plan = Plan::new(&experiment, results, &fingerprint)?;
            return slurm::dry_run(&plan, &arguments.slurm(cache));
        }
        return Ok(());
    }
    let experiment = load::experiment(&path, &arguments.overrides())?;
    which::take(&results.join(&experiment.name), &path, arguments.adopt)?;
    let origin = sweep::origin(&path, &arguments.overrides());
    let plan = Plan::new(&experiment, results, &fingerprint)?.made_by(origin);
    all_planned(&plan, arguments)?;
    let ids = plan.file.cells.iter().map(|cell| cell.id.as_str());
    match sweep::orphan_ids(&plan.dir, ids).len() {
        0 => {}
        orphans => eprintln!("{}", dry_run::left_over(orphans, &experiment.name)),
    }
    if let Some(earlier) = sweep::earlier_layout(&plan) {
        eprintln!("{earlier}");
    }
    if let Some(wish) = arguments.wish() {
        let kinds = again::backends(&plan);
        if !kinds.is_empty() {
            let worker = worker_for(&kinds, arguments)?;
            again::ask(wish, &plan, &worker, |cell| arguments.wants(cell))?;
        }
    }
    if arguments.launcher == Launcher::Slurm {
        let _going = Going::begin(&plan, &path, arguments.adopt)?;
        let outcome = slurm::run(&plan, &arguments.slurm(cache))?;
        return outcome.map_or(Ok(()), |outcome| conclude(&plan, &outcome, arguments));
    }
    let kinds = needed_backends(&plan, arguments);
    let worker = match kinds.is_empty() {
        true => None,
        false => {
            let worker = worker_for(&kinds, arguments)?;
            if arguments.worker.is_none() {
                open_devices(&worker, &plan, &kinds)?;
            }
            Some(worker)
        }
    };
    let _going = Going::begin(&plan, &path, arguments.adopt)?;
    let outcome = match worker {
        None => Outcome::default(),
        Some(worker) => {
            let options = arguments.options(cache);
            match &template {
                None => quiet.while_working(|| sweep::launch(&plan, &options, &worker))?,
                Some(template) => {
                    let say = |line: &str| eprintln!("{line}");
                    sweep::launch_command(&plan, &options, &worker, template, &say)?
                }
            }
        }
    };
    conclude(&plan, &outcome, arguments)
}

/// The worker with these backends: the one that was named, else built.
fn worker_for(kinds: &BTreeSet<BackendKind>, arguments: &Arguments) -> Result<PathBuf, Failure> {
    if let Some(worker) = &arguments.worker {
        return Ok(worker.clone());
    }
    doctor::require(kinds.iter().copied())?;
    worker::build(kinds)
}

/// Lets the worker open every device that it was built for and the plan names, so that a wrong index
/// costs seconds. Cells that are finished need no device any more.
fn open_devices(worker: &Path, plan: &Plan, kinds: &BTreeSet<BackendKind>) -> Result<(), Failure> {
    let backends = plan.configs.iter().flat_map(|run| [run.backend.clone(), run.judging()]);
    let backends = backends.filter(|backend| kinds.contains(&backend.kind));
    let devices: BTreeMap<_, _> = backends.map(|b| ((b.kind, b.index, b.precision), b)).collect();
    for ((kind, index, _), backend) in devices {
        if let Err(text) = worker::probe(worker, &backend) {
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

/// Backends of the cells that will run or run without a launcher; none if nothing is left to do.
fn needed_backends(plan: &Plan, arguments: &Arguments) -> BTreeSet<BackendKind> {
    let statuses = record::inspect(&plan.dir, &plan.file, arguments.retry_failed);
    let due = |status: &CellStatus| {
        let stray = || sweep::is_stray(&plan.dir, &status.cell);
        (status.will_run && arguments.wants(&status.cell))
            || (status.state == CellState::Running && stray())
    };
    let runs = statuses.iter().zip(&plan.configs).filter(|(status, _)| due(status));
    runs.flat_map(|(_, run)| run.backends()).collect()
}

/// Says what happened; reports if every cell of the sweep is done.
fn conclude(plan: &Plan, outcome: &Outcome, arguments: &Arguments) -> Result<(), Failure> {
    if !outcome.failures.is_empty() {
        tell(format!("\n{} failed:", cells(outcome.failures.len())));
    }
    for failure in &outcome.failures {
        let Cell { id, seed, .. } = &failure.cell;
        tell(format!("  {} seed {seed} [{id}]: {}", failure.cell.arm(), failure.reason));
        failure.tail.iter().for_each(|line| tell(format!("    | {line}")));
        tell(format!("    log: {}", failure.log.display()));
    }
    let statuses: Vec<CellStatus> = record::glance(&plan.dir, &plan.file, false).collect();
    let done = statuses.iter().filter(|s| s.state == CellState::Done && !s.will_run).count();
    if outcome.stopped {
        let text = format!(
            "interrupted with {done} of {} done; resume with: {}",
            cells(statuses.len()),
            arguments.again()
        );
        return Err(Failure::Interrupted(text));
    }
    if done == statuses.len() {
        // On a file system without locks, or after a copy: these would be the results of another run.
        if !going::is_still(plan) {
            let text = "error: another run has changed the plan meanwhile; nothing is shown\n\
                        help: the same command again shows the results of this one";
            return Err(Failure::Failed(text.to_owned()));
        }
        return results::report_all(&plan.dir);
    }
    let chosen = |status: &&CellStatus| arguments.wants(&status.cell);
    let undone = |status: &CellStatus| status.state != CellState::Done || status.will_run;
    if arguments.only.is_some() && !statuses.iter().filter(chosen).any(undone) {
        say!("the cells taken up again are done, {done} of {} are", cells(statuses.len()));
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
    // What the machine failed runs again unasked.
    let failed = |s: &&CellStatus| matches!(s.state, CellState::Failed | CellState::Diverged);
    let earlier = statuses.iter().filter(failed).filter(|s| !s.will_run).count();
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
        (_, 0, _) => Failure::Failed(format!("{text}; go on with: {}", arguments.again())),
        _ => Failure::Failed(format!("{text}; after a remedy, add --retry-failed")),
    }
}
