//! The landmark table for people: errors and gain, then failure rates and areas.

use super::types::{GroupError, LandmarkArm, LandmarkRow, LandmarkTable};
use crate::grid::{grid, signed, wrapped};
use crate::render::judged_on;

/// Groups of the second table.
const CURVES: [&str; 4] = ["with", "removed", "true-edit", "without"];

/// One arm in words: two tables and what the detectors are worth.
pub(crate) struct Screen {
    pub(crate) heading: String,
    pub(crate) errors: (Vec<String>, Vec<Vec<String>>),
    pub(crate) curves: (Vec<String>, Vec<Vec<String>>),
    pub(crate) lines: Vec<String>,
}

/// Columns of words: the detector and what it learned from.
pub(crate) const WORDS: usize = 2;

/// Every arm in words.
pub(crate) fn screens(table: &LandmarkTable) -> Vec<Screen> {
    let screen = |arm: &LandmarkArm| Screen {
        heading: heading(arm),
        errors: errors(arm),
        curves: curves(arm),
        lines: lines(arm, &table.part),
    };
    table.arms.iter().map(screen).collect()
}

pub(super) fn text(table: &LandmarkTable) -> String {
    let mut text = format!("{}: landmarks before and after the edit\n", table.experiment);
    let LandmarkTable { cells_complete, cells_total, cells_diverged, .. } = table;
    let diverged = match cells_diverged {
        0 => String::new(),
        count => format!(", {count} diverged"),
    };
    let judged = judged_on(&table.part);
    text += &format!("{cells_complete} of {cells_total} cells are complete{diverged}. {judged}\n");
    for screen in screens(table) {
        text += &format!("\n{}\n", screen.heading);
        let tables = [&screen.errors, &screen.curves];
        let tables = tables.map(|(titles, rows)| grid(titles, rows, |index| index >= WORDS));
        text += &format!("{}\n", tables.join("\n\n"));
        screen.lines.iter().for_each(|line| text += &format!("{}\n", wrapped(line)));
    }
    text.push('\n');
    table.notes.iter().for_each(|note| text += &format!("{}\n", wrapped(note)));
    text
}

fn heading(arm: &LandmarkArm) -> String {
    let seeds = if arm.seeds == 1 { "seed" } else { "seeds" };
    let with = arm.rows.iter().filter_map(|row| row.group("with")).map(|group| group.images);
    let without = arm.rows.iter().filter_map(|row| row.group("without")).map(|group| group.images);
    let images = match (with.max(), without.max()) {
        (Some(with), Some(without)) => format!(", {with} faces with and {without} without"),
        (Some(with), None) => format!(", {with} faces"),
        _ => String::new(),
    };
    let diverged = match arm.diverged {
        0 => String::new(),
        count => format!(", {count} diverged"),
    };
    format!("{} ({} {seeds}{images}{diverged})", arm.arm, arm.seeds)
}

/// Groups that at least one row has, in the order of the rows.
fn groups(arm: &LandmarkArm) -> Vec<&str> {
    let mut names: Vec<&str> =
        arm.rows.iter().flat_map(|row| &row.groups).map(|group| group.group.as_str()).collect();
    names.sort_by_key(|name| super::table::rank_of_group(name));
    names.dedup();
    names
}

fn errors(arm: &LandmarkArm) -> (Vec<String>, Vec<Vec<String>>) {
    let groups = groups(arm);
    let mut titles = vec!["detector".to_owned(), "trained".to_owned()];
    titles.extend(groups.iter().map(|group| (*group).to_owned()));
    titles.extend(["gain [95 % interval]".to_owned(), "gap closed".to_owned()]);
    let row = |row: &LandmarkRow| {
        let mut cells = vec![row.detector.clone(), row.training.clone()];
        cells.extend(groups.iter().map(|name| row.group(name).map_or_else(dash, error)));
        cells.push(row.gain.as_ref().map_or_else(dash, |gain| {
            let interval = gain.bootstrap.map_or_else(String::new, |[lo, hi]| {
                format!(" [{}, {}]", signed(lo, 2), signed(hi, 2))
            });
            format!("{}{interval}", signed(gain.difference, 2))
        }));
        cells.push(row.gap_closed.map_or_else(dash, |gap| format!("{gap:.0} %")));
        cells
    };
    (titles, arm.rows.iter().map(row).collect())
}

fn dash() -> String {
    "–".to_owned()
}

fn error(group: &GroupError) -> String {
    match group.nme_sd {
        Some(sd) => format!("{:.2} ± {sd:.2}", group.nme),
        None => format!("{:.2}", group.nme),
    }
}

fn curves(arm: &LandmarkArm) -> (Vec<String>, Vec<Vec<String>>) {
    let groups = groups(arm);
    let shown: Vec<&str> = CURVES.into_iter().filter(|name| groups.contains(name)).collect();
    let mut titles = vec!["detector".to_owned(), "trained".to_owned()];
    let title = |name: &&str| [format!("{name}\nFR@8 / 10 %"), format!("{name}\nAUC@8 / 10")];
    titles.extend(shown.iter().flat_map(title));
    let cells = |group: Option<&GroupError>| match group {
        None => [dash(), dash()],
        Some(group) => [
            format!("{:.1} / {:.1}", 100.0 * group.failure_rate_8, 100.0 * group.failure_rate_10),
            format!("{:.3} / {:.3}", group.auc_8, group.auc_10),
        ],
    };
    let row = |row: &LandmarkRow| {
        let mut line = vec![row.detector.clone(), row.training.clone()];
        line.extend(shown.iter().flat_map(|name| cells(row.group(name))));
        line
    };
    (titles, arm.rows.iter().map(row).collect())
}

/// What the detectors are worth, and what could not be scored.
fn lines(arm: &LandmarkArm, part: &str) -> Vec<String> {
    let mut lines = Vec::new();
    let detectors: Vec<String> = arm
        .detectors
        .iter()
        .filter_map(|d| {
            let on = d.trained_on.map_or_else(String::new, |n| format!(", trained on {n}"));
            Some(format!("{} {} {:.2} %{on}", d.detector, d.training, d.nme?))
        })
        .collect();
    if !detectors.is_empty() {
        lines.push(format!("Detectors on real {part} images: {}.", detectors.join("; ")));
    }
    let refused: usize = arm.refusals.values().sum();
    if refused > 0 {
        let reasons: Vec<String> =
            arm.refusals.iter().map(|(reason, count)| format!("{reason} {count}")).collect();
        lines.push(format!("Not scored: {refused} {part} images ({}).", reasons.join(", ")));
    } else {
        lines.push(format!("Not scored: no {part} image."));
    }
    lines
}
