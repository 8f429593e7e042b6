//! Does an edit help landmark detection? Detectors behind one trait, and the groups of images that
//! they are tried on.

mod arms;
mod cnn;
mod ensemble;
mod mean_shape;
mod training;
mod trial;

use std::path::Path;

use burn::tensor::Device;
use config::RunConfig;
use data::Prepared;
pub use metrics::landmarks::Points;

pub use arms::Group;
pub(crate) use arms::Refusals;
pub(crate) use training::possible;
use training::{mean_shape, training_faces};
pub(crate) use trial::{Headline, Trial};

use record::JudgeId;

use crate::judges::{JudgeError, Known};

/// Finds five points in faces.
pub trait Detector {
    /// What it is called in tables.
    fn kind(&self) -> Kind;

    /// The points in pixels, one face per image.
    fn detect(&self, faces: &Moved) -> Vec<Points>;
}

/// A kind of detector.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A detector that learns from images.
    Learned(Learned),
    /// Always answers with the mean training shape: the baseline.
    MeanShape,
}

impl Kind {
    /// `ert`, `cnn` or `mean-shape`.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Learned(learned) => learned.name(),
            Kind::MeanShape => "mean-shape",
        }
    }
}

/// A detector that learns from images.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Learned {
    /// Ensemble of regression trees (Kazemi and Sullivan 2014).
    Ert,
    /// Convolutional regression.
    Cnn,
}

impl Learned {
    /// `ert` or `cnn`.
    pub fn name(self) -> &'static str {
        match self {
            Learned::Ert => "ert",
            Learned::Cnn => "cnn",
        }
    }
}

/// The faces that a detector learned from; equally many in both cases.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TrainedOn {
    /// Faces without the attribute only: the attribute is a surprise to it.
    Without,
    /// Faces with and without the attribute, half and half where there are enough.
    Mixed,
}

impl TrainedOn {
    /// Both.
    pub const ALL: [TrainedOn; 2] = [TrainedOn::Without, TrainedOn::Mixed];

    /// `without` or `mixed`.
    pub fn name(self) -> &'static str {
        match self {
            TrainedOn::Without => "without",
            TrainedOn::Mixed => "mixed",
        }
    }
}

/// Faces as detectors see them: each under the similarity of its test image, plain and enlarged.
pub struct Moved {
    /// `[n, 3, size, size]` in [-1, 1].
    pub values: Vec<f32>,
    /// One enlarged grey image per face, for trees.
    grey: Vec<ert::GreyImage>,
    /// Side in pixels.
    pub size: usize,
}

impl Moved {
    /// Moves planar images, each by the similarity of its own.
    pub(crate) fn new<'a>(
        images: impl Iterator<Item = (&'a [f32], crate::jitter::Similarity)>,
        size: usize,
    ) -> Moved {
        let (mut values, mut grey) = (Vec::new(), Vec::new());
        for (image, similarity) in images {
            similarity.image(image, size, &mut values);
            grey.push(ensemble::grey(image, &similarity, size));
        }
        Moved { values, grey, size }
    }

    /// Number of faces.
    pub fn len(&self) -> usize {
        self.grey.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.grey.is_empty()
    }
}

/// A learned detector from the cache, trained first if it is not there.
///
/// # Errors
/// The cache cannot be used, or no pool image has landmarks.
pub fn detector(
    learned: Learned,
    on: TrainedOn,
    run: &RunConfig,
    data: &Prepared,
    device: &Device,
    cache: &Path,
) -> Result<Known<Box<dyn Detector>>, JudgeError> {
    let faces = training_faces(on, run, data);
    if faces.is_empty() {
        let text = "no image of the judges' pool has landmarks to train a detector on".to_owned();
        return Err(JudgeError::NoData(text));
    }
    match learned {
        Learned::Cnn => Ok(cnn::detector(on, &faces, run, data, device, cache)?.map(boxed)),
        Learned::Ert => Ok(ensemble::detector(on, &faces, run, data, cache)?.map(boxed)),
    }
}

fn boxed(detector: impl Detector + 'static) -> Box<dyn Detector> {
    Box::new(detector)
}

/// A detector with what it learned from.
pub(crate) struct Trained {
    pub(crate) detector: Box<dyn Detector>,
    /// Who it is; `None` for the mean shape, which the training faces are.
    pub(crate) id: Option<JudgeId>,
    pub(crate) on: TrainedOn,
    /// Number of training images.
    pub(crate) images: usize,
}

/// Every detector: both learned ones and the mean shape, each trained on both kinds of faces.
/// Empty where the data has no landmarks.
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
        let faces = training_faces(on, run, data);
        let images = faces.len();
        for learned in [Learned::Ert, Learned::Cnn] {
            let Known { judge, id } = detector(learned, on, run, data, device, cache)?;
            all.push(Trained { detector: judge, id: Some(id), on, images });
        }
        let shape = mean_shape(&faces, data);
        let detector = Box::new(mean_shape::MeanShape(shape));
        all.push(Trained { detector, id: None, on, images });
    }
    Ok(all)
}
