//! Refusals of whole results, with what is missing or mixed in them.

use record::CellState;

use crate::ReportError;
use crate::compare::NamedCell;
use crate::load::Results;

/// Missing cells that a refusal names one by one.
const MISSING_NAMED: usize = 20;

impl ReportError {
    pub(crate) fn incomplete(results: &Results, missing: &[NamedCell]) -> ReportError {
        let mut lines: Vec<String> =
            missing.iter().take(MISSING_NAMED).map(|c| format!("  {}", c.line())).collect();
        if missing.len() > MISSING_NAMED {
            lines.push(format!("  and {} more", missing.len() - MISSING_NAMED));
        }
        let failed = |state: CellState| matches!(state, CellState::Failed | CellState::Diverged);
        let retry = results.cells.iter().any(|cell| failed(cell.state));
        let option = if retry { " --retry-failed" } else { "" };
        ReportError::Incomplete {
            results: results.dir.clone(),
            complete: results.cells.len() - missing.len(),
            total: results.cells.len(),
            states: results.states(),
            missing: lines.join("\n"),
            command: format!("{}{option}", results.command),
        }
    }

    /// These cells share no verdict, for a reason that [`mixture`](crate::mixture()) gave.
    pub fn mixed(results: &Results, line: &str) -> ReportError {
        ReportError::Mixed { results: results.dir.clone(), line: line.to_owned() }
    }
}
