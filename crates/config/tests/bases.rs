//! A run's file that builds on another, and what happens when it cannot.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::Path;

use config::{Experiment, Overrides, RunConfig};

fn write(dir: &Path, files: &[(&str, &str)]) {
    for (name, text) in files {
        let path = dir.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
}

/// The message for `run.toml` among `files`, with the directory's name taken out.
fn refusal(files: &[(&str, &str)]) -> String {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), files);
    let error = RunConfig::load(&dir.path().join("run.toml"), &[]).unwrap_err();
    error.to_string().replace(&format!("{}/", dir.path().display()), "")
}

#[test]
fn a_nearer_file_wins_at_any_depth_and_paths_are_relative_to_their_file() {
    let dir = tempfile::tempdir().unwrap();
    write(
        dir.path(),
        &[
            ("run.toml", "base = \"small/mid.toml\"\n[train]\nsteps = 1\n"),
            ("small/mid.toml", "base = \"far.toml\"\n[train]\nsteps = 2\nbatch = 3\n"),
            ("small/far.toml", "base = \"../far.toml\"\ntrain.batch = 4\ntrain.lr = 0.5\n"),
            ("far.toml", "[train]\nlr = 0.25\nbeta1 = 0.75\n[data]\nattribute = \"male\"\n"),
        ],
    );
    let sets = ["train.ema=0.5".to_owned()];
    let run = RunConfig::load(&dir.path().join("run.toml"), &sets).unwrap();
    let train = &run.train;
    assert_eq!((train.steps, train.batch, train.lr, train.beta1), (1, 3, 0.5, 0.75));
    // What follows from another key follows from the merged one.
    assert_eq!((train.ema, run.losses.alpha), (0.5, 1e-6));
}

#[test]
fn two_files_may_share_a_base_and_an_experiment_may_build_on_either() {
    let dir = tempfile::tempdir().unwrap();
    write(
        dir.path(),
        &[
            ("shared.toml", "[train]\nsteps = 5\nbatch = 6\n"),
            ("run.toml", "base = \"shared.toml\"\n[train]\nbatch = 7\n"),
            ("sweep.toml", "base = \"run.toml\"\n[set]\n\"train.lr\" = 0.5\n"),
        ],
    );
    let sweep = Experiment::load(&dir.path().join("sweep.toml"), &Overrides::default()).unwrap();
    let train = &sweep.cells[0].config.train;
    assert_eq!((train.steps, train.batch, train.lr), (5, 7, 0.5));
}

#[test]
fn a_circle_is_shown_where_it_closes() {
    insta::assert_snapshot!(refusal(&[
        ("run.toml", "base = \"a.toml\"\n"),
        ("a.toml", "# first line\nbase = \"b.toml\"\n"),
        ("sub/c.toml", ""),
        ("b.toml", "base = \"sub/../a.toml\"\n[train]\nsteps = 3\n"),
    ]));
    let own = refusal(&[("run.toml", "base = \"run.toml\"\n")]);
    assert!(own.contains("run.toml builds on itself") && own.contains("run.toml:1:8"), "{own}");
}

#[test]
fn a_missing_base_is_shown_in_the_file_that_names_it() {
    insta::assert_snapshot!(refusal(&[
        ("run.toml", "base = \"a.toml\"\n"),
        ("a.toml", "# a comment\nbase = \"nowhere.toml\"\n"),
    ]));
}

#[test]
fn a_base_is_text() {
    insta::assert_snapshot!(refusal(&[("run.toml", "base = [\"a.toml\", \"b.toml\"]\n")]));
    assert!(refusal(&[("run.toml", "[base]\nsteps = 1\n")]).contains("run.toml:1"));
}

#[test]
fn a_wrong_value_is_shown_in_the_base_that_holds_it() {
    let files = [
        ("run.toml", "base = \"a.toml\"\n[data]\nsize = 32\n"),
        ("a.toml", "[losses]\nalpha = 1\nperceptual_layer = 4\n"),
    ];
    let combination = refusal(&files);
    assert!(combination.contains("a.toml:3:20"), "{combination}");
    let range = refusal(&[files[0], ("a.toml", "\n\n[train]\nsteps = -1\n")]);
    assert!(range.contains("a.toml:4:9"), "{range}");
    // The nearer file's own mistake comes first.
    let key = refusal(&[("run.toml", "base = \"a.toml\"\ntrain.stebs = 1\n"), ("a.toml", "x = 1")]);
    assert!(key.contains("run.toml:2") && key.contains("train.steps"), "{key}");
}

#[test]
fn only_a_files_top_level_has_a_base() {
    assert!(refusal(&[("run.toml", "[train]\nbase = \"a.toml\"\n")]).contains("`train.base`"));
    let text = RunConfig::from_toml("base = \"a.toml\"\n", "text").unwrap_err().to_string();
    assert!(text.contains("a `base` needs a file") && text.contains("text:1:8"), "{text}");
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), &[("run.toml", "")]);
    let sets = ["base=a.toml".to_owned()];
    let set = RunConfig::load(&dir.path().join("run.toml"), &sets).unwrap_err().to_string();
    assert!(set.contains("unknown key `base`") && set.contains("--set"), "{set}");
}

#[test]
fn a_combination_with_a_default_points_at_the_key_that_was_written() {
    let text = RunConfig::from_toml("[data]\nsize = 16\n", "run.toml").unwrap_err().to_string();
    insta::assert_snapshot!(text);
}
