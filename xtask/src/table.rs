//! Small tables on standard output: columns and nothing else, so that they can be cut and grepped.

use comfy_table::{Table, presets};

/// Prints rows under a header.
pub(crate) fn print<const N: usize>(
    header: [&str; N],
    rows: impl IntoIterator<Item = [String; N]>,
) {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_header(header).add_rows(rows);
    println!("{}", table.trim_fmt());
}
