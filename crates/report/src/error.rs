//! What can go wrong between files and tables.

use std::io;
use std::path::{Path, PathBuf};

use record::PlanError;

/// Results that cannot be read, compared or drawn; each message names the file and a remedy.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReportError {
    /// The plan cannot be had.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// A file cannot be read or written.
    #[error("{}: {source}; {remedy}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What to do.
        remedy: &'static str,
        /// The system's answer.
        source: io::Error,
    },
    /// A file holds something else than its format.
    #[error("{}:{line}: {problem}; {remedy}", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// Line, from 1.
        line: usize,
        /// What is wrong.
        problem: String,
        /// What to do.
        remedy: &'static str,
    },
    /// There is nothing to compare yet.
    #[error(
        "{}: none of the {total} cells is complete ({states}); run `{command}` \
         and compare afterwards", results.display()
    )]
    NothingComplete {
        /// The experiment's directory.
        results: PathBuf,
        /// The command that runs it.
        command: String,
        /// Number of cells.
        total: usize,
        /// How many cells are in which state.
        states: String,
    },
    /// Cells are missing, and nothing is claimed of a part of a sweep.
    #[error(
        "{}: {complete} of {total} cells are complete ({states}), and nothing is claimed of a part \
         of a sweep; missing are\n{missing}\nhelp: `{command}` completes it; `--partial` shows \
         means and differences without p, interval and verdict", results.display()
    )]
    Incomplete {
        /// The experiment's directory.
        results: PathBuf,
        /// Number of complete cells.
        complete: usize,
        /// Number of cells.
        total: usize,
        /// How many cells are in which state.
        states: String,
        /// A line per missing cell with id, arm, seed and state; at most 20 of them.
        missing: String,
        /// The command that completes the sweep.
        command: String,
    },
    /// Cells share no verdict.
    #[error("{}: {line}\nhelp: `--mixed` shows means and differences without p, interval and verdict", results.display())]
    Mixed {
        /// The experiment's directory.
        results: PathBuf,
        /// The groups, and the command that heals it.
        line: String,
    },
    /// No complete cell has landmarks.
    #[error(
        "{}: no complete cell has eval/landmarks.csv; the data have no landmarks, or the cells were \
         made before landmarks were written", results.display()
    )]
    NoLandmarks {
        /// The experiment's directory.
        results: PathBuf,
    },
    /// A factor, level or direction that these results do not have.
    #[error("{}: no {what} is called `{name}`; {hint}", path.display())]
    Unknown {
        /// Where the names stand.
        path: PathBuf,
        /// `factor`, `baseline`, `direction` or `arm`.
        what: &'static str,
        /// What was asked for.
        name: String,
        /// The nearest name, or all of them.
        hint: String,
    },
    /// The plan does not say what to compare.
    #[error("{}: the plan does not say what to compare; {hint}", path.display())]
    NoFactor {
        /// The plan.
        path: PathBuf,
        /// What to add.
        hint: String,
    },
    /// Two tables or figures of one run have the same name.
    #[error(
        "{}: two files of one run have this name, and one would take the other's place; report this \
         as a defect, with the experiment's file", path.display()
    )]
    WrittenTwice {
        /// The file.
        path: PathBuf,
    },
    /// A figure could not be drawn.
    #[error("{}: cannot be drawn: {problem}; report this as a defect, with the results", path.display())]
    Drawing {
        /// The figure.
        path: PathBuf,
        /// The plotting library's answer.
        problem: String,
    },
}

impl ReportError {
    /// Something else than the format of a file; `problem` may quote what stands there, however long
    /// it is and whatever characters are in it that could steer a terminal.
    pub(crate) fn malformed(
        path: &Path,
        line: usize,
        problem: &str,
        remedy: &'static str,
    ) -> ReportError {
        let (path, problem) = (path.to_owned(), record::quotation(problem));
        ReportError::Malformed { path, line, problem, remedy }
    }

    pub(crate) fn io(path: &Path, remedy: &'static str) -> impl FnOnce(io::Error) -> ReportError {
        let path = path.to_owned();
        move |source| ReportError::Io { path, remedy, source }
    }

    /// An unknown name, with the nearest known one or the whole list.
    pub(crate) fn unknown<'a>(
        path: PathBuf,
        what: &'static str,
        name: &str,
        known: impl Iterator<Item = &'a str> + Clone,
    ) -> ReportError {
        let near = known
            .clone()
            .map(|candidate| (strsim::jaro_winkler(name, candidate), candidate))
            .filter(|(similarity, _)| *similarity > 0.75)
            .max_by(|a, b| a.0.total_cmp(&b.0));
        let hint = match near {
            Some((_, candidate)) => format!("did you mean `{candidate}`?"),
            None => format!("there is {}", known.collect::<Vec<_>>().join(", ")),
        };
        ReportError::Unknown { path, what, name: name.to_owned(), hint }
    }
}
