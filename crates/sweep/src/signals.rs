//! Ctrl-C during a sweep: seen between polls, never in the middle of something.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::flag;
use signal_hook::iterator::Signals;

/// Counts SIGINT and SIGTERM while it lives, and notes a SIGHUP unless that is ignored, as under
/// `nohup`; afterwards they end the program as usual.
pub(crate) struct Requests {
    signals: Signals,
    count: usize,
    /// Whether the terminal is gone.
    hung_up: bool,
    usual: Arc<AtomicBool>,
}

impl Requests {
    pub(crate) fn listen() -> io::Result<Requests> {
        let mut requests = vec![SIGINT, SIGTERM];
        if !record::ignores_hangup() {
            requests.push(SIGHUP);
        }
        let usual = Arc::new(AtomicBool::new(false));
        for signal in &requests {
            flag::register_conditional_default(*signal, Arc::clone(&usual))?;
        }
        let signals = Signals::new(requests)?;
        Ok(Requests { signals, count: 0, hung_up: false, usual })
    }

    /// How often a stop was asked for until now. A closed terminal asks for it once at most: system and
    /// shell both say so, and a session that ends says more; none of them means to press.
    pub(crate) fn count(&mut self) -> usize {
        for signal in self.signals.pending() {
            match signal {
                SIGHUP => self.hung_up = true,
                _ => self.count += 1,
            }
        }
        self.count.max(usize::from(self.hung_up))
    }
}

impl Drop for Requests {
    fn drop(&mut self) {
        self.usual.store(true, Ordering::SeqCst);
    }
}
