//! What can be wrong with a data set, each kind in one sentence that names file, line and remedy.

use std::path::{Path, PathBuf};

use crate::synthetic::SyntheticError;

/// Damaged images named in an error.
const NAMED: usize = 5;

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
    #[error("{what} was not found in {}{}; {remedy}", path.display(), below(places))]
    Missing {
        /// What was looked for.
        what: String,
        /// Where.
        path: PathBuf,
        /// Directories below it where it was looked for too.
        places: Vec<String>,
        /// What to do.
        remedy: String,
    },
    /// Images that cannot be decoded: the first five of them by name.
    #[error("{count} image(s) cannot be used: {}{}; {remedy}",
            list.join("; "), if *count > list.len() { "; ..." } else { "" })]
    Images {
        /// How many.
        count: usize,
        /// Origin and reason, five at most.
        list: Vec<String>,
        /// What to do.
        remedy: &'static str,
    },
    /// Labels that leave nothing to train or test with.
    #[error("{problem}; {remedy}")]
    Split {
        /// What is missing.
        problem: String,
        /// What to do.
        remedy: String,
    },
    /// Another data set's error where that is `eval.source`.
    #[error("eval.source: {}", .0.to_string().replace("data.root", "eval.root"))]
    Judged(Box<DataError>),
    /// The synthetic faces could not be drawn.
    #[error(transparent)]
    Synthetic(SyntheticError),
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
        match self {
            DataError::Io { .. } => false,
            DataError::Judged(error) => error.is_bad_input(),
            DataError::Synthetic(error) => error.is_bad_input(),
            _ => true,
        }
    }

    pub(crate) fn io(
        action: &'static str,
        path: &Path,
    ) -> impl FnOnce(std::io::Error) -> DataError {
        let path = path.to_owned();
        move |source| DataError::Io { action, path, source }
    }

    /// A part of a data set that has to be below `root`, or in one of the `places` there ("" is the root
    /// itself).
    pub(crate) fn missing(
        what: impl Into<String>,
        root: &Path,
        places: &[&str],
        remedy: impl Into<String>,
    ) -> DataError {
        let places = places.iter().filter(|place| !place.is_empty());
        DataError::Missing {
            what: what.into(),
            path: root.to_owned(),
            places: places.map(|place| (*place).to_owned()).collect(),
            remedy: remedy.into(),
        }
    }

    /// Images that cannot be used, each with its reason.
    pub(crate) fn images(damaged: &[(String, String)], remedy: &'static str) -> DataError {
        let mut list: Vec<String> = Vec::new();
        let mut last = None;
        for (origin, reason) in damaged.iter().take(NAMED) {
            let again = last == Some(reason);
            let reason = if again { "likewise" } else { last.insert(reason).as_str() };
            list.push(format!("{origin} {reason}"));
        }
        DataError::Images { count: damaged.len(), list, remedy }
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

/// A full disk is the machine's fault whoever meets it.
impl From<SyntheticError> for DataError {
    fn from(error: SyntheticError) -> DataError {
        match error {
            SyntheticError::Io { action, path, source } => DataError::Io { action, path, source },
            other => DataError::Synthetic(other),
        }
    }
}

fn below(places: &[String]) -> String {
    if places.is_empty() { String::new() } else { format!(" (nor in {} there)", places.join(", ")) }
}

fn at(line: Option<usize>) -> String {
    line.map(|line| format!(":{line}")).unwrap_or_default()
}
