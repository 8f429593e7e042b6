//! What judged, each once.

use std::collections::BTreeMap;

use record::tables::Summary;

use super::types::JudgeQuality;
use crate::load::Results;

/// The judges, each once.
pub(crate) fn judges_of(results: &Results) -> Vec<JudgeQuality> {
    let mut found: Vec<Vec<&Summary>> = Vec::new();
    for judge in results.cells.iter().filter_map(|cell| cell.judge.as_ref()) {
        // What was refused of landmarks belongs to the images, and what flips to the cell.
        let same = |known: &Vec<&Summary>| {
            let known = known[0];
            known.attribute == judge.attribute
                && known.judge == judge.judge
                && known.landmarks == judge.landmarks
                && known.detectors == judge.detectors
                && known.identity == judge.identity
        };
        match found.iter().position(same) {
            Some(place) => found[place].push(judge),
            None => found.push(vec![judge]),
        }
    }
    let quality = |cells: Vec<&Summary>| JudgeQuality {
        attribute: cells[0].attribute.clone(),
        classifier: cells[0].judge.clone(),
        robustness: averaged(&cells),
        refused: cells[0].refused.clone(),
        landmarks: cells[0].landmarks.clone(),
        detectors: cells[0].detectors.clone(),
        identity: cells[0].identity.clone(),
        cells: cells.len(),
    };
    found.into_iter().map(quality).collect()
}

/// How easily verdicts flip, over cells.
fn averaged(cells: &[&Summary]) -> BTreeMap<String, f64> {
    let mut all: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    for (name, value) in cells.iter().flat_map(|cell| &cell.robustness) {
        all.entry(name).or_default().push(*value);
    }
    let mean = |(name, values): (&str, Vec<f64>)| Some((name.to_owned(), stats::mean(&values)?));
    all.into_iter().filter_map(mean).collect()
}
