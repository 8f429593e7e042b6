//! Whose a directory is: one writer at a time, and a later one that outdates an earlier.
//!
//! Two guards stand one behind the other. A lock on the file `lock` is held by the live process and
//! freed by the system when it dies. `owner.json` numbers the attempts: whoever finds a higher number
//! than its own there has been declared dead by a scheduler and must not commit any more, even where
//! the lock of a lost machine cannot be seen.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

use crate::files::write_atomic;
use crate::life::this_host;
use crate::lock::{Lock, Locking};

/// The content of `owner.json`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Owner {
    /// Counts the attempts at this directory, from 1.
    pub number: u64,
    /// Names this attempt among all: start in milliseconds since 1970, and process, in hexadecimal.
    pub attempt: String,
    /// Machine.
    pub host: String,
    /// Process.
    pub pid: u32,
    /// When it began, seconds since 1970.
    pub started: u64,
}

impl Owner {
    /// Reads who worked on a directory last; `None` if nobody did.
    pub fn read(dir: &Path) -> Option<Owner> {
        serde_json::from_slice(&fs::read(dir.join("owner.json")).ok()?).ok()
    }
}

/// Why a directory could not be claimed, or is not ours any more.
#[derive(Debug, thiserror::Error)]
pub enum ClaimError {
    /// Another process holds it.
    #[error("another process works on {}{}; wait for it, or stop it", dir.display(), who(owner))]
    Held {
        /// The directory.
        dir: PathBuf,
        /// Who, if that is written down.
        owner: Option<Owner>,
    },
    /// A later attempt has taken it.
    #[error("a later attempt has taken {}{}: this one writes nothing more", dir.display(), who(owner))]
    Outdated {
        /// The directory.
        dir: PathBuf,
        /// The later attempt; `None` if the note is gone, and the directory with it.
        owner: Option<Owner>,
    },
    /// The directory cannot be used.
    #[error("cannot claim {}: {source}", dir.display())]
    Io {
        /// The directory.
        dir: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
}

fn who(owner: &Option<Owner>) -> String {
    owner.as_ref().map_or_else(String::new, |o| format!(" (process {} on {})", o.pid, o.host))
}

/// A directory that this process may write. Clones share it; the last one frees it.
#[derive(Clone, Debug)]
pub struct Claim {
    dir: PathBuf,
    owner: Owner,
    /// Held for as long as a clone lives; `None` if it could not be had after a takeover.
    _lock: Arc<Option<Lock>>,
}

/// How a held directory is met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Contest {
    /// It is refused.
    Refuse,
    /// It is taken: a scheduler says that whoever holds it is over. The process gets this long to notice
    /// and let go; then the numbers in `owner.json` alone keep it from committing.
    TakeOver(Duration),
}

const POLL: Duration = Duration::from_millis(50);

impl Claim {
    /// Claims a directory, which must exist, and notes the attempt there.
    ///
    /// # Errors
    /// Another process holds it, or the directory cannot be written.
    pub fn take(dir: &Path, contest: Contest) -> Result<Claim, ClaimError> {
        let fail = |source| ClaimError::Io { dir: dir.to_owned(), source };
        // Never removed: all attempts lock the same file.
        let file = dir.join("lock");
        let mut lock = Lock::try_exclusive(&file).map_err(fail)?;
        if matches!(lock, Locking::Held) && contest == Contest::Refuse {
            return Err(ClaimError::Held { dir: dir.to_owned(), owner: Owner::read(dir) });
        }
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let pid = std::process::id();
        let owner = Owner {
            number: Owner::read(dir).map_or(0, |last| last.number) + 1,
            attempt: format!("{:x}-{pid:x}", now.as_millis()),
            host: this_host().to_owned(),
            pid,
            started: now.as_secs(),
        };
        let text = serde_json::to_vec_pretty(&owner).map_err(|e| fail(e.into()))?;
        write_atomic(&dir.join("owner.json"), &text).map_err(fail)?;
        if let Contest::TakeOver(patience) = contest {
            let begun = Instant::now();
            while matches!(lock, Locking::Held) && begun.elapsed() < patience {
                thread::sleep(POLL);
                lock = Lock::try_exclusive(&file).map_err(fail)?;
            }
        }
        // Where a file system has no locks, the numbers in `owner.json` stand alone.
        let lock = match lock {
            Locking::Got(lock) => Some(lock),
            Locking::Held | Locking::Unsupported => None,
        };
        let claim = Claim { dir: dir.to_owned(), owner, _lock: Arc::new(lock) };
        claim.check()?;
        Ok(claim)
    }

    /// The attempt's note.
    pub fn owner(&self) -> &Owner {
        &self.owner
    }

    /// Whether the directory is still ours; asked before every commit.
    ///
    /// # Errors
    /// A later attempt has taken it.
    pub fn check(&self) -> Result<(), ClaimError> {
        let owner = Owner::read(&self.dir);
        match &owner {
            Some(found) if *found == self.owner => Ok(()),
            _ => Err(ClaimError::Outdated { dir: self.dir.clone(), owner }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_held_directory_is_refused_and_free_again_afterwards() {
        let dir = tempfile::tempdir().unwrap();
        let first = Claim::take(dir.path(), Contest::Refuse).unwrap();
        assert_eq!(first.owner().number, 1);
        let refused = Claim::take(dir.path(), Contest::Refuse).unwrap_err().to_string();
        assert!(refused.contains(&format!("process {}", std::process::id())), "{refused}");
        assert!(first.check().is_ok());
        drop(first);
        assert_eq!(Claim::take(dir.path(), Contest::Refuse).unwrap().owner().number, 2);
    }

    #[test]
    fn a_takeover_outdates_whoever_held_it() {
        let dir = tempfile::tempdir().unwrap();
        let first = Claim::take(dir.path(), Contest::Refuse).unwrap();
        let patience = Duration::from_millis(120);
        let second = Claim::take(dir.path(), Contest::TakeOver(patience)).unwrap();
        assert!(matches!(first.check(), Err(ClaimError::Outdated { .. })));
        assert!(second.check().is_ok());
        let third = Claim::take(dir.path(), Contest::TakeOver(patience)).unwrap();
        assert!(second.check().is_err() && third.check().is_ok());
    }

    #[test]
    fn a_takeover_waits_for_the_lock_while_it_can() {
        let dir = tempfile::tempdir().unwrap();
        let first = Claim::take(dir.path(), Contest::Refuse).unwrap();
        let second = thread::scope(|scope| {
            scope.spawn(move || {
                while first.check().is_ok() {
                    thread::sleep(Duration::from_millis(5));
                }
            });
            Claim::take(dir.path(), Contest::TakeOver(Duration::from_secs(30))).unwrap()
        });
        // Held, so that a third process is refused.
        assert!(matches!(Claim::take(dir.path(), Contest::Refuse), Err(ClaimError::Held { .. })));
        assert!(second.check().is_ok());
    }
}
