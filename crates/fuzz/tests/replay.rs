//! Every target over its seeds and over every input that once broke a promise.
#![allow(clippy::unwrap_used, reason = "a test that cannot read its files should fail")]

use std::collections::BTreeSet;
use std::fs;
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

fn replay(target: &Target, directory: &Path) -> Vec<Verdict> {
    let _turn = alone();
    let verdict = |file: PathBuf| {
        let bytes = fs::read(&file).unwrap();
        assert!(bytes.len() <= target.longest, "{} is too long", file.display());
        println!("{}", file.display());
        let begun = Instant::now();
        let verdict = target.check(&bytes);
        let took = begun.elapsed();
        assert!(took < LONGEST, "{} took {took:?}", file.display());
        verdict
    };
    // What fills lazily is filled before memory counts.
    let files = inputs(directory);
    (target.run)(&fs::read(&files[0]).unwrap());
    files.into_iter().map(verdict).collect()
}

#[test]
fn every_target_accepts_a_seed_and_refuses_one() {
    for target in TARGETS {
        let verdicts = replay(target, &seeds(target.name));
        for verdict in [Verdict::Accepted, Verdict::Refused] {
            assert!(verdicts.contains(&verdict), "no seed of {} is {verdict:?}", target.name);
        }
    }
}

#[test]
fn what_once_broke_a_promise_does_not_do_so_again() {
    for target in TARGETS {
        let directory = regressions(target.name);
        if directory.exists() {
            replay(target, &directory);
        }
    }
}

#[test]
fn no_directory_of_inputs_is_forgotten() {
    let names: BTreeSet<&str> = TARGETS.iter().map(|target| target.name).collect();
    assert_eq!(names.len(), TARGETS.len(), "two targets of one name");
    for directory in [seeds(""), regressions("")] {
        for entry in fs::read_dir(&directory).unwrap() {
            let name = entry.unwrap().file_name();
            assert!(names.contains(name.to_str().unwrap()), "{name:?} belongs to no target");
        }
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
    assert!(std::panic::catch_unwind(|| target.check(b"x")).is_err());
    let modest = Target { memory: fuzz::Memory { base: 4 << 20, per_byte: 1 }, ..target };
    assert_eq!(modest.check(b"x"), Verdict::Accepted);
}
