//! Ctrl-C during a sweep: seen between polls, never in the middle of something.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;
use signal_hook::iterator::Signals;

/// Counts SIGINT and SIGTERM while it lives; afterwards they end the program as usual.
pub(crate) struct Requests {
    signals: Signals,
    count: usize,
    usual: Arc<AtomicBool>,
}

impl Requests {
    pub(crate) fn listen() -> io::Result<Requests> {
        let usual = Arc::new(AtomicBool::new(false));
        for signal in [SIGINT, SIGTERM] {
            flag::register_conditional_default(signal, Arc::clone(&usual))?;
        }
        let signals = Signals::new([SIGINT, SIGTERM])?;
        Ok(Requests { signals, count: 0, usual })
    }

    /// How often a stop was asked for until now.
    pub(crate) fn count(&mut self) -> usize {
        self.count += self.signals.pending().count();
        self.count
    }
}

impl Drop for Requests {
    fn drop(&mut self) {
        self.usual.store(true, Ordering::SeqCst);
    }
}
