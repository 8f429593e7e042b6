//! The tables in `docs/performance.md`.

use std::fs;

use jiff::Timestamp;

use super::arguments::Arguments;
use super::workbench::Found;
use crate::failure::Failure;
use crate::{doctor, libtorch, places};

/// Replaces the benchmark's part of the page, between its marks.
pub(super) fn write(arguments: &Arguments, found: &Found) -> Result<(), Failure> {
    let path = places::root().join("docs/performance.md");
    let cannot = |e: std::io::Error| Failure::Failed(format!("error: {}: {e}", path.display()));
    let page = fs::read_to_string(&path).map_err(cannot)?;
    let (open, close) =
        (format!("<!-- bench {} -->\n", found.name), format!("<!-- end {} -->", found.name));
    let (Some(start), Some(end)) = (page.find(&open), page.find(&close)) else {
        let text = format!("error: {} has no marks for `{}`", path.display(), found.name);
        return Err(Failure::Failed(text));
    };
    let (before, after) = (&page[..start + open.len()], &page[end..]);
    fs::write(&path, format!("{before}{}{after}", section(arguments, found))).map_err(cannot)?;
    eprintln!("wrote {}", path.display());
    Ok(())
}

fn section(arguments: &Arguments, found: &Found) -> String {
    let home = libtorch::home();
    let torch = home.and_then(|home| libtorch::version(&home)).unwrap_or_default();
    let mut text = format!(
        "*{}, {} threads; PyTorch {torch}, burn 0.22.1; {} rounds; {}.*\n\n",
        doctor::processor(),
        arguments.threads(),
        arguments.rounds,
        Timestamp::now().strftime("%Y-%m-%d")
    );
    let line = |cells: &mut dyn Iterator<Item = &str>| {
        format!("| {} |\n", cells.collect::<Vec<_>>().join(" | "))
    };
    text += &line(&mut found.header.iter().copied());
    text += &line(&mut found.header.iter().map(|_| "---"));
    for row in &found.rows {
        text += &line(&mut row.iter().map(String::as_str));
    }
    text
}
