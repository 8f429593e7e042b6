//! The whole way from files to tables, on a made-up sweep.
#![allow(clippy::unwrap_used)]

#[allow(dead_code, reason = "other tests use all of it")]
mod fixture;

use std::fs;

use fixture::Fixture;
use record::{CellState, PlanError};
use report::{CompareOptions, Format, Renewal, ReportError, Verdict};

fn comparison(fixture: &Fixture) -> report::Comparison {
    let results = report::load(&fixture.results()).unwrap();
    let partial = !results.complete();
    report::compare(&results, &CompareOptions { partial, ..Default::default() }).unwrap()
}

#[test]
fn table_and_json_of_a_finished_sweep() {
    let comparison = comparison(&Fixture::finished());
    let table = report::render(&comparison, Format::Table);
    assert!(table.lines().all(|line| line.chars().count() <= 140), "{table}");
    insta::assert_snapshot!("table", table);
    // The shape of the JSON on its first rows: the others differ in numbers alone.
    let json = report::render(&comparison, Format::Json);
    let mut document: serde_json::Value = serde_json::from_str(&json).unwrap();
    document["rows"].as_array_mut().unwrap().truncate(2);
    insta::assert_snapshot!("json", serde_json::to_string_pretty(&document).unwrap());
    let csv = report::render(&comparison, Format::Csv);
    assert_eq!(csv.lines().count(), 1 + comparison.rows.len());
}

#[test]
fn landmark_table_of_a_finished_sweep() {
    let fixture = Fixture::finished();
    let results = report::load(&fixture.results()).unwrap();
    let table = report::landmarks(&results, None).unwrap();
    let text = report::render_landmarks(&table, Format::Table);
    assert!(text.lines().all(|line| line.chars().count() <= 140), "{text}");
    insta::assert_snapshot!("landmarks", text);
    assert!(text.contains("Not scored: 2 test images (missing-points 1, out-of-frame 1)."));
    let mut one = report::landmarks(&results, Some("none")).unwrap();
    one.arms[0].rows.truncate(1);
    insta::assert_snapshot!("landmarks_json", report::render_landmarks(&one, Format::Json));
}

#[test]
fn no_output_holds_a_number_that_is_none() {
    let fixture = Fixture::planned(&[("losses.dual", &["adversarial", "none"])], "none", 1);
    fixture.cells.iter().for_each(|cell| fixture.finish(cell, 30));
    for fixture in [fixture, Fixture::finished()] {
        let results = report::load(&fixture.results()).unwrap();
        let (comparison, landmarks) =
            (comparison(&fixture), report::landmarks(&results, None).unwrap());
        let mut texts: Vec<String> = [Format::Table, Format::Csv, Format::Json]
            .into_iter()
            .flat_map(|format| {
                let landmarks = report::render_landmarks(&landmarks, format);
                [report::render(&comparison, format), landmarks]
            })
            .collect();
        let mut files = report::write_tables(&results, &comparison).unwrap();
        files.push(report::html(&results, &comparison).unwrap());
        texts.extend(files.iter().map(|path| fs::read_to_string(path).unwrap()));
        let figures = report::plot(&results).unwrap();
        let svgs = figures.iter().filter(|path| path.extension().unwrap() == "svg");
        texts.extend(svgs.map(|path| fs::read_to_string(path).unwrap()));
        for text in texts {
            assert!(!text.contains("NaN") && !text.contains(">inf"), "{text}");
            assert!(!text.contains(",inf") && !text.contains("-inf"), "{text}");
        }
    }
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
    // One degree of freedom: p = 1 - 2 / pi atan t, t = mean / half the distance.
    let t = (first + second).abs() / (first - second).abs();
    let p = 1.0 - 2.0 / std::f64::consts::PI * t.atan();
    assert!((row.p_t.unwrap() - p).abs() < 1e-9, "{:?} {p}", row.p_t);
    assert!(p < 0.05 && row.interval.unwrap()[1] < 0.0, "one test alone would claim it");
    assert!(row.p_t_holm.unwrap() > 5.0 * p);
    assert_eq!(row.verdict, Verdict::NoEvidence, "one of many tests must not");
    assert_eq!((row.level.as_str(), row.baseline.as_str()), ("adversarial", "none"));
}

#[test]
fn a_changed_file_is_no_longer_complete() {
    let fixture = Fixture::finished();
    let path = fixture.dir(&fixture.cells[0]).join("eval/images.csv");
    let text = fs::read_to_string(&path).unwrap().replacen(",1,", ",0,", 1);
    fs::write(&path, text).unwrap();
    let results = report::load(&fixture.results()).unwrap();
    assert_eq!(results.cells[0].state, CellState::Damaged);
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
    assert_eq!(results.cells[0].state, CellState::Stale);
}

#[test]
fn an_unfinished_sweep_names_every_cell_and_claims_nothing() {
    let fixture = Fixture::planned(&[("losses.dual", &["adversarial", "none"])], "none", 4);
    let [a, b] = [&fixture.cells[..4], &fixture.cells[4..]];
    for cell in [&a[0], &a[1], &a[2], &b[0], &b[1], &b[3]] {
        fixture.finish(cell, 60);
    }
    fixture.say(&b[2], "diverged", Some("a loss is not finite at step 120"));
    let results = report::load(&fixture.results()).unwrap();
    let refused = report::compare(&results, &CompareOptions::default()).unwrap_err().to_string();
    assert!(refused.contains("6 of 8 cells are complete (6 done, 1 diverged, 1 waiting)"));
    for cell in [&a[3], &b[2]] {
        let line = format!("  {} ({}, seed {}): ", cell.id, cell.factors["losses.dual"], cell.seed);
        assert!(refused.contains(&line), "{refused}");
    }
    assert!(refused.contains("`cargo xtask run fake --retry-failed`"), "{refused}");

    let comparison = comparison(&fixture);
    assert!(!comparison.complete);
    assert_eq!(comparison.rows[0].n_pairs, 2);
    for row in &comparison.rows {
        let claims = [row.p, row.p_uncorrected, row.p_floor, row.p_t, row.p_t_holm, row.p_mcnemar];
        assert!(claims.iter().all(Option::is_none) && row.interval.is_none(), "{row:?}");
        assert!(row.bootstrap.is_none() && row.seeds_needed.is_none(), "{row:?}");
    }
    let landmarks = report::landmarks(&results, None).unwrap();
    let mut rows = landmarks.arms.iter().flat_map(|arm| &arm.rows);
    assert!(rows.all(|row| row.gain.as_ref().is_some_and(|gain| gain.bootstrap.is_none())));
    assert!(
        comparison
            .rows
            .iter()
            .all(|row| { matches!(row.verdict, Verdict::Incomplete | Verdict::InputOnly) })
    );
    let text = report::render(&comparison, Format::Table);
    assert!(text.contains("6 done, 1 diverged, 1 waiting"), "{text}");
    assert!(text.contains("diverged: a loss is not finite at step 120"));
    assert!(text.contains(&format!("its twin {} is diverged", b[2].id)));
    assert!(text.contains(&format!("its twin {} is waiting", a[3].id)));
    let rows = fs::read_to_string(&written(&fixture)[1]).unwrap();
    assert!(rows.contains(&format!("{},diverged,3,none,,0,", b[2].id)), "{rows}");
}

#[test]
fn every_table_counts_the_runs_that_diverged() {
    let fixture = Fixture::planned(&[("losses.dual", &["adversarial", "none"])], "none", 3);
    fixture.cells[1..].iter().for_each(|cell| fixture.finish(cell, 20));
    fixture.say(&fixture.cells[0], "diverged", Some("a loss is not finite at step 120"));
    let comparison = comparison(&fixture);
    assert_eq!(comparison.cells_diverged, 1);
    let counts = |r: &report::ComparisonRow| (r.diverged_baseline, r.diverged_level);
    assert!(comparison.rows.iter().all(|row| counts(row) == (0, 1)));
    let text = report::render(&comparison, Format::Table);
    assert!(text.contains("5 of 6 cells are complete, 1 diverged."), "{text}");
    assert!(text.contains("(2 pairs; diverged: 0 of none, 1 of adversarial)"), "{text}");
    let results = report::load(&fixture.results()).unwrap();
    let landmarks = report::landmarks(&results, None).unwrap();
    let text = report::render_landmarks(&landmarks, Format::Table);
    assert!(text.contains("adversarial (2 seeds") && text.contains(", 1 diverged)"), "{text}");
    let page = fs::read_to_string(report::html(&results, &comparison).unwrap()).unwrap();
    assert_eq!(page.matches("1 diverged").count(), 4, "state, notes twice, landmarks");
    assert!(page.contains("diverged: 0 of none, 1 of adversarial"));
    // Comparison, attributes and landmarks: the last column but the part.
    for (table, last) in [(0, "0,1,test"), (3, "1,test"), (4, "1,test")] {
        let path = &written(&fixture)[table];
        let rows = fs::read_to_string(path).unwrap();
        let arm = |line: &&str| line.contains("adversarial");
        assert!(rows.lines().filter(arm).all(|line| line.ends_with(&format!(",{last}"))), "{rows}");
    }
}

#[test]
fn lines_with_a_checksum_are_curves_as_well() {
    let fixture = Fixture::finished();
    let cell = &fixture.cells[0];
    let path = fixture.dir(cell).join("metrics.jsonl");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.lines().map(record::checked_line).collect::<String>()).unwrap();
    fixture.prove(cell);
    let results = report::load(&fixture.results()).unwrap();
    assert_eq!(results.cells[0].curves.series.len(), results.cells[1].curves.series.len());
    assert_eq!(results.cells[0].curves.steps, results.cells[1].curves.steps);
}

#[test]
fn derived_files_are_proved_and_only_what_was_written_is_vouched_for() {
    let fixture = Fixture::finished();
    let results = report::load(&fixture.results()).unwrap();
    let read = || {
        let text = fs::read(fixture.results().join("outputs.json")).unwrap();
        record::Manifest::parse(&text).unwrap()
    };
    let outputs = report::Outputs::renew(&results, Renewal::Everything).unwrap();
    outputs.seal(&written(&fixture)).unwrap();
    assert_eq!((read().files.len(), read().damages(&fixture.results()).len()), (7, 0));
    // Figures join the tables, and a table that was changed in the meantime is not blessed.
    fs::write(fixture.results().join("tables/cells.csv"), "id").unwrap();
    let outputs = report::Outputs::renew(&results, Renewal::Figures).unwrap();
    assert!(!fixture.results().join("outputs.json").exists(), "nothing vouches meanwhile");
    let figures = report::plot(&results).unwrap();
    outputs.seal(&figures).unwrap();
    assert_eq!(read().files.len(), 7 + figures.len());
    let damages = read().damages(&fixture.results());
    assert_eq!(damages.len(), 1);
    assert!(damages[0].path.ends_with("tables/cells.csv"));
    // When it is written anew, what somebody made of it is kept.
    for number in 1..3 {
        let outputs = report::Outputs::renew(&results, Renewal::Everything).unwrap();
        let aside = fixture.results().join(format!("tables/cells.edited-{number}.csv"));
        assert_eq!(outputs.edited(), std::slice::from_ref(&aside));
        assert_eq!(fs::read_to_string(&aside).unwrap(), "id");
        outputs.seal(&written(&fixture)).unwrap();
        assert_eq!(read().damages(&fixture.results()), []);
        fs::write(fixture.results().join("tables/cells.csv"), "id").unwrap();
    }
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
    let text = report::compare(&results, &CompareOptions::default()).unwrap_err().to_string();
    assert!(text.contains("0 of 4 cells are complete (4 waiting)"), "{text}");
    let options = CompareOptions { partial: true, ..Default::default() };
    let text = report::compare(&results, &options).unwrap_err().to_string();
    assert!(text.contains("none of the 4 cells is complete (4 waiting)"), "{text}");
    assert!(text.contains("cargo xtask run fake"), "{text}");

    let options = CompareOptions { factor: Some("losses.dul".into()), ..Default::default() };
    let text = report::compare(&results, &options).unwrap_err().to_string();
    assert!(text.contains("plan.json") && text.contains("did you mean `losses.dual`?"), "{text}");
    let options = CompareOptions { baseline: Some("nine".into()), ..Default::default() };
    let text = report::compare(&results, &options).unwrap_err().to_string();
    assert!(text.contains("did you mean `none`?"), "{text}");

    let nowhere = fixture.results().join("nowhere");
    let error = report::load(&nowhere).unwrap_err();
    assert!(matches!(error, ReportError::Plan(PlanError::Absent { .. })));
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
    assert_eq!(results.cells[0].state, CellState::Interrupted, "nobody holds the lock");
    let lock = fs::File::create(fixture.dir(cell).join("lock")).unwrap();
    lock.lock().unwrap();
    let results = report::load(&fixture.results()).unwrap();
    assert_eq!(results.cells[0].state, CellState::Running);
    assert_eq!(results.cells[0].curves.steps.len(), 59);
    drop(lock);
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

    let points = fs::read_to_string(&tables[6]).unwrap();
    assert!(tables[5].ends_with("landmarks.csv") && tables[6].ends_with("landmark-points.csv"));
    // Arms, detectors with what they learned from, groups, points.
    assert_eq!(points.lines().count(), 1 + 2 * 6 * 7 * 5);
    let attributes = fs::read_to_string(&tables[3]).unwrap();
    assert_eq!(attributes.lines().count(), 1 + 2 * 2 * 6);
    let poses = fs::read_to_string(&tables[4]).unwrap();
    assert!(
        tables[4].ends_with("poses.csv") && poses.starts_with("arm,direction,yaw,images,metric,")
    );
    // Every face is in one group.
    let faces =
        poses.lines().filter(|line| line.contains("none,add,") && line.contains(",success,"));
    let faces = faces.map(|line| line.split(',').nth(3).unwrap().parse::<usize>().unwrap());
    assert_eq!(faces.sum::<usize>(), 40, "{poses}");

    let figures = report::plot(&results).unwrap();
    let names: Vec<_> = figures.iter().map(|p| p.file_name().unwrap().to_str().unwrap()).collect();
    let pairs = ["losses", "metrics", "strength", "attributes", "poses"];
    let pairs = pairs.map(|name| [format!("{name}.svg"), format!("{name}.png")]).concat();
    assert_eq!(names[..10], pairs);
    let curves = ["ert-without", "ert-mixed", "cnn-without", "cnn-mixed"];
    for (index, arm) in ["adversarial", "none"].into_iter().enumerate() {
        let found = names[10..].chunks(8).nth(index).unwrap();
        let wanted =
            curves.map(|name| ["svg", "png"].map(|end| format!("ced-{name}-dual={arm}.{end}")));
        assert_eq!(found, wanted.concat());
    }
    // For a look at them: every figure is copied to this directory.
    if let Ok(to) = std::env::var("KEEP_FIGURES") {
        for figure in &figures {
            fs::copy(figure, std::path::Path::new(&to).join(figure.file_name().unwrap())).unwrap();
        }
    }
    for png in figures.iter().filter(|path| path.extension().unwrap() == "png") {
        let image = image::open(png).unwrap().to_rgb8();
        // The heat map is shaded, everything else has a first arm or group in the first colour.
        let heat = png.ends_with("attributes.png");
        assert!(heat || image.pixels().any(|pixel| pixel.0 == [0, 114, 178]), "{png:?} is empty");
    }

    let page = fs::read_to_string(report::html(&results, &comparison).unwrap()).unwrap();
    assert!(page.contains("Does dual learning help on made-up numbers?"));
    assert_eq!(page.matches("data:image/png;base64,").count(), 2);
    assert_eq!(page.matches("<svg").count(), figures.len() / 2);
    assert!(page.contains("<h2>Landmarks</h2>") && page.contains("removed-noise"));
    assert!(page.contains("adversarial, seed 1, step 600"));
    assert!(!page.contains("<script") && !page.contains("src=\"http"));
    let left = fs::read_dir(fixture.results().join("figures")).unwrap().count();
    assert_eq!(left, figures.len(), "temporary files stay behind");
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
    // Two figures per attribute, two over all arms, four error distributions per arm.
    let count = |kind: &str| {
        let of_kind = |name: &&&str| name.split(['-', '.']).next() == Some(kind);
        names.iter().filter(of_kind).count()
    };
    let counts = ["losses", "strength", "metrics", "attributes", "ced"].map(count);
    assert_eq!(counts, [5, 5, 1, 1, 40].map(|figures| 2 * figures));
    for name in [
        "losses-attribute=no-beard.svg",
        "strength-attribute=no-beard.svg",
        "ced-cnn-mixed-dual=none,attribute=young.svg",
    ] {
        assert!(names.contains(&name), "{names:?}");
    }
}

#[test]
fn a_cell_without_the_newer_files_is_read_as_before() {
    let fixture = Fixture::finished();
    for cell in &fixture.cells {
        for name in ["landmarks", "strength", "attributes", "scores"] {
            fs::remove_file(fixture.dir(cell).join(format!("eval/{name}.csv"))).unwrap();
        }
        let summary = r#"{"attribute": "eyeglasses", "judge": {"accuracy": 0.9, "n": 4}}"#;
        fs::write(fixture.dir(cell).join("eval/summary.json"), summary).unwrap();
        fixture.prove(cell);
    }
    let results = report::load(&fixture.results()).unwrap();
    let comparison = comparison(&fixture);
    assert!(comparison.rows.iter().all(|row| !row.metric.starts_with("fid")));
    let figures = report::plot(&results).unwrap();
    let names: Vec<_> = figures.iter().map(|p| p.file_name().unwrap().to_str().unwrap()).collect();
    for name in ["losses.svg", "losses.png", "metrics.svg", "metrics.png"] {
        assert!(names.contains(&name), "{names:?}");
    }
    for kind in ["strength", "attributes", "ced"] {
        assert!(!names.iter().any(|name| name.starts_with(kind)), "{names:?}");
    }
    assert_eq!(report::write_tables(&results, &comparison).unwrap().len(), 4);
    let error = report::landmarks(&results, None).unwrap_err();
    assert!(matches!(error, ReportError::NoLandmarks { .. }), "{error}");
    assert!(!fs::read_to_string(report::html(&results, &comparison).unwrap()).unwrap().is_empty());
}

#[test]
fn a_file_that_no_proof_vouches_for_does_not_count() {
    let fixture = Fixture::finished();
    let cell = &fixture.cells[0];
    let path = fixture.dir(cell).join("eval/scores.csv");
    let text = fs::read_to_string(&path).unwrap();
    fs::remove_file(&path).unwrap();
    fixture.prove(cell);
    fs::write(&path, text).unwrap();
    let results = report::load(&fixture.results()).unwrap();
    assert!(results.cells[0].is_complete() && results.cells[0].scores.is_empty());
    assert_eq!(results.cells[1].scores.len(), 8);
}

#[test]
fn repeated_metrics_are_shown_and_not_tested_twice() {
    let comparison = comparison(&Fixture::finished());
    let find = |metric: &str| {
        comparison.rows.iter().find(|r| r.metric == metric && r.direction == "add").unwrap()
    };
    let (gain, psnr) = (find("psnr_gain"), find("psnr"));
    assert!((gain.difference - psnr.difference).abs() < 1e-12);
    assert_eq!(psnr.derived_from.as_deref(), Some("psnr_gain"));
    assert_eq!((psnr.verdict, psnr.p_t, psnr.p), (Verdict::Derived, None, None));
    // The twelve headline metrics, both ways; what only CSV and JSON show is a family of its own.
    let tested = comparison.rows.iter().filter(|row| row.p.is_some()).count();
    assert_eq!((gain.family, find("residual_l1").family), (24, tested - 24));
    let text = report::render(&comparison, Format::Table);
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(text.contains("nme_edited (landmark_gain), psnr (psnr_gain), ssim (ssim_gain)"));
    // Sets have no images to resample, counts have pairs of them.
    assert_eq!(
        (find("fid_attribute_net").bootstrap, find("success").p_mcnemar.is_some()),
        (None, true)
    );
    assert_eq!(find("fid_attribute_net_identity").verdict, Verdict::InputOnly);
    assert_eq!(find("cycle_l1").p_mcnemar, None);
}
