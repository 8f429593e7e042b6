//! `eval/landmarks.csv`: errors of landmark detectors on groups of images.

use std::collections::BTreeMap;
use std::path::Path;

use record::tables::DetectionRow;

use super::table::Table;
use crate::ReportError;

/// The points in the order of [`Detection::points`].
pub(crate) const POINTS: [&str; 5] = ["left_eye", "right_eye", "nose", "left_mouth", "right_mouth"];

/// `eval/landmarks.csv`. Errors are in percent of the inter-ocular distance of the original
/// annotation.
#[derive(Clone, Debug, Default)]
pub struct Landmarks {
    /// Detector and what it learned from, then group (`with`, `removed`, ...), then one detection
    /// per image, sorted by image.
    pub trials: BTreeMap<(String, String), BTreeMap<String, Vec<Detection>>>,
}

/// What one detector found on one image.
#[derive(Clone, Debug)]
pub struct Detection {
    /// The image's name.
    pub image: String,
    /// Mean error of the five points.
    pub nme: f64,
    /// Error of the left eye, the right eye, the nose, the left and the right mouth corner.
    pub points: [f64; 5],
}

impl Landmarks {
    /// Reads the text of a `landmarks.csv`; `path` names it in messages.
    ///
    /// # Errors
    /// The text is not such a table; the message names the line.
    pub fn parse(path: &Path, text: &str) -> Result<Landmarks, ReportError> {
        let mut landmarks = Landmarks::default();
        for row in Table::parse(path, text)?.rows::<DetectionRow>()? {
            let trial = (row.detector.into_owned(), row.training.into_owned());
            let groups = landmarks.trials.entry(trial).or_default();
            groups.entry(row.group.into_owned()).or_default().push(Detection {
                image: row.image,
                nme: row.nme,
                points: [row.left_eye, row.right_eye, row.nose, row.left_mouth, row.right_mouth],
            });
        }
        for detections in landmarks.trials.values_mut().flat_map(BTreeMap::values_mut) {
            detections.sort_by(|a, b| a.image.cmp(&b.image));
        }
        Ok(landmarks)
    }
}
