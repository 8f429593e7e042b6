//! Which cells run beside each other: cores, GPUs and memory.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test that cannot set up its files should fail")]

mod common;

use std::collections::BTreeMap;
use std::fs;
use std::sync::Arc;

use common::{Bench, calls, memory};
use config::RunConfig;
use sweep::{Machine, at_once};

fn kind(run: &RunConfig) -> String {
    run.backend.kind.to_string()
}

fn device(run: &RunConfig) -> String {
    format!("{} {}", run.backend.kind, run.backend.index)
}

/// The most cells of any kind that ran at one time.
fn most(bench: &Bench) -> usize {
    bench.most(|_| String::new())[""]
}

fn counts<const N: usize>(pairs: [(&str, usize); N]) -> BTreeMap<String, usize> {
    pairs.map(|(name, count)| (name.to_owned(), count)).into()
}

/// A machine whose available memory, in MiB, depends on what workers have noted.
fn with_memory(bench: &mut Bench, available: impl Fn(&[String]) -> f64 + Send + Sync + 'static) {
    let cache = bench.options.cache.clone();
    let read = move || Some(memory(available(&calls(&cache))));
    bench.options.machine = Machine { cores: 8, cuda: false, memory: Arc::new(read) };
}

#[test]
fn cells_take_their_threads_from_the_cores() {
    let mut bench =
        Bench::of("\"backend.threads\" = [2]\n\"losses.dual\" = [\"adversarial\", \"none\"]");
    bench.options.jobs = None;
    for (cores, expected) in [(1, 1), (4, 2), (7, 3)] {
        bench.options.machine.cores = cores;
        bench.tell("calls", "");
        assert_eq!(bench.launch().finished.len(), 4);
        assert_eq!(most(&bench), expected, "{cores} cores");
        fs::remove_dir_all(bench.plan.dir.join("cells")).unwrap();
    }
    // One who asks for more gets more.
    bench.options.jobs = Some(4);
    bench.options.machine.cores = 1;
    bench.tell("calls", "");
    bench.launch();
    assert_eq!(most(&bench), 4);
}

#[test]
fn a_gpu_belongs_to_one_cell_and_different_gpus_work_side_by_side() {
    let mut bench = Bench::of("\"backend.kind\" = [\"wgpu\"]\n\"backend.index\" = [0, 1]");
    for jobs in [None, Some(4)] {
        bench.options.jobs = jobs;
        bench.tell("calls", "");
        assert_eq!(bench.launch().finished.len(), 4);
        assert_eq!(bench.most(device), counts([("wgpu 0", 1), ("wgpu 1", 1)]));
        assert_eq!(most(&bench), 2);
        fs::remove_dir_all(bench.plan.dir.join("cells")).unwrap();
    }
    bench.options.per_device = 2;
    bench.tell("calls", "");
    bench.launch();
    assert_eq!(bench.most(device), counts([("wgpu 0", 2), ("wgpu 1", 2)]));
}

#[test]
fn processor_cells_run_beside_gpu_cells() {
    let mut bench = Bench::of("\"backend.kind\" = [\"wgpu\", \"flex\"]");
    (bench.options.jobs, bench.options.machine.cores) = (None, 1);
    assert_eq!(bench.launch().finished.len(), 4);
    assert_eq!(bench.most(kind), counts([("flex", 1), ("wgpu", 1)]));
    assert_eq!(most(&bench), 2);
    assert_eq!(at_once(&bench.plan.configs, &Machine::this(), Some(1), 1), 1);
    assert!(at_once(&bench.plan.configs, &Machine::this(), None, 1) >= 2);
}

#[test]
fn without_memory_for_two_one_cell_runs_at_a_time() {
    let mut bench = Bench::new();
    with_memory(&mut bench, |_| 1100.0);
    bench.options.jobs = Some(4);
    assert_eq!(bench.launch().finished.len(), 4);
    assert_eq!(most(&bench), 1);
}

#[test]
fn what_a_finished_cell_needed_counts_more_than_the_estimate() {
    let mut bench = Bench::new();
    // As above not enough for two cells of the estimated size; these turn out to be small.
    with_memory(&mut bench, |_| 1100.0);
    bench.options.jobs = Some(4);
    bench.tell("peak", "40");
    assert_eq!(bench.launch().finished.len(), 4);
    let first: Vec<String> = bench.calls().into_iter().skip(1).take(2).collect();
    assert!(first[0].starts_with(&format!("start {}", bench.id(0))), "{first:?}");
    assert_eq!(first[1], format!("end {}", bench.id(0)));
    assert_eq!(most(&bench), 2);
}

#[test]
fn a_machine_of_unknown_memory_has_no_guard() {
    let mut bench = Bench::new();
    bench.options.machine.memory = Arc::new(|| None);
    bench.options.jobs = Some(3);
    bench.launch();
    assert_eq!(most(&bench), 3);
}

#[test]
fn when_memory_runs_short_the_youngest_cell_pauses_and_goes_on_later() {
    let mut bench = Bench::new();
    let first = format!("end {}", bench.id(0));
    with_memory(&mut bench, move |calls| {
        let started = calls.iter().filter(|call| call.starts_with("start")).count();
        let over = calls.contains(&first);
        if started >= 2 && !over { 900.0 } else { 9000.0 }
    });
    bench.tell("steps", "40");
    bench.options.only = Some([0, 1].map(|index| bench.id(index).to_owned()).into());
    let outcome = bench.launch();
    assert_eq!((outcome.finished.len(), outcome.failures.len()), (2, 0));
    assert!(outcome.interrupted.is_empty());
    assert_eq!((bench.starts_of(0), bench.starts_of(1)), (1, 2));
    assert_eq!((outcome.attempts[bench.id(0)], outcome.attempts[bench.id(1)]), (1, 2));
    let calls = bench.calls();
    let place = |what: String| calls.iter().position(|call| *call == what).unwrap();
    let paused = place(format!("end {} interrupted", bench.id(1)));
    let resumed =
        calls.iter().rposition(|call| call.starts_with(&format!("start {}", bench.id(1))));
    let over = place(format!("end {}", bench.id(0)));
    assert!(paused < over && over < resumed.unwrap(), "{calls:?}");
}

#[test]
fn a_cell_that_runs_alone_is_never_paused() {
    let mut bench = Bench::new();
    bench.options.jobs = Some(1);
    with_memory(&mut bench, |_| 10.0);
    bench.tell("steps", "15");
    let outcome = bench.launch();
    assert_eq!((outcome.finished.len(), bench.starts()), (4, 4));
}
