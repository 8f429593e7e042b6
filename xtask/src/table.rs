//! Small tables on standard output: columns and nothing else, so that they can be cut and grepped.

use std::io::{self, Write};

use comfy_table::{Table, presets};

use crate::failure::Failure;
use crate::pipe::say;

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
    say!("{}", table.trim_fmt());
}

/// Columns whose widths are known before the rows are, so that thousands of rows pass through.
pub(crate) struct Columns<const N: usize>([usize; N]);

impl<const N: usize> Columns<N> {
    /// A column is as wide as its title, and as given.
    pub(crate) fn new(titles: [(&str, usize); N]) -> Columns<N> {
        Columns(titles.map(|(title, width)| width.max(title.chars().count())))
    }

    /// One row; the last column takes what it needs.
    pub(crate) fn line(&self, cells: [&str; N]) -> String {
        let padded = cells.iter().zip(self.0).map(|(cell, width)| format!("{cell:<width$}"));
        padded.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    }
}

/// Runs `write` on standard output; a reader that has seen enough (`| head`) is no failure.
pub(crate) fn stream(write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), Failure> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    match write(&mut out).and_then(|()| out.flush()) {
        Err(e) if e.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failure::Failed(format!("error: cannot write to standard output: {e}")))
        }
        _ => Ok(()),
    }
}

/// An estimated duration as a person says it.
pub(crate) fn about(seconds: f64) -> String {
    match seconds {
        s if s < 90.0 => format!("{} s", s.ceil()),
        s if s < 5400.0 => format!("{} min", (s / 60.0).round()),
        s => format!("{:.1} h", s / 3600.0),
    }
}

/// An amount of memory or disk space.
pub(crate) fn amount(mib: f64) -> String {
    match mib {
        m if m < 9.95 => format!("{m:.1} MiB"),
        m if m < 10_000.0 => format!("{m:.0} MiB"),
        m => format!("{:.1} GiB", m / 1024.0),
    }
}

/// A number of cells in words.
pub(crate) fn cells(count: usize) -> String {
    if count == 1 { "1 cell".to_owned() } else { format!("{count} cells") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_align_under_their_titles() {
        let columns = Columns::new([("id", 4), ("state", 2), ("reason", 0)]);
        assert_eq!(columns.line(["id", "state", "reason"]), "id    state  reason");
        assert_eq!(columns.line(["ab", "done", ""]), "ab    done");
    }

    #[test]
    fn amounts_are_said_in_a_fitting_unit() {
        assert_eq!(
            [amount(0.25), amount(12.4), amount(20_480.0)],
            ["0.2 MiB", "12 MiB", "20.0 GiB"]
        );
        assert_eq!([about(12.2), about(250.0), about(9000.0)], ["13 s", "4 min", "2.5 h"]);
    }
}
