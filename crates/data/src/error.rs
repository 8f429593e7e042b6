//! What can be wrong with a data set, each kind in one sentence that names file, line and remedy.

use std::path::{Path, PathBuf};

/// Why a collection cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DataError {
    /// An annotation file that cannot be read as what its name says.
    #[error("{}{}: {problem}; {remedy}", path.display(), at(*line))]
    Annotation {
        /// The file.
        path: PathBuf,
        /// Line, counted from 1; `None` where the whole file is meant.
        line: Option<usize>,
        /// What is wrong with it.
        problem: String,
        /// What to do.
        remedy: String,
    },
    /// A file or directory that has to be there and is not.
    #[error("{what} was not found in {}; {remedy}", path.display())]
    Missing {
        /// What was looked for.
        what: String,
        /// Where.
        path: PathBuf,
        /// What to do.
        remedy: String,
    },
    /// Images that cannot be decoded: the first five of them by name.
    #[error("{count} image(s) cannot be used: {}{}; replace them or delete them from the \
             image directory (a face without an image is left out)",
            list.join("; "), if *count > list.len() { "; ..." } else { "" })]
    Images {
        /// How many.
        count: usize,
        /// `path: reason`, five at most.
        list: Vec<String>,
    },
    /// Labels that leave nothing to train or test with.
    #[error("{problem}; {remedy}")]
    Split {
        /// What is missing.
        problem: String,
        /// What to do.
        remedy: String,
    },
    /// The synthetic faces could not be drawn.
    #[error(transparent)]
    Synthetic(#[from] crate::synthetic::SyntheticError),
    /// The operating system refused to read or write.
    #[error("cannot {action} {}: {source}", path.display())]
    Io {
        /// Verb, "read" or "write" ...
        action: &'static str,
        /// What on.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
}

impl DataError {
    /// True where the data or their configuration are at fault (exit code 2), false where reading
    /// or writing failed (exit code 1).
    pub fn is_bad_input(&self) -> bool {
        !matches!(self, DataError::Io { .. } | DataError::Synthetic(_))
    }

    pub(crate) fn io(
        action: &'static str,
        path: &Path,
    ) -> impl FnOnce(std::io::Error) -> DataError {
        let path = path.to_owned();
        move |source| DataError::Io { action, path, source }
    }

    pub(crate) fn annotation(
        path: &Path,
        line: Option<usize>,
        problem: impl Into<String>,
        remedy: impl Into<String>,
    ) -> DataError {
        let (path, problem, remedy) = (path.to_owned(), problem.into(), remedy.into());
        DataError::Annotation { path, line, problem, remedy }
    }
}

fn at(line: Option<usize>) -> String {
    line.map(|line| format!(":{line}")).unwrap_or_default()
}
