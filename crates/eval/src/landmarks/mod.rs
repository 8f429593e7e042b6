//! Does an edit help landmark detection? [`DETECTORS`] lists the detectors; each is tried on the same
//! groups of images.

mod arms;
mod cnn;
mod detector;
mod ensemble;
mod ensemble_image;
mod mean_shape;
mod training;
mod trial;

use std::path::Path;

use burn::tensor::Device;
use config::RunConfig;
use data::Prepared;
use record::JudgeId;

use crate::judges::JudgeError;
use training::training_faces;

pub use arms::Group;
pub(crate) use arms::{Refusals, noisy};
pub use detector::{Detector, DetectorRow, Lesson, Made, Moved, Role, TrainedOn};
pub use metrics::landmarks::Points;
pub(crate) use training::possible;
pub(crate) use trial::{Headline, Trial};

/// Every detector, those that take longest to train first.
///
/// This is the place to add one: a file with its row, and a line here. Judging, tables, figures and the
/// command line follow.
pub const DETECTORS: &[DetectorRow] = &[ensemble::ERT, cnn::CNN, mean_shape::MEAN_SHAPE];

/// The detector that has a role.
pub(crate) fn in_role(role: Role) -> Option<&'static DetectorRow> {
    DETECTORS.iter().find(|row| row.role == role)
}

/// A detector from the cache, trained first if it is not there.
///
/// # Errors
/// The cache cannot be used, or no pool image has landmarks.
pub fn learned(
    row: &DetectorRow,
    on: TrainedOn,
    run: &RunConfig,
    data: &Prepared,
    device: &Device,
    cache: &Path,
) -> Result<Made, JudgeError> {
    let faces = training_faces(on, run, data);
    if faces.is_empty() {
        let text = "no image of the judges' pool has landmarks to train a detector on".to_owned();
        return Err(JudgeError::NoData(text));
    }
    (row.make)(&Lesson { on, faces: &faces, run, data, device, cache })
}

/// A detector with what it learned from.
pub(crate) struct Trained {
    pub(crate) row: &'static DetectorRow,
    pub(crate) detector: Box<dyn Detector>,
    /// Who it is; `None` for the mean shape, which the training faces are.
    pub(crate) id: Option<JudgeId>,
    pub(crate) on: TrainedOn,
    /// Number of training images.
    pub(crate) images: usize,
}

/// Every detector, each trained on both kinds of faces. Empty where the data has no landmarks.
pub(crate) fn all(
    run: &RunConfig,
    data: &Prepared,
    device: &Device,
    cache: &Path,
) -> Result<Vec<Trained>, JudgeError> {
    let mut all = Vec::new();
    if !possible(run, data) {
        return Ok(all);
    }
    for on in TrainedOn::ALL {
        let images = training_faces(on, run, data).len();
        for row in DETECTORS {
            let (detector, id) = learned(row, on, run, data, device, cache)?;
            all.push(Trained { row, detector, id, on, images });
        }
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn names_are_unique_and_roles_are_taken_once() {
        let names: BTreeSet<&str> = DETECTORS.iter().map(|row| row.name).collect();
        assert_eq!(names.len(), DETECTORS.len());
        for role in [Role::Headline, Role::Baseline] {
            assert_eq!(DETECTORS.iter().filter(|row| row.role == role).count(), 1);
        }
        assert_eq!(in_role(Role::Headline).unwrap().name, "cnn");
    }
}
