//! Faces in photographs of any size: found, brought into the frame of training, and edits laid back over the
//! photograph; no burn.
//!
//! A [`Detector`] finds faces with five points each; [`fits`] says which of them can be edited, and a [`Glance`]
//! is the one that a label of the photograph speaks of. A [`Frame`] is
//! the similarity from the photograph to the square crop in which generators are trained: [`Frame::view`] is
//! what a generator sees of a face, and [`Frame::lay`] adds the residual that it answers with to the
//! photograph, faded to nothing at the rim of the crop, so that every pixel outside keeps its value.
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod bicubic;
mod detector;
mod frame;
mod glance;
mod layers;
mod limits;
mod onet;

pub use detector::{Detector, Face, LEAST_CERTAINTY, LEAST_SCORE, Search};
pub use frame::{Anchors, Frame};
pub use glance::{Glance, no_face};
pub use limits::{Unfit, fits, misfit, outside};
pub use onet::{Boxed, PointFinder, Reading};
