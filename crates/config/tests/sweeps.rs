//! Which cells an experiment has: included, excluded, overridden from the command line.
#![allow(clippy::unwrap_used)]

use std::fs;

use config::{CellSpec, ConfigError, Experiment, Overrides};

fn load(text: &str, overrides: &Overrides) -> Result<Experiment, ConfigError> {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("base.toml"), "[train]\nsteps = 7\nlr = 2e-4\n").unwrap();
    let path = dir.path().join("sweep.toml");
    fs::write(&path, format!("base = \"base.toml\"\n{text}")).unwrap();
    Experiment::load(&path, overrides)
}

fn sweep(text: &str) -> Experiment {
    load(text, &Overrides::default()).unwrap_or_else(|e| panic!("{e}"))
}

fn refusal(text: &str) -> String {
    let error = load(text, &Overrides::default()).expect_err("must be refused").to_string();
    let place = error.find("sweep.toml").expect("the file is named");
    let arrow = error[..place].rfind("--> ").unwrap() + 4;
    format!("{}{}", &error[..arrow], &error[place..])
}

fn set(assignments: &[&str]) -> Overrides {
    Overrides { set: assignments.iter().map(|s| s.to_string()).collect(), ..Overrides::default() }
}

fn backends(names: &[&str]) -> Overrides {
    Overrides { backends: names.iter().map(|s| s.to_string()).collect(), ..Overrides::default() }
}

/// The levels of some keys, cell by cell, such as `none 7`.
fn levels(sweep: &Experiment, keys: &[&str]) -> Vec<String> {
    let of = |cell: &CellSpec| keys.iter().map(|key| cell.factors[*key].clone()).collect();
    sweep
        .cells
        .iter()
        .map(|cell| {
            let all: Vec<String> = of(cell);
            all.join(" ")
        })
        .collect()
}

const ARMS: &str = "[factors]\n\"losses.dual\" = [\"adversarial\", \"none\"]\n";

#[test]
fn an_included_cell_stands_beside_the_product_with_every_seed_and_factor() {
    let sweep = sweep(&format!(
        "seeds = [1, 2]\n[set]\n\"train.batch\" = 5\n{ARMS}\
         [[include]]\n\"losses.dual\" = \"both\"\n\"train.steps\" = 9\n\
         [[include]]\n\"model.norm\" = \"none\"\n"
    ));
    let keys = ["losses.dual", "train.steps", "model.norm"];
    let expected = [
        "adversarial 7 batch",
        "adversarial 7 batch",
        "none 7 batch",
        "none 7 batch",
        "both 9 batch",
        "both 9 batch",
        "adversarial 7 none",
        "adversarial 7 none",
    ];
    assert_eq!(levels(&sweep, &keys), expected);
    assert!(sweep.cells.iter().all(|cell| cell.factors.len() == 3));
    assert!(sweep.cells.iter().all(|cell| cell.config.train.batch == 5));
    assert_eq!(
        sweep.cells.iter().map(|c| c.config.train.seed).collect::<Vec<_>>(),
        [1, 2].repeat(4)
    );
    // Levels that only an included or only a plain cell has are levels too.
    let levels = |key: &str| sweep.factors.iter().find(|(k, _)| k == key).unwrap().1.join(" ");
    assert_eq!(levels("losses.dual"), "adversarial none both");
    assert_eq!(levels("train.steps"), "7 9");
    assert_eq!(levels("model.norm"), "batch none");
}

#[test]
fn an_included_cell_that_the_product_has_is_the_same_cell() {
    let text = format!(
        "{ARMS}[[include]]\n\"losses.dual\" = \"none\"\n\"train.lr\" = 0.0002\n\
         [[include]]\n\"train.lr\" = 1\n[[include]]\n\"train.lr\" = 1.0\n"
    );
    let sweep = sweep(&text);
    let expected = ["adversarial 0.0002", "none 0.0002", "adversarial 1.0"];
    assert_eq!(levels(&sweep, &["losses.dual", "train.lr"]), expected);
}

#[test]
fn exclude_takes_from_the_product_and_not_from_what_is_included() {
    let text = format!(
        "{ARMS}\"train.batch\" = [8, 16]\n[[exclude]]\n\"losses.dual\" = \"none\"\n\
         [[include]]\n\"losses.dual\" = \"none\"\n\"train.batch\" = 8\n"
    );
    let sweep = sweep(&text);
    let expected = ["adversarial 8", "adversarial 16", "none 8"];
    assert_eq!(levels(&sweep, &["losses.dual", "train.batch"]), expected);
}

#[test]
fn an_included_value_is_checked_like_a_level() {
    insta::assert_snapshot!(refusal("[[include]]\n\"losses.dual\" = \"nine\"\n"));
    assert!(refusal("[[include]]\n\"losses.daul\" = \"none\"\n").contains("sweep.toml:3:1"));
    assert!(refusal("[[include]]\n\"losses.dual\" = [\"none\"]\n").contains("found a list"));
    assert!(refusal("[[include]]\n[[include]]\n").contains("sweep.toml:2"));
    assert!(refusal("[include]\n\"losses.dual\" = \"none\"\n").contains("write [[include]]"));
    // A combination that cannot work points into the included cell.
    let text = "[[include]]\n\"data.size\" = 32\n\"losses.perceptual_layer\" = 4\n";
    assert!(refusal(text).contains("sweep.toml:4:29"), "{}", refusal(text));
}

#[test]
fn the_command_line_wins_over_included_cells() {
    let text = format!(
        "{ARMS}[[include]]\n\"losses.dual\" = \"both\"\n\"train.steps\" = 9\n\
         [[include]]\n\"train.steps\" = 11\n[compare]\nfactor = \"train.steps\"\nbaseline = 7\n"
    );
    let sweep = load(&text, &set(&["train.steps=3"])).unwrap();
    assert_eq!(levels(&sweep, &["losses.dual"]), ["adversarial", "none", "both"]);
    assert!(sweep.cells.iter().all(|c| c.config.train.steps == 3 && c.factors.len() == 1));
    assert!(sweep.compare.is_none(), "a factor that is gone is not compared");
    let sweep = load(&text, &set(&["losses.dual=none"])).unwrap();
    assert_eq!(levels(&sweep, &["train.steps"]), ["7", "9", "11"]);
    // A cell of which nothing is left is none: the base alone is no arm of this product.
    let text = "[factors]\n\"losses.dual\" = [\"none\"]\n[[include]]\n\"train.steps\" = 11\n";
    let sweep = load(text, &set(&["train.steps=3"])).unwrap();
    assert_eq!(levels(&sweep, &["losses.dual"]), ["none"]);
}

#[test]
fn backends_of_the_command_line_win_over_included_cells() {
    let text = format!("{ARMS}[[include]]\n\"backend.kind\" = \"wgpu\"\n\"train.steps\" = 9\n");
    let one = load(&text, &backends(&["libtorch"])).unwrap();
    assert!(one.cells.iter().all(|cell| cell.config.backend.kind.name() == "libtorch"));
    assert_eq!((one.cells.len(), one.factors.len()), (3, 2));
    let two = load(&text, &backends(&["libtorch", "flex"])).unwrap();
    let expected = ["libtorch 7", "flex 7", "libtorch 7", "flex 7", "libtorch 9", "flex 9"];
    assert_eq!(levels(&two, &["backend.kind", "train.steps"]), expected);
}

#[test]
fn backends_of_the_command_line_leave_excludes_and_a_comparison_that_still_hold() {
    let text = "[factors]\n\"backend.kind\" = [\"flex\", \"wgpu\"]\n\"train.batch\" = [8, 16]\n\
                [[exclude]]\n\"backend.kind\" = \"wgpu\"\n\"train.batch\" = 16\n\
                [compare]\nfactor = \"backend.kind\"\nbaseline = \"flex\"\n";
    let kept = load(text, &backends(&["flex", "wgpu"])).unwrap();
    assert_eq!((kept.cells.len(), kept.compare.is_some()), (3, true));
    let replaced = load(text, &backends(&["libtorch", "wgpu"])).unwrap();
    assert_eq!((replaced.cells.len(), replaced.compare.is_some()), (3, false));
}

#[test]
fn an_exclude_that_can_match_no_cell_is_refused() {
    insta::assert_snapshot!(refusal(&format!(
        "{ARMS}[[exclude]]\n\"losses.dual_trains\" = \"both\"\n"
    )));
    insta::assert_snapshot!(refusal(&format!("{ARMS}[[exclude]]\n\"losses.dual\" = \"both\"\n")));
    let number = "[factors]\n\"train.lr\" = [2e-4, 1]\n[[exclude]]\n\"train.lr\" = 2e-3\n";
    assert!(refusal(number).contains("its levels are 0.0002, 1.0"), "{}", refusal(number));
    let included = "[[include]]\n\"train.lr\" = 1\n[[exclude]]\n\"train.lr\" = 1\n";
    assert!(refusal(included).contains("is no factor in [factors]"), "{}", refusal(included));
    assert!(refusal(&format!("{ARMS}[[exclude]]\n")).contains("sweep.toml:4"));
}

#[test]
fn an_exclude_across_the_levels_of_one_zip_is_refused() {
    let zip =
        "[[zip]]\n\"data.attribute\" = [\"eyeglasses\", \"male\"]\n\"train.batch\" = [8, 16]\n";
    insta::assert_snapshot!(refusal(&format!(
        "{zip}[[exclude]]\n\"data.attribute\" = \"male\"\n\"train.batch\" = 8\n"
    )));
    let exclude = "[[exclude]]\n\"data.attribute\" = \"male\"\n\"train.batch\" = 16\n";
    assert_eq!(sweep(&format!("{zip}{exclude}")).cells.len(), 1);
}

#[test]
fn an_exclude_of_a_factor_that_the_command_line_fixed_does_not_apply() {
    let text =
        format!("{ARMS}\"train.batch\" = [8, 16]\n[[exclude]]\n\"losses.dual\" = \"none\"\n");
    assert_eq!(sweep(&text).cells.len(), 2);
    assert_eq!(load(&text, &set(&["losses.dual=none"])).unwrap().cells.len(), 2);
}

#[test]
fn the_spelling_of_a_level_does_not_matter() {
    let sweep = sweep(
        "[factors]\n\"losses.alpha\" = [0, 0.0, 2e-4, 0.0002, 1]\n\"train.batch\" = [0x10, 8, 1_6]\n\
         [[exclude]]\n\"losses.alpha\" = 0.0002\n\"train.batch\" = 16\n\
         [[exclude]]\n\"losses.alpha\" = 0\n\"train.batch\" = 0b1000\n\
         [compare]\nfactor = \"losses.alpha\"\nbaseline = 1\n",
    );
    let expected = ["0.0 16", "0.0002 8", "1.0 16", "1.0 8"];
    assert_eq!(levels(&sweep, &["losses.alpha", "train.batch"]), expected);
    assert_eq!(sweep.factors[0].1, ["0.0", "0.0002", "1.0"]);
    assert_eq!(sweep.compare.unwrap().baseline, "1.0");
}

#[test]
fn what_would_be_lost_silently_is_refused() {
    let twice = format!("{ARMS}[[zip]]\n\"losses.dual\" = [\"both\", \"none\"]\n");
    insta::assert_snapshot!(refusal(&twice));
    assert!(refusal("[factors]\n\"train.seed\" = [1, 2]\n").contains("--seeds"));
    assert!(refusal("[[include]]\n\"train.seed\" = 3\n").contains("sweep.toml:3"));
    assert!(refusal("set = 3\n").contains("`set` must be a table"));
    assert!(refusal("[[zip]]\n").contains("a [[zip]] without keys"));
    let seed = load("", &set(&["train.seed=3"])).unwrap_err().to_string();
    assert!(seed.contains("--seeds 1,2,3"), "{seed}");
    let twice = Overrides { seeds: Some(vec![4, 5, 4]), ..Overrides::default() };
    assert!(load("", &twice).unwrap_err().to_string().contains("4 stands twice"));
    let large = Overrides { seeds: Some(vec![u64::MAX]), ..Overrides::default() };
    assert!(load("", &large).unwrap_err().to_string().contains("too large"));
}

#[test]
fn a_product_beyond_reason_is_refused_before_it_is_made() {
    let levels: Vec<String> = (1..=400).map(|i| i.to_string()).collect();
    let levels = levels.join(", ");
    let text = ["train.batch", "data.seed", "data.synthetic_seed", "train.steps"]
        .map(|key| format!("\"{key}\" = [{levels}]\n"));
    let text = format!("[factors]\n{}", text.concat());
    assert!(refusal(&text).contains("more than 100000 cells"));
}

#[test]
fn the_pages_example_is_an_experiment() {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
    let page = fs::read_to_string(format!("{root}/docs/running.md")).unwrap();
    let (_, section) = page.split_once("\n## Configure\n").unwrap();
    let (section, _) = section.split_once("\n## ").unwrap();
    let blocks = section.split("```toml\n").skip(1);
    let text: String = blocks.map(|block| block.split_once("```").unwrap().0).collect();
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("page.toml");
    fs::write(&path, text.replace("../configs", &format!("{root}/configs"))).unwrap();
    let sweep = Experiment::load(&path, &Overrides::default()).unwrap_or_else(|e| panic!("{e}"));
    // Two forms of dual by two attributes by two sizes, less one form at one size, and one beside.
    assert_eq!(sweep.cells.len(), (2 * 2 * 2 - 2 + 1) * 5);
}
