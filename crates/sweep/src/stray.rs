//! Workers that outlived the program that started them.
//!
//! A launcher that is killed leaves its workers behind: they finish their cells on their own. The next
//! launch takes them into its count, waits for them and passes requests to stop on to them, as if it had
//! started them itself. It knows them by their environment, in which their launcher has left its number
//! and the moment it began; workers of a launcher that lives are its own affair.

use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::ExitStatus;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use record::{Cell, CellState, Owner, Snapshot, cell_dir, this_host};
use rustix::process::{Pid, Signal, getpgid, kill_process, kill_process_group};

/// The variable in which a launcher names itself to its workers.
pub(crate) const LAUNCHER: &str = "RESGAN_LAUNCHER";

/// What a launcher says of itself there: its number, and when it began as the system counts it, so that
/// a later process of the same number is no launcher.
pub(crate) fn badge() -> String {
    let pid = std::process::id();
    format!("{pid} {}", began(pid).unwrap_or_default())
}

/// The variable that tells libraries, and us, which cell a worker works on.
pub(crate) fn environment_of(id: &str) -> (&'static str, String) {
    ("CUBECL_ENVIRONMENT", format!("resgan-{id}"))
}

/// A live worker on this machine whose launcher is gone.
#[derive(Debug)]
pub(crate) struct Stray {
    pid: u32,
    began: u64,
    dir: PathBuf,
    /// How long it has been at work.
    pub(crate) age: Duration,
}

/// Whether a worker that has lost its launcher works on the cell.
pub fn is_stray(dir: &Path, cell: &Cell) -> bool {
    Stray::of(dir, cell).is_some()
}

impl Stray {
    /// The worker of a cell that has lost its launcher.
    pub(crate) fn of(dir: &Path, cell: &Cell) -> Option<Stray> {
        let dir = cell_dir(dir, &cell.id);
        let owner = Owner::read(&dir).filter(|owner| owner.host == this_host())?;
        // The note stays when its writer is gone; the lock does not.
        if !record::is_claimed(&dir) {
            return None;
        }
        let (pid, began) = (owner.pid, began(owner.pid)?);
        let environment = fs::read(format!("/proc/{pid}/environ")).ok()?;
        let value = |name: &str| {
            let mut pairs = environment.split(|byte| *byte == 0);
            pairs.find_map(|pair| {
                std::str::from_utf8(pair).ok()?.strip_prefix(name)?.strip_prefix('=')
            })
        };
        let (name, own) = environment_of(&cell.id);
        let (launcher, its_beginning) = value(LAUNCHER)?.split_once(' ')?;
        let launcher_lives = self::began(launcher.parse().ok()?) == its_beginning.parse().ok();
        if value(name) != Some(own.as_str()) || launcher_lives {
            return None;
        }
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let age = now.saturating_sub(Duration::from_secs(owner.started));
        Some(Stray { pid, began, dir, age })
    }

    /// The number of the process.
    pub(crate) fn pid(&self) -> u32 {
        self.pid
    }

    /// How it ended, if it has: as it wrote down itself, since only a parent is told. One that wrote
    /// down no end was killed.
    pub(crate) fn ended(&self) -> Option<ExitStatus> {
        if self.lives() {
            return None;
        }
        const KILLED: i32 = 9;
        let exit = |code: i32| ExitStatus::from_raw(code << 8);
        let said = Snapshot::read(&self.dir).filter(|said| said.pid == self.pid);
        Some(match said.as_ref().and_then(|said| said.state) {
            Some(CellState::Interrupted) => exit(75),
            Some(CellState::Failed) | Some(CellState::Diverged) => exit(1),
            Some(CellState::Done) => exit(0),
            _ => ExitStatus::from_raw(KILLED),
        })
    }

    fn lives(&self) -> bool {
        began(self.pid) == Some(self.began)
    }

    /// Sends a signal, to its whole group if it leads one.
    pub(crate) fn signal(&self, signal: Signal) {
        let Some(pid) = i32::try_from(self.pid).ok().and_then(Pid::from_raw) else { return };
        if !self.lives() {
            return;
        }
        // One that has just ended needs no signal.
        let _ = match getpgid(Some(pid)) {
            Ok(group) if group == pid => kill_process_group(pid, signal),
            _ => kill_process(pid, signal),
        };
    }
}

/// When a live process began, in the system's ticks; `None` of one that is gone, or where the system does
/// not say (off Linux).
fn began(pid: u32) -> Option<u64> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    beginning(&stat)
}

/// The fields follow the program's name, which is in brackets and may hold some itself.
fn beginning(stat: &str) -> Option<u64> {
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace();
    // Dead, but not yet asked about by its parent.
    if matches!(fields.next()?, "Z" | "X") {
        return None;
    }
    // The state is the third field, the beginning the twenty-second.
    fields.nth(18)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_is_told_from_a_later_one_of_its_number() {
        let fields: Vec<String> = (4..=52).map(|number| number.to_string()).collect();
        let stat = |state: &str| format!("17 (a ) b (c) {state} {}", fields.join(" "));
        assert_eq!(beginning(&stat("S")), Some(22));
        assert_eq!(beginning(&stat("Z")), None);
        assert_eq!(beginning(""), None);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn this_process_has_a_beginning_and_one_that_is_gone_has_none() {
        assert!(began(std::process::id()).is_some());
        let mut child = std::process::Command::new("true").spawn().unwrap();
        let pid = child.id();
        child.wait().unwrap();
        assert_eq!(began(pid), None);
    }
}
