//! The baseline: the same answer for every face.

use super::{Detector, Kind, Moved, Points};

/// Answers with the mean of the training shapes, in pixels.
pub(super) struct MeanShape(pub(super) Points);

impl Detector for MeanShape {
    fn kind(&self) -> Kind {
        Kind::MeanShape
    }

    fn detect(&self, faces: &Moved) -> Vec<Points> {
        vec![self.0; faces.len()]
    }
}
