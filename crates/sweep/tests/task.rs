//! What a task of a job array does when its worker has ended, with a Slurm that only writes down what it
//! is asked for.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test that cannot set up its files should fail")]

use std::fs;
use std::path::Path;
use std::process::Command;

const TASK: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/slurm/task.sh");

/// Exit code of a task whose worker ends with `code`, and how often it was requeued so far.
fn task(dir: &Path, code: i32) -> (Option<i32>, usize) {
    let script = format!(
        "srun() {{ return {code}; }}
         scontrol() {{
             case $1 in show) echo 'Restarts=0 JobState=RUNNING' ;; *) echo \"$@\" >>requeued ;; esac
         }}
         requeues=count progress_of=state.json max_requeues=2 cpus=1
         . {TASK}
         run_worker log prepare"
    );
    let status = Command::new("bash")
        .args(["-c", &script])
        .current_dir(dir)
        .envs([("SLURM_ARRAY_JOB_ID", "7"), ("SLURM_ARRAY_TASK_ID", "0")])
        .output()
        .unwrap()
        .status;
    let requeued = fs::read_to_string(dir.join("requeued")).unwrap_or_default();
    (status.code(), requeued.lines().filter(|line| *line == "requeue 7_0").count())
}

#[test]
fn what_was_interrupted_or_failed_by_the_machine_is_requeued_and_an_error_is_not() {
    for (code, requeues) in [(0, 0), (1, 0), (2, 0), (74, 1), (75, 1)] {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(task(dir.path(), code), (Some(code), requeues), "exit code {code}");
    }
}

#[test]
fn requeues_without_a_further_step_come_to_an_end() {
    let dir = tempfile::tempdir().unwrap();
    let seen = [(); 3].map(|()| task(dir.path(), 74));
    assert_eq!(seen, [(Some(74), 1), (Some(74), 2), (Some(1), 2)]);
}
