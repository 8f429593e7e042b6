//! How much memory this process has needed.

/// The largest resident set of this process so far, in MiB; `None` where the system does not say.
pub fn peak_mib() -> Option<f64> {
    status("VmHWM:")
}

/// The resident set of this process now, in MiB; `None` where the system does not say.
pub fn resident_mib() -> Option<f64> {
    status("VmRSS:")
}

/// A line of Linux's `/proc/self/status`, which counts in KiB.
fn status(key: &str) -> Option<f64> {
    let text = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix(key))?;
    line.split_whitespace().next()?.parse::<f64>().ok().map(|kib| kib / 1024.0)
}
