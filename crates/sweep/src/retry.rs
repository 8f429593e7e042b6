//! What is worth another try, and when: failures of the infrastructure, ever more patiently.

use std::process::ExitStatus;
use std::time::Duration;

use record::{ErrorKind, Exit, Snapshot};

/// No retry waits longer.
const LONGEST: Duration = Duration::from_secs(300);

/// Exit code of a preparation that the machine failed.
const MACHINE: i32 = Exit::Machine.code() as i32;

/// How an attempt went wrong.
#[derive(Clone, Debug)]
pub(crate) struct Trouble {
    /// In words.
    pub(crate) reason: String,
    /// The exit code, if there was one.
    pub(crate) code: Option<i32>,
    /// Whether the infrastructure is to blame, so that the same attempt may succeed later.
    pub(crate) passing: bool,
}

impl Trouble {
    pub(crate) fn lasting(reason: impl Into<String>, code: Option<i32>) -> Trouble {
        Trouble { reason: reason.into(), code, passing: false }
    }

    pub(crate) fn passing(reason: impl Into<String>) -> Trouble {
        Trouble { reason: reason.into(), code: None, passing: true }
    }

    /// Judges a process that ended badly though nobody here asked it to, by its exit and by what it
    /// wrote down itself.
    pub(crate) fn of(status: ExitStatus, own: Option<&Snapshot>) -> Trouble {
        let error = own.and_then(Snapshot::error_line);
        let blamed = own.and_then(|snapshot| snapshot.error_kind);
        Trouble {
            reason: error.map_or_else(|| words(status), str::to_owned),
            code: status.code(),
            passing: matches!(status.code(), None | Some(MACHINE))
                || blamed == Some(ErrorKind::Infrastructure),
        }
    }
}

/// How long the `number`th retry (from 1) waits.
pub(crate) fn delay(first: Duration, number: usize) -> Duration {
    let factor = 4_u32.saturating_pow(u32::try_from(number.saturating_sub(1)).unwrap_or(u32::MAX));
    first.saturating_mul(factor).min(LONGEST)
}

/// How a process ended, in words.
pub(crate) fn words(status: ExitStatus) -> String {
    use std::os::unix::process::ExitStatusExt;
    match (status.code(), status.signal()) {
        (Some(MACHINE), _) => "was failed by the machine (is the disk full?)".to_owned(),
        (Some(code), _) => format!("ended with exit code {code}"),
        (None, Some(9)) => "was killed (signal 9; was memory short?)".to_owned(),
        (None, Some(6)) => "aborted (signal 6)".to_owned(),
        (None, Some(11)) => "crashed (signal 11, segmentation fault)".to_owned(),
        (None, signal) => format!("was ended by signal {}", signal.unwrap_or_default()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::process::ExitStatusExt;

    fn snapshot(error: &str, error_kind: Option<ErrorKind>) -> Option<Snapshot> {
        Some(Snapshot { error: Some(error.to_owned()), error_kind, ..Snapshot::default() })
    }

    #[test]
    fn each_retry_waits_four_times_as_long_up_to_five_minutes() {
        let waits = (1..=5).map(|n| delay(Duration::from_secs(5), n).as_secs());
        assert_eq!(waits.collect::<Vec<_>>(), [5, 20, 80, 300, 300]);
        assert_eq!(delay(Duration::from_secs(5), 1000), LONGEST);
    }

    #[test]
    fn signals_and_what_the_worker_blames_on_the_infrastructure_pass() {
        let (killed, failed) = (ExitStatus::from_raw(11), ExitStatus::from_raw(1 << 8));
        assert!(Trouble::of(killed, None).passing);
        assert!(!Trouble::of(failed, None).passing);
        assert!(Trouble::of(ExitStatus::from_raw(74 << 8), None).passing);
        let blamed = Trouble::of(
            failed,
            snapshot("error: disk full", Some(ErrorKind::Infrastructure)).as_ref(),
        );
        assert_eq!((blamed.passing, blamed.reason.as_str()), (true, "disk full"));
        assert!(!Trouble::of(failed, snapshot("no", Some(ErrorKind::Failure)).as_ref()).passing);
        assert!(!Trouble::of(failed, snapshot("no", None).as_ref()).passing);
    }
}
