//! Numbers of the landmark table: means over images and seeds, paired differences.

use std::collections::BTreeMap;

use metrics::landmarks::{auc, failure_rate};
use record::tables::DetectorQuality;

use super::types::{Change, GroupError, LandmarkArm, LandmarkRow};
use crate::bootstrap::bootstrap;
use crate::load::{Cell, Detection, Results};
use crate::matching::same_names;

/// Groups in the order of the table.
const GROUPS: [&str; 7] =
    ["with", "zero", "noise", "removed", "removed-noise", "true-edit", "without"];
/// Groups whose images depend on the trained generator.
const GENERATED: [&str; 3] = ["noise", "removed", "removed-noise"];
const DETECTORS: [&str; 3] = ["ert", "cnn", "mean-shape"];
const TRAININGS: [&str; 2] = ["without", "mixed"];

/// Differences that show what a gain is not.
const CONTROLS: [(&str, &str); 3] =
    [("zero", "with"), ("noise", "with"), ("removed-noise", "removed")];

/// Known groups in the table's order, then the others.
pub(crate) fn rank_of_group(name: &str) -> usize {
    GROUPS.iter().position(|known| *known == name).unwrap_or(GROUPS.len())
}

/// Known detectors in the table's order, then the others.
pub(crate) fn rank_of_trial((detector, training): (&str, &str)) -> (usize, usize) {
    let place = |known: &[&str], name: &str| {
        known.iter().position(|known| *known == name).unwrap_or(known.len())
    };
    (place(&DETECTORS, detector), place(&TRAININGS, training))
}

/// Every arm whose cells have landmarks, in the plan's order.
pub(super) fn arms(results: &Results) -> Vec<LandmarkArm> {
    let arm = |name: String| {
        let cells = with_landmarks(results, &name);
        let mut trials: Vec<&(String, String)> =
            cells.iter().flat_map(|cell| cell.landmarks.trials.keys()).collect();
        trials.sort_by_key(|trial| (rank_of_trial((&trial.0, &trial.1)), *trial));
        trials.dedup();
        let own = results.cells.iter().filter(|cell| results.arm(cell) == name);
        let diverged = Results::diverged(own);
        (!cells.is_empty()).then(|| LandmarkArm {
            arm: name,
            seeds: cells.len(),
            diverged,
            rows: trials.into_iter().map(|trial| row(&cells, trial)).collect(),
            detectors: detectors(&cells),
            refusals: refusals(&cells),
        })
    };
    results.arms().into_iter().filter_map(arm).collect()
}

fn row(cells: &[&Cell], trial: &(String, String)) -> LandmarkRow {
    let found = |cell: &'_ &Cell| cell.landmarks.trials.get(trial).cloned();
    let seeds: Vec<BTreeMap<String, Vec<Detection>>> = cells.iter().filter_map(found).collect();
    let mut names: Vec<&String> = seeds.iter().flat_map(BTreeMap::keys).collect();
    names.sort_by_key(|name| (rank_of_group(name), *name));
    names.dedup();
    let groups: Vec<GroupError> =
        names.into_iter().filter_map(|name| group(&seeds, name)).collect();
    let nme = |name: &str| groups.iter().find(|group| group.group == name).map(|group| group.nme);
    let gain = change(&seeds, "with", "removed");
    let gap_closed = match (nme("with"), nme("without"), &gain) {
        (Some(with), Some(without), Some(gain)) if with > without => {
            Some(100.0 * gain.difference / (with - without))
        }
        _ => None,
    };
    let controls = CONTROLS.iter().filter_map(|(of, minus)| change(&seeds, of, minus)).collect();
    let (detector, training) = trial.clone();
    LandmarkRow { detector, training, groups, gain, gap_closed, controls }
}

fn group(seeds: &[BTreeMap<String, Vec<Detection>>], name: &str) -> Option<GroupError> {
    let cells: Vec<&Vec<Detection>> = seeds.iter().filter_map(|seed| seed.get(name)).collect();
    let each = |value: &dyn Fn(&[f64]) -> Option<f64>| -> Vec<f64> {
        let errors = |cell: &&Vec<Detection>| cell.iter().map(|d| d.nme).collect::<Vec<f64>>();
        cells.iter().filter_map(|cell| value(&errors(cell))).collect()
    };
    let over_seeds = |value: &dyn Fn(&[f64]) -> Option<f64>| stats::mean(&each(value));
    let generated = GENERATED.contains(&name);
    let means: [Vec<f64>; 5] = std::array::from_fn(|point| {
        let mean = |cell: &&Vec<Detection>| {
            stats::mean(&cell.iter().map(|d| d.points[point]).collect::<Vec<f64>>())
        };
        cells.iter().filter_map(mean).collect()
    });
    let sds: [Option<f64>; 5] = std::array::from_fn(|point| stats::sample_sd(&means[point]));
    Some(GroupError {
        group: name.to_owned(),
        images: cells.iter().map(|cell| cell.len()).max()?,
        seeds: cells.len(),
        nme: over_seeds(&stats::mean)?,
        nme_sd: stats::sample_sd(&each(&stats::mean)).filter(|_| generated),
        failure_rate_8: over_seeds(&|errors| failure_rate(errors, 8.0))?,
        failure_rate_10: over_seeds(&|errors| failure_rate(errors, 10.0))?,
        auc_8: over_seeds(&|errors| auc(errors, 8.0))?,
        auc_10: over_seeds(&|errors| auc(errors, 10.0))?,
        points: std::array::from_fn(|point| stats::mean(&means[point]).unwrap_or_default()),
        points_sd: (generated && sds.iter().all(Option::is_some))
            .then(|| sds.map(Option::unwrap_or_default)),
    })
}

/// `of - minus`, image by image and seed by seed; `None` where no cell has both groups.
fn change(seeds: &[BTreeMap<String, Vec<Detection>>], of: &str, minus: &str) -> Option<Change> {
    let differences: Vec<Vec<(&str, f64)>> =
        seeds.iter().filter_map(|groups| paired(groups, of, minus)).collect();
    let mean = |seed: &Vec<(&str, f64)>| {
        stats::mean(&seed.iter().map(|(_, value)| *value).collect::<Vec<f64>>())
    };
    let means: Vec<f64> = differences.iter().filter_map(mean).collect();
    Some(Change {
        of: of.to_owned(),
        minus: minus.to_owned(),
        images: differences.iter().map(Vec::len).max()?,
        seeds: differences.len(),
        difference: stats::mean(&means)?,
        bootstrap: bootstrap(&differences),
        t_interval: stats::paired_t_interval(&means).map(|t| [t.lo, t.hi]),
    })
}

/// The differences of one seed's images by name.
fn paired<'a>(
    groups: &'a BTreeMap<String, Vec<Detection>>,
    of: &str,
    minus: &str,
) -> Option<Vec<(&'a str, f64)>> {
    let (a, b) = (groups.get(of)?, groups.get(minus)?);
    let difference = |(i, j): (usize, usize)| (a[i].image.as_str(), a[i].nme - b[j].nme);
    let differences: Vec<(&str, f64)> =
        same_names(&names(a), &names(b)).into_iter().map(difference).collect();
    (!differences.is_empty()).then_some(differences)
}

fn names(detections: &[Detection]) -> Vec<(&str, usize)> {
    detections.iter().enumerate().map(|(index, d)| (d.image.as_str(), index)).collect()
}

/// The detectors of an arm's cells, each once, in the table's order.
fn detectors(cells: &[&Cell]) -> Vec<DetectorQuality> {
    let mut found: Vec<DetectorQuality> = Vec::new();
    for detector in cells.iter().filter_map(|cell| cell.judge.as_ref()).flat_map(|j| &j.detectors) {
        if !found.contains(detector) {
            found.push(detector.clone());
        }
    }
    found.sort_by_key(|d| rank_of_trial((&d.detector, &d.training)));
    found
}

fn refusals(cells: &[&Cell]) -> BTreeMap<String, usize> {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for judge in cells.iter().filter_map(|cell| cell.judge.as_ref()) {
        for (reason, count) in &judge.landmarks_refusals {
            let known = counts.entry(reason.clone()).or_default();
            *known = (*known).max(*count);
        }
    }
    counts
}

/// Complete cells of an arm that have landmarks.
pub(super) fn with_landmarks<'r>(results: &'r Results, arm: &str) -> Vec<&'r Cell> {
    let own = |cell: &&Cell| results.arm(cell) == arm && !cell.landmarks.trials.is_empty();
    results.cells.iter().filter(own).collect()
}
