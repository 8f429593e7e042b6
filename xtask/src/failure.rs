//! How a command ends when it does not end well, and with which exit code.

use std::fmt;

use record::{Exit, PlanError};
use sweep::SweepError;

/// Its exit code says which, see [`Exit`].
#[derive(Debug)]
pub(crate) enum Failure {
    /// Something went wrong.
    Failed(String),
    /// The configuration, the arguments or the data are wrong.
    BadInput(String),
    /// Stopped on request; the same command resumes.
    Interrupted(String),
}

impl Failure {
    pub(crate) fn exit_code(&self) -> u8 {
        let exit = match self {
            Failure::Failed(_) => Exit::Failed,
            Failure::BadInput(_) => Exit::BadInput,
            Failure::Interrupted(_) => Exit::Interrupted,
        };
        exit.code()
    }

    /// Bad input or not, with the usual prefix.
    pub(crate) fn new(bad_input: bool, error: impl fmt::Display) -> Failure {
        let text = format!("error: {error}");
        if bad_input { Failure::BadInput(text) } else { Failure::Failed(text) }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Failure::Failed(text) | Failure::BadInput(text) | Failure::Interrupted(text)) = self;
        f.write_str(text)
    }
}

impl From<config::ConfigError> for Failure {
    fn from(error: config::ConfigError) -> Self {
        Failure::BadInput(error.to_string())
    }
}

impl From<data::DataError> for Failure {
    fn from(error: data::DataError) -> Self {
        Failure::new(error.is_bad_input(), error)
    }
}

impl From<PlanError> for Failure {
    fn from(error: PlanError) -> Self {
        SweepError::from(error).into()
    }
}

impl From<SweepError> for Failure {
    fn from(error: SweepError) -> Self {
        Failure::new(error.is_bad_input(), error)
    }
}
