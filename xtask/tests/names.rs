//! Which experiment a name means, and whose results lie under it.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test that cannot set up its files should fail")]

mod common;

use std::fs;
use std::path::Path;

use common::{Home, code, err, out};

#[test]
fn a_name_is_what_precedes_the_ending_for_every_command() {
    let home = Home::with(&["sweep.toml", "sweep.v2.toml"]);
    assert_eq!(code(&home.run(&["sweep.toml"])), 0);
    assert_eq!(code(&home.run(&["sweep.v2.toml"])), 0);
    assert_eq!((home.cells("sweep"), home.cells("sweep.v2")), (4, 4));
    for given in ["sweep.v2", "sweep.v2.toml"] {
        let status = home.xtask(&["status", given, "--format", "json"]);
        let json: serde_json::Value = serde_json::from_slice(&status.stdout).unwrap();
        assert_eq!(json["experiment"], "sweep.v2");
        let compared = home.xtask(&["compare", given, "--format", "json"]);
        let json: serde_json::Value = serde_json::from_slice(&compared.stdout).unwrap();
        assert_eq!(json["experiment"], "sweep.v2");
        for command in ["report", "plot"] {
            let said = out(&home.xtask(&[command, given]));
            assert!(said.contains("results/sweep.v2/figures/"), "{command}: {said}");
            assert!(!said.contains("results/sweep/"), "{command}: {said}");
        }
        let retry = out(&home.xtask(&["retry", given]));
        assert!(retry.starts_with("sweep.v2:"), "{retry}");
        let landmarks = err(&home.xtask(&["landmarks", given]));
        assert!(landmarks.contains("results/sweep.v2:"), "{landmarks}");
    }
    // What is broken of one is no matter of the other.
    fs::remove_file(home.path("results/sweep/outputs.json")).unwrap();
    fs::write(home.path("results/sweep/plan.json"), "{}").unwrap();
    assert_eq!(code(&home.xtask(&["verify", "sweep.v2"])), 0);
    assert_eq!(code(&home.xtask(&["verify", "sweep"])), 1);
}

#[test]
fn cleaning_one_experiment_leaves_another_whose_name_begins_so() {
    let home = Home::with(&["sweep.toml", "sweep.v2.toml"]);
    home.run(&["sweep.toml"]);
    home.run(&["sweep.v2.toml"]);
    home.add("sweep.v2.toml", 99);
    home.run(&["sweep.v2.toml"]);
    assert_eq!((home.cells("sweep"), home.cells("sweep.v2")), (4, 8));
    assert_eq!(code(&home.xtask(&["clean", "sweep.v2", "--orphans", "--yes"])), 0);
    assert_eq!((home.cells("sweep"), home.cells("sweep.v2")), (4, 4));
}

#[test]
fn an_unknown_name_is_answered_with_the_nearest_and_touches_nothing() {
    let home = Home::with(&["sweep.toml", "sweep.v2.toml"]);
    home.run(&["sweep.toml"]);
    home.run(&["sweep.v2.toml"]);
    let all: [&[&str]; 9] = [
        &["status"],
        &["verify"],
        &["report"],
        &["compare"],
        &["retry"],
        &["landmarks"],
        &["plot"],
        &["clean", "--orphans", "--yes"],
        &["run"],
    ];
    for command in all {
        let output = home.xtask(&[command, &["sweep.v3"]].concat());
        assert_eq!(code(&output), 2, "{command:?}: {}", out(&output));
        let text = err(&output);
        assert!(text.contains("there is no experiment `sweep.v3`"), "{command:?}: {text}");
        let near = text.contains("did you mean `sweep.v2`?");
        assert!(near || command == ["run"], "{command:?}: {text}");
    }
    let elsewhere = home.xtask(&["status", "nowhere/sweep.toml"]);
    assert_eq!(code(&elsewhere), 2);
    assert!(err(&elsewhere).contains("called `sweep`"), "{}", err(&elsewhere));
}

#[test]
fn names_that_are_no_directories_of_results_are_refused() {
    let home = Home::with(&["cache.toml", ".toml", "...toml"]);
    for name in ["cache.toml", ".toml", "...toml"] {
        let output = home.run(&[name]);
        assert_eq!(code(&output), 2, "{name}");
        assert!(err(&output).contains("cannot name an experiment"), "{name}: {}", err(&output));
    }
    for name in ["..", "", ".", "cache"] {
        let output = home.xtask(&["clean", name, "--orphans", "--yes"]);
        assert_eq!(code(&output), 2, "{name}");
        assert!(err(&output).contains("cannot name an experiment"), "{name}: {}", err(&output));
    }
    assert!(!home.path("results").exists());
}

#[test]
fn results_of_another_file_of_the_same_name_are_refused_until_they_are_adopted() {
    let home = Home::with(&["alice/study.toml", "bob/study.toml"]);
    assert_eq!(code(&home.run(&["alice/study.toml"])), 0);
    let plan = || fs::read_to_string(home.path("results/study/plan.json")).unwrap();
    let hers = plan();
    let all: [&[&str]; 8] = [
        &["run"],
        &["run", "--dry-run"],
        &["status"],
        &["compare"],
        &["report"],
        &["verify"],
        &["retry"],
        &["clean", "--orphans", "--yes"],
    ];
    for command in all {
        let output = match command {
            // With a worker at hand, in case that it is not refused.
            ["run"] => home.run(&["bob/study.toml"]),
            _ => home.xtask(&[command, &["bob/study.toml"]].concat()),
        };
        assert_eq!((code(&output), out(&output).as_str()), (2, ""), "{command:?}");
        let text = err(&output);
        for part in ["alice/study.toml", "bob/study.toml", "--results", "--adopt"] {
            assert!(text.contains(part), "{command:?}: {text}");
        }
    }
    assert_eq!((plan(), home.cells("study")), (hers, 4));
    // By its own file, by another way to it, and by name they are hers.
    for given in ["alice/study.toml", "bob/../alice/study.toml", "study"] {
        assert_eq!(code(&home.xtask(&["compare", given])), 0, "{given}");
    }
    // Kept apart, both can run.
    let mut apart = std::process::Command::new(env!("CARGO_BIN_EXE_xtask"));
    apart.current_dir(home.path("")).args(["run", "bob/study.toml", "--dry-run", "--results"]);
    assert_eq!(code(&apart.arg(home.path("elsewhere")).output().unwrap()), 0);
    let adopted = home.run(&["bob/study.toml", "--adopt"]);
    assert_eq!(code(&adopted), 0, "{}", err(&adopted));
    assert!(err(&adopted).contains("from now on they are those of"), "{}", err(&adopted));
    assert_eq!(code(&home.xtask(&["compare", "alice/study.toml"])), 2);
    assert_eq!(home.cells("study"), 8, "nothing of hers is gone");
}

#[test]
fn a_file_that_was_moved_keeps_its_results_and_says_so() {
    let home = Home::with(&["old/study.toml"]);
    home.run(&["old/study.toml"]);
    fs::rename(home.path("old"), home.path("new")).unwrap();
    // The path that made them is still known, and so is the name; the file at its new place may look.
    for given in ["old/study.toml", "study", "new/study.toml"] {
        let status = home.xtask(&["status", given]);
        assert_eq!(code(&status), 0, "{given}: {}", err(&status));
    }
    let clean = home.xtask(&["clean", "new/study.toml", "--orphans", "--yes"]);
    assert_eq!(code(&clean), 2);
    assert!(err(&clean).contains("run it first"), "{}", err(&clean));
    let run = home.run(&["new/study.toml"]);
    assert_eq!(code(&run), 0);
    let text = err(&run);
    assert!(text.contains("which is gone") && text.contains("new/study.toml"), "{text}");
    assert_eq!(home.calls().iter().filter(|call| call.starts_with("start")).count(), 4);
    // Once it is known, nothing is said any more.
    assert!(!err(&home.run(&["new/study.toml"])).contains("from now on"));
    assert_eq!(code(&home.xtask(&["clean", "new/study.toml", "--orphans", "--yes"])), 0);
}

/// Copies a directory with all below it.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        match entry.file_type().unwrap().is_dir() {
            true => copy(&entry.path(), &to.join(entry.file_name())),
            false => drop(fs::copy(entry.path(), to.join(entry.file_name())).unwrap()),
        }
    }
}

#[test]
fn a_copied_tree_goes_on_with_its_own_results_though_the_first_one_stands() {
    let home = Home::with(&["lab/study.toml"]);
    home.tell("behave-all", "fail");
    assert_eq!(code(&home.run(&["lab/study.toml"])), 1);
    let second = Home::with(&[]);
    copy(&home.path(""), &second.path(""));
    second.tell("behave-all", "");
    let status = second.xtask(&["status", "lab/study.toml"]);
    assert_eq!(code(&status), 0, "{}", err(&status));
    // `retry` takes the copy's file, not the one that the results were first made by.
    second.add("lab/study.toml", 41);
    let refused = second.xtask(&["retry", "study"]);
    assert!(err(&refused).contains("was edited since its last run"), "{}", err(&refused));
    second.add("lab/study.toml", 40);
    let run = second.run(&["lab/study.toml", "--retry-failed"]);
    assert_eq!(code(&run), 0, "{}", err(&run));
    assert!(!err(&run).contains("from now on"), "{}", err(&run));
}

#[test]
fn every_suite_of_the_tests_runs_and_an_option_is_given_once() {
    let home = Home::with(&[]);
    let cargo = home.path("cargo.sh");
    fs::write(&cargo, "#!/bin/sh\necho \"$@\" >>\"$0.calls\"\n").unwrap();
    let runnable = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    fs::set_permissions(&cargo, runnable).unwrap();
    for arguments in [&[][..], &["--", "--no-fail-fast"], &["--", "--", "--no-fail-fast"]] {
        let mut command = home.command(&[&["test"], arguments].concat());
        assert!(command.env("CARGO", &cargo).status().unwrap().success());
    }
    let calls = fs::read_to_string(home.path("cargo.sh.calls")).unwrap();
    let expected = "test --workspace --no-fail-fast\ntest --workspace --no-fail-fast\n\
                    test --workspace --no-fail-fast -- --no-fail-fast\n";
    assert_eq!(calls, expected);
}
