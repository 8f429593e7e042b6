//! `cargo xtask run --launcher slurm`: submits, says how to follow, waits if asked.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use config::{BackendKind, SlurmProfile};
use sweep::slurm::{self, Order, Submission};
use sweep::{Outcome, Plan};

use crate::failure::Failure;
use crate::pipe::say;
use crate::{doctor, places, worker};

/// What the command line says about a submission.
pub(crate) struct Request<'a> {
    /// `--profile`.
    pub(crate) profile: Option<&'a str>,
    /// `--wait`.
    pub(crate) wait: bool,
    /// `--retry-failed`.
    pub(crate) retry_failed: bool,
    /// Ids of the cells to submit; all that have to run if absent.
    pub(crate) only: Option<&'a BTreeSet<String>>,
    /// Worker to use instead of building one.
    pub(crate) worker: Option<&'a Path>,
    /// Data and judges shared by all cells.
    pub(crate) cache: PathBuf,
}

impl Request<'_> {
    fn profile(&self) -> Result<SlurmProfile, Failure> {
        let Some(given) = self.profile else {
            let text = "error: --launcher slurm needs --profile FILE, which says what jobs ask for\n\
                        help: configs/slurm/example.toml is one to copy; docs/launchers.md explains it";
            return Err(Failure::BadInput(text.to_owned()));
        };
        Ok(SlurmProfile::load(&places::slurm_profile(given)?)?)
    }

    fn order(&self, worker: PathBuf, xtask: PathBuf) -> Result<Order, Failure> {
        let (profile, cache) = (self.profile()?, self.cache.clone());
        let (retry_failed, only) = (self.retry_failed, self.only.cloned());
        Ok(Order { profile, retry_failed, only, cache, worker, xtask })
    }
}

/// Submits what has to run. Gives what became of it if it was waited for, or if there was nothing to
/// wait for.
pub(crate) fn run(plan: &Plan, request: &Request<'_>) -> Result<Option<Outcome>, Failure> {
    // Before anything is built: the profile's mistakes, then Slurm's absence.
    request.profile()?;
    let queue = slurm::in_queue(&plan.dir)?;
    let kinds = backends(plan, request, &queue.cells);
    let submission = match kinds.is_empty() {
        true => {
            plan.write(None)?;
            Submission { queued: queue.cells.len(), ..Submission::default() }
        }
        false => {
            let worker = match request.worker {
                Some(worker) => worker.to_owned(),
                None => {
                    // Nodes have their own devices; only libtorch has to be here to be built against.
                    doctor::require(kinds.iter().copied().filter(|&k| k == BackendKind::Libtorch))?;
                    worker::build(&kinds)?
                }
            };
            let xtask = std::env::current_exe()
                .map_err(|e| Failure::Failed(format!("error: cannot find this program: {e}")))?;
            slurm::submit(plan, &request.order(worker, xtask)?)?
        }
    };
    say(plan, &submission);
    if request.wait {
        let mut cells = submission.cells;
        cells.extend(queue.cells);
        let outcome = slurm::wait(plan, &cells, &|line| eprintln!("{line}"))?;
        if outcome.stopped {
            eprintln!("stopped waiting; the jobs go on");
        }
        return Ok(Some(outcome));
    }
    let idle = submission.folder.is_none() && queue.tasks == 0;
    Ok(idle.then(Outcome::default))
}

/// Backends of the cells that have to run and are in no queue.
fn backends(
    plan: &Plan,
    request: &Request<'_>,
    queued: &BTreeSet<String>,
) -> BTreeSet<BackendKind> {
    let statuses = record::inspect(&plan.dir, &plan.file, request.retry_failed);
    let runs = statuses.iter().zip(&plan.configs).filter(|(status, _)| status.will_run);
    let asked = |id: &String| request.only.is_none_or(|only| only.contains(id));
    let runs = runs.filter(|(s, _)| asked(&s.cell.id) && !queued.contains(&s.cell.id));
    runs.flat_map(|(_, run)| run.backends()).collect()
}

fn say(plan: &Plan, submission: &Submission) {
    let count = |n: usize| if n == 1 { "1 cell".to_owned() } else { format!("{n} cells") };
    if let Some(folder) = &submission.folder {
        say!("submitted {} to Slurm", count(submission.cells.len()));
        for (job, what) in &submission.jobs {
            say!("  job {job} {what}");
        }
        say!("scripts and Slurm's own output: {}", folder.display());
    }
    if submission.queued > 0 {
        say!("{} in Slurm's queue already", count(submission.queued));
    }
    if submission.folder.is_some() || submission.queued > 0 {
        let name = &plan.file.experiment;
        say!(
            "follow with `cargo xtask status {name} --watch`; this command again submits what is \
             missing then"
        );
    }
}

/// Prints what [`run`] would submit.
pub(crate) fn dry_run(plan: &Plan, request: &Request<'_>) -> Result<(), Failure> {
    let pinned = |name: &str| plan.dir.join("workers/HASH").join(name);
    let order = request.order(pinned("resgan"), pinned("xtask"))?;
    let scratch = std::env::temp_dir().join(format!("xtask-slurm-{}", std::process::id()));
    let preview = slurm::preview(plan, &order, &scratch);
    let _ = std::fs::remove_dir_all(&scratch);
    let preview = preview?;
    match &preview.queue {
        Some(queue) => say!("\nSlurm has {} tasks of it in its queue", queue.tasks),
        None => say!("\nthere is no Slurm on this machine to ask"),
    }
    for (name, text) in &preview.scripts {
        say!("\n==> {name} <==\n{}", text.trim_end());
    }
    if preview.queue.is_some() && !preview.scripts.is_empty() {
        say!("\nSlurm would take all {} scripts", preview.scripts.len());
    }
    Ok(())
}
