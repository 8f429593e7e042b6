//! A comparison as text, CSV and JSON.

use comfy_table::{Cell, CellAlignment, ContentArrangement, LineStyle, Table, TableStyle};

use crate::compare::{Comparison, ComparisonRow, JudgeQuality, NamedCell};
use crate::metric;

/// How to print a comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// For people: the metrics that matter first, with notes.
    Table,
    /// One line per row, every metric.
    Csv,
    /// One JSON document, every metric.
    Json,
}

/// The comparison as text; it ends with a newline.
pub fn render(comparison: &Comparison, format: Format) -> String {
    match format {
        Format::Table => table(comparison),
        Format::Csv => csv(comparison),
        Format::Json => {
            let mut text =
                serde_json::to_string_pretty(comparison).expect("a comparison is plain JSON");
            text.push('\n');
            text
        }
    }
}

/// Rules above and below and under the titles, as in printed tables.
const STYLE: TableStyle = TableStyle::new()
    .top_border(LineStyle::none().fill('─').junction('─'))
    .header_separator(LineStyle::none().fill('─').junction('─'))
    .bottom_border(LineStyle::none().fill('─').junction('─'));

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
    let short = |row: &ComparisonRow| metric::find(&row.metric).is_some_and(|m| m.short);
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
    format!("{factor}: {level} against {baseline}{group} ({n_pairs} {pairs})")
}

/// Titles of [`cells_of`].
pub(crate) fn titles(row: &ComparisonRow) -> [String; 7] {
    let text = str::to_owned;
    [
        text("metric"),
        text("direction"),
        row.baseline.clone(),
        row.level.clone(),
        text("difference [95 % interval]"),
        text("p"),
        text("verdict"),
    ]
}

/// One row in the words of the tables; it says its number of pairs where that is not the section's.
pub(crate) fn cells_of(row: &ComparisonRow, pairs: usize) -> [String; 7] {
    let decimals = metric::find(&row.metric).map_or(4, |metric| metric.decimals);
    let spread = |mean: f64, sd: Option<f64>| match sd {
        Some(sd) => format!("{mean:.decimals$} ± {sd:.decimals$}"),
        None => format!("{mean:.decimals$}"),
    };
    let signed = |value: f64| {
        let text = format!("{value:+.decimals$}");
        // A difference that rounds to nothing has no sign.
        if text[1..].chars().all(|c| matches!(c, '0' | '.')) { text[1..].to_owned() } else { text }
    };
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
        row.p.map_or_else(|| "–".to_owned(), |p| format!("{p:.3}")),
        row.verdict.name().to_owned(),
    ]
}

/// Columns of numbers, right-aligned.
pub(crate) const NUMERIC: std::ops::Range<usize> = 2..6;

/// The number of complete cells, in a sentence.
pub(crate) fn progress(comparison: &Comparison) -> String {
    let Comparison { cells_complete, cells_total, .. } = comparison;
    format!("{cells_complete} of {cells_total} cells are complete")
}

/// What a judge scores on real test images.
pub(crate) fn judge_line(judge: &JudgeQuality) -> String {
    let classifier = |name: &str| judge.classifier.get(name);
    let mut line = format!("judge of {}", judge.attribute);
    match (classifier("accuracy"), classifier("n")) {
        (Some(accuracy), Some(n)) => {
            line += &format!(": right on {:.1} % of {n} real test images", 100.0 * accuracy);
        }
        (Some(accuracy), None) => {
            line += &format!(": right on {:.1} % of the real test images", 100.0 * accuracy);
        }
        (None, _) => line += ": its accuracy was not recorded",
    }
    if let Some(nme) = judge.landmarks.get("nme") {
        line += &format!("; landmarks: error {nme:.2} % of the inter-ocular distance");
        if let Some(shape) = judge.landmarks.get("nme_mean_shape") {
            line += &format!(", mean shape {shape:.2} %");
        }
    }
    line
}

/// A cell with the reason why it is named.
pub(crate) fn named_line(cell: &NamedCell) -> String {
    format!("{} ({}, seed {}): {}", cell.id, cell.arm, cell.seed, cell.reason)
}

fn table(comparison: &Comparison) -> String {
    let mut text = format!("{}: {}\n", comparison.experiment, comparison.question);
    text += &format!("{}.\n", progress(comparison));
    for section in sections(comparison) {
        text += &format!("\n{}\n{}\n", section.heading, section_table(&section).trim_fmt());
    }
    let shown: usize = sections(comparison).iter().map(|section| section.rows.len()).sum();
    text.push('\n');
    for judge in &comparison.judges {
        text += &format!("{}\n", judge_line(judge));
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
            cells.iter().for_each(|cell| text += &format!("  {}\n", named_line(cell)));
        }
    }
    text
}

fn section_table(section: &Section<'_>) -> Table {
    let mut table = Table::new();
    table.load_style(STYLE);
    table.set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(titles(section.rows[0]));
    for row in &section.rows {
        let cells = cells_of(row, section.pairs).into_iter().enumerate().map(|(index, text)| {
            let numeric = NUMERIC.contains(&index);
            let alignment = if numeric { CellAlignment::Right } else { CellAlignment::Left };
            Cell::new(text).set_alignment(alignment)
        });
        table.add_row(cells.collect::<Vec<_>>());
    }
    table
}

/// Breaks a sentence at 100 columns.
fn wrapped(text: &str) -> String {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let line = lines.last_mut().expect("there is a first line");
        if line.is_empty() {
            line.push_str(word);
        } else if line.chars().count() + 1 + word.chars().count() <= 100 {
            line.push(' ');
            line.push_str(word);
        } else {
            lines.push(format!("  {word}"));
        }
    }
    lines.join("\n")
}

pub(crate) fn csv(comparison: &Comparison) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let header = [
        "metric",
        "direction",
        "factor",
        "baseline",
        "level",
        "group",
        "n_pairs",
        "mean_baseline",
        "sd_baseline",
        "mean_level",
        "sd_level",
        "difference",
        "interval_lo",
        "interval_hi",
        "p",
        "p_uncorrected",
        "p_floor",
        "family",
        "verdict",
    ];
    writer.write_record(header).expect("memory takes every record");
    let number = |value: Option<f64>| value.map_or_else(String::new, |value| value.to_string());
    for row in &comparison.rows {
        let text =
            [&row.metric, &row.direction, &row.factor, &row.baseline, &row.level, &row.group];
        let mut record: Vec<String> = text.into_iter().cloned().collect();
        record.push(row.n_pairs.to_string());
        let numbers = [
            Some(row.mean_baseline),
            row.sd_baseline,
            Some(row.mean_level),
            row.sd_level,
            Some(row.difference),
            row.interval.map(|interval| interval[0]),
            row.interval.map(|interval| interval[1]),
            row.p,
            row.p_uncorrected,
            row.p_floor,
        ];
        record.extend(numbers.map(number));
        record.extend([row.family.to_string(), row.verdict.name().to_owned()]);
        writer.write_record(record).expect("memory takes every record");
    }
    into_text(writer)
}

/// What was written to memory.
pub(crate) fn into_text(writer: csv::Writer<Vec<u8>>) -> String {
    let bytes = writer.into_inner().expect("memory takes every record");
    String::from_utf8(bytes).expect("text was written")
}
