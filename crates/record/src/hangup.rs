//! Whether the end of a terminal concerns this process.

use std::fs;
use std::process::{Command, Stdio};

/// Whether this process was started with SIGHUP ignored, as under `nohup`: it is meant to outlive its
/// terminal then, and must not listen to the signal. To be asked before any handler is installed.
pub fn ignores_hangup() -> bool {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    ignored(&status).unwrap_or_else(a_child_survives_it)
}

/// What Linux says: a hexadecimal number with a bit per signal, SIGHUP's the lowest.
fn ignored(status: &str) -> Option<bool> {
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"))?.trim();
    // Systems with more than 64 signals write more digits; the last ones count.
    let low = mask.get(mask.len().saturating_sub(16)..)?;
    u64::from_str_radix(low, 16).ok().map(|mask| mask & 1 == 1)
}

/// Elsewhere a child, which ignores what its parent ignores, tries it out.
fn a_child_survives_it() -> bool {
    let mut shell = Command::new("sh");
    shell.args(["-c", "kill -HUP $$; exit 0"]);
    shell.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    shell.status().is_ok_and(|status| status.success())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lowest_bit_is_the_hangup() {
        assert_eq!(ignored("Name:\tx\nSigIgn:\t0000000000001000\n"), Some(false));
        assert_eq!(ignored("SigIgn:\t0000000000001001\n"), Some(true));
        assert_eq!(ignored("SigIgn:\t00000000000000000000000000000001\n"), Some(true));
        assert_eq!(ignored("Name:\tx\n"), None);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn both_ways_of_asking_agree() {
        assert_eq!(a_child_survives_it(), ignores_hangup());
    }
}
