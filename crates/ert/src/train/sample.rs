//! What is learned from.

use crate::Rect;

/// One annotated face.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample {
    /// Index into the images.
    pub image: usize,
    /// Box of the face, as the detector will give it; it may reach beyond the image.
    pub rect: Rect,
    /// The K points in pixels of the image, x and y, in the same order for all samples.
    pub shape: Vec<[f32; 2]>,
}
