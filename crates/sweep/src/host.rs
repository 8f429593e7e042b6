//! Life signs of workers on other machines, whose locks cannot be seen from here.

use std::fs;
use std::sync::OnceLock;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::state::Snapshot;

/// A live worker rewrites `state.json` at least every 30 seconds; clocks and network file systems get
/// the rest.
const SILENCE: u64 = 180;

/// Seconds since 1970.
#[derive(Clone, Copy)]
pub(crate) struct Moment(u64);

impl Moment {
    pub(crate) fn now() -> Moment {
        Moment(SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs())
    }
}

/// This machine's name, as workers write it down.
fn this_host() -> &'static str {
    static NAME: OnceLock<String> = OnceLock::new();
    NAME.get_or_init(|| {
        let name = fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
        name.trim().to_owned()
    })
}

/// Whether a worker on another machine said within the last three minutes that it is running.
pub(crate) fn beats_elsewhere(snapshot: &Snapshot, now: Moment) -> bool {
    let elsewhere = !snapshot.host.is_empty() && snapshot.host != this_host();
    // Clocks may differ: a moment that lies a little ahead is as recent.
    snapshot.state == "running" && elsewhere && now.0.abs_diff(snapshot.updated) <= SILENCE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_recent_word_from_another_machine_is_a_life_sign() {
        let says = |host: &str, state: &str, updated: u64| {
            let (host, state) = (host.to_owned(), state.to_owned());
            let snapshot = Snapshot { host, state, updated, ..Snapshot::default() };
            beats_elsewhere(&snapshot, Moment(10_000))
        };
        assert!(says("node7", "running", 9_820) && says("node7", "running", 10_090));
        assert!(!says("node7", "running", 9_819));
        assert!(!says("node7", "interrupted", 9_990));
        assert!(!says("", "running", 9_990));
        assert!(!says(this_host(), "running", 9_990));
    }
}
