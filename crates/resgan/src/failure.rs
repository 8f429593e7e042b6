//! How a command ends when it does not end well, and with which exit code.

use record::{ErrorKind, Exit};
use train::{CheckpointError, TrainError};

/// Its exit code says which, see [`Exit`].
#[derive(Debug)]
pub(crate) enum Failure {
    /// Something went wrong.
    Failed(String),
    /// The machine is at fault: a full disk, a device that is gone. Another attempt may succeed.
    Infrastructure(String),
    /// The configuration, the arguments or the data are wrong.
    BadInput(String),
    /// A loss was not finite.
    Diverged(String),
    /// Stopped on request.
    Interrupted(String),
}

impl Failure {
    pub(crate) fn exit_code(&self) -> u8 {
        let exit = match self {
            Failure::Failed(_) | Failure::Infrastructure(_) | Failure::Diverged(_) => Exit::Failed,
            Failure::BadInput(_) => Exit::BadInput,
            Failure::Interrupted(_) => Exit::Interrupted,
        };
        exit.code()
    }

    /// What the cell's state says of it: the text, and whose fault it is.
    pub(crate) fn noted(&self) -> Option<(String, ErrorKind)> {
        let kind = match self {
            Failure::Infrastructure(_) => ErrorKind::Infrastructure,
            _ => ErrorKind::Failure,
        };
        Some((self.to_string(), kind))
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Failure::Failed(text)
            | Failure::Infrastructure(text)
            | Failure::BadInput(text)
            | Failure::Diverged(text)
            | Failure::Interrupted(text) => f.write_str(text),
        }
    }
}

impl From<config::ConfigError> for Failure {
    fn from(error: config::ConfigError) -> Self {
        Failure::BadInput(error.to_string())
    }
}

impl From<data::DataError> for Failure {
    fn from(error: data::DataError) -> Self {
        let text = format!("error: {error}");
        match error {
            _ if error.is_bad_input() => Failure::BadInput(text),
            data::DataError::Io { .. } => Failure::Infrastructure(text),
            _ => Failure::Failed(text),
        }
    }
}

impl From<eval::judges::JudgeError> for Failure {
    fn from(error: eval::judges::JudgeError) -> Self {
        let text = format!("error: {error}");
        match error {
            // A file or an attribute that the user named.
            eval::judges::JudgeError::Weights { .. }
            | eval::judges::JudgeError::Unreadable { .. }
            | eval::judges::JudgeError::Labels(_) => Failure::BadInput(text),
            eval::judges::JudgeError::Cache { .. } => Failure::Infrastructure(text),
            _ => Failure::Failed(text),
        }
    }
}

impl From<eval::EvalError> for Failure {
    fn from(error: eval::EvalError) -> Self {
        match error {
            eval::EvalError::Judge(error) => error.into(),
            other => Failure::Infrastructure(format!("error: {other}")),
        }
    }
}

impl From<TrainError> for Failure {
    fn from(error: TrainError) -> Self {
        let text = format!("error: {error}");
        match error {
            TrainError::Write { .. }
            | TrainError::Space { .. }
            | TrainError::Checkpoint(CheckpointError::Write { .. }) => {
                Failure::Infrastructure(text)
            }
            _ => Failure::Failed(text),
        }
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Failure::Infrastructure(format!("error: {error}"))
    }
}

macro_rules! failed {
    ($($error:ty),+ $(,)?) => {$(
        impl From<$error> for Failure {
            fn from(error: $error) -> Self {
                Failure::Failed(format!("error: {error}"))
            }
        }
    )+};
}
failed!(backend::BackendError, model::weights::WeightsError, record::ClaimError);
