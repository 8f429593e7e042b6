//! `metrics.jsonl`: the training log.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::Value;

use super::REMEDY;
use crate::ReportError;

/// `metrics.jsonl` by columns.
#[derive(Clone, Debug, Default)]
pub struct Curves {
    /// Generator steps, ascending.
    pub steps: Vec<f64>,
    /// Column to values, as many as steps; NaN where a line lacks the column or holds `null`.
    pub series: BTreeMap<String, Vec<f64>>,
}

/// A worker that was killed may leave a cut last line: of an incomplete cell it is skipped.
pub(super) fn load(dir: &Path, complete: bool) -> Result<Curves, ReportError> {
    let path = dir.join("metrics.jsonl");
    let Ok(text) = fs::read_to_string(&path) else { return Ok(Curves::default()) };
    let mut curves = Curves::default();
    for (index, line) in text.split_inclusive('\n').enumerate() {
        let parsed: Result<BTreeMap<String, Value>, _> = serde_json::from_str(line);
        match parsed {
            Ok(entry) => curves.push(&entry),
            Err(_) if !complete && !line.ends_with('\n') => {}
            Err(error) => {
                let (path, line, problem) = (path.clone(), index + 1, error.to_string());
                return Err(ReportError::Malformed { path, line, problem, remedy: REMEDY });
            }
        }
    }
    Ok(curves)
}

impl Curves {
    fn push(&mut self, entry: &BTreeMap<String, Value>) {
        let Some(step) = entry.get("step").and_then(Value::as_f64) else { return };
        let before = self.steps.len();
        self.steps.push(step);
        // The line's checksum is text and no curve.
        let curves = entry.iter().filter(|(name, value)| *name != "step" && !value.is_string());
        for (name, value) in curves {
            let values = self.series.entry(name.clone()).or_default();
            values.resize(before, f64::NAN);
            values.push(value.as_f64().unwrap_or(f64::NAN));
        }
        self.series.values_mut().for_each(|values| values.resize(before + 1, f64::NAN));
    }
}
