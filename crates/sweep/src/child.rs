//! One worker process: its environment, its log, its process group.
//!
//! Should this program die without a chance to stop its workers (SIGKILL), they finish their cells
//! on their own. Nothing is harmed by that: each holds its cell's lock, and the next launch takes them
//! over (see [`Stray`]) instead of starting a second writer.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{SystemTime, UNIX_EPOCH};

use config::Backend;
use rustix::process::{Pid, Signal, kill_process_group};

use crate::stray::{LAUNCHER, Stray, badge, environment_of};

/// What libraries read their number of threads from: rayon, OpenMP (libtorch), oneMKL, OpenBLAS,
/// BLIS, and Apple's Accelerate. One that is left out takes every core in every cell.
pub(crate) const THREADS: [&str; 6] = [
    "RAYON_NUM_THREADS",
    "OMP_NUM_THREADS",
    "MKL_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "BLIS_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
];

/// How many processor threads a process may use.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Threads {
    /// As many as the cell's configuration says; its results depend on it.
    OfCell,
    /// All of them: decoding images gives the same bytes whatever the number.
    All,
}

/// A worker in a process group of its own, so that Ctrl-C on the terminal does not reach it.
pub(crate) enum Worker {
    /// Started here.
    Own(Child),
    /// Started by a launcher that is gone.
    Stray(Stray),
}

impl Worker {
    /// Starts `program arguments...` with standard output and error appended to `log`.
    pub(crate) fn start(
        mut command: Command,
        backend: &Backend,
        environment: &str,
        threads: Threads,
        log: &Path,
    ) -> io::Result<Worker> {
        let out = open_log(log, &command)?;
        if threads == Threads::OfCell {
            let count = backend.threads.to_string();
            command.envs(THREADS.map(|name| (name, &count)));
        }
        command.env("BURN_DEVICE", backend.kind.row().burn_device);
        // Processes that share one cache of tuned kernels have got in each other's way.
        let (name, own) = environment_of(environment);
        command.env(name, own).env(LAUNCHER, badge());
        command.stdin(Stdio::null()).stdout(out.try_clone()?).stderr(out).process_group(0);
        Ok(Worker::Own(command.spawn()?))
    }

    /// The number of the process.
    pub(crate) fn id(&self) -> u32 {
        match self {
            Worker::Own(child) => child.id(),
            Worker::Stray(stray) => stray.pid(),
        }
    }

    /// The status, once it has ended.
    pub(crate) fn ended(&mut self) -> io::Result<Option<ExitStatus>> {
        match self {
            Worker::Own(child) => child.try_wait(),
            Worker::Stray(stray) => Ok(stray.ended()),
        }
    }

    /// Asks the whole group to save and stop.
    pub(crate) fn ask_to_stop(&self) {
        self.signal(Signal::TERM);
    }

    /// Ends the whole group now.
    pub(crate) fn kill(&self) {
        self.signal(Signal::KILL);
    }

    fn signal(&self, signal: Signal) {
        match self {
            Worker::Own(child) => {
                if let Some(group) = i32::try_from(child.id()).ok().and_then(Pid::from_raw) {
                    // A group that has ended already needs no signal.
                    let _ = kill_process_group(group, signal);
                }
            }
            Worker::Stray(stray) => stray.signal(signal),
        }
    }
}

/// Opens a log for appending and begins a new attempt in it.
fn open_log(path: &Path, command: &Command) -> io::Result<File> {
    const HEADER: &str = "=== attempt ";
    let old = fs::read(path).unwrap_or_default();
    let old = String::from_utf8_lossy(&old);
    let attempt = old.lines().filter(|line| line.starts_with(HEADER)).count() + 1;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let line: Vec<_> = std::iter::once(command.get_program())
        .chain(command.get_args())
        .map(|part| part.to_string_lossy())
        .collect();
    let mut file = OpenOptions::new().create(true).append(true).open(path)?;
    writeln!(file, "{HEADER}{attempt}, started {now} (unix seconds): {}", line.join(" "))?;
    Ok(file)
}
