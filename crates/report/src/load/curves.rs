//! `metrics.jsonl`: the training log.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use record::tables::LogColumn;
use serde::Deserialize;
use serde_json::Value;

use super::text::REMEDY;
use crate::ReportError;

/// Columns of a log, at most: every column is as long as the log.
const MOST: usize = 256;

/// `metrics.jsonl` by columns.
#[derive(Clone, Debug, Default)]
pub struct Curves {
    /// Generator steps, ascending.
    pub steps: Vec<f64>,
    /// Column to values, as many as steps; NaN where a line lacks the column or holds `null`.
    pub series: BTreeMap<String, Vec<f64>>,
    /// What the columns are, in the order of a figure; empty for logs of programs that did not say.
    pub columns: Vec<LogColumn>,
}

/// The part of `provenance.json` that describes the log.
#[derive(Default, Deserialize)]
struct Provenance {
    #[serde(default)]
    log: Vec<LogColumn>,
}

/// No log is one without lines. A description that cannot be read leaves columns their names.
pub(super) fn load(dir: &Path, complete: bool) -> Result<Curves, ReportError> {
    let path = dir.join("metrics.jsonl");
    let Ok(text) = fs::read_to_string(&path) else { return Ok(Curves::default()) };
    let described = fs::read_to_string(dir.join("provenance.json")).unwrap_or_default();
    let Provenance { log } = serde_json::from_str(&described).unwrap_or_default();
    Ok(Curves { columns: log, ..Curves::parse(&path, &text, complete)? })
}

impl Curves {
    /// Reads the text of a `metrics.jsonl`; `path` names it in messages. A worker that was killed may
    /// leave a cut last line: of an incomplete cell it is skipped.
    ///
    /// # Errors
    /// A line is not a JSON object, its step does not ascend, or there are more than 256 columns; the
    /// message names the line.
    pub fn parse(path: &Path, text: &str, complete: bool) -> Result<Curves, ReportError> {
        let mut curves = Curves::default();
        for (index, line) in text.split_inclusive('\n').enumerate() {
            let parsed: Result<BTreeMap<String, Value>, _> = serde_json::from_str(line);
            let taken = match parsed {
                Ok(entry) => curves.push(&entry),
                Err(_) if !complete && !line.ends_with('\n') => Ok(()),
                Err(error) => Err(error.to_string()),
            };
            taken.map_err(|problem| ReportError::malformed(path, index + 1, &problem, REMEDY))?;
        }
        Ok(curves)
    }

    fn push(&mut self, entry: &BTreeMap<String, Value>) -> Result<(), String> {
        let Some(step) = entry.get("step").and_then(Value::as_f64) else { return Ok(()) };
        if let Some(last) = self.steps.last().filter(|last| **last >= step) {
            return Err(format!("step {step} stands behind step {last}"));
        }
        let before = self.steps.len();
        self.steps.push(step);
        // The line's checksum is text and no curve.
        let curves = entry.iter().filter(|(name, value)| *name != "step" && !value.is_string());
        for (name, value) in curves {
            if self.series.len() >= MOST && !self.series.contains_key(name) {
                return Err(format!("more than {MOST} columns"));
            }
            let values = self.series.entry(name.clone()).or_default();
            values.resize(before, f64::NAN);
            values.push(value.as_f64().unwrap_or(f64::NAN));
        }
        self.series.values_mut().for_each(|values| values.resize(before + 1, f64::NAN));
        Ok(())
    }
}
