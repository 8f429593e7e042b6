//! Why synthetic faces could not be written.

use std::io;
use std::path::{Path, PathBuf};

use image::ImageError;

/// Why a synthetic data set could not be written.
#[derive(Debug, thiserror::Error)]
pub enum SyntheticError {
    /// The file system refused.
    #[error("cannot {action} {}: {source}; free the path or choose another place for the synthetic faces", path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// On which path.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// The directory holds something else.
    #[error("{} exists and does not hold this synthetic data set ({found}); remove it or choose another directory", path.display())]
    Occupied {
        /// The directory.
        path: PathBuf,
        /// What was found there.
        found: String,
    },
    /// An image could not be encoded or decoded.
    #[error(
        "cannot compress synthetic face {index}: {source}; report this with the data set's seed"
    )]
    Jpeg {
        /// Number of the face, from 0.
        index: usize,
        /// The codec's reason.
        source: ImageError,
    },
}

impl SyntheticError {
    /// True where another directory is the remedy, false where writing failed.
    pub fn is_bad_input(&self) -> bool {
        matches!(self, SyntheticError::Occupied { .. })
    }
}

/// A failure of the disk.
pub(super) fn failed(
    action: &'static str,
    path: &Path,
) -> impl FnOnce(io::Error) -> SyntheticError {
    let path = path.to_path_buf();
    move |source| SyntheticError::Io { action, path, source }
}
