//! How much memory new processes may take: the machine's, or less where a control group limits it.

use std::fs;
use std::path::{Path, PathBuf};

const MIB: f64 = 1024.0 * 1024.0;

/// Memory in MiB.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Memory {
    /// What processes can still take without anything being pushed out.
    pub available_mib: f64,
    /// All there is.
    pub total_mib: f64,
}

impl Memory {
    /// What this machine has and its control group allows; `None` where neither is known (off
    /// Linux).
    pub fn read() -> Option<Memory> {
        Memory::below(Path::new("/"))
    }

    /// What stays free for everything but cells: a twentieth of all, 256 MiB to 2 GiB.
    pub(crate) fn reserve_mib(&self) -> f64 {
        (self.total_mib / 20.0).clamp(256.0, 2048.0)
    }

    /// What cells may still take.
    pub(crate) fn free_mib(&self) -> f64 {
        self.available_mib - self.reserve_mib()
    }

    fn below(root: &Path) -> Option<Memory> {
        let info = fs::read_to_string(root.join("proc/meminfo")).ok()?;
        let machine = Memory {
            available_mib: kib(&info, "MemAvailable:")? / 1024.0,
            total_mib: kib(&info, "MemTotal:")? / 1024.0,
        };
        let limits = groups(root).into_iter().filter_map(|group| group.memory());
        Some(limits.fold(machine, |least, limit| Memory {
            available_mib: least.available_mib.min(limit.available_mib),
            total_mib: least.total_mib.min(limit.total_mib),
        }))
    }
}

/// The largest resident set of a live process so far, in MiB.
pub(crate) fn peak_mib(pid: u32) -> Option<f64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    kib(&status, "VmHWM:").map(|kib| kib / 1024.0)
}

/// The number behind a key in the kernel's tables.
fn kib(text: &str, key: &str) -> Option<f64> {
    let line = text.lines().find_map(|line| line.strip_prefix(key))?;
    line.split_whitespace().next()?.parse().ok()
}

/// A control group, in the files of either version.
struct Group {
    dir: PathBuf,
    limit: &'static str,
    usage: &'static str,
    reclaimable: &'static str,
}

impl Group {
    /// The limit and what is left of it; cached file pages that nobody uses count as free. `None`
    /// without a limit.
    fn memory(&self) -> Option<Memory> {
        let number = |name: &str| -> Option<f64> {
            fs::read_to_string(self.dir.join(name)).ok()?.trim().parse().ok()
        };
        let (limit, usage) = (number(self.limit)?, number(self.usage)?);
        let stat = fs::read_to_string(self.dir.join("memory.stat")).unwrap_or_default();
        let cached = kib(&stat, self.reclaimable).unwrap_or(0.0);
        let available = (limit - usage + cached).max(0.0);
        Some(Memory { available_mib: available / MIB, total_mib: limit / MIB })
    }
}

/// The control groups of this process that can limit memory, with all above them. Where a container
/// sees only its own part of the tree, the paths do not exist but the topmost group does.
fn groups(root: &Path) -> Vec<Group> {
    let mounts = root.join("sys/fs/cgroup");
    let own = fs::read_to_string(root.join("proc/self/cgroup")).unwrap_or_default();
    let mut groups = Vec::new();
    for line in own.lines() {
        let mut fields = line.splitn(3, ':');
        let (Some(number), Some(controllers), Some(path)) =
            (fields.next(), fields.next(), fields.next())
        else {
            continue;
        };
        let path = path.trim_start_matches('/');
        let path = if path.split('/').any(|part| part == "..") { "" } else { path };
        let second = number == "0" && controllers.is_empty();
        let first = controllers.split(',').any(|controller| controller == "memory");
        if !first && !second {
            continue;
        }
        let mount = if first { mounts.join("memory") } else { mounts.clone() };
        let (limit, usage, reclaimable) = match first {
            true => ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file "),
            false => ("memory.max", "memory.current", "inactive_file "),
        };
        let dirs = Path::new(path).ancestors().map(|above| mount.join(above));
        groups.extend(dirs.map(|dir| Group { dir, limit, usage, reclaimable }));
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    const MEMINFO: &str = "MemTotal:       16777216 kB\nMemFree:  1024 kB\n\
                           MemAvailable:    8388608 kB\n";

    fn machine(files: &[(&str, &str)]) -> Option<Memory> {
        let dir = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = dir.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        Memory::below(dir.path())
    }

    fn mib(available_mib: f64, total_mib: f64) -> Option<Memory> {
        Some(Memory { available_mib, total_mib })
    }

    #[test]
    fn without_a_limit_the_machines_memory_counts() {
        assert_eq!(machine(&[("proc/meminfo", MEMINFO)]), mib(8192.0, 16384.0));
        assert_eq!(machine(&[]), None);
        let unlimited = machine(&[
            ("proc/meminfo", MEMINFO),
            ("proc/self/cgroup", "0::/a\n"),
            ("sys/fs/cgroup/a/memory.max", "max\n"),
            ("sys/fs/cgroup/a/memory.current", "1048576\n"),
        ]);
        assert_eq!(unlimited, mib(8192.0, 16384.0));
    }

    #[test]
    fn the_tightest_group_of_version_2_counts() {
        let limited = machine(&[
            ("proc/meminfo", MEMINFO),
            ("proc/self/cgroup", "0::/job/step\n"),
            ("sys/fs/cgroup/job/memory.max", "1073741824\n"),
            ("sys/fs/cgroup/job/memory.current", "536870912\n"),
            ("sys/fs/cgroup/job/memory.stat", "anon 1\ninactive_file 268435456\n"),
            ("sys/fs/cgroup/job/step/memory.max", "4294967296\n"),
            ("sys/fs/cgroup/job/step/memory.current", "0\n"),
        ]);
        assert_eq!(limited, mib(768.0, 1024.0));
    }

    #[test]
    fn a_container_of_version_1_sees_its_limit_at_the_top() {
        let limited = machine(&[
            ("proc/meminfo", MEMINFO),
            ("proc/self/cgroup", "5:cpu:/docker/x\n4:memory:/docker/x\n0::/\n"),
            ("sys/fs/cgroup/memory/memory.limit_in_bytes", "2147483648\n"),
            ("sys/fs/cgroup/memory/memory.usage_in_bytes", "1073741824\n"),
            ("sys/fs/cgroup/memory/memory.stat", "total_inactive_file 0\n"),
        ]);
        assert_eq!(limited, mib(1024.0, 2048.0));
    }

    #[test]
    fn the_reserve_grows_with_the_machine_within_bounds() {
        let reserve = |total_mib| Memory { available_mib: 0.0, total_mib }.reserve_mib();
        assert_eq!([reserve(1000.0), reserve(20_000.0), reserve(1e6)], [256.0, 1000.0, 2048.0]);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn this_process_has_a_peak_and_this_machine_memory() {
        assert!(peak_mib(std::process::id()).unwrap() > 1.0);
        assert!(Memory::read().unwrap().total_mib > 64.0);
    }
}
