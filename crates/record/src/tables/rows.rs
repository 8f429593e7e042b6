//! What a cell writes besides `images.csv`: long tables, one fact a row.

use serde::{Deserialize, Serialize};

use super::Name;

/// `landmarks.csv`: one detection. Errors in percent of the inter-ocular distance.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DetectionRow {
    /// The image's name.
    pub image: String,
    /// Group of images: `with`, `zero`, `noise`, `removed`, `removed-noise`, `true-edit`, `without`.
    pub group: Name,
    /// Detector: `ert`, `cnn`, `mean-shape`.
    pub detector: Name,
    /// Faces that it learned from: `without` the attribute, or `mixed`.
    pub training: Name,
    /// Mean over the five points.
    pub nme: f64,
    /// Error of the left eye.
    pub left_eye: f64,
    /// Error of the right eye.
    pub right_eye: f64,
    /// Error of the tip of the nose.
    pub nose: f64,
    /// Error of the left corner of the mouth.
    pub left_mouth: f64,
    /// Error of the right corner of the mouth.
    pub right_mouth: f64,
}

/// `strength.csv`: one image at one edit strength g of `x + g r`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StrengthRow {
    /// The image's name.
    pub image: String,
    /// `add`, `remove`, or `remove-drawn` of photographs that the attribute was drawn on.
    pub direction: Name,
    /// g, 0 to 2.
    pub strength: f64,
    /// 1 when the judge finds the edited image on the intended side; `None` of a judge that is refused.
    pub success: Option<u8>,
    /// The judge's probability of the attribute.
    pub judge_score: f64,
    /// Share of the other labelled attributes on which the judge's verdict did not change.
    pub preservation: Option<f64>,
    /// Mean absolute change per value, images in [-1, 1].
    pub residual_l1: f64,
    /// 1 when the judge finds the edit complete; `None` where it does not know what half an edit looks like, or
    /// is refused.
    #[serde(default)]
    pub success_strict: Option<u8>,
    /// Share of the true change explained; `None` where the truth is not known.
    #[serde(default)]
    pub explained: Option<f64>,
}

/// `attributes.csv`: one attribute of one image before and after the edit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AttributeRow {
    /// The image's name.
    pub image: String,
    /// `add`, `remove`, or `remove-drawn` of photographs that the attribute was drawn on.
    pub direction: Name,
    /// The attribute that is judged.
    pub attribute: Name,
    /// The data set's label of the original.
    pub label: u8,
    /// The judge's probability in the original.
    pub score_input: f64,
    /// The same in the edited image.
    pub score_edited: f64,
}

/// `scores.csv`: one number over all images of a direction.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ScoreRow {
    /// The metric's name.
    pub metric: Name,
    /// `add`, `remove`, or `remove-drawn` of photographs that the attribute was drawn on.
    pub direction: Name,
    /// Its value.
    pub value: f64,
}
