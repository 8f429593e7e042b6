//! What a reader must know beside the numbers.

use std::collections::{BTreeMap, BTreeSet};

use super::judges::judges_of;
use super::pairing::Pairing;
use super::types::{ComparisonRow, JudgeQuality};
use super::verdict::is_headline;
use crate::load::Results;

pub(super) fn notes(
    results: &Results,
    pairing: &Pairing<'_>,
    rows: &[ComparisonRow],
    factor: &str,
    mixed: Option<&str>,
) -> Vec<String> {
    let mut notes: Vec<String> = mixed.map(str::to_owned).into_iter().collect();
    let claims = results.complete() && mixed.is_none();
    if !results.complete() {
        notes.push(format!("The sweep is unfinished ({}): no verdicts.", results.states()));
    }
    if rows.is_empty() {
        notes.push(format!("No pair of complete cells differs in {factor} alone."));
        return notes;
    }
    let mut scores = format!(
        "Scores are means over a cell's {} images; ± is the standard deviation over seeds. \
         Differences are paired by seed",
        results.judged_on()
    );
    scores.push_str(if claims { ", with an uncorrected 95 % t interval." } else { "." });
    notes.push(scores);
    if claims {
        notes.extend(tests(rows));
    }
    notes.extend(repetitions(rows));
    let equal: Vec<String> = rows
        .iter()
        .filter(|row| row.p_uncorrected.is_some() && row.without_spread() && row.difference != 0.0)
        .map(|row| format!("{} ({})", row.metric, row.direction))
        .collect();
    if !equal.is_empty() {
        notes.push(format!(
            "Every pair differs by the same amount in {}: no spread is measured and no verdict \
             given.",
            equal.join(", ")
        ));
    }
    notes.extend(judges_of(results).iter().flat_map(refusals));
    let differ: usize = pairing.arms.iter().map(|(_, pairs)| pairs.on_different_images()).sum();
    if differ > 0 {
        notes.push(format!(
            "{differ} pairs were judged on different images: their differences mix the \
             factor with the images."
        ));
    }
    notes
}

/// What is left out since its judge is not good enough, a sentence per reason.
fn refusals(judge: &JudgeQuality) -> Vec<String> {
    let mut by_reason: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (metric, reason) in &judge.refused {
        by_reason.entry(reason).or_default().push(metric);
    }
    let sentence = |(reason, metrics): (&str, Vec<&str>)| {
        format!("{} of {}: left out, {reason}.", metrics.join(", "), judge.attribute)
    };
    by_reason.into_iter().map(sentence).collect()
}

/// What p and the verdict mean, and what these numbers of pairs can reach.
fn tests(rows: &[ComparisonRow]) -> Vec<String> {
    let mut notes = Vec::new();
    // The screen shows the headline metrics; where there are none, all that there are.
    let any = rows.iter().any(is_headline);
    let rows: Vec<&ComparisonRow> = rows.iter().filter(|row| is_headline(row) == any).collect();
    let families: BTreeSet<usize> = rows.iter().map(|row| row.family).collect();
    let families: Vec<String> = families.iter().map(usize::to_string).collect();
    notes.push(format!(
        "p: paired t test over seeds, Holm-corrected over the {} tests of its table; the verdict \
         needs p <= 0.05.",
        families.join(" or ")
    ));
    let floors: BTreeMap<usize, (f64, usize)> =
        rows.iter().filter_map(|row| Some((row.n_pairs, (row.p_floor?, row.family)))).collect();
    for (n, (floor, family)) in floors {
        let reach = (floor * family as f64).min(1.0);
        let mut note = format!(
            "Exact sign flips (csv, json) cannot give a p below {} with {n} pair{}, {} after Holm",
            Significant(floor),
            if n == 1 { "" } else { "s" },
            Significant(reach),
        );
        note.push_str(if reach > 0.05 { ": 0.05 is out of their reach." } else { "." });
        notes.push(note);
    }
    if rows.iter().any(|row| row.seeds_needed.is_some_and(|needed| needed > row.n_pairs)) {
        notes.push(
            "Needed: seeds at which an uncorrected t test at 5 % finds a difference like this one \
             four times in five; a rough guess from the seeds at hand."
                .to_owned(),
        );
    }
    notes
}

/// Which metrics repeat which.
fn repetitions(rows: &[ComparisonRow]) -> Option<String> {
    let pairs: BTreeSet<(&str, &str)> = rows
        .iter()
        .filter_map(|row| Some((row.metric.as_str(), row.derived_from.as_deref()?)))
        .collect();
    let listed: Vec<String> = pairs.iter().map(|(row, of)| format!("{row} ({of})")).collect();
    (!listed.is_empty()).then(|| {
        format!(
            "Derived and not tested, since their differences are those of the metric in brackets: \
             {}.",
            listed.join(", ")
        )
    })
}

/// Prints a probability with two digits where 0.00 would hide it.
struct Significant(f64);

impl std::fmt::Display for Significant {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.0 >= 0.01 { write!(f, "{:.2}", self.0) } else { write!(f, "{:.1e}", self.0) }
    }
}
