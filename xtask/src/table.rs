//! Small tables on standard output: columns and nothing else, so that they can be cut and grepped.

use comfy_table::{Table, presets};

/// Prints rows under a header.
pub(crate) fn print<const N: usize>(
    header: [&str; N],
    rows: impl IntoIterator<Item = [String; N]>,
) {
    print_rows(&header, &rows.into_iter().map(Vec::from).collect::<Vec<_>>());
}

/// The same for a number of columns that is not known beforehand.
pub(crate) fn print_rows(header: &[&str], rows: &[Vec<String>]) {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_header(header).add_rows(rows);
    println!("{}", table.trim_fmt());
}
