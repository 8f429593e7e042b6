//! Every target over its seeds and over every input that once broke a promise.
#![allow(clippy::unwrap_used, reason = "a test that cannot read its files should fail")]

use std::collections::BTreeSet;
use std::fs;
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard};
use std::time::{Duration, Instant};

use fuzz::{Meter, TARGETS, Target, Verdict, regressions, seeds};

#[global_allocator]
static ALLOCATOR: Meter = Meter;

/// What one input may take on a machine that does other things too.
const LONGEST: Duration = Duration::from_secs(10);

/// The meter counts for the whole process: one target at a time.
fn alone() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::new(());
    TURN.lock().unwrap_or_else(|broken| broken.into_inner())
}

/// The files of a directory that must not be empty, sorted.
fn inputs(directory: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory);
    let entries = entries.unwrap_or_else(|e| panic!("{}: {e}", directory.display()));
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(!files.is_empty(), "{} is empty", directory.display());
    files
}

/// What becomes of every input of a directory, and which of them break a promise.
fn replay(target: &Target, directory: &Path) -> (Vec<Verdict>, Vec<PathBuf>) {
    let _turn = alone();
    let files = inputs(directory);
    // What fills lazily is filled before memory counts.
    let _ = catch_unwind(|| (target.run)(&fs::read(&files[0]).unwrap()));
    let (mut verdicts, mut broken) = (Vec::new(), Vec::new());
    for file in files {
        let bytes = fs::read(&file).unwrap();
        assert!(bytes.len() <= target.longest, "{} is too long", file.display());
        let begun = Instant::now();
        let verdict = catch_unwind(|| target.check(&bytes));
        let took = begun.elapsed();
        match verdict {
            Ok(verdict) if took < LONGEST => verdicts.push(verdict),
            _ => broken.push(file),
        }
    }
    (verdicts, broken)
}

#[test]
fn every_target_accepts_a_seed_and_refuses_one() {
    for target in TARGETS {
        let (verdicts, broken) = replay(target, &seeds(target.name));
        assert!(broken.is_empty(), "{broken:#?}");
        for verdict in [Verdict::Accepted, Verdict::Refused] {
            assert!(verdicts.contains(&verdict), "no seed of {} is {verdict:?}", target.name);
        }
    }
}

#[test]
fn what_once_broke_a_promise_does_not_do_so_again() {
    let there = TARGETS.iter().filter(|target| regressions(target.name).exists());
    let broken: Vec<PathBuf> =
        there.flat_map(|target| replay(target, &regressions(target.name)).1).collect();
    assert!(broken.is_empty(), "{broken:#?}");
}

#[test]
fn no_directory_of_inputs_is_forgotten() {
    let names: BTreeSet<&str> = TARGETS.iter().map(|target| target.name).collect();
    assert_eq!(names.len(), TARGETS.len(), "two targets of one name");
    for directory in [seeds(""), regressions("")].iter().flat_map(|home| inputs(home)) {
        let name = directory.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        assert!(names.contains(name), "{} belongs to no target", directory.display());
        inputs(&directory);
    }
}

/// The bounds hold nothing if the meter does not count.
#[test]
fn a_target_that_takes_too_much_memory_is_caught() {
    let _turn = alone();
    let greedy = |_: &[u8]| {
        let big: Vec<u8> = Vec::with_capacity(3 << 20);
        assert_eq!(std::hint::black_box(&big).len(), 0);
        Verdict::Accepted
    };
    let memory = fuzz::Memory { base: 2 << 20, per_byte: 1 };
    let words = || Vec::new();
    let target = Target { name: "greedy", about: "", run: greedy, words, longest: 1, memory };
    assert!(catch_unwind(|| target.check(b"x")).is_err());
    let modest = Target { memory: fuzz::Memory { base: 4 << 20, per_byte: 1 }, ..target };
    assert_eq!(modest.check(b"x"), Verdict::Accepted);
}
