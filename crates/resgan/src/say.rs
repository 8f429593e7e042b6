//! Standard output, which may be closed at any time (`resgan edit ... | head -1`).

use std::fmt::Display;
use std::io::{self, ErrorKind, Write};

use crate::failure::Failure;

/// Prints a line; `false` if nobody reads any more, which ends no work.
///
/// # Errors
/// The line cannot be written for another reason: a full disk, say.
pub(crate) fn line(text: impl Display) -> Result<bool, Failure> {
    heard(writeln!(io::stdout(), "{text}"))
}

/// Whether what was printed found a reader.
pub(crate) fn heard(printed: io::Result<()>) -> Result<bool, Failure> {
    match printed {
        Ok(()) => Ok(true),
        Err(e) if e.kind() == ErrorKind::BrokenPipe => Ok(false),
        Err(e) => {
            Err(Failure::Infrastructure(format!("error: cannot write to standard output: {e}")))
        }
    }
}
