//! What goes into a sweep beside its file, and what comes out.

use std::collections::BTreeMap;

use crate::run::RunConfig;

/// What the command line adds to an experiment's file.
#[derive(Clone, Debug, Default)]
pub struct Overrides {
    /// `key=value`, applied to every cell; wins over factors and included cells.
    pub set: Vec<String>,
    /// Seeds instead of the file's.
    pub seeds: Option<Vec<u64>>,
    /// Backends; more than one makes `backend.kind` a factor.
    pub backends: Vec<String>,
}

/// The question's factor and the level everything is compared with.
#[derive(Clone, Debug, PartialEq)]
pub struct Compare {
    /// Dotted key of the factor.
    pub factor: String,
    /// Level that is the baseline, as text.
    pub baseline: String,
}

/// One cell before it has an id: a resolved run and what makes it special.
#[derive(Clone, Debug)]
pub struct CellSpec {
    /// Every factor key of the experiment to this cell's level, as text.
    pub factors: BTreeMap<String, String>,
    /// `train.seed`.
    pub seed: u64,
    /// The resolved run.
    pub config: RunConfig,
}
