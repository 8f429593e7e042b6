//! `tables/*.csv`.

use std::path::PathBuf;

use metrics::catalogue;

use crate::columns::{noted, parted};
use crate::compare::Comparison;
use crate::landmarks::{self, landmarks};
use crate::load::{Cell, Results};
use crate::render::{csv, field, into_text};
use crate::{ReportError, attributes, files, poses};

/// Writes `tables/comparison.csv` (as `--format csv`), `tables/cells.csv` (a row per cell and
/// direction with the means of all metrics; one row with its state for a cell without results),
/// `tables/judges.csv` (a row per judge and figure) and, where cells have them,
/// `tables/attributes.csv` (a row per arm, direction and judged attribute), `tables/poses.csv` (a row per
/// arm, direction, group of faces and metric), `tables/landmarks.csv`
/// and `tables/landmark-points.csv` (a row per arm, detector and group, and point). Each says in
/// a column `part` whose images its numbers are of; tables of cells that share no verdict say so in a last
/// column `note`.
///
/// # Errors
/// The directory cannot be written.
pub fn write_tables(
    results: &Results,
    comparison: &Comparison,
) -> Result<Vec<PathBuf>, ReportError> {
    let of_all = |text: String| parted(text, &comparison.part);
    let mut tables = vec![
        ("comparison.csv", of_all(csv(comparison))),
        ("cells.csv", cells(results)),
        ("judges.csv", of_all(judges(comparison))),
    ];
    let effects = attributes::effects(results);
    if !effects.is_empty() {
        tables.push(("attributes.csv", of_all(attributes::csv(&effects))));
    }
    let poses = poses::scores(results);
    if !poses.is_empty() {
        tables.push(("poses.csv", of_all(poses::csv(&poses))));
    }
    if let Ok(table) = landmarks(results, None) {
        tables.push(("landmarks.csv", of_all(landmarks::csv(&table))));
        tables.push(("landmark-points.csv", of_all(landmarks::points(&table))));
    }
    let write = |(name, text): (&str, String)| {
        let path = results.dir.join("tables").join(name);
        let text = noted(text, comparison.mixed.as_deref());
        files::write(&path, text.as_bytes()).map(|()| path)
    };
    tables.into_iter().map(write).collect()
}

fn cells(results: &Results) -> String {
    let metrics = catalogue::ordered(results.cells.iter().flat_map(Cell::metrics));
    let factors: Vec<&str> = results.factors.iter().map(|(key, _)| key.as_str()).collect();

    let mut writer = csv::Writer::from_writer(Vec::new());
    let mut header = vec!["id", "state", "seed"];
    header.extend(&factors);
    header.extend(["direction", "images"]);
    header.extend(&metrics);
    header.push("part");
    writer.write_record(header).expect("memory takes every record");
    for cell in &results.cells {
        for direction in directions(cell) {
            let mut record = vec![cell.id.clone(), cell.state.name().into(), cell.seed.to_string()];
            let level = |key: &&str| cell.factors.get(*key).cloned().unwrap_or_default();
            record.extend(factors.iter().map(level));
            let rows = cell.images.as_ref().map_or(0, |images| images.names(direction).len());
            record.extend([direction.to_owned(), rows.to_string()]);
            record.extend(metrics.iter().map(|metric| field(cell.score(direction, metric))));
            // Each cell its own: cells that share no verdict are listed too.
            record.push(field(cell.is_complete().then(|| cell.judged_on())));
            writer.write_record(record).expect("memory takes every record");
        }
    }
    into_text(writer)
}

/// A cell without results still has its row.
fn directions(cell: &Cell) -> Vec<&str> {
    let directions = cell.directions();
    if directions.is_empty() { vec![""] } else { directions }
}

fn judges(comparison: &Comparison) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let header = ["attribute", "judge", "figure", "value", "cells"];
    writer.write_record(header).expect("memory takes every record");
    for judge in &comparison.judges {
        for (kind, figure, value) in judge.figures() {
            let (value, cells) = (value.to_string(), judge.cells.to_string());
            let record = [&judge.attribute, &kind, &figure, &value, &cells];
            writer.write_record(record).expect("memory takes every record");
        }
    }
    into_text(writer)
}
