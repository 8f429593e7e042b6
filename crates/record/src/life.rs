//! Whether somebody works on a directory: by its lock, or by life signs where that cannot be seen.

use std::fs::{self, File, TryLockError};
use std::path::Path;
use std::sync::OnceLock;
use std::time::{SystemTime, UNIX_EPOCH};

/// A live worker rewrites its `state.json` at least every 15 seconds; clocks and network file systems
/// get the rest.
const SILENCE: u64 = 180;

/// This machine's name, as workers write it down.
pub fn this_host() -> &'static str {
    static NAME: OnceLock<String> = OnceLock::new();
    NAME.get_or_init(|| {
        let name = fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
        name.trim().to_owned()
    })
}

/// Whether a live process holds a [claim](crate::Claim) on the directory. The probe holds the lock for
/// an instant at most, shared with other probes.
pub fn is_claimed(dir: &Path) -> bool {
    File::open(dir.join("lock"))
        .is_ok_and(|file| matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)))
}

/// Whether a worker on another machine, whose lock cannot be seen from here, said within the last
/// three minutes that it runs: `host`, and the moment in seconds since 1970, as it wrote them.
pub(crate) fn beats_elsewhere(host: &str, updated: u64) -> bool {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    // Clocks may differ: a moment that lies a little ahead is as recent.
    !host.is_empty() && host != this_host() && now.abs_diff(updated) <= SILENCE
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Claim, Contest};

    #[test]
    fn only_a_recent_word_from_another_machine_is_a_life_sign() {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
        assert!(beats_elsewhere("node7", now - 170) && beats_elsewhere("node7", now + 90));
        assert!(!beats_elsewhere("node7", now - 190));
        assert!(!beats_elsewhere("", now) && !beats_elsewhere(this_host(), now));
    }

    #[test]
    fn a_claim_is_seen_as_long_as_it_is_held() {
        let dir = tempfile::tempdir().unwrap();
        assert!(!is_claimed(dir.path()));
        let claim = Claim::take(dir.path(), Contest::Refuse).unwrap();
        assert!(is_claimed(dir.path()));
        drop(claim);
        assert!(!is_claimed(dir.path()));
    }
}
