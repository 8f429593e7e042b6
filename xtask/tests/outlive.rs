//! Terminals that close, and workers that outlive the program that started them.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test that cannot set up its files should fail")]

mod common;

use std::process::{Child, Command, Output, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use common::{Home, code, err, out};
use rustix::process::{Pid, Signal, kill_process};

fn signal(child: &Child, signal: Signal) {
    kill_process(Pid::from_child(child), signal).unwrap();
}

/// Starts a run and waits until two cells are in the middle of their work.
fn midway(home: &Home, command: Command) -> Child {
    home.tell("steps", "60");
    home.tell("claim", "");
    let child = spawned(command);
    until(|| count(home, "start") == 2, "two cells are at work");
    child
}

fn spawned(mut command: Command) -> Child {
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

fn until(condition: impl Fn() -> bool, what: &str) {
    let start = Instant::now();
    while !condition() {
        assert!(start.elapsed() < Duration::from_secs(30), "never came about: {what}");
        sleep(Duration::from_millis(20));
    }
}

fn count(home: &Home, word: &str) -> usize {
    home.calls().iter().filter(|call| call.starts_with(word)).count()
}

/// The most cells that were at work at one time.
fn most(home: &Home) -> usize {
    let (mut now, mut most) = (0_usize, 0);
    for call in home.calls() {
        match call.split(' ').next() {
            Some("start") => now += 1,
            Some("end") => now -= 1,
            _ => {}
        }
        most = most.max(now);
    }
    most
}

#[test]
fn a_terminal_that_closes_is_an_interruption() {
    let home = Home::with(&["tiny.toml"]);
    let child = midway(&home, home.run_command(&["tiny.toml"]));
    signal(&child, Signal::HUP);
    let output = child.wait_with_output().unwrap();
    assert_eq!(code(&output), 75, "{}", err(&output));
    assert!(err(&output).contains("resume with: cargo xtask"), "{}", err(&output));
    let ended = home.calls().iter().filter(|call| call.ends_with("interrupted")).count();
    assert_eq!((count(&home, "start"), ended), (2, 2));
    assert_eq!(code(&home.run(&["tiny.toml"])), 0);
}

#[test]
fn a_terminal_that_says_twice_that_it_closes_presses_nobody() {
    let home = Home::with(&["tiny.toml"]);
    home.tell("behave-all", "stubborn");
    let child = midway(&home, home.run_command(&["tiny.toml"]));
    for _ in 0..3 {
        signal(&child, Signal::HUP);
        sleep(Duration::from_millis(200));
    }
    let output = child.wait_with_output().unwrap();
    // They took their time and came to their end.
    assert_eq!((code(&output), count(&home, "end")), (75, 2), "{}", err(&output));
}

#[test]
fn a_run_under_nohup_outlives_its_terminal() {
    let home = Home::with(&["tiny.toml"]);
    let plain = home.run_command(&["tiny.toml"]);
    let mut command = Command::new("sh");
    command.args(["-c", "trap '' HUP; exec \"$@\"", "sh"]).arg(plain.get_program());
    command.args(plain.get_args()).current_dir(plain.get_current_dir().unwrap());
    let child = midway(&home, command);
    signal(&child, Signal::HUP);
    let output = child.wait_with_output().unwrap();
    assert_eq!((code(&output), count(&home, "end")), (0, 4), "{}", err(&output));
}

/// A sweep whose launcher was killed while two of its cells were at work.
fn abandoned() -> Home {
    let home = Home::with(&["tiny.toml"]);
    let mut child = midway(&home, home.run_command(&["tiny.toml"]));
    signal(&child, Signal::KILL);
    child.wait().unwrap();
    let status = out(&home.xtask(&["status", "tiny"]));
    assert!(status.contains("2 running"), "{status}");
    home
}

fn taken_over(output: &Output) -> usize {
    err(output).matches("of an earlier run goes on with it").count()
}

#[test]
fn the_next_run_counts_workers_that_outlived_the_last_and_waits_for_them() {
    let home = abandoned();
    let output = home.run(&["tiny.toml"]);
    assert_eq!((code(&output), taken_over(&output)), (0, 2), "{}", err(&output));
    assert_eq!((count(&home, "start"), count(&home, "end"), most(&home)), (4, 4, 2));
}

#[test]
fn a_run_with_nothing_else_to_do_waits_for_them_too() {
    let home = abandoned();
    let output = home.run(&["tiny.toml", "--set", "losses.dual=adversarial"]);
    assert_eq!((code(&output), taken_over(&output)), (0, 2), "{}", err(&output));
    assert_eq!(count(&home, "start"), 2);
}

#[test]
fn a_request_to_stop_reaches_workers_that_outlived_the_last_run() {
    let home = abandoned();
    let child = spawned(home.run_command(&["tiny.toml"]));
    // Signals are heard before data are prepared, and that is noted.
    until(|| count(&home, "prepare") == 2, "the second run is up");
    sleep(Duration::from_millis(200));
    signal(&child, Signal::TERM);
    let output = child.wait_with_output().unwrap();
    assert_eq!((code(&output), taken_over(&output)), (75, 2), "{}", err(&output));
    let ended = home.calls().iter().filter(|call| call.ends_with("interrupted")).count();
    assert_eq!((count(&home, "start"), ended), (2, 2), "{:?}", home.calls());
}

#[test]
fn one_that_dies_without_a_word_is_started_again() {
    let home = abandoned();
    let command = home.run_command(&["tiny.toml", "--set", "losses.dual=adversarial"]);
    let child = spawned(command);
    let seen = home.path("results/tiny/plan.json");
    let arms = || std::fs::read_to_string(&seen).unwrap_or_default().matches("\"id\"").count();
    until(|| arms() == 2, "the second run is up");
    sleep(Duration::from_millis(300));
    let cells = std::fs::read_dir(home.path("results/tiny/cells")).unwrap();
    let owner = cells.flatten().map(|cell| cell.path().join("owner.json"));
    let owner = std::fs::read_to_string(owner.into_iter().find(|path| path.exists()).unwrap());
    let owner: serde_json::Value = serde_json::from_str(&owner.unwrap()).unwrap();
    let pid = i32::try_from(owner["pid"].as_i64().unwrap()).unwrap();
    kill_process(Pid::from_raw(pid).unwrap(), Signal::KILL).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!((code(&output), taken_over(&output)), (0, 2), "{}", err(&output));
    assert!(err(&output).contains("was killed"), "{}", err(&output));
    assert_eq!((count(&home, "start"), count(&home, "end")), (3, 2));
}

#[test]
fn workers_of_a_run_that_lives_are_left_to_it() {
    let home = Home::with(&["tiny.toml"]);
    let first = midway(&home, home.run_command(&["tiny.toml", "--set", "losses.dual=none"]));
    let second = home.run(&["tiny.toml", "--set", "losses.dual=none"]);
    assert_eq!((code(&second), taken_over(&second)), (75, 0), "{}", err(&second));
    assert!(err(&second).contains("another process works on 2 cells"), "{}", err(&second));
    assert_eq!(code(&first.wait_with_output().unwrap()), 0);
}

#[test]
fn how_a_command_ends_does_not_depend_on_who_can_be_told() {
    let home = Home::with(&["tiny.toml"]);
    home.tell("behave-all", "fail");
    // As a terminal that is gone, it takes nothing.
    let full = || std::fs::File::options().write(true).open("/dev/full").unwrap();
    let mut run = home.run_command(&["tiny.toml"]);
    assert_eq!(code(&run.stderr(full()).output().unwrap()), 1);
    let mut unknown = home.command(&["status", "sweep.v3"]);
    assert_eq!(code(&unknown.stderr(full()).output().unwrap()), 2);
}
