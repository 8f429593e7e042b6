//! One annotated face, and a collection of them before any image is decoded.

use serde::Serialize;

use crate::labels::{LabelColumns, Labels};
use crate::origin::Origin;

/// Five points in pixels (a pixel's centre is at whole numbers): left eye, right eye, nose tip, left
/// and right mouth corner. "Left" is the image's left.
pub type Landmarks = [[f32; 2]; 5];

/// Part of a data set that comes with a partition of its own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Part {
    /// The data set has no partition, or it does not mention this face.
    #[default]
    Unassigned,
    /// CelebA 0; the web images of MTFL.
    Train,
    /// CelebA 1; images of MTFL that are neither web nor LFW images.
    Validation,
    /// CelebA 2; the LFW images of MTFL.
    Test,
}

impl Part {
    /// The part that a word in small letters means.
    pub(crate) fn of_word(word: &str) -> Option<Part> {
        match word {
            "train" | "training" => Some(Part::Train),
            "val" | "valid" | "validation" => Some(Part::Validation),
            "test" | "testing" => Some(Part::Test),
            _ => None,
        }
    }
}

/// One face as annotated.
#[derive(Clone, Debug, PartialEq)]
pub struct Face {
    /// Name within the data set, e.g. `000001.jpg` or `lfw_5590/Aaron_Eckhart_0001.jpg`.
    pub id: String,
    /// Where the image comes from.
    pub origin: Origin,
    /// Labels, by the places of [`Collection::columns`].
    pub labels: Labels,
    /// Five points in pixels of the image file ([`Framing::MadeCentre`]: of the frame that it was cut
    /// from); in [`Prepared`](crate::Prepared), of the crop.
    pub landmarks: Option<Landmarks>,
    /// Who it is, where known.
    pub identity: Option<String>,
    /// MTFL's head pose: 1 left profile, 2 left, 3 frontal, 4 right, 5 right profile.
    pub pose: Option<u8>,
    /// Official part.
    pub part: Part,
}

/// How an image becomes a square crop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Framing {
    /// The image is CelebA's aligned frame (178 x 218): its centre 178 x 178.
    Aligned,
    /// The similarity that brings the five points nearest to CelebA's mean five points, then the
    /// centre 178 x 178 of that frame. A face without points is framed as in [`Framing::Lfw`].
    FivePoint,
    /// A fixed window of the 250 x 250 LFW image, whose mean face has the place and size of CelebA's.
    Lfw,
    /// The image is a square crop already and is taken whole; which crop is unknown.
    Made,
    /// The image is the centre 178 x 178 of CelebA's aligned frame already, at some size.
    MadeCentre,
}

/// Annotated faces; no image has been read yet.
#[derive(Clone, Debug)]
pub struct Collection {
    /// In the order of the annotation file (CelebA, MTFL) or of the file names (LFW).
    pub faces: Vec<Face>,
    /// How images become crops.
    pub framing: Framing,
    /// The attributes that the data set labels.
    pub columns: LabelColumns,
    /// Hex digits that change whenever annotations, image names or image sizes change.
    pub fingerprint: String,
    /// What was odd and how it was taken, one sentence each; nothing here stops a run.
    pub notes: Vec<String>,
}
