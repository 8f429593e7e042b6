//! Standard output, which may be closed at any time (`resgan edit ... | head -1`).

use std::fmt::Display;
use std::io::{self, ErrorKind, Write};

use crate::failure::Failure;

/// Prints a line; `false` if nobody reads any more, which ends no work.
///
/// # Errors
/// The line cannot be written for another reason: a full disk, say.
pub(crate) fn line(text: impl Display) -> Result<bool, Failure> {
    self::text(format!("{text}\n").as_bytes())
}

/// Prints a text as it is, likewise.
///
/// # Errors
/// As [`line()`].
pub(crate) fn text(text: &[u8]) -> Result<bool, Failure> {
    let mut out = io::stdout().lock();
    heard(out.write_all(text).and_then(|()| out.flush()))
}

/// Says something beside the results, on standard error; nobody has to read it.
pub(crate) fn aside(text: impl Display) {
    let _ = writeln!(io::stderr(), "{text}");
}

/// Whether what was printed found a reader.
fn heard(printed: io::Result<()>) -> Result<bool, Failure> {
    match printed {
        Ok(()) => Ok(true),
        Err(e) if e.kind() == ErrorKind::BrokenPipe => Ok(false),
        Err(e) => {
            Err(Failure::Infrastructure(format!("error: cannot write to standard output: {e}")))
        }
    }
}
