//! The event log: JSON lines. `metrics.jsonl` is deterministic; wall-clock time stands apart in
//! `timing.jsonl`, so that two equal runs leave equal metrics.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::step::StepMetrics;

#[derive(Debug, Serialize, Deserialize)]
struct Timing {
    step: usize,
    seconds: f64,
    pairs_per_second: f64,
}

/// The two open logs of a run.
pub(crate) struct EventLog {
    metrics: File,
    timing: File,
}

impl EventLog {
    /// Opens the logs for appending, cut back to `step`: what an interrupted attempt logged beyond
    /// its last checkpoint will be logged again.
    pub(crate) fn open(dir: &Path, step: usize) -> io::Result<EventLog> {
        let open = |name: &str| {
            let path = dir.join(name);
            cut_back(&path, step)?;
            OpenOptions::new().create(true).append(true).open(path)
        };
        Ok(EventLog { metrics: open("metrics.jsonl")?, timing: open("timing.jsonl")? })
    }

    /// Appends one line to each log.
    pub(crate) fn write(
        &mut self,
        metrics: &StepMetrics,
        seconds: f64,
        pairs_per_second: f64,
    ) -> io::Result<()> {
        let timing = Timing { step: metrics.step, seconds, pairs_per_second };
        append(&mut self.metrics, metrics)?;
        append(&mut self.timing, &timing)
    }
}

fn append(file: &mut File, line: &impl Serialize) -> io::Result<()> {
    let mut text = serde_json::to_string(line)?;
    text.push('\n');
    // One write call per line: a kill leaves whole lines and at most one cut one, which the next
    // attempt drops.
    file.write_all(text.as_bytes())
}

#[derive(Deserialize)]
struct Stepped {
    step: usize,
}

fn cut_back(path: &Path, step: usize) -> io::Result<()> {
    let Ok(text) = fs::read_to_string(path) else { return Ok(()) };
    let kept: String = text
        .split_inclusive('\n')
        .filter(|line| {
            let entry: Result<Stepped, _> = serde_json::from_str(line);
            line.ends_with('\n') && entry.is_ok_and(|entry| entry.step <= step)
        })
        .collect();
    if kept.len() == text.len() { Ok(()) } else { proof::write_atomic(path, kept.as_bytes()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_resumed_log_loses_later_steps_and_cut_lines() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("metrics.jsonl");
        fs::write(&path, "{\"step\":10,\"a\":1}\n{\"step\":20}\n{\"step\":30}\n{\"step\":4")
            .unwrap();
        cut_back(&path, 20).unwrap();
        let kept = fs::read_to_string(&path).unwrap();
        assert_eq!(kept, "{\"step\":10,\"a\":1}\n{\"step\":20}\n");
    }
}
