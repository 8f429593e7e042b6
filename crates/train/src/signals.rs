//! Asking a run to stop: a signal sets a flag, the work happens between steps.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM, SIGUSR1};
use signal_hook::iterator::Signals;
use signal_hook::low_level;

/// Exit code of a process that was asked to stop and will resume.
const INTERRUPTED: i32 = 75;
/// Signals closer together than this are one request: schedulers send theirs to a process and to its
/// group, so that it comes twice.
const ONE_REQUEST: Duration = Duration::from_secs(1);

/// A request to stop, seen between steps.
#[derive(Clone, Default)]
pub struct Stop(Arc<Shared>);

#[derive(Default)]
struct Shared {
    requested: AtomicBool,
    /// Whether there is something to save first.
    stepping: AtomicBool,
    farewell: Mutex<Option<Box<dyn Fn() + Send>>>,
}

impl Stop {
    /// Listens to SIGINT, SIGTERM, SIGUSR1 and SIGHUP alike; not to the last where it is ignored, as under
    /// `nohup`. While steps are taken the first one asks for a
    /// checkpoint and a second one, a second later or more, exits at once with status 75; at any other
    /// time already the first one does, since there is nothing to save that is not on the disk.
    /// Checkpoints are whole at any moment.
    ///
    /// # Errors
    /// The handlers could not be installed.
    pub fn on_signals() -> io::Result<Stop> {
        let stop = Stop::default();
        let mut requests = vec![SIGINT, SIGTERM, SIGUSR1];
        if !record::ignores_hangup() {
            requests.push(SIGHUP);
        }
        let mut signals = Signals::new(requests)?;
        let heard = stop.clone();
        thread::Builder::new().name("signals".to_owned()).spawn(move || {
            let mut first: Option<Instant> = None;
            for _ in signals.forever() {
                match first {
                    None => {
                        first = Some(Instant::now());
                        heard.request();
                        if !heard.0.stepping.load(Ordering::SeqCst) {
                            heard.exit();
                        }
                    }
                    Some(first) if first.elapsed() < ONE_REQUEST => {}
                    Some(_) => heard.exit(),
                }
            }
        })?;
        Ok(stop)
    }

    /// What to do before a signal ends the process outside of the steps.
    pub fn before_exit(&self, farewell: impl Fn() + Send + 'static) {
        *self.0.farewell.lock().unwrap_or_else(|e| e.into_inner()) = Some(Box::new(farewell));
    }

    /// Whether a stop was asked for.
    pub(crate) fn requested(&self) -> bool {
        self.0.requested.load(Ordering::SeqCst)
    }

    /// Asks for a stop from within the program.
    pub fn request(&self) {
        self.0.requested.store(true, Ordering::SeqCst);
    }

    /// Runs steps, which ask [`Stop::requested`] before each.
    pub(crate) fn stepping<T>(&self, steps: impl FnOnce() -> T) -> T {
        self.0.stepping.store(true, Ordering::SeqCst);
        let result = steps();
        self.0.stepping.store(false, Ordering::SeqCst);
        result
    }

    fn exit(&self) {
        // A thread that is just writing must not keep the process from ending.
        if let Ok(farewell) = self.0.farewell.try_lock() {
            farewell.iter().for_each(|farewell| farewell());
        }
        low_level::exit(INTERRUPTED);
    }
}
