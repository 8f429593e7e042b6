//! One lock for all files that processes must not work on at the same time.
//!
//! Some network file systems have no locks, or none just now. That is neither "free" nor "held by
//! another": whoever asks has to be safe without, by writing under a name of its own and renaming.

use std::fs::{File, TryLockError};
use std::io;
use std::path::Path;

/// A lock on a file, held until it is dropped or the process ends.
#[derive(Debug)]
pub struct Lock {
    /// Never read: to close it is to free the lock.
    _file: File,
}

/// What asking for a lock without waiting gave.
#[derive(Debug)]
pub enum Locking {
    /// Nobody else has it.
    Got(Lock),
    /// Another process, or another part of this one, has it.
    Held,
    /// The file system has no locks; nothing is known of others.
    Unsupported,
}

impl Lock {
    /// Waits until nobody else holds the lock on `path`, which is created if need be, never
    /// truncated, and should never be removed. `None` where the file system has no locks.
    ///
    /// # Errors
    /// The file cannot be opened for writing, or the system failed in another way.
    pub fn exclusive(path: &Path) -> io::Result<Option<Lock>> {
        exclusive_by(path, File::lock)
    }

    /// The same; says beforehand, through `waiting`, if it has to wait.
    ///
    /// # Errors
    /// As [`Lock::exclusive`].
    pub fn exclusive_saying(path: &Path, waiting: impl FnOnce()) -> io::Result<Option<Lock>> {
        match Lock::try_exclusive(path)? {
            Locking::Got(lock) => Ok(Some(lock)),
            Locking::Unsupported => Ok(None),
            Locking::Held => {
                waiting();
                Lock::exclusive(path)
            }
        }
    }

    /// The same without waiting.
    ///
    /// # Errors
    /// As [`Lock::exclusive`].
    pub fn try_exclusive(path: &Path) -> io::Result<Locking> {
        try_exclusive_by(path, File::try_lock)
    }
}

/// Opened for writing: some network file systems lock nothing exclusively otherwise.
fn open(path: &Path) -> io::Result<File> {
    File::options().create(true).append(true).open(path)
}

fn exclusive_by(path: &Path, lock: impl Fn(&File) -> io::Result<()>) -> io::Result<Option<Lock>> {
    let file = open(path)?;
    loop {
        return match lock(&file) {
            Ok(()) => Ok(Some(Lock { _file: file })),
            // A signal came while we waited.
            Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
            Err(e) if is_lockless(&e) => Ok(None),
            Err(e) => Err(e),
        };
    }
}

fn try_exclusive_by(
    path: &Path,
    lock: impl Fn(&File) -> Result<(), TryLockError>,
) -> io::Result<Locking> {
    let file = open(path)?;
    match lock(&file) {
        Ok(()) => Ok(Locking::Got(Lock { _file: file })),
        Err(TryLockError::WouldBlock) => Ok(Locking::Held),
        Err(TryLockError::Error(e)) if is_lockless(&e) => Ok(Locking::Unsupported),
        Err(TryLockError::Error(e)) => Err(e),
    }
}

/// Whether an error of locking a file says that there are no locks, rather than that this one failed:
/// ENOTSUP, EOPNOTSUPP and ENOSYS (the file system has none), ENOLCK (a network file system whose lock
/// service is not there).
pub(crate) fn is_lockless(error: &io::Error) -> bool {
    let codes: &[i32] = if cfg!(any(target_os = "linux", target_os = "android")) {
        &[95, 37, 38]
    } else if cfg!(unix) {
        // The BSDs and macOS.
        &[45, 102, 77, 78]
    } else {
        &[]
    };
    error.kind() == io::ErrorKind::Unsupported
        || error.raw_os_error().is_some_and(|code| codes.contains(&code))
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::time::Duration;

    use super::*;

    #[test]
    fn got_held_and_free_again_are_told_apart() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("lock");
        let first = Lock::exclusive(&path).unwrap().unwrap();
        assert!(matches!(Lock::try_exclusive(&path).unwrap(), Locking::Held));
        drop(first);
        assert!(matches!(Lock::try_exclusive(&path).unwrap(), Locking::Got(_)));
        assert!(path.is_file(), "all attempts lock the same file");
    }

    #[test]
    fn a_second_one_waits() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("lock");
        let first = Lock::exclusive(&path).unwrap().unwrap();
        let over = AtomicBool::new(false);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                let _second = Lock::exclusive(&path).unwrap().unwrap();
                assert!(over.load(Ordering::SeqCst), "the first one was not waited for");
            });
            std::thread::sleep(Duration::from_millis(50));
            over.store(true, Ordering::SeqCst);
            drop(first);
        });
    }

    /// What `flock` says on file systems without locks.
    fn refusals() -> Vec<io::Error> {
        let codes: &[i32] = if cfg!(target_os = "linux") { &[95, 37, 38] } else { &[] };
        let coded = codes.iter().map(|code| io::Error::from_raw_os_error(*code));
        coded.chain([io::Error::from(io::ErrorKind::Unsupported)]).collect()
    }

    #[test]
    fn a_file_system_without_locks_is_neither_free_nor_held() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("lock");
        for error in refusals() {
            let text = error.to_string();
            let error = Cell::new(Some(error));
            let waiting = exclusive_by(&path, |_| Err(error.take().unwrap()));
            assert!(matches!(waiting, Ok(None)), "{text}: {waiting:?}");
        }
        for error in refusals() {
            let text = error.to_string();
            let error = Cell::new(Some(error));
            let trying =
                try_exclusive_by(&path, |_| Err(TryLockError::Error(error.take().unwrap())));
            assert!(matches!(trying, Ok(Locking::Unsupported)), "{text}: {trying:?}");
        }
    }

    #[test]
    fn other_failures_stay_errors_and_a_signal_is_none() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("lock");
        let failing = |_: &File| Err(io::Error::from(io::ErrorKind::PermissionDenied));
        assert!(exclusive_by(&path, failing).is_err());
        let trying = try_exclusive_by(&path, |file| failing(file).map_err(TryLockError::Error));
        assert!(trying.is_err());
        assert!(Lock::exclusive(&dir.path().join("no/such/place")).is_err());
        let interrupted = Cell::new(true);
        let lock = exclusive_by(&path, |_| match interrupted.replace(false) {
            true => Err(io::Error::from(io::ErrorKind::Interrupted)),
            false => Ok(()),
        });
        assert!(matches!(lock, Ok(Some(_))), "{lock:?}");
    }
}
