//! A real Slurm of two nodes on this machine, in a directory of its own, and what a test does to it.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

/// Polls until something is there.
pub(crate) fn wait_for<T>(what: &str, seconds: u64, mut look: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(start.elapsed() < Duration::from_secs(seconds), "{what}: not within {seconds} s");
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// A process by its number, and whether it is there.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Process(pub u32);

impl Process {
    /// Processes whose command line has these words, the first of them ending the program's path.
    pub(crate) fn find(program: &str, words: &[&str]) -> Vec<Process> {
        let mut found = Vec::new();
        for entry in fs::read_dir("/proc").unwrap().flatten() {
            let Ok(pid) = entry.file_name().to_string_lossy().parse() else { continue };
            let line = fs::read(entry.path().join("cmdline")).unwrap_or_default();
            let line = String::from_utf8_lossy(&line).into_owned();
            let mut parts = line.split('\0');
            let is_program = parts.next().is_some_and(|first| first.ends_with(program));
            if is_program && words.iter().all(|word| line.contains(word)) {
                found.push(Process(pid));
            }
        }
        found
    }

    pub(crate) fn signal(self, signal: &str) {
        let mut kill = Command::new("kill");
        // It may have ended in the meantime.
        let _ = kill.args([&format!("-{signal}"), &self.0.to_string()]).output();
    }

    pub(crate) fn alive(self) -> bool {
        let status = fs::read_to_string(format!("/proc/{}/status", self.0)).unwrap_or_default();
        !status.is_empty() && !status.contains("State:\tZ")
    }

    /// Whether a signal that was sent has not been handled yet; a stopped process handles none.
    pub(crate) fn pending(self, signal: u32) -> bool {
        let status = fs::read_to_string(format!("/proc/{}/status", self.0)).unwrap_or_default();
        let masks = status.lines().filter(|l| l.starts_with("SigPnd") || l.starts_with("ShdPnd"));
        masks.filter_map(|line| line.split_whitespace().nth(1)).any(|mask| {
            u64::from_str_radix(mask, 16).is_ok_and(|mask| mask >> (signal - 1) & 1 == 1)
        })
    }
}

/// A task in the queue.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Task {
    pub(crate) job: String,
    pub(crate) index: String,
    pub(crate) state: String,
    pub(crate) node: String,
    pub(crate) restarts: u32,
}

pub(crate) struct Cluster {
    dir: PathBuf,
}

impl Cluster {
    /// Whether one can be started here; says why not.
    pub(crate) fn possible() -> Result<(), String> {
        for program in ["slurmctld", "slurmd", "squeue"] {
            let there = Command::new(program).arg("-V").output().is_ok();
            if !there {
                return Err(format!("{program} is not installed"));
            }
        }
        if !rustix::process::geteuid().is_root() {
            return Err("only root can start slurmd".to_owned());
        }
        let resolve = Command::new("sh").args(["-c", "getent hosts \"$(hostname -s)\""]).output();
        match resolve.is_ok_and(|found| found.status.success()) {
            true => Ok(()),
            false => Err("this machine's own name does not resolve, which Slurm needs".to_owned()),
        }
    }

    /// Starts one in `dir`.
    pub(crate) fn start(dir: &Path) -> Cluster {
        let free = |port: u16| TcpListener::bind(("127.0.0.1", port)).is_ok();
        let first = 20_000 + u16::try_from(std::process::id() % 20_000).unwrap();
        let port = (first..first + 3000).step_by(3).find(|&p| (p..p + 3).all(free)).unwrap();
        let cluster = Cluster { dir: dir.to_owned() };
        let output = script("up.sh").arg(dir).arg(port.to_string()).output().unwrap();
        let messages = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "no Slurm: {messages}");
        cluster
    }

    pub(crate) fn conf(&self) -> PathBuf {
        self.dir.join("slurm.conf")
    }

    /// The standard output of one of Slurm's programs; `None` if it failed.
    pub(crate) fn ask(&self, program: &str, arguments: &[&str]) -> Option<String> {
        let mut command = Command::new(program);
        let output = command.env("SLURM_CONF", self.conf()).args(arguments).output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        output.status.success().then_some(text)
    }

    /// All tasks in the queue; none while the controller is away.
    pub(crate) fn tasks(&self) -> Vec<Task> {
        let format = "--Format=ArrayJobID:|,ArrayTaskID:|,State:|,NodeList:|,RestartCnt:|";
        let text = self.ask("squeue", &["--noheader", "--array", format]).unwrap_or_default();
        let task = |line: &str| {
            let mut fields = line.split('|').map(|field| field.trim().to_owned());
            Some(Task {
                job: fields.next()?,
                index: fields.next()?,
                state: fields.next()?,
                node: fields.next()?,
                restarts: fields.next()?.parse().ok()?,
            })
        };
        text.lines().filter_map(task).collect()
    }

    /// What the controller remembers now, in a directory of its own.
    pub(crate) fn memory(&self) -> PathBuf {
        let copy = self.dir.join("memory");
        let _ = fs::remove_dir_all(&copy);
        self.copy("state", "memory");
        copy
    }

    fn copy(&self, from: &str, to: &str) {
        let mut command = Command::new("cp");
        command.arg("-a").arg(self.dir.join(from)).arg(self.dir.join(to));
        assert!(command.status().unwrap().success());
    }

    /// Kills the controller and starts it again with what it remembered earlier, as if it had not
    /// come to save since.
    pub(crate) fn lose_controller(&self, memory: &Path) {
        self.pid("slurmctld.pid").signal("KILL");
        fs::remove_file(self.dir.join("slurmctld.pid")).unwrap();
        fs::remove_dir_all(self.dir.join("state")).unwrap();
        fs::rename(memory, self.dir.join("state")).unwrap();
        self.daemon("slurmctld", &[]);
        wait_for("the controller is back", 30, || self.ask("squeue", &["--noheader"]));
    }

    /// Kills a node's daemon and the processes that look after its steps, and waits for their end; what
    /// these look after lives on.
    pub(crate) fn lose_node(&self, node: &str) {
        let log = self.dir.join(format!("log/slurmd-{node}.log"));
        // A step's process writes its node's log.
        let writes_log = |process: &Process| {
            let files = fs::read_dir(format!("/proc/{}/fd", process.0));
            let mut files = files.into_iter().flatten().flatten();
            files.any(|file| fs::read_link(file.path()).is_ok_and(|file| file == log))
        };
        let steps = Process::find("", &["slurmstepd"]).into_iter().filter(writes_log);
        let lost: Vec<_> =
            [self.pid(&format!("slurmd-{node}.pid"))].into_iter().chain(steps).collect();
        for process in &lost {
            process.signal("KILL");
        }
        wait_for("the node's processes end", 30, || {
            lost.iter().all(|process| !process.alive()).then_some(())
        });
    }

    pub(crate) fn revive_node(&self, node: &str) {
        self.daemon("slurmd", &["-N", node]);
    }

    /// Lets nodes work that Slurm has set aside: after it lost a controller it may find a job's number
    /// taken.
    pub(crate) fn resume_nodes(&self) {
        let drained = ["--noheader", "--Node", "--states=drain", "--format=%N"];
        let drained = self.ask("sinfo", &drained).unwrap_or_default();
        for node in drained.lines().collect::<std::collections::BTreeSet<_>>() {
            let _ = self.ask("scontrol", &["update", &format!("NodeName={node}"), "State=RESUME"]);
        }
    }

    fn daemon(&self, program: &str, arguments: &[&str]) {
        let mut command = Command::new(program);
        let status = command.env("SLURM_CONF", self.conf()).args(arguments).status().unwrap();
        assert!(status.success(), "{program} does not start");
    }

    fn pid(&self, file: &str) -> Process {
        let text = fs::read_to_string(self.dir.join(file)).unwrap();
        Process(text.trim().parse().unwrap())
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if std::thread::panicking() {
            for name in ["slurmctld", "slurmd-n1", "slurmd-n2"] {
                let log = self.dir.join(format!("log/{name}.log"));
                let text = fs::read_to_string(&log).unwrap_or_default();
                let lines: Vec<&str> = text.lines().collect();
                eprintln!("{name}: {}", lines[lines.len().saturating_sub(40)..].join("\n"));
            }
        }
        let _ = script("down.sh").arg(&self.dir).status();
    }
}

fn script(name: &str) -> Command {
    let mut command = Command::new("bash");
    command.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/slurm").join(name));
    command
}
