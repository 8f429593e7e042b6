//! Submission, as a whole or not at all.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use config::{RunConfig, SlurmProfile};
use jiff::Timestamp;
use record::{Lock, Locking, inspect};

use crate::error::SweepError;
use crate::plan::Plan;
use crate::prepare::shares_preparation;
use crate::slurm::arrays::{Array, Class, arrays};
use crate::slurm::script::{self, Places};
use crate::slurm::submissions::{InQueue, Job, JobKind, Record, Stage, in_queue, records};
use crate::slurm::{client, home, pin};

/// What a submission needs to know.
#[derive(Clone, Debug)]
pub struct Order {
    /// What jobs ask the cluster for.
    pub profile: SlurmProfile,
    /// Take failed and diverged cells up again.
    pub retry_failed: bool,
    /// Ids of the cells to submit; all that have to run if absent.
    pub only: Option<BTreeSet<String>>,
    /// Data and judges shared by all cells; absolute, and seen by all nodes.
    pub cache: PathBuf,
    /// The program that works on cells; it is copied.
    pub worker: PathBuf,
    /// The program that reports at the end; it is copied.
    pub xtask: PathBuf,
}

/// What was submitted.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Submission {
    /// Scripts, lists, records and Slurm's own output; absent if there was nothing to submit.
    pub folder: Option<PathBuf>,
    /// Number of the job and what it is for, in words.
    pub jobs: Vec<(u64, String)>,
    /// Ids of the cells in these jobs.
    pub cells: Vec<String>,
    /// Cells that were in the queue before.
    pub queued: usize,
}

/// Submits every cell of the plan that has to run and is not in Slurm's queue yet, the preparation
/// before and the report after them. Nothing may start before all of it is submitted and recorded;
/// if a part is refused, the rest is taken back.
///
/// # Errors
/// Slurm cannot be asked or refuses, the profile does not fit, or a file cannot be written.
pub fn submit(plan: &Plan, order: &Order) -> Result<Submission, SweepError> {
    let home = home(&plan.dir);
    fs::create_dir_all(&home).map_err(SweepError::io("create", &home))?;
    let path = home.join("lock");
    let lock = Lock::try_exclusive(&path).map_err(SweepError::io("lock", &path))?;
    if matches!(lock, Locking::Held) {
        let reason = "another process submits cells of this experiment right now".to_owned();
        return Err(SweepError::Launcher { reason });
    }
    // Without locks two submissions at once are two sets of jobs: the later worker of a cell finds it
    // claimed or finished.
    withdraw_remains(&home)?;
    let queue = in_queue(&home, true)?;
    let cells = to_submit(plan, order, &queue);
    let queued = queue.cells.len();
    if cells.is_empty() {
        return Ok(Submission { queued, ..Submission::default() });
    }
    plan.write(Some(&order.worker))?;
    let draft = Draft::new(plan, order, &cells, client::largest_array()?)?;
    let (worker, worker_hash) = pin::pin(&plan.dir, &order.worker, "resgan")?;
    let (xtask, xtask_hash) = pin::pin(&plan.dir, &order.xtask, "xtask")?;
    for &index in &cells {
        plan.write_config(&plan.file.cells[index], &plan.configs[index])?;
    }
    let submitted = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let (folder, stamp) = new_folder(&home, submitted)?;
    let mut record = Record {
        stage: Stage::Submitting,
        submitted,
        name: format!("{}-{stamp}", plan.file.experiment),
        worker: worker_hash,
        xtask: xtask_hash,
        jobs: Vec::new(),
    };
    let done = draft
        .write(plan, order, &folder, &record.name, &worker, &xtask)
        .and_then(|()| hand_over(&draft, plan, &folder, &mut record));
    if let Err(error) = done {
        return Err(take_back(&folder, &record, error));
    }
    let jobs = record.jobs.iter().map(|job| (job.job, describe(job, &draft, order))).collect();
    let cells = cells.iter().map(|&index| plan.file.cells[index].id.clone()).collect();
    Ok(Submission { folder: Some(folder), jobs, cells, queued })
}

/// Positions of the cells that have to run and are in no queue.
pub(super) fn to_submit(plan: &Plan, order: &Order, queue: &InQueue) -> Vec<usize> {
    let statuses = inspect(&plan.dir, &plan.file, order.retry_failed);
    let asked = |id: &String| order.only.as_ref().is_none_or(|only| only.contains(id));
    let wanted = statuses.iter().enumerate().filter(|(_, s)| s.will_run && asked(&s.cell.id));
    let free = wanted.filter(|(_, status)| !queue.cells.contains(&status.cell.id));
    free.map(|(index, _)| index).collect()
}

/// Submissions that were broken off: their jobs, still held, are cancelled and their folders removed.
fn withdraw_remains(home: &Path) -> Result<(), SweepError> {
    for (folder, record) in records(home)? {
        if record.stage == Stage::Submitting {
            // Only tasks under our own name: numbers come again after a cluster lost its memory.
            let ours = client::queue(&record.numbers())?.into_iter();
            let ours: BTreeSet<u64> =
                ours.filter(|task| task.name == record.name).map(|task| task.job).collect();
            client::cancel(&ours.into_iter().collect::<Vec<_>>())?;
            fs::remove_dir_all(&folder).map_err(SweepError::io("remove", &folder))?;
        }
    }
    Ok(())
}

/// What would be submitted: arrays with their scripts.
pub(super) struct Draft {
    pub(super) preparations: Vec<Array>,
    pub(super) cells: Vec<Array>,
}

impl Draft {
    /// Sorts cells into arrays of at most `largest` tasks.
    pub(super) fn new(
        plan: &Plan,
        order: &Order,
        cells: &[usize],
        largest: usize,
    ) -> Result<Draft, SweepError> {
        let profile = &order.profile;
        let class = |index: usize| Class::of(&plan.configs[index], profile);
        for &index in cells {
            class(index).resources(profile)?;
        }
        let limit =
            |class: Class| class.resources(profile).ok().and_then(|wishes| wishes.max_running);
        let threads = |index: usize| plan.configs[index].backend.threads as u64;
        let with_cpus: Vec<_> =
            cells.iter().map(|&index| (index, class(index), threads(index))).collect();
        let mut firsts: Vec<usize> = Vec::new();
        for &index in cells {
            let run = &plan.configs[index];
            if !firsts.iter().any(|&first| shares_preparation(&plan.configs[first], run)) {
                firsts.push(index);
            }
        }
        let prepare_cpus = |index: usize| -> Result<u64, SweepError> {
            let wished = class(index).resources(profile)?.prepare_cpus;
            Ok(wished.unwrap_or_else(|| threads(index)))
        };
        let mut with_prepare_cpus = Vec::new();
        for index in firsts {
            with_prepare_cpus.push((index, class(index), prepare_cpus(index)?));
        }
        Ok(Draft {
            preparations: arrays("prepare-", &with_prepare_cpus, largest, limit),
            cells: arrays("", &with_cpus, largest, limit),
        })
    }

    /// Writes scripts and lists.
    pub(super) fn write(
        &self,
        plan: &Plan,
        order: &Order,
        folder: &Path,
        job_name: &str,
        worker: &Path,
        xtask: &Path,
    ) -> Result<(), SweepError> {
        let cells = plan.dir.join("cells");
        let places = Places { job_name, folder, cells: &cells, cache: &order.cache, worker };
        for name in ["out", "requeues"] {
            let path = folder.join(name);
            fs::create_dir_all(&path).map_err(SweepError::io("create", &path))?;
        }
        for array in self.preparations.iter().chain(&self.cells) {
            let line = |&index: &usize| {
                let (cell, run): (_, &RunConfig) = (&plan.file.cells[index], &plan.configs[index]);
                format!("{} {}\n", cell.id, run.backend.kind.row().burn_device)
            };
            let list: String = array.cells.iter().map(line).collect();
            put(&folder.join(format!("{}.list", array.name)), &list)?;
        }
        let profile = &order.profile;
        for array in &self.preparations {
            let text = script::preparation(&places, array, array.class.resources(profile)?);
            put(&folder.join(format!("{}.sh", array.name)), &text)?;
        }
        for array in &self.cells {
            let text = script::cells(&places, array, array.class.resources(profile)?);
            put(&folder.join(format!("{}.sh", array.name)), &text)?;
        }
        let results = plan.dir.parent().unwrap_or(&plan.dir);
        // By its file, which is the one that was asked for; another may have the same name.
        let made = plan.file.made.as_ref().and_then(|made| made.experiment.to_str());
        let experiment = made.unwrap_or(&plan.file.experiment);
        let text = script::report(&places, xtask, results, experiment, &profile.processor);
        put(&folder.join("report.sh"), &text)
    }
}

fn put(path: &Path, text: &str) -> Result<(), SweepError> {
    record::write_atomic(path, text.as_bytes()).map_err(SweepError::io("write", path))
}

/// Gives Slurm every job. The preparation is held until all others, which wait for it, are recorded.
fn hand_over(
    draft: &Draft,
    plan: &Plan,
    folder: &Path,
    record: &mut Record,
) -> Result<(), SweepError> {
    record.write(folder)?;
    let mut add = |kind, array: Option<&Array>, script: String, after: &[u64]| {
        let job = client::submit(&folder.join(&script), after, kind == JobKind::Prepare)?;
        let cells = array.map_or(&[][..], |array| &array.cells);
        let cells = cells.iter().map(|&index| plan.file.cells[index].id.clone()).collect();
        record.jobs.push(Job { job, kind, script, cells });
        record.write(folder).map(|()| job)
    };
    let mut held = Vec::new();
    for array in &draft.preparations {
        held.push(add(JobKind::Prepare, Some(array), format!("{}.sh", array.name), &[])?);
    }
    let mut ends: Vec<u64> = Vec::new();
    for array in &draft.cells {
        let mut after = held.clone();
        after.extend(ends.last().filter(|_| array.chained));
        ends.push(add(JobKind::Cells, Some(array), format!("{}.sh", array.name), &after)?);
    }
    add(JobKind::Report, None, "report.sh".to_owned(), &ends)?;
    for job in held {
        client::release(job)?;
    }
    record.stage = Stage::Submitted;
    record.write(folder)
}

/// Cancels what was submitted of a submission that failed; the error says if that failed as well.
fn take_back(folder: &Path, record: &Record, error: SweepError) -> SweepError {
    match client::cancel(&record.numbers()) {
        Ok(()) => {
            // Without its record the folder says nothing; a leftover is removed by the next run.
            let _ = fs::remove_dir_all(folder);
            error
        }
        Err(second) => {
            let ids: Vec<String> = record.numbers().iter().map(u64::to_string).collect();
            let reason = format!(
                "{error}; cancelling what was submitted before that failed too ({second}): cancel it \
                 with `scancel {}`",
                ids.join(" ")
            );
            SweepError::Launcher { reason }
        }
    }
}

/// What a job is for, in words.
fn describe(job: &Job, draft: &Draft, order: &Order) -> String {
    let count = job.cells.len();
    match job.kind {
        JobKind::Prepare => format!("prepares data and judges ({count})"),
        JobKind::Report => "writes tables, figures and report at the end".to_owned(),
        JobKind::Cells => {
            let array = draft.cells.iter().find(|array| format!("{}.sh", array.name) == job.script);
            let resources = array.and_then(|array| array.class.resources(&order.profile).ok());
            let limit = resources.and_then(|resources| resources.max_running);
            let limit = limit.map_or_else(String::new, |limit| format!(", {limit} at a time"));
            let name = job.script.trim_end_matches(".sh");
            let cells = if count == 1 { "cell" } else { "cells" };
            format!("{count} {cells} ({name}{limit})")
        }
    }
}

/// A new folder named by the time (UTC), e.g. `20261125-131500`.
pub(crate) fn new_folder(home: &Path, now: u64) -> Result<(PathBuf, String), SweepError> {
    let stamp = stamp(now);
    for number in 1.. {
        let name = if number == 1 { stamp.clone() } else { format!("{stamp}-{number}") };
        let folder = home.join(&name);
        match fs::create_dir(&folder) {
            Ok(()) => return Ok((folder, name)),
            Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(e) => return Err(SweepError::io("create", &folder)(e)),
        }
    }
    unreachable!("there are more numbers than folders")
}

/// Seconds since 1970 as date and time, in UTC.
fn stamp(now: u64) -> String {
    let time = i64::try_from(now).ok().and_then(|now| Timestamp::from_second(now).ok());
    time.unwrap_or_default().strftime("%Y%m%d-%H%M%S").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_dates() {
        assert_eq!(stamp(0), "19700101-000000");
        assert_eq!(stamp(951_782_399), "20000228-235959");
        assert_eq!(stamp(951_782_400), "20000229-000000");
        assert_eq!(stamp(1_795_612_530), "20261125-131530");
    }

    #[test]
    fn two_submissions_of_one_second_have_two_folders() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(new_folder(dir.path(), 0).unwrap().1, "19700101-000000");
        assert_eq!(new_folder(dir.path(), 0).unwrap().1, "19700101-000000-2");
    }
}
