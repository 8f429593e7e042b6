//! Launching with a worker that keeps the real one's contract but trains nothing.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test that cannot set up its files should fail")]

mod common;

use std::fs::{self, File};

use common::{Bench, experiment, fingerprint, worker};
use record::{CellState, inspect};
use sweep::{Plan, launch, verify};

/// One arm.
const NONE: &str = "\"losses.dual\" = [\"none\"]";

#[test]
fn planning_and_inspecting_touch_nothing() {
    let bench = Bench::new();
    assert_eq!(bench.states(false), vec![(CellState::Waiting, true); 4]);
    assert!(!bench.plan.dir.exists());
}

#[test]
fn cells_run_once_and_finished_ones_are_skipped() {
    let bench = Bench::new();
    let first = bench.launch();
    assert_eq!((first.finished.len(), first.failures.len()), (4, 0));
    assert_eq!(bench.states(false), vec![(CellState::Done, false); 4]);
    assert_eq!(bench.calls().iter().filter(|call| *call == "prepare").count(), 1);
    assert!(bench.calls().iter().any(|call| call.ends_with("threads 1 1 1 1")));
    let log = fs::read_to_string(bench.dir(0).join("log.txt")).unwrap();
    assert!(log.starts_with("=== attempt 1,") && log.contains("working on"), "{log}");

    let second = bench.launch();
    assert_eq!((second.finished.len(), bench.starts()), (0, 4));
}

#[test]
fn a_cells_configuration_runs_by_itself() {
    let bench = Bench::new();
    bench.launch();
    let path = bench.dir(0).join("config.toml");
    assert_eq!(config::RunConfig::load(&path, &[]).unwrap(), bench.plan.configs[0]);
}

#[test]
fn no_more_cells_run_at_a_time_than_jobs() {
    let mut bench = Bench::new();
    for jobs in [1, 3] {
        bench.options.jobs = Some(jobs);
        bench.tell("calls", "");
        bench.launch();
        assert_eq!(bench.most(|_| String::new())[""], jobs);
        fs::remove_dir_all(bench.plan.dir.join("cells")).unwrap();
    }
}

#[test]
fn a_failing_cell_leaves_the_others_running_and_is_retried_only_when_asked() {
    let mut bench = Bench::new();
    bench.behave(0, "fail");
    let outcome = bench.launch();
    assert_eq!(outcome.finished.len(), 3);
    let failure = &outcome.failures[0];
    assert_eq!((failure.cell.id.as_str(), failure.code), (bench.id(0), Some(1)));
    assert_eq!(failure.reason, "the loss was sad");
    assert!(failure.tail.iter().any(|line| line == "the loss was sad"));

    assert_eq!(bench.states(false)[0], (CellState::Failed, false));
    assert_eq!(bench.states(true)[0], (CellState::Failed, true));
    bench.launch();
    assert_eq!(bench.starts(), 4);
    bench.behave(0, "");
    bench.options.retry_failed = true;
    assert_eq!(bench.launch().finished.len(), 1);
}

#[test]
fn an_exit_code_of_zero_is_no_proof() {
    let bench = Bench::new();
    bench.tell("behave-all", "hollow");
    let outcome = bench.launch();
    assert_eq!(outcome.failures.len(), 4);
    assert!(outcome.failures[0].reason.contains("does not verify"));
}

#[test]
fn fail_fast_interrupts_the_others() {
    let mut bench = Bench::new();
    bench.options.fail_fast = true;
    bench.behave(0, "hollow");
    bench.tell("steps", "20");
    // The failing cell has a head start.
    fs::create_dir_all(bench.dir(0).join("checkpoints")).unwrap();
    fs::write(bench.dir(0).join("checkpoints/step"), "18").unwrap();
    let outcome = bench.launch();
    assert_eq!(outcome.failures.len(), 1);
    assert_eq!(outcome.interrupted.len(), 3);
    assert!(!outcome.stopped);
    assert_eq!(bench.starts(), 2);
}

#[test]
fn a_preparation_that_fails_fails_its_cells() {
    let bench = Bench::new();
    bench.tell("behave-prepare", "fail");
    let outcome = bench.launch();
    assert_eq!((outcome.failures.len(), bench.starts()), (4, 0));
    let failure = &outcome.failures[0];
    assert_eq!(failure.code, Some(2));
    assert!(failure.tail.iter().any(|line| line == "no faces"));
}

#[test]
fn a_missing_worker_is_an_error() {
    let bench = Bench::new();
    let missing = bench.plan.dir.join("no-such-program");
    assert!(launch(&bench.plan, &bench.options, &missing).is_err());
}

#[test]
fn damaged_outputs_are_named_and_made_again() {
    let bench = Bench::new();
    bench.launch();
    let rows = bench.dir(1).join("eval/images.csv");
    let text = fs::read_to_string(&rows).unwrap().replace("add,1", "add,0");
    fs::write(&rows, text).unwrap();
    fs::remove_file(bench.dir(2).join("eval/images.csv")).unwrap();

    let verified = verify(&bench.plan.dir).unwrap();
    assert_eq!((verified.done, verified.damages.len()), (4, 2));
    assert_eq!(verified.damages[0].path, rows);
    assert!(verified.damages[0].problem.contains("was changed"));
    assert!(verified.damages[1].to_string().contains("is missing"));

    let statuses = inspect(&bench.plan.dir, &bench.plan.file, false);
    assert_eq!((statuses[1].state, statuses[1].will_run), (CellState::Damaged, true));
    assert!(statuses[1].reason.contains("images.csv"));
    assert_eq!(bench.launch().finished.len(), 2);
    assert!(verify(&bench.plan.dir).unwrap().damages.is_empty());
}

#[test]
fn a_proof_for_another_configuration_does_not_count() {
    let bench = Bench::new();
    bench.launch();
    fs::copy(bench.dir(0).join("done.json"), bench.dir(1).join("done.json")).unwrap();
    assert_eq!(bench.states(false)[1], (CellState::Stale, true));
}

#[test]
fn a_cell_that_another_process_holds_is_left_alone() {
    let bench = Bench::new();
    fs::create_dir_all(bench.dir(0)).unwrap();
    let lock = File::create(bench.dir(0).join("lock")).unwrap();
    lock.lock().unwrap();
    assert_eq!(bench.states(true)[0], (CellState::Running, false));
    let outcome = bench.launch();
    assert_eq!(outcome.finished.len(), 3);
    drop(lock);
    assert_eq!(bench.states(false)[0], (CellState::Waiting, true));
}

#[test]
fn a_cell_that_the_machine_failed_runs_again_unasked() {
    let bench = Bench::new();
    fs::create_dir_all(bench.dir(0)).unwrap();
    for (kind, runs) in [("infrastructure", true), ("failure", false)] {
        let state = format!(
            r#"{{"state":"failed","error":"error: no space left","error_kind":"{kind}","step":7}}"#
        );
        fs::write(bench.dir(0).join("state.json"), state).unwrap();
        let status = &inspect(&bench.plan.dir, &bench.plan.file, false)[0];
        assert_eq!((status.state, status.will_run), (CellState::Failed, runs));
        assert!(status.reason.contains("no space left"), "{}", status.reason);
    }
}

#[test]
fn a_killed_worker_resumes() {
    let bench = Bench::new();
    fs::create_dir_all(bench.dir(0)).unwrap();
    let state = r#"{"state":"running","phase":"train","step":7,"steps":40}"#;
    fs::write(bench.dir(0).join("state.json"), state).unwrap();
    let status = &inspect(&bench.plan.dir, &bench.plan.file, false)[0];
    assert_eq!((status.state, status.will_run), (CellState::Interrupted, true));
    assert!(status.reason.contains("step 7 of 40"), "{}", status.reason);
}

#[test]
fn what_lies_in_a_cell_but_belongs_to_another_is_not_gone_on_with() {
    let bench = Bench::new();
    bench.launch();
    let config = bench.dir(0).join("config.toml");
    let own = fs::read_to_string(&config).unwrap();
    // Copied by somebody who took one directory for the other; a training stands in both.
    for file in ["config.toml", "done.json", "metrics.jsonl"] {
        fs::copy(bench.dir(1).join(file), bench.dir(0).join(file)).unwrap();
    }
    fs::write(bench.dir(0).join(record::TRAINED), "{}").unwrap();
    assert_ne!(fs::read_to_string(&config).unwrap(), own);
    assert_eq!(bench.states(false)[0], (CellState::Stale, true));
    let outcome = bench.launch();
    assert_eq!((outcome.finished.len(), outcome.failures.len()), (1, 0));
    assert_eq!(fs::read_to_string(&config).unwrap(), own);
}

#[test]
fn a_smaller_sweep_keeps_the_older_cells() {
    let bench = Bench::new();
    bench.launch();
    let dir = tempfile::tempdir().unwrap();
    let smaller = experiment(dir.path(), NONE);
    let results = bench.plan.dir.parent().unwrap();
    let plan = Plan::new(&smaller, results, &fingerprint).unwrap();
    let outcome = launch(&plan, &bench.options, &worker()).unwrap();
    assert_eq!(outcome.finished.len(), 0);
    assert_eq!(record::PlanFile::read(&plan.dir).unwrap().cells.len(), 2);
    assert!(bench.dir(0).join("done.json").exists());
}

#[test]
fn two_spellings_of_one_level_are_one_cell() {
    let dir = tempfile::tempdir().unwrap();
    let mut experiment = experiment(dir.path(), NONE);
    experiment.cells.extend(experiment.cells.clone());
    let plan = Plan::new(&experiment, dir.path(), &fingerprint).unwrap();
    assert_eq!(plan.file.cells.len(), 2);
}

#[test]
fn data_that_cannot_be_identified_leave_the_draft_without_ids() {
    let dir = tempfile::tempdir().unwrap();
    let experiment = experiment(dir.path(), NONE);
    let missing = |_: &config::Data| Err("data not found: nowhere".to_owned());
    assert!(Plan::new(&experiment, dir.path(), &missing).unwrap_err().is_bad_input());
    let drafts = sweep::draft(&experiment, &missing);
    assert_eq!(drafts.len(), 2);
    assert!(drafts.iter().all(|draft| draft.id().is_none()));
}

#[test]
fn only_the_cells_that_were_named_are_started() {
    let mut bench = Bench::new();
    bench.options.only = Some([bench.id(1).to_owned(), "unknown".to_owned()].into());
    let outcome = bench.launch();
    assert_eq!(outcome.finished.len(), 1);
    assert!(outcome.interrupted.is_empty());
    assert_eq!((bench.starts(), bench.starts_of(1)), (1, 1));
}
