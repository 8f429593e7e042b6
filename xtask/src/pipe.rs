//! Output that nobody reads any more (`cargo xtask status | head -1`).

use std::fmt::{Arguments, Display};
use std::io::Write;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use signal_hook::consts::SIGPIPE;

/// Ends this program quietly when it writes into a closed pipe, as other command-line programs do:
/// Rust ignores the signal, and printing would panic instead.
pub(crate) struct Quiet(Arc<AtomicBool>);

impl Quiet {
    /// From now on, until [`Quiet::while_working`].
    pub(crate) fn new() -> Quiet {
        let ends = Arc::new(AtomicBool::new(true));
        // Without the handler everything works but the quiet end.
        let _ = signal_hook::flag::register_conditional_default(SIGPIPE, Arc::clone(&ends));
        Quiet(ends)
    }

    /// Lets `work` go on when its words reach nobody: a sweep does not stop because its display
    /// was closed, and its workers are not left alone.
    pub(crate) fn while_working<T>(&self, work: impl FnOnce() -> T) -> T {
        self.0.store(false, Ordering::SeqCst);
        let result = work();
        self.0.store(true, Ordering::SeqCst);
        result
    }
}

/// Why a line on standard output was lost, if one was.
static LOST: OnceLock<String> = OnceLock::new();

/// Prints to standard output, as `println!` does, but ends nothing if that cannot be: what [`lost`] says of
/// it decides how the command ends.
macro_rules! say {
    ($($text:tt)*) => { $crate::pipe::print(format_args!("{}\n", format_args!($($text)*))) };
}
pub(crate) use say;

/// Prints text as it is, likewise.
pub(crate) fn print(text: Arguments<'_>) {
    let mut out = std::io::stdout().lock();
    if let Err(e) = out.write_fmt(text).and_then(|()| out.flush()) {
        let _ = LOST.set(e.to_string());
    }
}

/// Why standard output could not be written, if it could not.
pub(crate) fn lost() -> Option<&'static str> {
    LOST.get().map(String::as_str)
}

/// Says a line on standard error, or keeps silent where nobody can be told: on a terminal that is gone, on
/// a disk that is full. How the command ends must not depend on that.
pub(crate) fn tell(line: impl Display) {
    let _ = writeln!(std::io::stderr(), "{line}");
}
