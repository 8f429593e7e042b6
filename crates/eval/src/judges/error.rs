//! Why a judge is not to be had.

use std::path::PathBuf;

use model::weights::WeightsError;

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
