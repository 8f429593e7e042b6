//! What a landmark detector is: it learns from faces, or not, and finds five points.

use std::path::Path;

use burn::tensor::Device;
use config::RunConfig;
use data::Prepared;
use metrics::landmarks::Points;
use record::JudgeId;

use super::ensemble_image::grey;
use crate::judges::JudgeError;

/// Finds five points in faces.
pub trait Detector {
    /// The points in pixels, one face per image.
    fn detect(&self, faces: &Moved) -> Vec<Points>;
}

/// What a detector learns from.
pub struct Lesson<'a> {
    /// Which faces these are.
    pub on: TrainedOn,
    /// Indices of faces with landmarks.
    pub faces: &'a [usize],
    /// The run that is judged.
    pub run: &'a RunConfig,
    /// Its data.
    pub data: &'a Prepared,
    /// Where networks compute.
    pub device: &'a Device,
    /// Where what was learned is kept.
    pub cache: &'a Path,
}

/// A detector, and who it is; `None` for one that is not kept in the cache.
pub type Made = (Box<dyn Detector>, Option<JudgeId>);

/// What a detector is for beside its own rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Trained on both kinds of faces, it is behind `nme_input` and `nme_edited`.
    Headline,
    /// Trained on both kinds of faces, it is behind `nme_mean_shape`.
    Baseline,
    /// None.
    Plain,
}

/// A kind of detector. Judging, tables and the command line know detectors by this row alone.
pub struct DetectorRow {
    /// In tables, in the cache and on the command line; unique.
    pub name: &'static str,
    /// What it is, in a sentence.
    pub doc: &'static str,
    /// Whether it is a judge that is trained before cells are judged.
    pub learns: bool,
    /// What else it is for.
    pub role: Role,
    /// The detector from the cache, trained first if it is not there.
    pub make: fn(&Lesson<'_>) -> Result<Made, JudgeError>,
}

impl std::fmt::Debug for DetectorRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
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
    pub(super) grey: Vec<ert::GreyImage>,
    /// Side in pixels.
    pub size: usize,
}

impl Moved {
    /// Moves planar images, each by the similarity of its own.
    pub(crate) fn new<'a>(
        images: impl Iterator<Item = (&'a [f32], crate::jitter::Jitter)>,
        size: usize,
    ) -> Moved {
        let (mut values, mut greys) = (Vec::new(), Vec::new());
        for (image, similarity) in images {
            similarity.image(image, size, &mut values);
            greys.push(grey(image, &similarity, size));
        }
        Moved { values, grey: greys, size }
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
