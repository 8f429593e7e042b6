//! What a data set says of itself.

use serde::{Deserialize, Serialize};

use super::{GENERATOR_VERSION, Spec};

/// The content of `synthetic.json`.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Card {
    pub(super) generator_version: u32,
    fingerprint: String,
    pub(super) spec: Spec,
}

impl Card {
    pub(super) fn of(spec: &Spec) -> Card {
        Card {
            generator_version: GENERATOR_VERSION,
            fingerprint: spec.fingerprint(),
            spec: spec.clone(),
        }
    }
}
