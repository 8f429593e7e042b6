//! Asking a run to stop: handlers set a flag, the work happens between steps.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use signal_hook::consts::{SIGINT, SIGTERM, SIGUSR1};
use signal_hook::flag;

/// A request to stop, seen between steps.
#[derive(Clone, Debug, Default)]
pub struct Stop(Arc<AtomicBool>);

impl Stop {
    /// Listens to SIGINT, SIGTERM and SIGUSR1 alike. The first asks; a second exits at once with
    /// status 75, since checkpoints are whole at any moment.
    ///
    /// # Errors
    /// The handlers could not be installed.
    pub fn on_signals() -> io::Result<Stop> {
        let stop = Stop::default();
        for signal in [SIGINT, SIGTERM, SIGUSR1] {
            // Order matters: the conditional exit looks at the flag before this signal sets it.
            flag::register_conditional_shutdown(signal, 75, Arc::clone(&stop.0))?;
            flag::register(signal, Arc::clone(&stop.0))?;
        }
        Ok(stop)
    }

    /// Whether a stop was asked for.
    pub fn requested(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// Asks for a stop from within the program.
    pub fn request(&self) {
        self.0.store(true, Ordering::Relaxed);
    }
}
