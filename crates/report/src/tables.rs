//! `tables/*.csv`.

use std::path::PathBuf;

use crate::compare::Comparison;
use crate::files;
use crate::load::{Cell, Results};
use crate::render::{csv, into_text};
use crate::{ReportError, metric};

/// Writes `tables/comparison.csv` (as `--format csv`), `tables/cells.csv` (a row per cell and
/// direction with the means of all metrics; one row with its state for a cell without results)
/// and `tables/judges.csv` (a row per judge and figure).
///
/// # Errors
/// The directory cannot be written.
pub fn write_tables(
    results: &Results,
    comparison: &Comparison,
) -> Result<Vec<PathBuf>, ReportError> {
    let tables = [
        ("comparison.csv", csv(comparison)),
        ("cells.csv", cells(results)),
        ("judges.csv", judges(comparison)),
    ];
    let write = |(name, text): (&str, String)| {
        let path = results.dir.join("tables").join(name);
        files::write(&path, text.as_bytes()).map(|()| path)
    };
    tables.into_iter().map(write).collect()
}

fn cells(results: &Results) -> String {
    let images = || results.cells.iter().filter_map(|cell| cell.images.as_ref());
    let mut metrics: Vec<&str> =
        images().flat_map(|images| images.metrics.iter().map(String::as_str)).collect();
    metrics.sort_unstable_by_key(|name| metric::rank(name));
    metrics.dedup();
    let factors: Vec<&str> = results.factors.iter().map(|(key, _)| key.as_str()).collect();

    let mut writer = csv::Writer::from_writer(Vec::new());
    let mut header = vec!["id", "state", "seed"];
    header.extend(&factors);
    header.extend(["direction", "images"]);
    header.extend(&metrics);
    writer.write_record(header).expect("memory takes every record");
    for cell in &results.cells {
        for direction in directions(cell) {
            let mut record = vec![cell.id.clone(), cell.state.name().into(), cell.seed.to_string()];
            let level = |key: &&str| cell.factors.get(*key).cloned().unwrap_or_default();
            record.extend(factors.iter().map(level));
            let rows = cell.images.as_ref().map_or(0, |images| images.names(direction).len());
            record.extend([direction.to_owned(), rows.to_string()]);
            record.extend(metrics.iter().map(|metric| {
                let score = cell.images.as_ref().and_then(|i| i.score(direction, metric));
                score.map_or_else(String::new, |score| score.to_string())
            }));
            writer.write_record(record).expect("memory takes every record");
        }
    }
    into_text(writer)
}

/// A cell without results still has its row.
fn directions(cell: &Cell) -> Vec<&str> {
    cell.images.as_ref().map_or_else(|| vec![""], |images| images.directions())
}

fn judges(comparison: &Comparison) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let header = ["attribute", "judge", "figure", "value", "cells"];
    writer.write_record(header).expect("memory takes every record");
    for judge in &comparison.judges {
        for (kind, figures) in [("attribute", &judge.classifier), ("landmarks", &judge.landmarks)] {
            for (figure, value) in figures {
                let (value, cells) = (value.to_string(), judge.cells.to_string());
                let record = [&judge.attribute, kind, figure, &value, &cells];
                writer.write_record(record).expect("memory takes every record");
            }
        }
    }
    into_text(writer)
}
