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
