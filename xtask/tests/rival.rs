//! Two runs of one experiment, and files that nobody but their owner may touch.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test that cannot set up its files should fail")]

mod common;

use std::fs;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use common::{Home, code, err, out};

/// A run whose cells are in the middle of their work.
fn midway(home: &Home, arguments: &[&str]) -> Child {
    home.tell("steps", "60");
    let mut command = home.run_command(arguments);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let start = Instant::now();
    while !home.calls().iter().any(|line| line.starts_with("start")) {
        assert!(start.elapsed() < Duration::from_secs(60), "no cell got going");
        std::thread::sleep(Duration::from_millis(20));
    }
    child
}

#[test]
fn a_run_with_other_cells_waits_until_the_first_has_shown_its_own() {
    let home = Home::with(&["study.toml"]);
    let first = midway(&home, &["study.toml"]);
    let plan = fs::read(home.path("results/study/plan.json")).unwrap();
    let other = home.run(&["study.toml", "--set", "train.steps=7"]);
    assert_eq!(code(&other), 1, "{}", err(&other));
    assert!(err(&other).contains("another run goes on in") && err(&other).contains("--results"));
    assert_eq!(fs::read(home.path("results/study/plan.json")).unwrap(), plan);
    // The same cells may be worked on from two sides.
    let same = home.run(&["study.toml"]);
    assert!(!err(&same).contains("another run goes on"), "{}", err(&same));
    let first = first.wait_with_output().unwrap();
    assert!(
        code(&first) == 0 && out(&first).contains("4 of 4 cells are complete"),
        "{}",
        err(&first)
    );
    assert_eq!(code(&home.run(&["study.toml", "--set", "train.steps=7"])), 0);
}

#[test]
fn of_two_files_of_one_name_that_start_together_one_is_refused() {
    let home = Home::with(&["alice/study.toml"]);
    home.add("bob/study.toml", 50);
    let run = |file: &str| {
        let mut command = home.run_command(&[file]);
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    };
    let both = [run("alice/study.toml"), run("bob/study.toml")];
    let codes = both.map(|child| code(&child.wait_with_output().unwrap()));
    assert_eq!(codes.iter().filter(|code| **code == 0).count(), 1, "{codes:?}");
    assert_eq!(home.cells("study"), 4);
}

#[test]
fn what_lies_where_results_would_go_is_left_alone() {
    for name in ["plan.json", "report.html", "tables/cells.csv", "figures/mine.svg"] {
        let home = Home::with(&["study.toml"]);
        let path = home.path("results/study").join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, "{\"my\": \"own\"}").unwrap();
        let output = home.run(&["study.toml"]);
        assert_eq!(code(&output), 2, "{name}: {}", err(&output));
        assert!(err(&output).contains("was not written by a run"), "{}", err(&output));
        assert_eq!(fs::read_to_string(&path).unwrap(), "{\"my\": \"own\"}");
        assert!(!home.path("results/study/cells").exists());
    }
}

#[test]
fn cleaning_takes_nothing_that_the_program_did_not_write() {
    let home = Home::with(&["study.toml"]);
    assert_eq!(code(&home.run(&["study.toml"])), 0);
    assert_eq!(code(&home.run(&["study.toml", "--seeds", "1"])), 0);
    let cells = home.path("results/study/cells");
    // One of the two that are left over holds notes; another directory only looks like a cell.
    let plan = fs::read_to_string(home.path("results/study/plan.json")).unwrap();
    let left = fs::read_dir(&cells).unwrap().map(|entry| entry.unwrap().path());
    let left: Vec<_> =
        left.filter(|path| !plan.contains(&*path.file_name().unwrap().to_string_lossy())).collect();
    assert_eq!(left.len(), 2);
    fs::write(left[0].join("notes.md"), "mine").unwrap();
    fs::create_dir_all(cells.join("deadbeef0001")).unwrap();
    fs::write(cells.join("deadbeef0001/thesis.tex"), "mine").unwrap();
    std::os::unix::fs::symlink(&left[0], cells.join("deadbeef0002")).unwrap();
    let output = home.xtask(&["clean", "study.toml", "--orphans", "--yes"]);
    let text = out(&output);
    assert_eq!(code(&output), 0, "{}", err(&output));
    assert!(
        text.contains("stays: move your own files first") && text.contains("notes.md"),
        "{text}"
    );
    assert!(left[0].join("notes.md").exists() && left[0].join("done.json").exists());
    assert!(!left[1].exists());
    assert!(cells.join("deadbeef0001/thesis.tex").exists());
    assert!(cells.join("deadbeef0002").symlink_metadata().is_ok());
}

#[test]
fn a_disk_that_is_full_where_words_go_ends_no_work() {
    let home = Home::with(&["study.toml"]);
    let full = || Stdio::from(fs::File::options().write(true).open("/dev/full").unwrap());
    let output = home.run_command(&["study.toml"]).stdout(full()).output().unwrap();
    assert_eq!(code(&output), 1, "{}", err(&output));
    assert!(err(&output).contains("cannot write to standard output"), "{}", err(&output));
    assert!(home.path("results/study/report.html").exists());
    for command in ["compare", "status", "report", "plot", "verify", "retry", "doctor"] {
        let mut arguments = vec![command];
        arguments.extend((command != "doctor").then_some("study.toml"));
        let output = home.command(&arguments).stdout(full()).output().unwrap();
        let text = err(&output);
        assert!(code(&output) == 1 && !text.contains("panicked"), "{command}: {text}");
    }
}
