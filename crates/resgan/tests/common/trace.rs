//! Faults at chosen system calls, through strace.
#![allow(clippy::print_stderr, reason = "a test that is skipped says so")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};
use std::sync::atomic::{AtomicUsize, Ordering};

/// System calls that commit something.
const CALLS: [&str; 4] = ["write", "fsync", "fdatasync", "rename"];

/// Whether strace works here; says so where it does not.
pub(crate) fn can_trace() -> bool {
    let traced = Command::new("strace").args(["-o", "/dev/null", "true"]).status();
    let can = traced.is_ok_and(|status| status.success());
    if !can {
        eprintln!("SKIPPED: strace is not installed or may not trace here");
    }
    can
}

/// Every committing call of an undisturbed command's main thread in order, as strace prints it.
pub(crate) fn calls(trace: &Path, command: impl Fn(&[&str]) -> Command) -> Vec<String> {
    let only = format!("trace={}", CALLS.join(","));
    let strace = ["strace", "-s", "200", "-o", trace.to_str().unwrap(), "-e", &only];
    assert!(command(&strace).output().unwrap().status.success());
    let text = fs::read_to_string(trace).unwrap();
    text.lines().filter(|line| CALLS.contains(&call(line))).map(str::to_owned).collect()
}

/// The name of the call in a line of strace's.
pub(crate) fn call(line: &str) -> &str {
    line.split('(').next().unwrap_or_default()
}

/// `(call, number)` for strace: the n-th call of its kind, of the traced lines with these indices.
pub(crate) fn numbered(
    lines: &[String],
    indices: impl Iterator<Item = usize>,
) -> Vec<(&str, usize)> {
    let number = |index: usize| {
        let kind = call(&lines[index]);
        (kind, lines[..=index].iter().filter(|line| call(line) == kind).count())
    };
    indices.map(number).collect()
}

/// Runs a command whose n-th call of a kind meets a fault.
pub(crate) fn faulty(fault: &str, command: impl Fn(&[&str]) -> Command) -> (ExitStatus, String) {
    let inject = format!("inject={fault}");
    let only = format!("trace={}", fault.split(':').next().unwrap());
    let strace = ["strace", "-o", "/dev/null", "-e", &only, "-e", &inject];
    let output = command(&strace).output().unwrap();
    (output.status, String::from_utf8_lossy(&output.stderr).into_owned())
}

/// Counts the runs that ended before their fault: how often `state.json` is written depends on the clock,
/// and a run may make a few calls fewer than the traced one.
pub(crate) struct Unmet {
    few: usize,
    count: AtomicUsize,
}

impl Unmet {
    /// For so many faults; one in twenty may go unmet.
    pub(crate) fn among(faults: usize) -> Self {
        Unmet { few: faults.div_ceil(20), count: AtomicUsize::new(0) }
    }

    /// Whether the run that ended so was killed.
    pub(crate) fn killed(&self, status: ExitStatus, what: &str) -> bool {
        let killed = status.code() != Some(0);
        let unmet = self.count.fetch_add(usize::from(!killed), Ordering::Relaxed);
        assert!(
            unmet + usize::from(!killed) <= self.few,
            "{what} had no effect, as {unmet} before"
        );
        killed
    }
}

/// Uncommitted files anywhere below a directory.
pub(crate) fn scratch(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).unwrap().flatten() {
        let path = entry.path();
        if entry.file_name().to_string_lossy().contains(".tmp-") {
            found.push(path.clone());
        }
        if path.is_dir() {
            found.extend(scratch(&path));
        }
    }
    found
}

/// Works through a list on as many threads as there are cores.
pub(crate) fn on_all_cores<T: Sync>(items: &[T], work: impl Fn(usize, &T) + Sync) {
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                while let Some((index, item)) = {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    items.get(index).map(|item| (index, item))
                } {
                    work(index, item);
                }
            });
        }
    });
}
