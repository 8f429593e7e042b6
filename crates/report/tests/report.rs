//! The whole way from files to tables, on a made-up sweep.
#![allow(clippy::unwrap_used)]

mod fixture;

use std::fs;

use fixture::Fixture;
use report::{CellState, CompareOptions, Format, ReportError, Verdict};

fn comparison(fixture: &Fixture) -> report::Comparison {
    let results = report::load(&fixture.results()).unwrap();
    report::compare(&results, &CompareOptions::default()).unwrap()
}

#[test]
fn table_and_json_of_a_finished_sweep() {
    let comparison = comparison(&Fixture::finished());
    insta::assert_snapshot!("table", report::render(&comparison, Format::Table));
    insta::assert_snapshot!("json", report::render(&comparison, Format::Json));
}

#[test]
fn one_row_by_hand() {
    let fixture = Fixture::finished();
    let results = report::load(&fixture.results()).unwrap();
    let comparison = report::compare(&results, &CompareOptions::default()).unwrap();
    let score = |arm: usize, seed: u64| {
        let cell = fixture.cells.iter().find(|c| c.arm == arm && c.seed == seed).unwrap();
        let text = fs::read_to_string(fixture.dir(cell).join("eval/images.csv")).unwrap();
        let fields = text.lines().skip(1).map(|line| line.split(',').collect::<Vec<_>>());
        let add: Vec<f64> =
            fields.filter(|f| f[1] == "add").map(|f| f[9].parse().unwrap()).collect();
        add.iter().sum::<f64>() / add.len() as f64
    };
    let row = comparison.rows.iter().find(|r| r.metric == "cycle_l1" && r.direction == "add");
    let row = row.unwrap();
    let (first, second) = (score(0, 1) - score(1, 1), score(0, 2) - score(1, 2));
    assert!((row.difference - (first + second) / 2.0).abs() < 1e-12);
    assert!((row.mean_level - (score(0, 1) + score(0, 2)) / 2.0).abs() < 1e-12);
    // Two pairs: s / sqrt 2 = |first - second| / 2, t = 12.7062.
    let half = 12.7062 * (first - second).abs() / 2.0;
    let [lo, hi] = row.interval.unwrap();
    assert!((hi - lo - 2.0 * half).abs() < 1e-6);
    assert_eq!((row.n_pairs, row.p_floor), (2, Some(0.5)));
    assert_eq!(row.verdict, Verdict::Better, "a smaller cycle error is better");
    assert_eq!((row.level.as_str(), row.baseline.as_str()), ("adversarial", "none"));
}

#[test]
fn a_changed_file_is_no_longer_complete() {
    let fixture = Fixture::finished();
    let path = fixture.dir(&fixture.cells[0]).join("eval/images.csv");
    let text = fs::read_to_string(&path).unwrap().replacen(",1,", ",0,", 1);
    fs::write(&path, text).unwrap();
    let results = report::load(&fixture.results()).unwrap();
    assert_eq!(results.cells[0].state, CellState::Unproved);
    assert!(results.cells[0].note.as_ref().unwrap().contains("images.csv was changed"));
    assert!(!results.complete());
}

#[test]
fn a_proof_of_another_configuration_does_not_count() {
    let fixture = Fixture::finished();
    let path = fixture.dir(&fixture.cells[0]).join("done.json");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replace(&fixture.cells[0].hash, "feed")).unwrap();
    let results = report::load(&fixture.results()).unwrap();
    assert_eq!(results.cells[0].state, CellState::Unproved);
}

#[test]
fn an_unfinished_sweep_names_every_cell_and_claims_nothing() {
    let fixture = Fixture::planned(&[("losses.dual", &["adversarial", "none"])], "none", 4);
    let [a, b] = [&fixture.cells[..4], &fixture.cells[4..]];
    for cell in [&a[0], &a[1], &a[2], &b[0], &b[1], &b[3]] {
        fixture.finish(cell, 60);
    }
    fixture.say(&b[2], "diverged", Some("a loss is not finite at step 120"));
    let comparison = comparison(&fixture);
    assert!(!comparison.complete);
    assert_eq!(comparison.rows[0].n_pairs, 2);
    assert!(
        comparison
            .rows
            .iter()
            .all(|row| { matches!(row.verdict, Verdict::Incomplete | Verdict::InputOnly) })
    );
    let text = report::render(&comparison, Format::Table);
    assert!(text.contains("6 complete, 1 not started, 1 diverged"), "{text}");
    assert!(text.contains("diverged: a loss is not finite at step 120"));
    assert!(text.contains(&format!("its twin {} is diverged", b[2].id)));
    assert!(text.contains(&format!("its twin {} is not started", a[3].id)));
    let rows = fs::read_to_string(&written(&fixture)[1]).unwrap();
    assert!(rows.contains(&format!("{},diverged,3,none,,0,", b[2].id)), "{rows}");
}

fn written(fixture: &Fixture) -> Vec<std::path::PathBuf> {
    let results = report::load(&fixture.results()).unwrap();
    report::write_tables(&results, &comparison(fixture)).unwrap()
}

#[test]
fn other_factors_become_groups() {
    let factors: [(&str, &[&str]); 2] =
        [("losses.dual", &["both", "none"]), ("data.attribute", &["eyeglasses", "smiling"])];
    let fixture = Fixture::planned(&factors, "none", 2);
    fixture.cells.iter().for_each(|cell| fixture.finish(cell, 30));
    let comparison = comparison(&fixture);
    let mut groups: Vec<&str> = comparison.rows.iter().map(|row| row.group.as_str()).collect();
    groups.dedup();
    assert_eq!(groups, ["data.attribute=eyeglasses", "data.attribute=smiling"]);
    assert_eq!(comparison.judges.len(), 2);
    assert!(comparison.without_twin.is_empty());
}

#[test]
fn one_direction_keeps_the_p_of_the_whole_family() {
    let fixture = Fixture::finished();
    let results = report::load(&fixture.results()).unwrap();
    let options = CompareOptions { direction: Some("remove".into()), ..Default::default() };
    let one = report::compare(&results, &options).unwrap();
    assert!(one.rows.iter().all(|row| row.direction == "remove"));
    let all = comparison(&fixture);
    assert_eq!(one.rows[0].family, all.rows[0].family);
    assert_eq!(2 * one.rows.len(), all.rows.len());
}

#[test]
fn errors_name_the_file_and_the_remedy() {
    let fixture = Fixture::planned(&[("losses.dual", &["adversarial", "none"])], "none", 2);
    let results = report::load(&fixture.results()).unwrap();
    let error = report::compare(&results, &CompareOptions::default()).unwrap_err();
    let text = error.to_string();
    assert!(text.contains("none of the 4 cells is complete (4 not started)"), "{text}");
    assert!(text.contains("cargo xtask run fake"), "{text}");

    let options = CompareOptions { factor: Some("losses.dul".into()), ..Default::default() };
    let text = report::compare(&results, &options).unwrap_err().to_string();
    assert!(text.contains("plan.json") && text.contains("did you mean `losses.dual`?"), "{text}");
    let options = CompareOptions { baseline: Some("nine".into()), ..Default::default() };
    let text = report::compare(&results, &options).unwrap_err().to_string();
    assert!(text.contains("did you mean `none`?"), "{text}");

    let nowhere = fixture.results().join("nowhere");
    let error = report::load(&nowhere).unwrap_err();
    assert!(matches!(error, ReportError::Io { .. }));
    assert!(error.to_string().contains("nowhere/plan.json"), "{error}");
}

#[test]
fn a_proven_file_that_is_no_table_is_an_error_with_its_line() {
    let fixture = Fixture::finished();
    let path = fixture.dir(&fixture.cells[0]).join("eval/images.csv");
    let text = fs::read_to_string(&path).unwrap();
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    lines[4] = lines[4].replacen(",add,", ",add,NaN", 1);
    fs::write(&path, lines.join("\n")).unwrap();
    fixture.prove(&fixture.cells[0]);
    let text = report::load(&fixture.results()).unwrap_err().to_string();
    assert!(text.contains("images.csv:5: `judge_score_input` is no finite number"), "{text}");
}

#[test]
fn a_cut_log_line_is_skipped_only_while_the_cell_is_incomplete() {
    let fixture = Fixture::finished();
    let cell = &fixture.cells[0];
    fs::remove_file(fixture.dir(cell).join("done.json")).unwrap();
    fixture.say(cell, "running", None);
    let path = fixture.dir(cell).join("metrics.jsonl");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, &text[..text.len() - 20]).unwrap();
    let results = report::load(&fixture.results()).unwrap();
    assert_eq!(results.cells[0].state, CellState::Running);
    assert_eq!(results.cells[0].curves.steps.len(), 59);
    fixture.prove(cell);
    let text = report::load(&fixture.results()).unwrap_err().to_string();
    assert!(text.contains("metrics.jsonl:60"), "{text}");
}

#[test]
fn tables_figures_and_report_are_whole() {
    let fixture = Fixture::finished();
    let results = report::load(&fixture.results()).unwrap();
    let comparison = comparison(&fixture);
    let tables = report::write_tables(&results, &comparison).unwrap();
    let cells = fs::read_to_string(&tables[1]).unwrap();
    assert_eq!(cells.lines().count(), 1 + 4 * 2);
    let judges = fs::read_to_string(&tables[2]).unwrap();
    assert!(judges.contains("eyeglasses,attribute,accuracy,0.9725,4"), "{judges}");

    let figures = report::plot(&results).unwrap();
    let names: Vec<_> = figures.iter().map(|p| p.file_name().unwrap().to_str().unwrap()).collect();
    assert_eq!(names, ["losses.svg", "losses.png", "metrics.svg", "metrics.png"]);
    for png in figures.iter().filter(|path| path.extension().unwrap() == "png") {
        let image = image::open(png).unwrap().to_rgb8();
        assert!(image.pixels().any(|pixel| pixel.0 == [0, 114, 178]), "no first arm in {png:?}");
    }

    let page = fs::read_to_string(report::html(&results, &comparison).unwrap()).unwrap();
    assert!(page.contains("Does dual learning help on made-up numbers?"));
    assert_eq!(page.matches("data:image/png;base64,").count(), 2);
    assert_eq!(page.matches("<svg").count(), 2);
    assert!(page.contains("adversarial, seed 1, step 600"));
    assert!(!page.contains("<script") && !page.contains("src=\"http"));
    let left = fs::read_dir(fixture.results().join("figures")).unwrap().count();
    assert_eq!(left, 4, "temporary files stay behind");
}

#[test]
fn many_arms_get_a_figure_per_group() {
    let factors: [(&str, &[&str]); 2] = [
        ("losses.dual", &["none", "adversarial"]),
        ("data.attribute", &["eyeglasses", "smiling", "young", "male", "no-beard"]),
    ];
    let fixture = Fixture::planned(&factors, "none", 1);
    fixture.cells.iter().for_each(|cell| fixture.finish(cell, 20));
    let results = report::load(&fixture.results()).unwrap();
    let figures = report::plot(&results).unwrap();
    let names: Vec<_> = figures.iter().map(|p| p.file_name().unwrap().to_str().unwrap()).collect();
    assert_eq!(names.len(), 2 * 5 + 2);
    assert!(names.contains(&"losses-no-beard.svg"), "{names:?}");
}
