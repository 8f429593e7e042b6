//! The two judges of attributes, and what each is asked.

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

/// What a judge of attributes is asked. It has a network for each: one that learned both was worse at labels,
/// since much of what it saw were halves of edits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Question {
    /// Which attributes a face has.
    Labels,
    /// How far the edited attribute is there.
    Completion,
}

impl Question {
    /// Both.
    pub const ALL: [Question; 2] = [Question::Labels, Question::Completion];
}

impl Juror {
    /// Both.
    pub const ALL: [Juror; 2] = [Juror::First, Juror::Second];

    /// The name of a network of the judge on the command line and in the cache.
    pub fn name(self, question: Question) -> &'static str {
        match (self, question) {
            (Juror::First, Question::Labels) => "classifier",
            (Juror::First, Question::Completion) => "completion",
            (Juror::Second, Question::Labels) => "second-classifier",
            (Juror::Second, Question::Completion) => "second-completion",
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

    pub(super) fn network(self, question: Question) -> Network {
        match (self, question) {
            (Juror::First, Question::Labels) => Network::Classifier,
            (Juror::First, Question::Completion) => Network::Completion,
            (Juror::Second, Question::Labels) => Network::SecondClassifier,
            (Juror::Second, Question::Completion) => Network::SecondCompletion,
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
