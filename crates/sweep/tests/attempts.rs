//! Attempts that end badly: out of time, by the infrastructure's fault, by their own.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test that cannot set up its files should fail")]

mod common;

use std::path::PathBuf;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use common::{Bench, worker};
use config::RunConfig;
use record::{Cell, CellState};
use sweep::{Direct, Paths, Program, launch_with};

#[test]
fn a_cell_out_of_time_saves_its_work_fails_and_resumes() {
    let mut bench = Bench::new();
    bench.tell("steps", "60");
    bench.options.timeout = Some(Duration::from_millis(500));
    bench.options.only = Some([bench.id(0).to_owned()].into());
    let outcome = bench.launch();
    let failure = &outcome.failures[0];
    let reason = "did not finish within 0.5 s; its checkpoint stands: run again to go on, or raise \
                  --timeout";
    assert_eq!((failure.reason.as_str(), failure.code), (reason, None));
    assert_eq!(bench.starts(), 1, "what takes too long once is not retried");
    assert_eq!(bench.states(false)[0], (CellState::Interrupted, true));

    bench.options.timeout = None;
    assert_eq!(bench.launch().finished.len(), 1);
    let last = bench.calls().into_iter().rfind(|call| call.starts_with("start")).unwrap();
    let step: usize = last.split(' ').nth(2).unwrap().parse().unwrap();
    assert!((1..60).contains(&step), "{last}");
}

#[test]
fn a_cell_out_of_time_that_does_not_stop_is_killed() {
    let mut bench = Bench::new();
    bench.tell("steps", "600");
    bench.behave(0, "stubborn");
    bench.options.timeout = Some(Duration::from_millis(300));
    bench.options.grace = Duration::from_millis(300);
    bench.options.only = Some([bench.id(0).to_owned()].into());
    let start = Instant::now();
    let outcome = bench.launch();
    assert!(start.elapsed() < Duration::from_secs(15));
    assert!(outcome.failures[0].reason.starts_with("did not finish within 0.3 s"));
    assert!(!bench.calls().iter().any(|call| call.starts_with("end")));
    assert_eq!((bench.starts(), bench.states(false)[0].0), (1, CellState::Interrupted));
}

#[test]
fn a_cell_that_ends_in_time_is_left_alone() {
    let mut bench = Bench::new();
    bench.options.timeout = Some(Duration::from_secs(60));
    assert_eq!(bench.launch().finished.len(), 4);
}

#[test]
fn failures_of_the_infrastructure_are_tried_again_with_growing_pauses() {
    for behave in ["crash 2", "infrastructure 2"] {
        let mut bench = Bench::new();
        bench.behave(0, behave);
        bench.options.backoff = Duration::from_millis(200);
        let start = Instant::now();
        let outcome = bench.launch();
        assert_eq!((outcome.finished.len(), outcome.failures.len()), (4, 0), "{behave}");
        assert_eq!((bench.starts_of(0), bench.starts()), (3, 6));
        assert_eq!(outcome.attempts[bench.id(0)], 3);
        assert_eq!(outcome.attempts[bench.id(1)], 1);
        // 0.2 s, then 0.8 s; the others did not wait for it.
        assert!(start.elapsed() >= Duration::from_secs(1), "{:?}", start.elapsed());
        let calls = bench.calls();
        let last = calls.iter().rposition(|call| call.starts_with("start")).unwrap();
        assert!(calls[last].contains(bench.id(0)), "{calls:?}");
        assert_eq!(calls[..last].iter().filter(|call| call.starts_with("end")).count(), 5);
    }
}

#[test]
fn retries_come_to_an_end() {
    for (behave, words) in
        [("crash 9", "was killed (signal 9"), ("infrastructure 9", "the disk is full")]
    {
        let mut bench = Bench::new();
        bench.behave(0, behave);
        bench.options.retries = 1;
        let outcome = bench.launch();
        assert_eq!((outcome.finished.len(), bench.starts_of(0)), (3, 2));
        let reason = &outcome.failures[0].reason;
        assert!(reason.starts_with(words) && reason.ends_with("(2 attempts)"), "{reason}");
        assert_eq!(outcome.attempts[bench.id(0)], 2);
    }
}

#[test]
fn real_failures_and_divergence_are_never_tried_again() {
    for behave in ["fail", "diverge", "hollow"] {
        let bench = Bench::new();
        bench.behave(0, behave);
        let outcome = bench.launch();
        assert_eq!((outcome.failures.len(), bench.starts_of(0)), (1, 1), "{behave}");
        assert_eq!(outcome.attempts[bench.id(0)], 1);
    }
}

#[test]
fn what_an_earlier_attempt_blamed_on_the_infrastructure_is_no_reason_to_retry() {
    let bench = Bench::new();
    std::fs::create_dir_all(bench.dir(0)).unwrap();
    let state = r#"{"state":"interrupted","pid":1,"error":"x","error_kind":"infrastructure"}"#;
    std::fs::write(bench.dir(0).join("state.json"), state).unwrap();
    bench.behave(0, "mute");
    let outcome = bench.launch();
    assert_eq!((outcome.failures.len(), bench.starts_of(0)), (1, 1));
    assert_eq!(outcome.failures[0].reason, "ended with exit code 1");
}

/// Names a program that does not exist for the first commands.
struct Flaky {
    direct: Direct,
    missing: AtomicUsize,
}

impl Program for Flaky {
    fn name(&self) -> String {
        self.direct.name()
    }

    fn prepare(&self, run: &RunConfig, paths: Paths<'_>) -> Command {
        self.direct.prepare(run, paths)
    }

    fn cell(&self, cell: &Cell, run: &RunConfig, paths: Paths<'_>) -> Command {
        let left =
            self.missing.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |n| n.checked_sub(1));
        match left {
            Ok(_) => Direct(PathBuf::from("/no/such/program")).cell(cell, run, paths),
            Err(_) => self.direct.cell(cell, run, paths),
        }
    }
}

#[test]
fn a_process_that_cannot_be_started_is_tried_again() {
    let bench = Bench::new();
    let flaky = |missing| Flaky { direct: Direct(worker()), missing: AtomicUsize::new(missing) };
    let outcome = launch_with(&bench.plan, &bench.options, &worker(), &flaky(3)).unwrap();
    assert_eq!((outcome.finished.len(), outcome.attempts.values().sum::<usize>()), (4, 7));

    let bench = Bench::new();
    let outcome = launch_with(&bench.plan, &bench.options, &worker(), &flaky(100)).unwrap();
    assert_eq!((outcome.failures.len(), bench.starts()), (4, 0));
    let reason = &outcome.failures[0].reason;
    assert!(reason.starts_with("cannot start") && reason.ends_with("(3 attempts)"), "{reason}");
}

#[test]
fn a_preparation_that_was_killed_is_tried_again() {
    let bench = Bench::new();
    bench.tell("behave-prepare", "crash 2");
    assert_eq!(bench.launch().finished.len(), 4);
    assert_eq!(bench.calls().iter().filter(|call| *call == "prepare").count(), 3);

    let bench = Bench::new();
    bench.tell("behave-prepare", "crash 9");
    let outcome = bench.launch();
    assert_eq!((outcome.failures.len(), bench.starts()), (4, 0));
    assert!(outcome.failures[0].reason.contains("preparing data and judges was killed"));
}
