//! Every level of a factor against its baseline, cell by cell with the twin that differs in it alone.

mod judges;
mod notes;
mod pairing;
mod question;
mod row;
mod types;
mod verdict;

pub(crate) use judges::judges_of;
pub(crate) use pairing::group_of;
pub use types::{CompareOptions, Comparison, ComparisonRow, JudgeQuality, NamedCell, Verdict};

use record::quoted;

use crate::ReportError;
use crate::load::{Cell, Results};
use crate::mixture::mixture;
use pairing::Pairing;

/// Pairs every complete cell with its twin that differs in the factor alone.
///
/// The verdict of a row is that of the paired t test over seeds, Holm-corrected over all tested
/// metrics and directions of its group and level.
///
/// # Errors
/// A sweep with cells missing (unless [`CompareOptions::partial`]) or without a single complete
/// cell; cells made by different code or judged by different judges (unless [`CompareOptions::mixed`]); a factor, baseline or direction that the results do not have; a plan that does not say
/// what to compare.
pub fn compare(results: &Results, options: &CompareOptions) -> Result<Comparison, ReportError> {
    let (factor, baseline) = question::question_of(results, options)?;
    let incomplete = incomplete(results);
    if !incomplete.is_empty() && !options.partial {
        return Err(ReportError::incomplete(results, &incomplete));
    }
    let mixed = mixture(results, Some(&factor));
    if let Some(line) = mixed.as_ref().filter(|_| !options.mixed) {
        return Err(ReportError::mixed(results, line));
    }
    if incomplete.len() == results.cells.len() {
        return Err(ReportError::NothingComplete {
            results: results.dir.clone(),
            command: results.command.clone(),
            total: results.cells.len(),
            states: results.states(),
        });
    }
    let directions = question::directions_of(results, options)?;
    let pairing = Pairing::of(results, &factor, &baseline);
    let mut rows = Vec::new();
    for ((group, level), pairs) in &pairing.arms {
        let mut family = row::rows(pairs);
        verdict::judge_families(&mut family);
        if !incomplete.is_empty() {
            verdict::claim_nothing(&mut family, Verdict::Incomplete);
        } else if mixed.is_some() {
            verdict::claim_nothing(&mut family, Verdict::Mixed);
        }
        let of = |wanted: &str| {
            let arm = |cell: &&Cell| {
                let same = cell.factors.get(&factor).is_some_and(|level| level == wanted);
                same && group_of(results, cell, &factor) == *group
            };
            Results::diverged(results.cells.iter().filter(arm))
        };
        let diverged = (of(&baseline), of(level));
        // After the correction: a part of the rows is no smaller family.
        family.retain(|row| directions.contains(&row.direction.as_str()));
        for row in &mut family {
            row.factor.clone_from(&factor);
            row.baseline.clone_from(&baseline);
            row.group.clone_from(group);
            row.level.clone_from(level);
            (row.diverged_baseline, row.diverged_level) = diverged;
        }
        rows.extend(family);
    }
    let alone = |(cell, why): &(&Cell, String)| named(results, cell, why.clone());
    Ok(Comparison {
        experiment: results.experiment.clone(),
        question: results.question.clone(),
        asked: (!results.asked.is_empty()).then(|| {
            let words: Vec<String> = results.asked.iter().map(|word| quoted(word)).collect();
            format!("Asked for with {}.", words.join(" "))
        }),
        complete: results.complete(),
        part: results.judged_on(),
        cells_total: results.cells.len(),
        cells_complete: results.cells.len() - incomplete.len(),
        cells_diverged: Results::diverged(results.cells.iter()),
        incomplete,
        without_twin: pairing.alone.iter().map(alone).collect(),
        judges: judges_of(results),
        notes: notes::notes(results, &pairing, &rows, &factor, mixed.as_deref()),
        mixed,
        factor,
        baseline,
        rows,
    })
}

/// Every planned cell that is not complete, with its state.
fn incomplete(results: &Results) -> Vec<NamedCell> {
    let incomplete = results.cells.iter().filter(|cell| !cell.is_complete());
    let with_state = |cell: &Cell| {
        let state = cell.state.name();
        let reason = match cell.note.as_deref() {
            Some(note) if note.starts_with(state) => note.to_owned(),
            Some(note) => format!("{state}: {note}"),
            None => state.to_owned(),
        };
        named(results, cell, reason)
    };
    incomplete.map(with_state).collect()
}

fn named(results: &Results, cell: &Cell, reason: String) -> NamedCell {
    NamedCell { id: cell.id.clone(), arm: results.arm(cell), seed: cell.seed, reason }
}
