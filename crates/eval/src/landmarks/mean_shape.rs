//! The baseline: the same answer for every face.

use super::detector::{Detector, DetectorRow, Moved, Role};
use super::training::mean_shape;
use metrics::landmarks::Points;

/// The row of the catalogue.
pub(super) const MEAN_SHAPE: DetectorRow = DetectorRow {
    name: "mean-shape",
    doc: "Always answers with the mean training shape: the baseline.",
    learns: false,
    role: Role::Baseline,
    make: |lesson| Ok((Box::new(MeanShape(mean_shape(lesson.faces, lesson.data))), None)),
};

/// Answers with the mean of the training shapes, in pixels.
struct MeanShape(Points);

impl Detector for MeanShape {
    fn detect(&self, faces: &Moved) -> Vec<Points> {
        vec![self.0; faces.len()]
    }
}
