//! What a kill, a full disk, a flipped byte or a rival does to a cell: nothing that the next attempt
//! does not mend, to the byte.
//!
//! System calls are failed by strace, which is skipped visibly where it is missing or may not trace.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::print_stderr)]

mod common;

use std::collections::BTreeSet;
use std::fs;
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::process::{Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use common::trace::{self, Unmet, call, can_trace, numbered, on_all_cores, scratch};
use common::{Place, signal, wait_for, wait_for_text};
use record::Proof;

/// Every committing call of an undisturbed cell's main thread in order, as strace prints it.
fn calls(place: &Place) -> Vec<String> {
    trace::calls(&place.path("trace"), |strace| place.command(strace, "traced"))
}

/// Runs a cell whose n-th call of a kind meets a fault.
fn faulty(place: &Place, dir: &str, fault: &str) -> (ExitStatus, String) {
    trace::faulty(fault, |strace| place.command(strace, dir))
}

/// A place whose cell `straight` went through undisturbed: six steps, a checkpoint every two.
fn place() -> Place {
    let place = Place::with(6, "checkpoint_every = 2");
    let (code, messages) = place.run("straight");
    assert_eq!(code, 0, "{messages}");
    place
}

/// The calls that commit a checkpoint.
fn commits(lines: &[String]) -> Vec<usize> {
    let commit = |line: &String| call(line) == "rename" && line.contains("checkpoints");
    (0..lines.len()).filter(|&index| commit(&lines[index])).collect()
}

/// The calls of a checkpoint: log, parts, manifest, directory, and the commit.
fn checkpoint(lines: &[String], commit: usize) -> RangeInclusive<usize> {
    let log = lines[..commit].iter().rposition(|line| call(line) == "fdatasync");
    log.unwrap()..=commit
}

/// The steps of a cell's checkpoints that verify, and the names of everything else there.
fn checkpoints(place: &Place, dir: &str) -> (BTreeSet<usize>, Vec<String>) {
    let hash = config_hash(place);
    let (mut sound, mut others) = (BTreeSet::new(), Vec::new());
    let entries = fs::read_dir(place.path(&format!("{dir}/checkpoints"))).into_iter().flatten();
    for entry in entries.flatten() {
        let name = entry.file_name().into_string().unwrap();
        match name.parse() {
            Ok(step) if Proof::read(&entry.path(), "manifest.json", &hash) == Proof::Sound => {
                sound.insert(step);
            }
            _ => others.push(name),
        }
    }
    (sound, others)
}

fn config_hash(place: &Place) -> String {
    let done: serde_json::Value =
        serde_json::from_slice(&place.read("straight/done.json")).unwrap();
    done["config_hash"].as_str().unwrap().to_owned()
}

/// The next attempt ends well and comes to the bytes of the undisturbed cell.
fn mends(place: &Place, dir: &str, what: &str) {
    let (code, messages) = place.run(dir);
    assert_eq!(code, 0, "after {what}: {messages}");
    place.assert_equal("straight", dir);
    let cell = place.path(dir);
    assert_eq!(Proof::read(&cell, "done.json", &config_hash(place)), Proof::Sound, "after {what}");
    assert_eq!(scratch(&cell), Vec::<PathBuf>::new(), "after {what}");
}

#[test]
fn killed_at_any_write_sync_or_rename_a_cell_resumes_to_the_same_bytes() {
    if !can_trace() {
        return;
    }
    let place = place();
    let lines = calls(&place);
    let first =
        lines.iter().position(|l| call(l) == "rename" && l.contains("checkpoints")).unwrap();
    let faults = numbered(&lines, 0..lines.len());
    assert!(faults.len() > 100 && faults.iter().any(|(kind, _)| *kind == "fdatasync"));
    let unmet = Unmet::among(faults.len());
    on_all_cores(&faults, |index, (kind, number)| {
        let (dir, what) = (format!("kill-{index}"), format!("{kind} {number}, killed"));
        let (status, _) = faulty(&place, &dir, &format!("{kind}:signal=KILL:when={number}"));
        if !unmet.killed(status, &what) {
            return;
        }
        let (sound, _) = checkpoints(&place, &dir);
        assert!(index <= first || !sound.is_empty(), "{what}: no checkpoint verifies");
        mends(&place, &dir, &what);
        fs::remove_dir_all(place.path(&dir)).unwrap();
    });
}

#[test]
fn a_disk_that_fails_anywhere_leaves_the_last_checkpoint_and_no_litter() {
    if !can_trace() {
        return;
    }
    let place = place();
    let lines = calls(&place);
    let commits = commits(&lines);
    // Everything behind the first checkpoint: two more, a sample grid, logs, results and the proof.
    let faults = numbered(&lines, commits[0] + 1..lines.len());
    on_all_cores(&faults, |index, (kind, number)| {
        let error = match *kind {
            "write" => "ENOSPC",
            "rename" => "EACCES",
            _ => "EIO",
        };
        let (dir, what) =
            (format!("fail-{index}"), format!("{kind} {number} failing with {error}"));
        let fault = format!("{kind}:error={error}:when={number}");
        let (status, messages) = faulty(&place, &dir, &fault);
        let place_in_trace = commits[0] + 1 + index;
        let (sound, others) = checkpoints(&place, &dir);
        assert!(!sound.is_empty() && others.is_empty(), "{what}: {sound:?} {others:?}");
        assert_eq!(scratch(&place.path(&dir)), Vec::<PathBuf>::new(), "{what}");
        if commits.iter().any(|commit| checkpoint(&lines, *commit).contains(&place_in_trace)) {
            assert_eq!(status.code(), Some(1), "{what}: {messages}");
            assert!(messages.contains("error: cannot write"), "{what}: {messages}");
            assert!(error != "ENOSPC" || messages.contains("free some space"), "{messages}");
            let state = fs::read_to_string(place.path(&format!("{dir}/state.json"))).unwrap();
            assert!(state.contains("\"error_kind\":\"infrastructure\""), "{what}: {state}");
        } else {
            // What a person watches may be lost; what counts may not.
            assert!(matches!(status.code(), Some(0 | 1)), "{what}: {messages}");
        }
        mends(&place, &dir, &what);
        fs::remove_dir_all(place.path(&dir)).unwrap();
    });
}

#[test]
fn a_signal_during_a_checkpoint_waits_until_it_is_whole() {
    if !can_trace() {
        return;
    }
    let place = place();
    let lines = calls(&place);
    let faults = numbered(&lines, checkpoint(&lines, commits(&lines)[1]));
    on_all_cores(&faults, |index, (kind, number)| {
        let (dir, what) = (format!("term-{index}"), format!("{kind} {number}, terminated"));
        let (status, messages) = faulty(&place, &dir, &format!("{kind}:signal=TERM:when={number}"));
        assert_eq!(status.code(), Some(75), "{what}: {messages}");
        let (sound, others) = checkpoints(&place, &dir);
        assert!(sound.contains(&4) && others.is_empty(), "{what}: {sound:?} {others:?}");
        mends(&place, &dir, &what);
    });
}

#[test]
fn fifty_kills_at_random_moments_change_no_byte() {
    let place = Place::with(300, "checkpoint_every = 7");
    let begun = Instant::now();
    assert_eq!(place.run("straight").0, 0);
    let whole = begun.elapsed();
    // Numbers of Knuth's generator; the moments they lead to differ from run to run anyway.
    let mut dice: u64 = 2017;
    let (mut kills, mut cell) = (0, 0);
    while kills < 50 {
        let dir = format!("killed-{cell}");
        let mut child = place.cell(&dir);
        dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let moment = whole.mul_f64((dice >> 40) as f64 / f64::from(1 << 24) * 0.6);
        std::thread::sleep(moment);
        child.kill().unwrap();
        let output = child.wait_with_output().unwrap();
        match output.status.code() {
            None => kills += 1,
            // It was faster.
            Some(code) => {
                assert_eq!(code, 0, "{}", String::from_utf8_lossy(&output.stderr));
                mends(&place, &dir, &format!("{kills} kills"));
                cell += 1;
            }
        }
    }
    mends(&place, &format!("killed-{cell}"), "the last kills");
}

/// A copy of the undisturbed cell as if it had been killed right after its last checkpoint.
fn unfinished(place: &Place, dir: &str) -> PathBuf {
    let target = place.path(dir);
    let status = Command::new("cp").arg("-r").arg(place.path("straight")).arg(&target).status();
    assert!(status.unwrap().success());
    for name in ["done.json", "weights", "eval", "samples"] {
        let path = target.join(name);
        let _ = fs::remove_file(&path);
        let _ = fs::remove_dir_all(&path);
    }
    target
}

#[test]
fn a_flipped_byte_or_a_cut_in_any_part_falls_back_to_the_older_checkpoint() {
    let place = place();
    let parts: Vec<String> = fs::read_dir(place.path("straight/checkpoints/00000006"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert_eq!(parts.len(), 8, "{parts:?}");
    let damages: Vec<(&String, &str)> =
        parts.iter().flat_map(|part| ["flip", "cut", "gone"].map(|how| (part, how))).collect();
    on_all_cores(&damages, |_, (part, how)| {
        let dir = format!("{how}-{part}");
        let file = unfinished(&place, &dir).join("checkpoints/00000006").join(part);
        let mut bytes = fs::read(&file).unwrap();
        let middle = bytes.len() / 2;
        match *how {
            "flip" => bytes[middle] ^= 0x10,
            _ => bytes.truncate(middle),
        }
        match *how {
            "gone" => fs::remove_file(&file).unwrap(),
            _ => fs::write(&file, bytes).unwrap(),
        }
        let (code, messages) = place.run(&dir);
        assert_eq!(code, 0, "{messages}");
        assert!(messages.contains("checkpoint 6 does not verify"), "{dir}: {messages}");
        assert!(messages.contains("resuming from step 4"), "{dir}: {messages}");
        place.assert_equal("straight", &dir);
    });
}

#[test]
fn a_log_that_lost_a_line_is_written_again() {
    let place = place();
    for line in 0..6 {
        let dir = format!("line-{line}");
        let log = unfinished(&place, &dir).join("metrics.jsonl");
        let text = fs::read_to_string(&log).unwrap();
        let mut lines: Vec<String> = text.split_inclusive('\n').map(str::to_owned).collect();
        lines[line] = lines[line].replacen("0.", "1.", 1);
        fs::write(&log, lines.concat()).unwrap();
        let (code, messages) = place.run(&dir);
        assert_eq!(code, 0, "{messages}");
        let from = match line {
            0..4 => "starting from the first step",
            _ => "resuming from step 4",
        };
        assert!(messages.contains(from), "{dir}: {messages}");
        place.assert_equal("straight", &dir);
    }
}

#[test]
fn two_workers_never_share_a_cell() {
    let place = Place::new(400);
    assert_eq!(place.run("straight").0, 0);
    let first = place.cell("shared");
    wait_for(&place.path("shared/metrics.jsonl"));
    let (code, messages) = place.run("shared");
    assert_eq!(code, 1);
    assert!(messages.contains(&format!("(process {} on ", first.id())), "{messages}");
    assert!(first.wait_with_output().unwrap().status.success());
    place.assert_equal("straight", "shared");
}

#[test]
fn an_outdated_attempt_commits_nothing() {
    let place = Place::with(400, "checkpoint_every = 50");
    assert_eq!(place.run("straight").0, 0);
    for asleep in [false, true] {
        let dir = format!("taken-{asleep}");
        let old = place.cell(&dir);
        wait_for(&place.path(&format!("{dir}/checkpoints/00000050")));
        if asleep {
            // As a machine that everyone takes for dead, and that is back later.
            signal(&old, "-STOP");
        }
        let mut command = place.command(&[], &dir);
        let new = command.arg("--takeover").output().unwrap();
        assert!(new.status.success(), "{}", String::from_utf8_lossy(&new.stderr));
        let files = ["done.json", "state.json", "owner.json", "provenance.json"];
        let before = files.map(|name| place.read(&format!("{dir}/{name}")));
        signal(&old, "-CONT");
        let old = old.wait_with_output().unwrap();
        let messages = String::from_utf8_lossy(&old.stderr);
        assert_eq!(old.status.code(), Some(1), "{messages}");
        assert!(messages.contains("a later attempt has taken"), "{messages}");
        assert!(before == files.map(|name| place.read(&format!("{dir}/{name}"))));
        mends(&place, &dir, "a takeover");
    }
}

#[test]
fn a_signal_sent_twice_at_once_still_saves() {
    let place = Place::with(400, "checkpoint_every = 1000");
    assert_eq!(place.run("straight").0, 0);
    let child = place.cell("twice");
    wait_for_text(&place.path("twice/metrics.jsonl"));
    signal(&child, "-TERM");
    signal(&child, "-TERM");
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(75));
    assert_eq!(checkpoints(&place, "twice").0.len(), 1);
    mends(&place, "twice", "two signals");
}

#[test]
fn a_signal_while_judges_are_made_ends_the_cell_at_once() {
    let place = Place::new(2);
    let run = common::RUN.replace("classifier_steps = 3", "classifier_steps = 1000000");
    fs::write(place.path("run.toml"), format!("{run}steps = 2\n")).unwrap();
    let child = place.cell("cell");
    wait_for(&place.path("cell/checkpoints/00000002"));
    wait_for(&place.path("cell/weights/g1.safetensors"));
    std::thread::sleep(Duration::from_millis(200));
    signal(&child, "-USR1");
    let begun = Instant::now();
    assert_eq!(child.wait_with_output().unwrap().status.code(), Some(75));
    assert!(begun.elapsed() < Duration::from_secs(5));
    let state = fs::read_to_string(place.path("cell/state.json")).unwrap();
    assert!(state.contains("\"state\":\"interrupted\""), "{state}");
}

#[test]
fn a_worker_that_nobody_listens_to_works_on() {
    let place = place();
    let mut child = place.cell("unheard");
    drop(child.stderr.take());
    assert!(child.wait().unwrap().success());
    place.assert_equal("straight", "unheard");
}

/// A file system of its own with that many MiB, as long as it lives.
struct Disk(PathBuf);

impl Disk {
    fn new(path: PathBuf, mib: usize) -> Option<Disk> {
        fs::create_dir_all(&path).unwrap();
        let size = format!("size={mib}m");
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(&path).stderr(Stdio::null());
        if mount.status().is_ok_and(|status| status.success()) {
            return Some(Disk(path));
        }
        eprintln!("SKIPPED: no file system may be mounted here");
        None
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

#[test]
fn a_disk_too_small_is_refused_before_the_first_step() {
    let place = place();
    let Some(_disk) = Disk::new(place.path("small"), 4) else { return };
    let (code, messages) = place.run("small");
    assert_eq!(code, 1);
    assert!(messages.contains("this cell needs about") && messages.contains("MiB are free"));
    assert!(
        !place.path("small/metrics.jsonl").exists() || place.read("small/metrics.jsonl").is_empty()
    );
}

#[test]
fn a_disk_that_fills_up_keeps_the_last_checkpoint() {
    let place = Place::with(400, "checkpoint_every = 20");
    assert_eq!(place.run("straight").0, 0);
    let Some(_disk) = Disk::new(place.path("full"), 24) else { return };
    let child = place.cell("full");
    wait_for(&place.path("full/checkpoints/00000020"));
    let filler = place.path("full/filler");
    let full = fs::write(&filler, vec![0; 24 << 20]);
    assert_eq!(full.unwrap_err().kind(), std::io::ErrorKind::StorageFull);
    let output = child.wait_with_output().unwrap();
    let messages = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{messages}");
    assert!(messages.contains("the last checkpoint stands: free some space"), "{messages}");
    let (sound, others) = checkpoints(&place, "full");
    assert!(!sound.is_empty() && others.is_empty(), "{sound:?} {others:?}");
    fs::remove_file(filler).unwrap();
    mends(&place, "full", "a full disk");
}
