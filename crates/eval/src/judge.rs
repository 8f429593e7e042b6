//! The judges that are trained before cells are judged.

use std::path::Path;

use burn::tensor::Device;
use config::RunConfig;
use data::Prepared;

use crate::judges::{self, JudgeError, Juror, Question, classifier, identity};
use crate::landmarks::{self, DETECTORS, DetectorRow, TrainedOn};

/// A judge that is trained before cells are judged.
#[derive(Clone, Copy, Debug)]
pub enum Judge {
    /// A landmark detector, and the faces it learns from.
    Landmarks(&'static DetectorRow, TrainedOn),
    /// A judge of attributes, and what is asked of it.
    Attributes(Juror, Question),
    /// The identity embedding.
    Identity,
}

impl Judge {
    /// Every judge, in the order of training: the longest first.
    pub fn all() -> Vec<Judge> {
        let learned = DETECTORS.iter().filter(|row| row.learns);
        let both = |row| TrainedOn::ALL.map(|on| Judge::Landmarks(row, on));
        let mut all: Vec<Judge> = learned.flat_map(both).collect();
        let asked = |question| Juror::ALL.map(|juror| Judge::Attributes(juror, question));
        all.extend(Question::ALL.into_iter().flat_map(asked));
        all.push(Judge::Identity);
        all
    }

    /// The judge's name on the command line and in the cache.
    pub fn name(self) -> String {
        match self {
            Judge::Attributes(juror, question) => juror.name(question).to_owned(),
            Judge::Identity => "identity".to_owned(),
            Judge::Landmarks(row, on) => format!("{}-{}", row.name, on.name()),
        }
    }

    /// The judges that this configuration needs and its data can train.
    pub fn needed(run: &RunConfig, data: &Prepared) -> Vec<Judge> {
        let possible = |judge: &Judge| match judge {
            Judge::Attributes(_, Question::Labels) => true,
            Judge::Attributes(_, Question::Completion) => judges::knows_halves(run, data),
            Judge::Identity => run.eval.identity_weights.is_empty() && judges::possible(data),
            Judge::Landmarks(..) => landmarks::possible(run, data),
        };
        Judge::all().into_iter().filter(possible).collect()
    }

    /// Trains this judge unless it is in the cache.
    ///
    /// # Errors
    /// The cache cannot be used, or the data cannot train it.
    pub fn train(
        self,
        run: &RunConfig,
        data: &Prepared,
        device: &Device,
        cache: &Path,
    ) -> Result<(), JudgeError> {
        match self {
            Judge::Attributes(juror, question) => {
                classifier((juror, question), run, data, device, cache).map(drop)
            }
            Judge::Identity => identity(run, data, device, cache).map(drop),
            Judge::Landmarks(row, on) => {
                landmarks::learned(row, on, run, data, device, cache).map(drop)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_judge_has_a_name_of_its_own() {
        let names: std::collections::BTreeSet<String> =
            Judge::all().into_iter().map(Judge::name).collect();
        assert_eq!(names.len(), Judge::all().len());
    }
}
