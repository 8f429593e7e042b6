//! Are landmarks found better after the edit? The paper's three groups and controls, per detector.

mod csv;
mod screen;
mod table;
mod types;

pub(crate) use csv::{points, table as csv};
pub(crate) use screen::{WORDS, screens};
pub(crate) use table::{rank_of_group, rank_of_trial};
pub use types::{Change, GroupError, LandmarkArm, LandmarkRow, LandmarkTable};

use crate::ReportError;
use crate::columns::{noted, parted};
use crate::load::Results;
use crate::mixture::mixture;
use crate::render::{Format, json};

/// Sums up `eval/landmarks.csv` of every complete cell, an arm at a time; with `arm` only arms
/// whose name contains this text.
///
/// # Errors
/// No complete cell has landmarks; no such arm has.
pub fn landmarks(results: &Results, arm: Option<&str>) -> Result<LandmarkTable, ReportError> {
    let mut arms = table::arms(results);
    if arms.is_empty() {
        return Err(ReportError::NoLandmarks { results: results.dir.clone() });
    }
    if let Some(wanted) = arm
        && !arms.iter().any(|arm| arm.arm.contains(wanted))
    {
        let known: Vec<String> = arms.into_iter().map(|arm| arm.arm).collect();
        let path = results.dir.join("plan.json");
        return Err(ReportError::unknown(path, "arm", wanted, known.iter().map(String::as_str)));
    }
    arms.retain(|entry| arm.is_none_or(|wanted| entry.arm.contains(wanted)));
    let (complete, mixed) = (results.complete(), mixture(results, None));
    if !complete || mixed.is_some() {
        let rows = arms.iter_mut().flat_map(|arm| &mut arm.rows);
        for change in rows.flat_map(|row| row.gain.iter_mut().chain(&mut row.controls)) {
            (change.bootstrap, change.t_interval) = (None, None);
        }
    }
    Ok(LandmarkTable {
        experiment: results.experiment.clone(),
        complete,
        part: results.judged_on(),
        cells_total: results.cells.len(),
        cells_complete: results.cells.iter().filter(|cell| cell.is_complete()).count(),
        cells_diverged: Results::diverged(results.cells.iter()),
        notes: notes(results, &arms, mixed.as_deref()),
        mixed,
        arms,
    })
}

/// A landmark table as text; it ends with a newline.
pub fn render_landmarks(table: &LandmarkTable, format: Format) -> String {
    match format {
        Format::Table => screen::text(table),
        Format::Csv => noted(parted(csv(table), &table.part), table.mixed.as_deref()),
        Format::Json => json(table),
    }
}

fn notes(results: &Results, arms: &[LandmarkArm], mixed: Option<&str>) -> Vec<String> {
    let mut notes: Vec<String> = mixed.map(str::to_owned).into_iter().collect();
    let seeds = arms.iter().map(|arm| arm.seeds).max().unwrap_or(0);
    let spread = match seeds {
        0 | 1 => "mean over images.",
        _ => {
            "mean over images and seeds; ± is the standard deviation over seeds, of groups that \
             depend on the generator."
        }
    };
    notes.push(format!(
        "NME in percent of the inter-ocular distance, against the original's annotation: {spread}"
    ));
    notes.push(
        "with: faces with the attribute; zero: the same through the edit's path with no residual; \
         noise: plus noise of the residual's norm; removed: edited; removed-noise: edited plus \
         that noise; true-edit: the perfect edit; without: other faces that never had it."
            .to_owned(),
    );
    notes.push(match (results.complete(), seeds) {
        (false, _) => {
            format!("The sweep is unfinished ({}): no intervals.", results.states())
        }
        (true, _) if mixed.is_some() => "gain: with - removed, paired by image.".to_owned(),
        (true, 0 | 1) => "gain: with - removed, paired by image, with a 95 % bootstrap interval. \
                          One seed: the interval is over images only and says nothing of another \
                          training run."
            .to_owned(),
        (true, _) => "gain: with - removed, paired by image, with a 95 % bootstrap interval over \
                      seeds and images (t interval over seeds: csv, json)."
            .to_owned(),
    });
    notes.push(
        "gap closed: (with - removed) / (with - without), where with > without. FR@8: share of \
         images above 8 % error; AUC@8: area under the error distribution up to there."
            .to_owned(),
    );
    if arms.iter().flat_map(|arm| &arm.rows).any(zero_is_off) {
        notes.push(
            "zero differs from with: the edit's own path changes images, and part of every gain \
             may be its doing."
                .to_owned(),
        );
    }
    notes
}

/// Whether a residual of zero moves the error by more than rounding.
fn zero_is_off(row: &LandmarkRow) -> bool {
    row.controls.iter().any(|change| change.of == "zero" && change.difference.abs() > 1e-6)
}
