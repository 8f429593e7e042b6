//! What was submitted: a folder per submission with its scripts, its lists and `submission.json`.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::error::SweepError;
use crate::slurm::client::{self, Queued};

/// How far a submission came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Stage {
    /// Jobs are being handed over; none may start yet.
    Submitting,
    /// Slurm has all of them.
    Submitted,
    /// None was left in the queue when it was last looked at.
    Over,
}

/// What a job is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum JobKind {
    Prepare,
    Cells,
    Report,
}

/// One job, an array or not.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Job {
    pub(crate) job: u64,
    pub(crate) kind: JobKind,
    pub(crate) script: String,
    /// Ids of the cells, in the order of the array's indices.
    pub(crate) cells: Vec<String>,
}

/// The content of `submission.json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Record {
    pub(crate) stage: Stage,
    /// Seconds since 1970.
    pub(crate) submitted: u64,
    /// The name of all jobs; tells them from others that got the same numbers after a cluster lost
    /// its memory.
    pub(crate) name: String,
    /// BLAKE3 of the worker and of the program that reports.
    pub(crate) worker: String,
    pub(crate) xtask: String,
    pub(crate) jobs: Vec<Job>,
}

impl Record {
    pub(crate) fn numbers(&self) -> Vec<u64> {
        self.jobs.iter().map(|job| job.job).collect()
    }

    pub(crate) fn write(&self, folder: &Path) -> Result<(), SweepError> {
        let path = folder.join("submission.json");
        let text = serde_json::to_vec_pretty(self)
            .map_err(|e| SweepError::io("write", &path)(e.into()))?;
        record::write_atomic(&path, &text).map_err(SweepError::io("write", &path))
    }

    /// The job that a task in the queue belongs to, if it is one of ours.
    fn job_of(&self, task: &Queued) -> Option<&Job> {
        self.jobs.iter().find(|job| job.job == task.job && self.name == task.name)
    }
}

/// All submissions of an experiment with their folders, oldest first.
pub(crate) fn records(slurm: &Path) -> Result<Vec<(PathBuf, Record)>, SweepError> {
    let entries = match fs::read_dir(slurm) {
        Ok(entries) => entries,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(e) => return Err(SweepError::io("read", slurm)(e)),
    };
    let mut folders: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    folders.sort();
    let mut records = Vec::new();
    for folder in folders {
        let path = folder.join("submission.json");
        let text = match fs::read(&path) {
            Ok(text) => text,
            // Nothing was handed over yet.
            Err(e)
                if matches!(
                    e.kind(),
                    std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory
                ) =>
            {
                continue;
            }
            Err(e) => return Err(SweepError::io("read", &path)(e)),
        };
        let record = serde_json::from_slice(&text).map_err(|e| SweepError::Launcher {
            reason: format!(
                "{} cannot be understood: {e}; if none of its jobs is in the queue, remove its folder",
                path.display()
            ),
        })?;
        records.push((folder, record));
    }
    Ok(records)
}

/// What of an experiment is in Slurm's queue.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct InQueue {
    /// Cells that a task waits for or works on.
    pub cells: BTreeSet<String>,
    /// Tasks of all kinds.
    pub tasks: usize,
}

/// Asks Slurm which tasks of earlier submissions are still in its queue; submissions that have none
/// are marked, so that they are not asked about again.
pub(crate) fn in_queue(slurm: &Path, mark: bool) -> Result<InQueue, SweepError> {
    let live: Vec<(PathBuf, Record)> =
        records(slurm)?.into_iter().filter(|(_, record)| record.stage != Stage::Over).collect();
    let numbers: Vec<u64> = live.iter().flat_map(|(_, record)| record.numbers()).collect();
    let queue = client::queue(&numbers)?;
    let mut found = InQueue::default();
    for (folder, mut record) in live {
        let mut left = false;
        for task in &queue {
            let Some(job) = record.job_of(task) else { continue };
            left = true;
            found.tasks += 1;
            if job.kind == JobKind::Cells {
                found.cells.extend(task.index.and_then(|index| job.cells.get(index)).cloned());
            }
        }
        if !left && mark && record.stage == Stage::Submitted {
            record.stage = Stage::Over;
            record.write(&folder)?;
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_task_is_ours_only_under_our_name() {
        let cells = vec!["a".to_owned(), "b".to_owned()];
        let job = Job { job: 7, kind: JobKind::Cells, script: "cells.sh".to_owned(), cells };
        let record = Record {
            stage: Stage::Submitted,
            submitted: 1,
            name: "dual-1".to_owned(),
            worker: String::new(),
            xtask: String::new(),
            jobs: vec![job],
        };
        let task = |job, name: &str| Queued { job, index: Some(1), name: name.to_owned() };
        assert!(record.job_of(&task(7, "dual-1")).is_some());
        // Another job got the number after the cluster had forgotten ours.
        assert!(record.job_of(&task(7, "dual-2")).is_none());
        assert!(record.job_of(&task(8, "dual-1")).is_none());
    }

    #[test]
    fn a_record_that_cannot_be_read_is_an_error_with_a_remedy() {
        let dir = tempfile::tempdir().unwrap();
        assert!(records(&dir.path().join("none")).unwrap().is_empty());
        fs::create_dir(dir.path().join("1")).unwrap();
        assert!(records(dir.path()).unwrap().is_empty());
        fs::write(dir.path().join("1/submission.json"), "{").unwrap();
        let error = records(dir.path()).unwrap_err().to_string();
        assert!(error.contains("submission.json") && error.contains("remove"), "{error}");
    }
}
