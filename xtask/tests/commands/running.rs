//! `run`: plans, sweeps to their end, cells that fail.

use super::*;

#[test]
fn a_dry_run_lists_every_cell_with_its_reason_and_touches_nothing() {
    let bench = Bench::new();
    let output = bench.run(&["--dry-run"]);
    assert_eq!(code(&output), 0);
    assert_eq!(out(&output).matches("new: never ran").count(), 4);
    assert!(out(&output).contains("4 cells, 4 of them would run, 2 at a time"));
    assert!(!bench.results().exists());
}

#[test]
fn a_dry_run_needs_no_data() {
    let bench = Bench::new();
    let set = "data.source=celeba";
    for extra in [&["--set", set][..], &["--set", set, "--set", "data.root=nowhere"]] {
        let output = bench.run(&[&["--dry-run"], extra].concat());
        assert_eq!(code(&output), 0, "{}", err(&output));
        assert_eq!(out(&output).matches("data not found").count(), 4);
        assert!(out(&output).contains("4 cells, 0 of them would run"));
    }
}

#[test]
fn a_complete_run_compares_and_plots_and_runs_nothing_twice() {
    let bench = Bench::new();
    let output = bench.run(&[]);
    assert_eq!(code(&output), 0, "{}", err(&output));
    assert!(out(&output).contains("report.html"), "{}", out(&output));
    assert!(bench.results().join("tiny/report.html").exists());

    let again = bench.run(&[]);
    assert_eq!((code(&again), bench.calls("start")), (0, 4));
    let compared = bench.xtask(&["compare", "tiny", "--format", "json"]);
    let json: serde_json::Value = serde_json::from_slice(&compared.stdout).unwrap();
    assert_eq!((&json["experiment"], &json["complete"]), (&"tiny".into(), &true.into()));
}

#[test]
fn a_sweep_with_its_factor_fixed_is_complete_without_a_comparison() {
    let bench = Bench::new();
    let output = bench.run(&["--set", "losses.dual=none"]);
    assert_eq!(code(&output), 0, "{}", err(&output));
    assert!(out(&output).contains("nothing to compare"), "{}", out(&output));
    assert_eq!(bench.calls("start"), 2);
}

#[test]
fn a_failing_cell_makes_the_exit_code_1_and_shows_its_log() {
    let bench = Bench::new();
    let listed = out(&bench.run(&["--dry-run"]));
    let id = listed.lines().nth(1).unwrap().split_whitespace().next().unwrap();
    bench.tell(&format!("behave-{id}"), "fail");
    let output = bench.run(&[]);
    assert_eq!((code(&output), bench.calls("start")), (1, 4));
    let text = err(&output);
    assert!(text.contains("| the loss was sad") && text.contains("3 of 4 cells done"), "{text}");

    // Without being asked nothing is retried, and the sweep stays incomplete.
    let again = bench.run(&[]);
    assert_eq!((code(&again), bench.calls("start")), (1, 4));
    assert!(err(&again).contains("--retry-failed"));
    // Nothing is claimed of a part of a sweep; what is missing is named with its remedy.
    let refused = bench.xtask(&["compare", "tiny"]);
    assert_eq!((code(&refused), out(&refused).as_str()), (2, ""));
    let text = err(&refused);
    assert!(text.contains("3 of 4 cells are complete") && text.contains(id), "{text}");
    assert!(text.contains("tiny.toml --retry-failed` completes it"), "{text}");
    let partial = bench.xtask(&["compare", "tiny", "--partial", "--format", "json"]);
    let json: serde_json::Value = serde_json::from_slice(&partial.stdout).unwrap();
    let rows = json["rows"].as_array().unwrap();
    assert!(rows.iter().all(|r| r["verdict"] == "incomplete" && r["p_t"].is_null()));
    assert_eq!(code(&bench.xtask(&["report", "tiny"])), 0);

    bench.tell(&format!("behave-{id}"), "");
    assert_eq!(code(&bench.run(&["--retry-failed"])), 0);
    assert_eq!(code(&bench.xtask(&["compare", "tiny"])), 0);
}

#[test]
fn what_is_left_out_of_the_data_is_said_on_the_screen() {
    let bench = Bench::new();
    bench.tell("warn", "");
    let output = bench.run(&[]);
    assert_eq!(code(&output), 0);
    assert!(err(&output).contains("warning: 2 images are left out"), "{}", err(&output));
}

#[test]
fn a_crash_is_tried_again_as_often_as_asked() {
    let bench = Bench::new();
    bench.tell("behave-all", "crash 1");
    let output = bench.run(&["--retries", "0", "--seeds", "1", "--fail-fast"]);
    assert_eq!(code(&output), 1);
    assert!(err(&output).contains("was killed (signal 9"), "{}", err(&output));
    let bench = Bench::new();
    bench.tell("behave-all", "crash 1");
    let output = bench.run(&["--retries", "1", "--seeds", "1"]);
    assert_eq!((code(&output), bench.calls("start")), (0, 4), "{}", err(&output));
    assert!(err(&output).contains("retry 1 of 1 in 5 s"), "{}", err(&output));
}

#[test]
fn what_the_machine_failed_goes_on_by_the_same_command() {
    let bench = Bench::new();
    bench.tell("behave-all", "infrastructure 1");
    let output = bench.run(&["--retries", "0"]);
    let text = err(&output);
    assert_eq!(code(&output), 1, "{text}");
    assert!(text.contains("go on with: ") && !text.contains("--retry-failed"), "{text}");
    assert_eq!(code(&bench.run(&[])), 0);
}

#[test]
fn cells_share_a_gpu_only_when_asked() {
    let bench = Bench::new();
    let arguments = ["--dry-run", "--backend", "wgpu", "--jobs", "3"];
    assert!(out(&bench.run_alone(&arguments)).contains("4 of them would run, 1 at a time"));
    let arguments = [&arguments[..], &["--per-device", "2"]].concat();
    assert!(out(&bench.run_alone(&arguments)).contains("4 of them would run, 2 at a time"));
}
