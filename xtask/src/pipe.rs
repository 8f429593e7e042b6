//! Output that nobody reads any more (`cargo xtask status | head -1`).

use std::fmt::Display;
use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

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

/// Says a line on standard error, or keeps silent where nobody can be told: on a terminal that is gone, on
/// a disk that is full. How the command ends must not depend on that.
pub(crate) fn tell(line: impl Display) {
    let _ = writeln!(std::io::stderr(), "{line}");
}
