//! How a command ends when it does not end well, and with which exit code.

/// Exit codes: 1 failed, 2 bad input, 75 interrupted and resumable.
#[derive(Debug)]
pub(crate) enum Failure {
    /// Something went wrong.
    Failed(String),
    /// The configuration, the arguments or the data are wrong.
    BadInput(String),
    /// A loss was not finite.
    Diverged(String),
    /// Stopped on request.
    Interrupted(String),
}

impl Failure {
    pub(crate) fn exit_code(&self) -> u8 {
        match self {
            Failure::Failed(_) | Failure::Diverged(_) => 1,
            Failure::BadInput(_) => 2,
            Failure::Interrupted(_) => 75,
        }
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Failure::Failed(text)
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
        if error.is_bad_input() { Failure::BadInput(text) } else { Failure::Failed(text) }
    }
}

impl From<eval::judges::JudgeError> for Failure {
    fn from(error: eval::judges::JudgeError) -> Self {
        let text = format!("error: {error}");
        match error {
            // A file that the user named.
            eval::judges::JudgeError::Weights { .. } => Failure::BadInput(text),
            _ => Failure::Failed(text),
        }
    }
}

impl From<eval::EvalError> for Failure {
    fn from(error: eval::EvalError) -> Self {
        match error {
            eval::EvalError::Judge(error) => error.into(),
            other => Failure::Failed(format!("error: {other}")),
        }
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
failed!(backend::BackendError, model::weights::WeightsError, train::TrainError, std::io::Error,);
