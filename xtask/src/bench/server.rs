//! A process that is measured: it does as many repetitions as a line on its standard input says, and
//! answers with the seconds they took. Several of them take turns, so that whatever else the machine
//! does meets all of them.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command, Stdio};
use std::thread::{self, JoinHandle};
use std::time::Instant;

use serde_json::Value;

use crate::failure::Failure;

/// Freed memory is kept, as the worker does it in its own process: PyTorch gains from it too.
const KEEP_FREED: &str = "glibc.malloc.mmap_max=0:glibc.malloc.trim_threshold=2147483647:\
                          glibc.malloc.top_pad=67108864";

/// Lines of a process's last words that a failure shows.
const LAST_WORDS: usize = 6;

pub(super) struct Server {
    pub(super) name: String,
    /// Stands before the number of repetitions.
    pub(super) prefix: String,
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    last_words: Option<JoinHandle<VecDeque<String>>>,
    /// Repetitions per second, one entry per turn.
    pub(super) rates: Vec<f64>,
    /// Seconds of the first repetition, which compiles, tunes and allocates.
    pub(super) first: f64,
    pub(super) peak_mib: f64,
    pub(super) resident_mib: f64,
}

impl Server {
    /// Starts a process and waits until it is ready.
    pub(super) fn start(name: &str, mut command: Command) -> Result<Server, Failure> {
        let failed =
            |e: std::io::Error| Failure::Failed(format!("error: cannot start {name}: {e}"));
        command.env("GLIBC_TUNABLES", KEEP_FREED);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().map_err(failed)?;
        let (Some(input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(Failure::Failed(format!("error: {name} has no pipes")));
        };
        let output = BufReader::new(output);
        let last_words = child.stderr.take().map(|errors| thread::spawn(|| last_lines(errors)));
        let rates = Vec::new();
        let name = name.to_owned();
        let prefix = String::new();
        let (first, peak_mib, resident_mib) = (0.0, 0.0, 0.0);
        let mut server = Server {
            name,
            prefix,
            child,
            input,
            output,
            last_words,
            rates,
            first,
            peak_mib,
            resident_mib,
        };
        server.answer()?;
        Ok(server)
    }

    fn answer(&mut self) -> Result<Value, Failure> {
        let mut line = String::new();
        let read = self.output.read_line(&mut line);
        let parsed = serde_json::from_str(&line);
        match (read, parsed) {
            (Ok(_), Ok(value)) => Ok(value),
            _ => {
                let _ = self.child.kill();
                let words = self.last_words.take().and_then(|lines| lines.join().ok());
                let words: String =
                    words.unwrap_or_default().iter().map(|line| format!("\n  {line}")).collect();
                let text = format!("error: {} ended before it answered{words}", self.name);
                Err(Failure::Failed(text))
            }
        }
    }

    /// Does `count` repetitions; seconds.
    pub(super) fn turn(&mut self, count: usize) -> Result<f64, Failure> {
        let sent = writeln!(self.input, "{}{count}", self.prefix).and_then(|()| self.input.flush());
        sent.map_err(|e| Failure::Failed(format!("error: {} does not listen: {e}", self.name)))?;
        let answer = self.answer()?;
        self.resident_mib = answer["resident_mib"].as_f64().unwrap_or_default();
        self.peak_mib = answer["peak_mib"].as_f64().unwrap_or_default();
        answer["seconds"]
            .as_f64()
            .filter(|seconds| *seconds > 0.0)
            .ok_or_else(|| Failure::Failed(format!("error: {} answered without a time", self.name)))
    }

    /// One turn that counts.
    fn measure(&mut self, count: usize) -> Result<(), Failure> {
        let seconds = self.turn(count)?;
        self.rates.push(count as f64 / seconds);
        Ok(())
    }

    pub(super) fn median(&self) -> f64 {
        median(&self.rates)
    }
}

/// The last lines of what a process says until it ends.
fn last_lines(errors: ChildStderr) -> VecDeque<String> {
    let mut lines = VecDeque::new();
    for line in BufReader::new(errors).lines().map_while(Result::ok) {
        if lines.len() == LAST_WORDS {
            lines.pop_front();
        }
        lines.push_back(line);
    }
    lines
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Lets all servers take turns of about `seconds` each, `rounds` times over.
pub(super) fn take_turns(
    servers: &mut [Server],
    rounds: usize,
    seconds: f64,
) -> Result<(), Failure> {
    let mut counts = Vec::new();
    for server in servers.iter_mut() {
        let start = Instant::now();
        // Compilation, first allocations, caches.
        server.first = server.turn(1)?;
        server.turn(1)?;
        let took = server.turn(2)? / 2.0;
        let warm = start.elapsed().as_secs_f64();
        if warm > 5.0 {
            eprintln!("  {}: warm after {warm:.0} s", server.name);
        }
        counts.push(((seconds / took).round() as usize).max(1));
    }
    for _ in 0..rounds {
        for (server, &count) in servers.iter_mut().zip(&counts) {
            server.measure(count)?;
        }
    }
    Ok(())
}

/// Ours over theirs, turn by turn: (median, smallest, largest).
pub(super) fn ratios(ours: &[f64], theirs: &[f64]) -> [f64; 3] {
    let ratios: Vec<f64> = ours.iter().zip(theirs).map(|(a, b)| a / b).collect();
    let least = ratios.iter().copied().fold(f64::INFINITY, f64::min);
    let most = ratios.iter().copied().fold(0.0, f64::max);
    [median(&ratios), least, most]
}

pub(super) fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    match sorted.len() {
        0 => f64::NAN,
        n if n % 2 == 1 => sorted[n / 2],
        n => (sorted[n / 2 - 1] + sorted[n / 2]) / 2.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ratios_are_taken_turn_by_turn() {
        // A machine that slows down for both leaves the ratio alone.
        assert_eq!(ratios(&[2.0, 1.0, 6.0], &[1.0, 0.5, 2.0]), [2.0, 2.0, 3.0]);
        assert_eq!(median(&[4.0, 1.0]), 2.5);
        assert!(median(&[]).is_nan());
    }

    #[test]
    fn a_process_that_dies_is_named() {
        let mut command = Command::new("sh");
        command.args(["-c", "echo '{}'; read line; echo no device >&2"]);
        let mut server = Server::start("the peer", command).unwrap();
        let error = server.turn(1).unwrap_err().to_string();
        assert!(error.contains("the peer ended") && error.contains("no device"), "{error}");
    }

    #[test]
    fn turns_give_repetitions_per_second() {
        let mut command = Command::new("sh");
        let script = "echo '{}'; while read n; do echo \"{\\\"seconds\\\": 0.5}\"; done";
        command.args(["-c", script]);
        let mut servers = [Server::start("a shell", command).unwrap()];
        take_turns(&mut servers, 3, 1.0).unwrap();
        // Two take half a second; four a turn are asked for and take as long here.
        assert_eq!(servers[0].rates, [8.0; 3]);
    }
}
