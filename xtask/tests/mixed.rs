//! Cells that different code made or different judges judged share no verdict, whoever asks.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test that cannot set up its files should fail")]

mod common;

use std::fs;
use std::path::PathBuf;
use std::process::Output;

use common::{Home, code, err, out};

/// Runs the study with a worker of that code, which finds that judge in the cache.
fn run(home: &Home, (code, judge): (&str, &str), arguments: &[&str]) -> Output {
    let mut command = home.run_command(&[&["study.toml"], arguments].concat());
    command.env("FAKE_CODE", code).env("FAKE_JUDGE", judge).output().unwrap()
}

/// Seeds 1 to 3 by one code and judge, seeds 4 and 5 by another.
fn mixed(first: (&str, &str), second: (&str, &str)) -> Home {
    let home = Home::with(&["study.toml"]);
    let made = run(&home, first, &["--seeds", "1,2,3"]);
    assert_eq!(code(&made), 0, "{}", err(&made));
    assert!(!compared(&home).0.contains("ixed"), "{}", compared(&home).0);
    let made = run(&home, second, &["--seeds", "1,2,3,4,5"]);
    assert_eq!(code(&made), 0, "{}", err(&made));
    assert_eq!(count(&home, "start"), 10, "finished cells ran again");
    home
}

fn count(home: &Home, word: &str) -> usize {
    home.calls().iter().filter(|line| line.starts_with(word)).count()
}

/// What `compare` says, and whether it gives a verdict.
fn compared(home: &Home) -> (String, bool) {
    let output = home.xtask(&["compare", "study.toml"]);
    let text = out(&output) + &err(&output);
    let verdict = code(&output) == 0 && text.contains("verdict");
    (text, verdict)
}

/// Every table of the study, by its path.
fn tables(home: &Home) -> Vec<(String, String)> {
    let files =
        fs::read_dir(home.path("results/study/tables")).unwrap().map(|entry| entry.unwrap().path());
    let tables = files.filter(|path| path.extension().is_some_and(|extension| extension == "csv"));
    let read = |path: PathBuf| (path.display().to_string(), fs::read_to_string(&path).unwrap());
    let tables: Vec<(String, String)> = tables.map(read).collect();
    assert!(tables.len() >= 3, "{tables:?}");
    tables
}

#[test]
fn seeds_of_other_code_give_no_verdict_until_they_are_made_again() {
    let home = mixed(("aaaaaaaaaaaa", "w"), ("bbbbbbbbbbbb", "w"));
    let groups = "different code trained these cells: 6 cells by code aaaaaaaa (commit of \
                  aaaaaaaaaaaa), 4 cells by code bbbbbbbb (commit of bbbbbbbbbbbb)";
    let remake = "study.toml --seeds 1,2,3,4,5 --remake`";
    // No command that reads results lets it pass.
    for command in ["compare", "landmarks"] {
        let output = home.xtask(&[command, "study.toml"]);
        let text = err(&output);
        assert_eq!((code(&output), out(&output).as_str()), (2, ""), "{command}");
        assert!(text.contains(groups) && text.contains(remake), "{command}: {text}");
        assert!(text.contains("--mixed"), "{text}");
    }
    let output = home.xtask(&["status", "study.toml"]);
    let said = out(&output) + &err(&output);
    assert!(said.contains(groups) && said.contains(remake), "{said}");
    // Asked for, means alone, and the note wherever they stand.
    let output = home.xtask(&["compare", "study.toml", "--mixed"]);
    let text = out(&output).split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(code(&output) == 0 && text.contains("mixed") && text.contains(groups), "{text}");
    assert!(text.contains("Asked for with --seeds 1,2,3,4,5."), "{text}");
    let output = home.xtask(&["compare", "study.toml", "--mixed", "--format", "csv"]);
    let text = out(&output);
    let mut rows = csv::Reader::from_reader(text.as_bytes());
    let header = rows.headers().unwrap().clone();
    for row in rows.records().map(Result::unwrap) {
        for (name, value) in header.iter().zip(&row) {
            let claims = ["p", "p_t", "p_t_holm", "low", "high"].contains(&name);
            assert!(!claims || value.is_empty(), "{name} = {value}");
        }
        assert!(row.iter().next_back().unwrap().contains(groups), "{row:?}");
    }
    for (name, text) in tables(&home) {
        assert!(text.lines().skip(1).all(|line| line.contains(groups)), "{name}: {text}");
    }
    let page = fs::read_to_string(home.path("results/study/report.html")).unwrap();
    assert!(page.contains(groups), "the page does not say it");
    // Nor can a page of other options than the experiment's be taken for one without.
    assert!(page.contains("Asked for with --seeds 1,2,3,4,5."), "the page does not say that");
    let figures = fs::read_dir(home.path("results/study/figures")).unwrap();
    for figure in figures.map(|entry| entry.unwrap().path()) {
        if figure.extension().is_some_and(|extension| extension == "svg") {
            let text = fs::read_to_string(&figure).unwrap();
            assert!(text.contains("different code"), "{} does not say it", figure.display());
        }
    }

    let again = run(&home, ("bbbbbbbbbbbb", "w"), &["--seeds", "1,2,3,4,5", "--remake"]);
    assert_eq!(code(&again), 0, "{}", err(&again));
    assert!(err(&again).contains("6 cells will be trained and judged again"), "{}", err(&again));
    assert_eq!((count(&home, "start"), count(&home, "judge")), (16, 0));
    let (text, verdict) = compared(&home);
    assert!(verdict && !text.contains("ixed"), "{text}");
    for (name, text) in tables(&home) {
        assert!(!text.contains("different code"), "{name}");
    }
}

#[test]
fn seeds_of_another_judge_give_no_verdict_until_they_are_judged_again() {
    let home = mixed(("aaaa", "1111"), ("aaaa", "2222"));
    let (text, verdict) = compared(&home);
    let groups = "different judges judged these cells: 6 cells by judges ";
    assert!(!verdict && text.contains(groups) && text.contains("--remake"), "{text}");
    let again = run(&home, ("aaaa", "2222"), &["--seeds", "1,2,3,4,5", "--remake"]);
    assert!(err(&again).contains("10 cells will be judged again"), "{}", err(&again));
    // Judged, not trained: no cell began at its first step again.
    let trained = home.calls().iter().filter(|line| line.contains(" 0 threads")).count();
    assert_eq!((count(&home, "judge"), trained), (10, 10));
    assert!(compared(&home).1, "{}", compared(&home).0);
}

#[test]
fn settings_chosen_on_validation_images_are_judged_on_test_images_without_training() {
    let home = Home::with(&["study.toml"]);
    let run = |part: &str| {
        let set = format!("eval.part={part}");
        let wanted = ["study.toml", "--set", "data.validation_per_class=10", "--set", &set];
        let mut command = home.run_command(&wanted);
        let made = command.env("FAKE_CODE", "aaaa").env("FAKE_PART", part).output().unwrap();
        assert_eq!(code(&made), 0, "{}", err(&made));
        let status = out(&home.xtask(&["status", "study.toml"]));
        assert!(status.contains(&format!("; judged on {part} images")), "{status}");
        let (text, verdict) = compared(&home);
        assert!(verdict && text.contains(&format!("Judged on {part} images.")), "{text}");
    };
    run("validation");
    assert_eq!((home.cells("study"), count(&home, "start")), (4, 4));
    // The same cells, judged again.
    run("test");
    assert_eq!((home.cells("study"), count(&home, "start")), (4, 8));
    let trained = home.calls().iter().filter(|line| line.contains(" 0 threads")).count();
    assert_eq!(trained, 4, "a cell was trained again");
}

#[test]
fn a_part_without_images_is_refused_before_any_work() {
    let home = Home::with(&["study.toml"]);
    let set = ["study.toml", "--set", "eval.part=validation"];
    let refused = home.run(&set);
    assert_eq!(code(&refused), 2);
    assert!(err(&refused).contains("data.validation_per_class"), "{}", err(&refused));
    assert!(home.calls().is_empty() && home.cells("study") == 0);
}

#[test]
fn another_commit_with_the_same_code_mixes_nothing() {
    // Only the hash of the code counts; that of a page is no part of it (crate `code`).
    let home = mixed(("aaaa", "w"), ("aaaa", "w"));
    assert!(compared(&home).1, "{}", compared(&home).0);
    let again = run(&home, ("aaaa", "w"), &["--seeds", "1,2,3,4,5", "--remake"]);
    assert!(err(&again).contains("every finished cell was made by today's code"));
    assert_eq!(count(&home, "start"), 10);
}

#[test]
fn cells_of_a_version_that_recorded_nothing_are_a_group_too() {
    let home = Home::with(&["study.toml"]);
    assert_eq!(code(&home.run(&["study.toml", "--seeds", "1,2,3"])), 0);
    assert!(compared(&home).1, "{}", compared(&home).0);
    let _ = run(&home, ("bbbb", "w"), &["--seeds", "1,2,3,4,5"]);
    let (text, verdict) = compared(&home);
    assert!(!verdict && text.contains("a version that did not record it"), "{text}");
}
