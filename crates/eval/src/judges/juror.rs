//! The two judges of attributes.

use data::Prepared;
use model::{Architecture, Network};

/// Which of the two judges of attributes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Juror {
    /// The one whose verdicts stand first.
    First,
    /// The other.
    Second,
}

impl Juror {
    /// Both.
    pub const ALL: [Juror; 2] = [Juror::First, Juror::Second];

    /// The judge's name on the command line and in the cache.
    pub fn name(self) -> &'static str {
        match self {
            Juror::First => "classifier",
            Juror::Second => "second-classifier",
        }
    }

    /// Before the names of its figures.
    pub(crate) fn prefix(self) -> &'static str {
        match self {
            Juror::First => "",
            Juror::Second => "second_",
        }
    }

    /// In sentences.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Juror::First => "first attribute judge",
            Juror::Second => "second attribute judge",
        }
    }

    pub(super) fn architecture(self) -> Architecture {
        match self {
            Juror::First => Architecture::Plain,
            Juror::Second => Architecture::Residual,
        }
    }

    pub(super) fn network(self) -> Network {
        match self {
            Juror::First => Network::Classifier,
            Juror::Second => Network::SecondClassifier,
        }
    }

    /// The half of the judges' pool that it learns from: all images of a person are in one half.
    pub(super) fn pool(self, data: &Prepared) -> Vec<usize> {
        let own = |face: &&usize| {
            let face = &data.faces[**face];
            let who = face.identity.as_ref().unwrap_or(&face.id);
            blake3::hash(who.as_bytes()).as_bytes()[0] & 1 == self as u8
        };
        data.split.judges.iter().filter(own).copied().collect()
    }
}
