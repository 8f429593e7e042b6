//! Whose images numbers are of stands wherever the numbers do.
#![allow(clippy::unwrap_used)]

#[allow(dead_code, reason = "other tests use all of it")]
mod fixture;

use std::fs;

use fixture::Fixture;
use report::{CompareOptions, Format, Results, Verdict};

/// The finished sweep, judged on images of these parts in turn.
fn judged_on(parts: &[&str]) -> (Fixture, Results) {
    let fixture = Fixture::finished();
    let parts = parts.iter().cycle();
    fixture.cells.iter().zip(parts).for_each(|(cell, part)| fixture.prove_on(cell, part));
    let results = report::load(&fixture.results()).unwrap();
    (fixture, results)
}

/// Everything that is written of these results, by its name.
fn outputs(results: &Results) -> Vec<(String, String)> {
    let options = CompareOptions { mixed: true, ..Default::default() };
    let comparison = report::compare(results, &options).unwrap();
    let landmarks = report::landmarks(results, None).unwrap();
    let mut texts = Vec::new();
    for (name, format) in [("table", Format::Table), ("csv", Format::Csv), ("json", Format::Json)] {
        texts.push((format!("compare as {name}"), report::render(&comparison, format)));
        texts.push((format!("landmarks as {name}"), report::render_landmarks(&landmarks, format)));
    }
    let mut paths = report::write_tables(results, &comparison).unwrap();
    paths.push(report::html(results, &comparison).unwrap());
    let read = |path: &std::path::PathBuf| fs::read_to_string(path).unwrap();
    texts.extend(paths.iter().map(|path| (path.display().to_string(), read(path))));
    texts
}

#[test]
fn every_output_says_on_which_part_cells_were_judged() {
    for (part, other) in [("validation", "test"), ("test", "validation")] {
        let (_fixture, results) = judged_on(&[part]);
        let outputs = outputs(&results);
        assert_eq!(outputs.len(), 14, "a table is missing");
        for (name, text) in outputs {
            let lines: Vec<&str> = text.lines().collect();
            match lines[0] {
                header if name.ends_with("csv") => {
                    assert!(header.ends_with(",part"), "{name}: {header}");
                    let ending = format!(",{part}");
                    assert!(lines[1..].iter().all(|line| line.ends_with(&ending)), "{name}");
                }
                "{" => assert!(text.contains(&format!("\"part\": \"{part}\"")), "{name}"),
                _ => {
                    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
                    assert!(text.contains(&format!("Judged on {part} images.")), "{name}: {text}");
                    assert!(text.contains(&format!("real {part} images")), "{name}: {text}");
                    assert!(!text.contains(&format!("{other} image")), "{name}: {text}");
                }
            }
        }
    }
}

#[test]
fn cells_judged_on_two_parts_give_no_verdict() {
    let (_fixture, results) = judged_on(&["test", "validation"]);
    let refused = report::compare(&results, &CompareOptions::default()).unwrap_err().to_string();
    assert!(refused.contains("with keys test on test images"), "{refused}");
    assert!(refused.contains("with keys validati on validation images"), "{refused}");
    let mixed = CompareOptions { mixed: true, ..Default::default() };
    let comparison = report::compare(&results, &mixed).unwrap();
    let claims_nothing =
        |row: &report::ComparisonRow| matches!(row.verdict, Verdict::Mixed | Verdict::InputOnly);
    assert!(comparison.rows.iter().all(claims_nothing));
    for (name, text) in outputs(&results) {
        assert!(text.contains("Mixed: "), "{name}: {text}");
    }
    // Each cell's own part beside its scores.
    let cells = fs::read_to_string(results.dir.join("tables/cells.csv")).unwrap();
    let on = |part: &str| cells.lines().filter(|line| line.contains(&format!(",{part},"))).count();
    assert_eq!((on("test"), on("validation")), (4, 4), "{cells}");
}
