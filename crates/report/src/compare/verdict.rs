//! From p values to what may be claimed.

use super::{ComparisonRow, Verdict};
use metrics::{Better, catalogue};

/// The corrected p up to which a difference is claimed.
const LEVEL: f64 = 0.05;

/// Corrects p over each family and says what may be claimed.
///
/// The headline metrics of the table that a person reads are one family, all others a second: asking
/// thirty things more in the CSV must not cost the questions that were asked beforehand their power.
/// A row whose t test cannot be computed (one pair, or no spread) stays in its family as a test that
/// cannot reject.
pub(super) fn judge_families(rows: &mut [ComparisonRow]) {
    for headline in [true, false] {
        let tested: Vec<usize> = (0..rows.len())
            .filter(|index| is_headline(&rows[*index]) == headline)
            .filter(|index| rows[*index].p_uncorrected.is_some())
            .collect();
        let corrected = |p: &dyn Fn(&ComparisonRow) -> Option<f64>| {
            let raw: Vec<f64> =
                tested.iter().map(|index| p(&rows[*index]).unwrap_or(1.0)).collect();
            stats::holm(&raw)
        };
        let flips = corrected(&|row| row.p_uncorrected);
        let t = corrected(&|row| row.p_t);
        for row in rows.iter_mut().filter(|row| is_headline(row) == headline) {
            row.family = tested.len();
        }
        for ((index, flips), t) in tested.iter().zip(flips).zip(t) {
            let row = &mut rows[*index];
            row.p = Some(flips);
            row.p_t_holm = row.p_t.map(|_| t);
        }
    }
    for row in rows.iter_mut() {
        row.verdict = verdict(row);
    }
}

/// Whether the row stands in the table that a person reads.
pub(super) fn is_headline(row: &ComparisonRow) -> bool {
    catalogue::find(&row.metric).is_some_and(|metric| metric.short)
}

fn verdict(row: &ComparisonRow) -> Verdict {
    let known = catalogue::find(&row.metric);
    if known.is_some_and(|metric| metric.input_only) {
        return Verdict::InputOnly;
    }
    if row.derived_from.is_some() {
        return Verdict::Derived;
    }
    if row.difference == 0.0 || !row.p_t_holm.is_some_and(|p| p <= LEVEL) {
        return Verdict::NoEvidence;
    }
    match (known.and_then(|metric| metric.better), row.difference > 0.0) {
        (Some(Better::Up), true) | (Some(Better::Down), false) => Verdict::Better,
        (Some(_), _) => Verdict::Worse,
        (None, true) => Verdict::Higher,
        (None, false) => Verdict::Lower,
    }
}

/// Leaves means and differences: what an unfinished or a mixed sweep may show.
pub(super) fn claim_nothing(rows: &mut [ComparisonRow], why: Verdict) {
    for row in rows {
        (row.interval, row.bootstrap, row.cliffs_delta) = (None, None, None);
        (row.p, row.p_uncorrected, row.p_floor) = (None, None, None);
        (row.p_t, row.p_t_holm, row.p_mcnemar) = (None, None, None);
        (row.p_wilcoxon, row.wilcoxon_floor, row.seeds_needed) = (None, None, None);
        if row.verdict != Verdict::InputOnly {
            row.verdict = why;
        }
    }
}
