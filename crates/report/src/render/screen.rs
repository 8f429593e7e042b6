//! A comparison for people: the short set of metrics on one screen.

use super::sentences::{judge_line, judged_on, progress};
use crate::compare::{Comparison, ComparisonRow, Verdict};
use crate::grid::{WIDEST, grid, signed, width, wrapped};
use metrics::catalogue;

/// The rows of one group and level.
pub(crate) struct Section<'c> {
    pub(crate) heading: String,
    /// The largest number of pairs of a row.
    pub(crate) pairs: usize,
    pub(crate) rows: Vec<&'c ComparisonRow>,
}

/// Rows of the short set by group and level; every row where none is in the short set.
pub(crate) fn sections(comparison: &Comparison) -> Vec<Section<'_>> {
    let mut sections: Vec<Section<'_>> = Vec::new();
    let short = |row: &ComparisonRow| catalogue::find(&row.metric).is_some_and(|m| m.short);
    let any = comparison.rows.iter().any(short);
    for row in comparison.rows.iter().filter(|row| !any || short(row)) {
        let same = |section: &Section<'_>| {
            let first = section.rows[0];
            first.group == row.group && first.level == row.level
        };
        match sections.iter_mut().find(|section| same(section)) {
            Some(section) => section.rows.push(row),
            None => sections.push(Section { heading: String::new(), pairs: 0, rows: vec![row] }),
        }
    }
    for section in &mut sections {
        section.pairs = section.rows.iter().map(|row| row.n_pairs).max().unwrap_or(0);
        section.heading = heading(section.rows[0], section.pairs);
    }
    sections
}

fn heading(row: &ComparisonRow, n_pairs: usize) -> String {
    let group = if row.group.is_empty() { String::new() } else { format!("; {}", row.group) };
    let pairs = if n_pairs == 1 { "pair" } else { "pairs" };
    let ComparisonRow { factor, level, baseline, .. } = row;
    let diverged = match (row.diverged_baseline, row.diverged_level) {
        (0, 0) => String::new(),
        (a, b) => format!("; diverged: {a} of {baseline}, {b} of {level}"),
    };
    format!("{factor}: {level} against {baseline}{group} ({n_pairs} {pairs}{diverged})")
}

/// Titles of [`cells_of`].
pub(crate) fn titles(row: &ComparisonRow) -> [String; 7] {
    let text = str::to_owned;
    let claims = !matches!(row.verdict, Verdict::Incomplete | Verdict::Mixed);
    let interval = if claims { " [95 % interval]" } else { "" };
    [
        text("metric"),
        text("edit"),
        row.baseline.clone(),
        row.level.clone(),
        format!("difference{interval}"),
        text("p"),
        text("verdict"),
    ]
}

/// One row in the words of the tables; it says its number of pairs where that is not the section's.
pub(crate) fn cells_of(row: &ComparisonRow, pairs: usize, needed: bool) -> [String; 7] {
    let decimals = catalogue::find(&row.metric).map_or(4, |metric| metric.decimals);
    let spread = |mean: f64, sd: Option<f64>| match sd {
        Some(sd) => format!("{mean:.decimals$} ±{sd:.decimals$}"),
        None => format!("{mean:.decimals$}"),
    };
    let signed = |value: f64| signed(value, decimals);
    let interval = row
        .interval
        .map_or_else(String::new, |[lo, hi]| format!(" [{}, {}]", signed(lo), signed(hi)));
    let fewer = match row.n_pairs {
        n if n == pairs => String::new(),
        n => format!(" ({n} of {pairs} pairs)"),
    };
    [
        row.metric.clone(),
        row.direction.clone(),
        spread(row.mean_baseline, row.sd_baseline),
        spread(row.mean_level, row.sd_level),
        format!("{}{interval}{fewer}", signed(row.difference)),
        row.p_t_holm.map_or_else(|| "–".to_owned(), probability),
        words(row, needed),
    ]
}

/// The verdict with what it rests on.
fn words(row: &ComparisonRow, needed: bool) -> String {
    let n = row.n_pairs;
    match (row.verdict, row.seeds_needed) {
        (Verdict::NoEvidence, Some(1000..)) if needed => {
            format!("no evidence at {n} seeds (>999 needed)")
        }
        (Verdict::NoEvidence, Some(seeds)) if needed && seeds > n => {
            format!("no evidence at {n} seeds (~{seeds} needed)")
        }
        (Verdict::NoEvidence, _) => {
            format!("no evidence at {n} seed{}", if n == 1 { "" } else { "s" })
        }
        (verdict, _) => verdict.name().to_owned(),
    }
}

/// Three digits, and never 0.
fn probability(p: f64) -> String {
    if p < 0.0005 { "<.001".to_owned() } else { format!("{p:.3}") }
}

/// Columns of numbers, right-aligned.
pub(crate) const NUMERIC: std::ops::Range<usize> = 2..6;

pub(super) fn table(comparison: &Comparison) -> String {
    let mut text = format!("{}: {}\n", comparison.experiment, comparison.question);
    text += &format!("{}. {}\n", progress(comparison), judged_on(&comparison.part));
    text.extend(comparison.asked.iter().flat_map(|asked| [asked.as_str(), "\n"]));
    for section in sections(comparison) {
        text += &format!("\n{}\n{}\n", section.heading, section_table(&section));
    }
    let shown: usize = sections(comparison).iter().map(|section| section.rows.len()).sum();
    text.push('\n');
    for judge in &comparison.judges {
        text += &format!("{}\n", wrapped(&judge_line(judge, &comparison.part)));
    }
    for note in &comparison.notes {
        text += &format!("{}\n", wrapped(note));
    }
    if shown < comparison.rows.len() {
        let more = comparison.rows.len() - shown;
        text += &format!("{more} more rows: --format csv or --format json\n");
    }
    for (title, cells) in [
        ("cells without a twin", &comparison.without_twin),
        ("cells that are not complete", &comparison.incomplete),
    ] {
        if !cells.is_empty() {
            text += &format!("\n{title}:\n");
            cells.iter().for_each(|cell| text += &format!("  {}\n", cell.line()));
        }
    }
    text
}

/// The seeds that are needed are left out where they would not fit.
fn section_table(section: &Section<'_>) -> String {
    let table = |needed: bool| {
        let rows = section.rows.iter().map(|row| cells_of(row, section.pairs, needed));
        let rows: Vec<[String; 7]> = rows.collect();
        grid(&titles(section.rows[0]), &rows, |index| NUMERIC.contains(&index))
    };
    let full = table(true);
    if width(&full) <= WIDEST { full } else { table(false) }
}
