//! Face collections, from files on disk to batches of pixels; no burn.
//!
//! A source ([`open`]) reads annotations into a [`Collection`]; [`Split`] draws test, validation
//! and training images; [`prepare`] decodes and crops them once into a cache ([`ImageCache`]); a [`PairSampler`]
//! says which images make a batch and [`gather`] writes them as numbers in [-1, 1].

pub mod annotations;
mod cache;
mod check;
mod decode;
mod entry;
mod error;
mod face;
mod frame;
mod jpeg;
mod judged;
mod labels;
mod metadata;
mod origin;
mod overview;
mod people;
pub mod photo;
mod pose;
mod prepare;
mod region;
mod resample;
mod sampler;
mod shortage;
mod shuffle;
mod source;
mod split;
pub mod synthetic;
mod validation;
mod verify;
mod worn;

/// What manifests say of who wrote the files.
const PROGRAM: &str = concat!("data ", env!("CARGO_PKG_VERSION"));

pub use annotations::folder::{Role, Understood};
pub use annotations::marked::Mark;
pub use cache::{ImageCache, gather, planar};
pub use check::{CheckReport, check, undecodable};
pub use error::DataError;
pub use face::{Collection, Face, Framing, Landmarks, Part};
pub use frame::{CELEBA_MEAN, Similarity, crop, mirrored};
pub use judged::prepare_judged;
pub use labels::{LabelColumns, Labels, MOST_ATTRIBUTES, NoAttribute};
pub use metadata::Metadata;
pub use origin::Origin;
pub use overview::{Overview, overview};
pub use pose::yaw;
pub use prepare::{Prepared, prepare};
pub use region::region;
pub use resample::resample;
pub use sampler::{Pair, PairSampler, SamplerError, SamplerState};
pub use source::reader::TableReport;
pub use source::unmarked::{Unmarked, UnmarkedRow};
pub use source::{fingerprint, open};
pub use split::Split;
pub use verify::verify_cache;
pub use worn::{Styles, wear};
