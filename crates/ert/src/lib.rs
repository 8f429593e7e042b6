//! Ensemble of regression trees for landmarks: training, detection, dlib's files; no burn
//!
//! The method is that of Kazemi and Sullivan, "One millisecond face alignment with an ensemble of
//! regression trees" (CVPR 2014), in the form that dlib's `shape_predictor` gave it: a cascade of
//! gradient boosted trees whose splits compare two grey pixels, placed relative to the current
//! estimate of the shape. [`train`] makes an [`Ert`], [`Ert::detect`] applies it, and models are
//! exchanged with dlib through [`Ert::from_dlib`] and [`Ert::to_dlib`].

#![cfg_attr(test, allow(clippy::unwrap_used))]

mod bytes;
mod dlib;
mod error;
mod geometry;
mod image;
mod model;
mod options;
#[cfg(test)]
mod testing;
mod train;

pub use error::ErtError;
pub use geometry::Rect;
pub use image::GreyImage;
pub use model::Ert;
pub use options::Options;
pub use train::{Sample, train};
