//! How a command ends when it does not end well, and with which exit code.

use std::fmt;

use sweep::SweepError;

/// Exit codes: 1 failed, 2 bad input, 75 interrupted and resumable.
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
        match self {
            Failure::Failed(_) => 1,
            Failure::BadInput(_) => 2,
            Failure::Interrupted(_) => 75,
        }
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

impl From<SweepError> for Failure {
    fn from(error: SweepError) -> Self {
        Failure::new(error.is_bad_input(), error)
    }
}
