//! What one run is ([`RunConfig`]) and what a sweep is ([`Experiment`]).
//!
//! TOML text goes through one door: it is flattened to dotted keys with their positions
//! ([`layer`](self)), every key is checked against the [schema](Key), layers are merged
//! (a run's file and its bases, experiment, factor level, command line), and only then does a typed value exist.
//! Whoever holds a [`RunConfig`] holds a valid one. No tensor library is known here.

mod accept;
mod attribute;
mod backends;
mod base;
mod choices;
mod combinations;
mod depth;
mod error;
mod experiment;
mod identity;
mod known_attributes;
mod layer;
mod name;
mod profile;
mod reference;
mod resolve;
mod run;
mod schema;
mod sources;

pub use attribute::{Attribute, JudgedAttributes};
pub use backends::{BackendKind, BackendRow, JudgeBackend, Place};
pub use choices::{
    AdversarialForm, Alignment, Augment, Crop, DiscriminatorNorm, Dual, DualTrains, JudgedPart,
    Norm, Output, Precision, Region, RegionChoice, Schedule, SplitRule, Tap, Upsample,
};
pub use error::ConfigError;
pub use experiment::{CellSpec, Compare, Experiment, Overrides};
pub use known_attributes::{KnownAttribute, Lists, known_attributes};
pub use name::{experiment_name, stem};
pub use profile::{CommandProfile, Resources, SlurmProfile};
pub use reference::reference_page;
pub use run::{Backend, Data, Eval, Losses, Model, RunConfig, Train};
pub use schema::{Key, KeyKind, Part};
pub use sources::{JudgedSource, Source, SourceRow};
