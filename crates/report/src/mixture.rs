//! Cells that share no verdict, said in one sentence.

use record::Mixture;

use crate::load::Results;

/// Why the complete cells of these results share no verdict along this factor (the plan's, if `None`),
/// with the command that heals it; `None` if they may be compared.
///
/// Code must be the same in all cells. Judges must be the same in cells that are compared with one
/// another: arms on other data have other judges by right.
pub fn mixture(results: &Results, factor: Option<&str>) -> Option<String> {
    let planned = results.compare.as_ref().map(|(factor, _)| factor.as_str());
    let complete = results.cells.iter().filter(|cell| cell.is_complete());
    let cells = complete.map(|cell| (cell.made.as_ref(), &cell.factors));
    let mixture = Mixture::along(factor.or(planned), cells)?;
    let remedy = match mixture.heals() {
        true => format!(" `{} --remake` makes the older ones again.", results.command),
        false => String::new(),
    };
    Some(format!("Mixed: {}; nothing is claimed across them.{remedy}", mixture.line()))
}

/// A CSV text with the sentence in a last column `note` of every row.
pub(crate) fn noted(text: String, note: Option<&str>) -> String {
    let Some(note) = note else { return text };
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
    let mut writer = csv::Writer::from_writer(Vec::new());
    for (index, record) in reader.records().flatten().enumerate() {
        let last = if index == 0 { "note" } else { note };
        writer.write_record(record.iter().chain([last])).expect("memory takes every record");
    }
    crate::render::into_text(writer)
}
