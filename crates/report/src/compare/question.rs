//! What is compared with what: asked for, or as the plan says.

use super::CompareOptions;
use crate::ReportError;
use crate::load::Results;

/// Factor and baseline: asked for, or the plan's, or the only ones there are.
pub(super) fn question_of(
    results: &Results,
    options: &CompareOptions,
) -> Result<(String, String), ReportError> {
    let path = results.dir.join("plan.json");
    let keys = results.factors.iter().map(|(key, _)| key.as_str());
    let planned = results.compare.as_ref();
    let factor = match (&options.factor, planned, results.factors.as_slice()) {
        (Some(factor), _, _) => factor.clone(),
        (None, Some((factor, _)), _) => factor.clone(),
        (None, None, [(only, _)]) => only.clone(),
        (None, None, []) => {
            let hint = "it has no factors: give the experiment a table [factors]".to_owned();
            return Err(ReportError::NoFactor { path, hint });
        }
        (None, None, _) => {
            let hint = format!("name one of its factors: {}", keys.collect::<Vec<_>>().join(", "));
            return Err(ReportError::NoFactor { path, hint });
        }
    };
    let Some((_, levels)) = results.factors.iter().find(|(key, _)| *key == factor) else {
        if results.factors.is_empty() {
            let hint = "it has no factors: give the experiment a table [factors]".to_owned();
            return Err(ReportError::NoFactor { path, hint });
        }
        return Err(ReportError::unknown(path, "factor", &factor, keys));
    };
    let planned = planned.filter(|(key, _)| *key == factor).map(|(_, baseline)| baseline);
    let baseline = options.baseline.as_ref().or(planned).or(levels.first()).cloned();
    let baseline = baseline.unwrap_or_default();
    if !levels.contains(&baseline) {
        let levels = levels.iter().map(String::as_str);
        return Err(ReportError::unknown(path, "baseline", &baseline, levels));
    }
    Ok((factor, baseline))
}

pub(super) fn directions_of<'r>(
    results: &'r Results,
    options: &CompareOptions,
) -> Result<Vec<&'r str>, ReportError> {
    let mut directions = results.directions();
    if let Some(wanted) = &options.direction {
        if !directions.contains(&wanted.as_str()) {
            let path = results.dir.join("cells");
            let known = directions.iter().copied();
            return Err(ReportError::unknown(path, "direction", wanted, known));
        }
        directions.retain(|direction| direction == wanted);
    }
    Ok(directions)
}
