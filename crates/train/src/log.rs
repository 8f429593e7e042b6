//! The event log: JSON lines. `metrics.jsonl` is deterministic; wall-clock time stands apart in
//! `timing.jsonl`, so that two equal runs leave equal metrics. Every line ends with its checksum.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::metrics::StepMetrics;

#[derive(Debug, Serialize, Deserialize)]
struct Timing {
    step: usize,
    seconds: f64,
    pairs_per_second: f64,
}

const METRICS: &str = "metrics.jsonl";

/// The two open logs of a run.
pub(crate) struct EventLog {
    metrics: File,
    timing: File,
    /// Lines of metrics.
    lines: usize,
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
        let lines = sound_lines(dir, step);
        Ok(EventLog { metrics: open(METRICS)?, timing: open("timing.jsonl")?, lines })
    }

    /// Lines of metrics so far.
    pub(crate) fn lines(&self) -> usize {
        self.lines
    }

    /// Waits until the metrics are on the disk: a checkpoint that says how many lines there are must
    /// not outlive them.
    pub(crate) fn sync(&self) -> io::Result<()> {
        self.metrics.sync_data()
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
        self.lines += 1;
        append(&mut self.timing, &timing)
    }
}

fn append(file: &mut File, line: &impl Serialize) -> io::Result<()> {
    let text = record::checked_line(&serde_json::to_string(line)?);
    // One write call per line: a kill leaves whole lines and at most one cut one, which the next
    // attempt drops.
    file.write_all(text.as_bytes())
}

#[derive(Deserialize)]
struct Stepped {
    step: usize,
}

/// How many sound lines of metrics there are up to a step.
pub(crate) fn sound_lines(dir: &Path, step: usize) -> usize {
    sound(&read(&dir.join(METRICS)), step).count()
}

/// A log's text; bytes that are no text stand as such, in lines that no checksum passes.
fn read(path: &Path) -> String {
    fs::read(path).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
}

fn sound(text: &str, step: usize) -> impl Iterator<Item = &str> {
    text.split_inclusive('\n').filter(move |line| {
        let entry: Result<Stepped, _> = serde_json::from_str(line);
        entry.is_ok_and(|entry| entry.step <= step) && record::is_sound_line(line)
    })
}

fn cut_back(path: &Path, step: usize) -> io::Result<()> {
    let text = read(path);
    let kept: String = sound(&text, step).collect();
    if kept.len() == text.len() { Ok(()) } else { record::write_atomic(path, kept.as_bytes()) }
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

    #[test]
    fn a_flipped_byte_costs_its_line() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(METRICS);
        let lines =
            [1, 2].map(|step| record::checked_line(&format!("{{\"step\":{step},\"a\":1}}")));
        fs::write(&path, lines.concat().replacen("\"a\":1", "\"a\":3", 1)).unwrap();
        assert_eq!(sound_lines(dir.path(), 2), 1);
        cut_back(&path, 2).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), lines[1]);
    }
}
