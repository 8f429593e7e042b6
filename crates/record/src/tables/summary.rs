//! `summary.json`: means, and what the judges are worth.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use super::Name;

/// Means over the rows of `images.csv`, and the judges' own quality. Read leniently: what is missing is
/// empty, and whatever is no finite number among figures is left out.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// The attribute that was edited.
    pub attribute: String,
    /// The attribute judges on real images: balanced `accuracy` over `n` images, `accuracy_<attribute>`;
    /// `strict_calibration_remove` and `_add`, the share of held pairs on which they tell a complete edit from
    /// another; `drawn_seen`, that of drawn attributes that they see. Those of the second judge start with
    /// `second_`.
    #[serde(default, deserialize_with = "figures")]
    pub judge: BTreeMap<String, f64>,
    /// Share of the judges' verdicts on real images that flip under what changes nothing that they show:
    /// `flips_noise`, `flips_residual`, `flips_jpeg`, `flips_shift`, with `second_` as above. The first two
    /// depend on the size of the cell's residuals.
    #[serde(default, deserialize_with = "figures")]
    pub robustness: BTreeMap<String, f64>,
    /// Columns, or columns of one direction, that are left out since their judge is not good enough, with the
    /// reason.
    #[serde(default)]
    pub refused: BTreeMap<String, String>,
    /// The landmark detector behind `nme_input` on real test images; empty without landmarks.
    #[serde(default, deserialize_with = "figures")]
    pub landmarks: BTreeMap<String, f64>,
    /// Every landmark detector on real test images.
    #[serde(default)]
    pub detectors: Vec<DetectorQuality>,
    /// The identity judge on real test images; empty where nobody knows who is shown.
    #[serde(default, deserialize_with = "figures")]
    pub identity: BTreeMap<String, f64>,
    /// Direction to metric to mean.
    #[serde(default)]
    pub directions: BTreeMap<String, BTreeMap<String, f64>>,
    /// Landmark error (percent) of the paper's groups: with the attribute, without it, removed;
    /// the mean shape beside them.
    #[serde(default, deserialize_with = "figures")]
    pub groups: BTreeMap<String, f64>,
    /// Images whose landmarks could not be scored.
    #[serde(default)]
    pub landmarks_refused: usize,
    /// The same by reason: `missing-points`, `not-finite`, `degenerate-eyes`, `out-of-frame`.
    #[serde(default)]
    pub landmarks_refusals: BTreeMap<String, usize>,
}

/// A landmark detector's own quality on real test images.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DetectorQuality {
    /// `ert`, `cnn` or `mean-shape`.
    pub detector: Name,
    /// Faces that it learned from: `without` the attribute, or `mixed`.
    pub training: Name,
    /// Number of training images.
    #[serde(default)]
    pub trained_on: Option<usize>,
    /// Mean error over the real test images, with and without the attribute, in percent of the
    /// inter-ocular distance.
    pub nme: Option<f64>,
    /// Number of those images.
    #[serde(default)]
    pub n: Option<usize>,
}

fn figures<'de, D: Deserializer<'de>>(source: D) -> Result<BTreeMap<String, f64>, D::Error> {
    let all = BTreeMap::<String, Value>::deserialize(source)?;
    Ok(all.into_iter().filter_map(|(name, value)| Some((name, value.as_f64()?))).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_or_no_number_is_left_out() {
        let text = r#"{"attribute": "smiling", "judge": {"accuracy": 0.5, "note": "?", "n": null},
                      "detectors": [{"detector": "cnn", "training": "mixed", "nme": 4.5}]}"#;
        let summary: Summary = serde_json::from_str(text).unwrap();
        assert_eq!(summary.judge, BTreeMap::from([("accuracy".to_owned(), 0.5)]));
        assert_eq!((summary.detectors[0].nme, summary.detectors[0].n), (Some(4.5), None));
        let again = serde_json::to_string(&summary).unwrap();
        assert_eq!(serde_json::from_str::<Summary>(&again).unwrap(), summary);
    }
}
