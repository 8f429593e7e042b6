//! Sentences that several outputs share.

use crate::compare::{Comparison, JudgeQuality};

/// The number of complete cells, in a sentence.
pub(crate) fn progress(comparison: &Comparison) -> String {
    let Comparison { cells_complete, cells_total, cells_diverged, .. } = comparison;
    let text = format!("{cells_complete} of {cells_total} cells are complete");
    match cells_diverged {
        0 => text,
        count => format!("{text}, {count} diverged"),
    }
}

/// Whose images the numbers are of, in a sentence.
pub(crate) fn judged_on(part: &str) -> String {
    format!("Judged on {part} images.")
}

/// What a judge scores on real images of that part.
pub(crate) fn judge_line(judge: &JudgeQuality, part: &str) -> String {
    let classifier = |name: &str| judge.classifier.get(name);
    let mut line = format!("judge of {}", judge.attribute);
    match (classifier("accuracy"), classifier("n")) {
        (Some(accuracy), Some(n)) => {
            line += &format!(": right on {:.1} % of {n} real {part} images", 100.0 * accuracy);
        }
        (Some(accuracy), None) => {
            line += &format!(": right on {:.1} % of the real {part} images", 100.0 * accuracy);
        }
        (None, _) => line += ": its accuracy was not recorded",
    }
    if let Some(second) = classifier("second_accuracy") {
        line += &format!(", the second judge on {:.1} %", 100.0 * second);
    }
    for (what, direction) in [("removals", "remove"), ("additions", "add")] {
        let right = |juror: &str| classifier(&format!("{juror}strict_calibration_{direction}"));
        if let Some(right) = right("") {
            line += &format!("; complete {what} told from others: {:.1} %", 100.0 * right);
        }
        if let Some(second) = right("second_") {
            line += &format!(" and {:.1} %", 100.0 * second);
        }
    }
    if let Some(nme) = judge.landmarks.get("nme") {
        line += &format!("; landmarks: error {nme:.2} % of the inter-ocular distance");
        if let Some(shape) = judge.landmarks.get("nme_mean_shape") {
            line += &format!(", mean shape {shape:.2} %");
        }
    }
    line
}
