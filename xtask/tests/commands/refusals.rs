//! What is refused before anything is done.

use super::*;

#[test]
fn a_misspelt_key_is_refused_with_the_nearest_one_and_touches_nothing() {
    let bench = Bench::new();
    let output = bench.run(&["--set", "losses.perceptul=1"]);
    assert_eq!(code(&output), 2);
    assert!(err(&output).contains("did you mean `losses.perceptual_"), "{}", err(&output));
    assert!(!bench.results().exists());
}

#[test]
fn nan_is_refused_with_file_line_and_caret_and_touches_nothing() {
    let bench = Bench::new();
    fs::write(bench.path("base.toml"), "[losses]\nalpha = nan\n").unwrap();
    let output = bench.run(&[]);
    assert_eq!(code(&output), 2);
    let text = err(&output);
    assert!(text.contains("base.toml:2") && text.contains("^^^"), "{text}");
    assert!(!bench.results().exists());
}

#[test]
fn missing_data_is_refused_before_anything_is_built() {
    let bench = Bench::new();
    let set = ["--set", "data.source=celeba", "--set", "data.root=nowhere"];
    let output = bench.xtask(&[&["run", "tiny.toml"][..], &set].concat());
    assert_eq!(code(&output), 2);
    assert!(err(&output).contains("nowhere") && err(&output).contains("--set data.root="));
    assert!(!bench.results().exists());
}

#[test]
fn data_that_cannot_be_prepared_are_bad_input() {
    let bench = Bench::new();
    bench.tell("behave-prepare", "fail");
    let output = bench.run(&[]);
    assert_eq!(code(&output), 2);
    assert!(err(&output).contains("| no faces"), "{}", err(&output));
}

#[test]
fn results_of_an_experiment_that_never_ran_are_bad_input() {
    let bench = Bench::new();
    for command in ["status", "compare", "landmarks", "plot", "report", "verify"] {
        let output = bench.xtask(&[command, "tiny.toml"]);
        assert_eq!(code(&output), 2);
        assert!(err(&output).contains("has not run yet"), "{}", err(&output));
    }
}

#[test]
fn durations_that_are_none_and_contradictions_are_refused() {
    let bench = Bench::new();
    let output = bench.run(&["--timeout", "soon"]);
    assert_eq!(code(&output), 2);
    assert!(err(&output).contains("`soon` is no duration"), "{}", err(&output));
    let output = bench.run(&["--fail-fast", "--keep-going"]);
    assert_eq!(code(&output), 2);
    assert!(err(&output).contains("cannot be used with"), "{}", err(&output));
    assert!(!bench.results().exists());
}

#[test]
fn a_target_of_the_fuzzer_that_there_is_not_is_bad_input_with_the_list() {
    let bench = Bench::new();
    let output = bench.xtask(&["fuzz", "plam", "--runs", "1"]);
    assert_eq!(code(&output), 2);
    assert!(err(&output).contains("no target `plam`"), "{}", err(&output));
    assert!(err(&output).contains("run-config, experiment"), "{}", err(&output));
    let list = bench.xtask(&["fuzz", "list"]);
    assert_eq!(code(&list), 0);
    assert!(out(&list).contains("plan.json with its seal"), "{}", out(&list));
}
