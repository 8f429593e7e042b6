//! What several commands take.

use clap::ValueEnum;
use config::BackendKind;

/// Formats of small tables.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Plain {
    /// For people.
    Table,
    /// One JSON document on standard output.
    Json,
}

/// The backend of that name.
pub(crate) fn backend_named(text: &str) -> Result<BackendKind, String> {
    BackendKind::ALL
        .iter()
        .find(|kind| kind.name() == text)
        .copied()
        .ok_or_else(|| format!("the backends are {}", BackendKind::WORDS.join(", ")))
}
