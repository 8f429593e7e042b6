//! `eval/summary.json`: what the judges are worth on real test images.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use super::{REMEDY, parse_json};
use crate::ReportError;

/// The judges of a cell, on real test images. Read leniently: what is missing is empty.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub struct Judge {
    /// The attribute that was edited.
    pub attribute: String,
    /// Figures of the attribute judge, such as `accuracy` and `n`.
    #[serde(rename = "judge", default, deserialize_with = "figures")]
    pub classifier: BTreeMap<String, f64>,
    /// Figures of the landmark judge; empty without landmarks.
    #[serde(default, deserialize_with = "figures")]
    pub landmarks: BTreeMap<String, f64>,
    /// Every landmark detector.
    #[serde(default)]
    pub detectors: Vec<Detector>,
    /// Figures of the identity judge; empty where nobody knows who is shown.
    #[serde(default, deserialize_with = "figures")]
    pub identity: BTreeMap<String, f64>,
    /// Images whose landmarks could not be scored.
    #[serde(default)]
    pub landmarks_refused: usize,
    /// The same by reason: `missing-points`, `not-finite`, `degenerate-eyes`, `out-of-frame`.
    #[serde(default)]
    pub landmarks_refusals: BTreeMap<String, usize>,
}

impl Judge {
    /// Reads the text of a `summary.json`; `path` names it in messages.
    ///
    /// # Errors
    /// The text is not such a summary; the message names the line.
    pub fn parse(path: &Path, text: &str) -> Result<Judge, ReportError> {
        parse_json(path, text, REMEDY)
    }
}

/// One landmark detector's own quality.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Detector {
    /// `ert`, `cnn` or `mean-shape`.
    pub detector: String,
    /// Faces that it learned from: `without` the attribute, or `mixed`.
    pub training: String,
    /// Mean error over real test images, in percent of the inter-ocular distance.
    pub nme: Option<f64>,
    /// The same without the random similarity that every test image gets.
    #[serde(default)]
    pub nme_plain: Option<f64>,
    /// Number of those images.
    #[serde(default)]
    pub n: Option<usize>,
    /// Number of training images.
    #[serde(default)]
    pub trained_on: Option<usize>,
}

/// Numbers by name; whatever is no finite number is left out.
fn figures<'de, D: Deserializer<'de>>(source: D) -> Result<BTreeMap<String, f64>, D::Error> {
    let all = BTreeMap::<String, Value>::deserialize(source)?;
    Ok(all.into_iter().filter_map(|(name, value)| Some((name, value.as_f64()?))).collect())
}
