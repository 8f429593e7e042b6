//! Tables on the screen, as in print: rules above, below and under the titles.

use comfy_table::{Cell, CellAlignment, ContentArrangement, LineStyle, Table, TableStyle};

/// Columns that a terminal is taken to have.
pub(crate) const WIDEST: usize = 140;

const STYLE: TableStyle = TableStyle::new()
    .top_border(LineStyle::none().fill('─').junction('─'))
    .header_separator(LineStyle::none().fill('─').junction('─'))
    .bottom_border(LineStyle::none().fill('─').junction('─'));

/// A table as text without a final newline; columns that `numeric` names stand to the right.
pub(crate) fn grid<T: AsRef<[String]>>(
    titles: &[String],
    rows: &[T],
    numeric: impl Fn(usize) -> bool,
) -> String {
    let mut table = Table::new();
    table.load_style(STYLE);
    table.set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(titles);
    for row in rows {
        let cells = row.as_ref().iter().enumerate().map(|(index, text)| {
            let right = numeric(index);
            let alignment = if right { CellAlignment::Right } else { CellAlignment::Left };
            Cell::new(text).set_alignment(alignment)
        });
        table.add_row(cells.collect::<Vec<_>>());
    }
    let last = titles.len().saturating_sub(1);
    table.column_iter_mut().enumerate().for_each(|(index, column)| {
        column.set_padding((0, u16::from(index < last)));
    });
    table.trim_fmt()
}

/// Width of the longest line.
pub(crate) fn width(text: &str) -> usize {
    text.lines().map(|line| line.chars().count()).max().unwrap_or(0)
}

/// Breaks a sentence at 100 columns.
pub(crate) fn wrapped(text: &str) -> String {
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

/// A number with its sign; one that rounds to nothing has none.
pub(crate) fn signed(value: f64, decimals: usize) -> String {
    let text = format!("{value:+.decimals$}");
    if text[1..].chars().all(|c| matches!(c, '0' | '.')) { text[1..].to_owned() } else { text }
}
