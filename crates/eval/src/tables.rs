//! What a cell writes besides `images.csv`: long tables, one fact a row. `results/README.md` has the
//! columns.

use serde::Serialize;

/// `landmarks.csv`: one detection. Errors in percent of the inter-ocular distance.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LandmarkRow {
    /// The image's name.
    pub image: String,
    /// [`Group::name`](crate::landmarks::Group::name).
    pub group: &'static str,
    /// [`Kind::name`](crate::landmarks::Kind::name).
    pub detector: &'static str,
    /// [`TrainedOn::name`](crate::landmarks::TrainedOn::name).
    pub training: &'static str,
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
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct StrengthRow {
    /// The image's name.
    pub image: String,
    /// `add` or `remove`.
    pub direction: &'static str,
    /// g, 0 to 2.
    pub strength: f32,
    /// 1 when the judge finds the edited image on the intended side.
    pub success: u8,
    /// The judge's probability of the attribute.
    pub judge_score: f64,
    /// Share of the other labelled attributes on which the judge's verdict did not change.
    pub preservation: Option<f64>,
    /// Mean absolute change per value, images in [-1, 1].
    pub residual_l1: f64,
}

/// `attributes.csv`: one attribute of one image before and after the edit.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AttributeRow {
    /// The image's name.
    pub image: String,
    /// `add` or `remove`.
    pub direction: &'static str,
    /// The attribute that is judged.
    pub attribute: &'static str,
    /// The data set's label of the original.
    pub label: u8,
    /// The judge's probability in the original.
    pub score_input: f64,
    /// The same in the edited image.
    pub score_edited: f64,
}

/// `scores.csv`: one number over all images of a direction.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ScoreRow {
    /// The metric's name.
    pub metric: &'static str,
    /// `add` or `remove`.
    pub direction: &'static str,
    /// Its value.
    pub value: f64,
}

/// A table as CSV with a header, also without rows.
pub(crate) fn csv<R: Serialize>(rows: &[R]) -> Result<Vec<u8>, std::io::Error> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    for row in rows {
        writer.serialize(row).map_err(std::io::Error::other)?;
    }
    writer.into_inner().map_err(|e| std::io::Error::other(e.to_string()))
}
