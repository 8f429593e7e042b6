//! The judges: networks and tree ensembles that never see an edited image in training, trained once
//! per data set on the judges' pool and kept in the cache for every cell.

mod attributes;
mod cache;
mod classifier;
mod identity;

use std::path::{Path, PathBuf};

use burn::optim::{AdamConfig, ModuleOptimizer};
use burn::tensor::Device;
use config::RunConfig;
use data::Prepared;
use model::weights::WeightsError;

pub use attributes::JudgedList;
pub use cache::Known;
pub(crate) use cache::{Key, cached, cached_network, foreign};
pub use classifier::{classifier, probabilities};
pub(crate) use identity::cosine;
pub use identity::{IdentityJudge, identity};

use crate::landmarks::{self, Learned, TrainedOn};

/// A judge that is trained before cells are judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Judge {
    /// The attribute classifier.
    Classifier,
    /// The identity embedding.
    Identity,
    /// A landmark detector, and the faces it learns from.
    Landmarks(Learned, TrainedOn),
}

/// Why a judge is not to be had.
#[derive(Debug, thiserror::Error)]
pub enum JudgeError {
    /// The cache could not be read or written.
    #[error("cannot keep the judge in {}: {source}", path.display())]
    Cache {
        /// The file or directory.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The cached judge is damaged.
    #[error("{} is damaged ({reason}); remove it and run again", path.display())]
    Damaged {
        /// The judge's file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// Weights that the configuration names cannot be used.
    #[error("`{key}`: {source}")]
    Weights {
        /// The configuration's key.
        key: &'static str,
        /// What is wrong.
        source: WeightsError,
    },
    /// A file that the configuration names cannot be read.
    #[error("`{key}`: cannot read {}: {source}", path.display())]
    Unreadable {
        /// The configuration's key.
        key: &'static str,
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// Trees cannot be grown on these landmarks.
    #[error("the regression trees cannot be trained: {0}")]
    Trees(#[from] ert::ErtError),
    /// The data do not label what is to be judged.
    #[error(transparent)]
    Labels(#[from] data::DataError),
    /// The data cannot train this judge.
    #[error("{0}")]
    NoData(String),
}

impl Judge {
    /// Every judge, in the order of training: the longest first.
    pub const ALL: [Judge; 6] = [
        Judge::Landmarks(Learned::Ert, TrainedOn::Without),
        Judge::Landmarks(Learned::Ert, TrainedOn::Mixed),
        Judge::Landmarks(Learned::Cnn, TrainedOn::Without),
        Judge::Landmarks(Learned::Cnn, TrainedOn::Mixed),
        Judge::Classifier,
        Judge::Identity,
    ];

    /// The judge's name on the command line and in the cache.
    pub fn name(self) -> String {
        match self {
            Judge::Classifier => "classifier".to_owned(),
            Judge::Identity => "identity".to_owned(),
            Judge::Landmarks(learned, on) => format!("{}-{}", learned.name(), on.name()),
        }
    }

    /// The judges that this configuration needs and its data can train.
    pub fn needed(run: &RunConfig, data: &Prepared) -> Vec<Judge> {
        let possible = |judge: &Judge| match judge {
            Judge::Classifier => true,
            Judge::Identity => run.eval.identity_weights.is_empty() && identity::possible(data),
            Judge::Landmarks(..) => landmarks::possible(run, data),
        };
        Judge::ALL.into_iter().filter(possible).collect()
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
            Judge::Classifier => classifier(run, data, device, cache).map(drop),
            Judge::Identity => identity(run, data, device, cache).map(drop),
            Judge::Landmarks(learned, on) => {
                landmarks::detector(learned, on, run, data, device, cache).map(drop)
            }
        }
    }
}

/// Adam at 1e-3, linearly to zero over the second half.
pub(crate) fn rate(step: usize, steps: usize) -> f64 {
    1e-3 * ((steps - step) as f64 / (steps as f64 / 2.0)).min(1.0)
}

pub(crate) fn adam() -> ModuleOptimizer {
    AdamConfig::new().with_epsilon(1e-8).init()
}

/// Says how far a training has come, every hundred steps.
pub(crate) fn log_loss(judge: &str, step: usize, steps: usize, loss: impl FnOnce() -> f32) {
    if step.is_multiple_of(100) || step + 1 == steps {
        tracing::info!("{judge}: step {}/{steps}, loss {:.4}", step + 1, loss());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_is_constant_then_falls_to_zero() {
        assert_eq!((rate(0, 100), rate(49, 100), rate(75, 100)), (1e-3, 1e-3, 5e-4));
        assert!(rate(99, 100) < 3e-5);
    }

    #[test]
    fn every_judge_has_a_name_of_its_own() {
        let names: std::collections::BTreeSet<String> =
            Judge::ALL.into_iter().map(Judge::name).collect();
        assert_eq!(names.len(), Judge::ALL.len());
    }
}
