//! `cargo xtask fuzz`: searches for bytes that a reader does not stand, with libFuzzer and coverage.
//!
//! The targets are those of the crate `fuzz`. They are built once more, with counters at every branch,
//! by the stable compiler in a directory of their own, so that no other build is disturbed.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use ::fuzz::{TARGETS, Target, find, regressions, seeds};
use clap::Args;
use serde_json::Value;
use signal_hook::consts::{SIGINT, SIGTERM};

use crate::failure::Failure;
use crate::table;
use crate::worker::cargo;

/// What makes the compiler count branches and show libFuzzer what is compared, without nightly.
const COVERAGE: &str = "--cfg fuzzing -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
    -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares -Ccodegen-units=1";
/// Seconds after which one input is a finding.
const TIMEOUT: u64 = 10;
/// MiB of the whole process.
const MEMORY: u64 = 2048;
/// Seconds between two lines of progress.
const PULSE: Duration = Duration::from_secs(10);

#[derive(Args)]
pub(crate) struct Arguments {
    /// Targets, one after the other; `all` for every one, `list` to see them
    #[arg(value_name = "TARGET", required = true)]
    targets: Vec<String>,
    /// Minutes for each target [default: 1, without end if --runs is given]
    #[arg(long, value_name = "N", value_parser = minutes)]
    minutes: Option<f64>,
    /// Executions of each target, at most
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    runs: Option<u64>,
    /// Execute this input alone and say what becomes of it
    #[arg(long, value_name = "FILE", conflicts_with_all = ["minutes", "runs"])]
    replay: Option<PathBuf>,
    /// Options of libFuzzer's own
    #[arg(last = true, value_name = "OPTION")]
    options: Vec<String>,
}

fn minutes(text: &str) -> Result<f64, String> {
    let number = text.parse().ok().filter(|n: &f64| *n > 0.0 && *n <= 1e6);
    number.ok_or_else(|| format!("`{text}` is no number of minutes above 0"))
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    if arguments.targets == ["list"] {
        table::print(
            ["target", "reads"],
            TARGETS.iter().map(|t| [t.name, t.about].map(str::to_owned)),
        );
        return Ok(());
    }
    let targets = chosen(&arguments.targets)?;
    if arguments.replay.as_ref().is_some_and(|input| targets.len() != 1 || !input.is_file()) {
        let text = "error: --replay takes one target and a file that there is";
        return Err(Failure::BadInput(text.to_owned()));
    }
    let home = home()?;
    let program = build(&home)?;
    // Ctrl-C reaches libFuzzer too, which ends in order; this process stays to say what was found.
    let stopped = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM] {
        signal_hook::flag::register(signal, Arc::clone(&stopped))
            .map_err(|e| Failure::Failed(format!("error: cannot listen to signals: {e}")))?;
    }
    let mut all = Vec::new();
    for target in targets {
        if stopped.load(Ordering::SeqCst) {
            break;
        }
        all.push((target, search(arguments, target, &program, &home)?));
    }
    let rows = all.iter().map(|(target, found)| found.row(target.name));
    table::print(["target", "executions", "per second", "edges", "inputs", "findings"], rows);
    let findings: Vec<String> =
        all.iter().flat_map(|(target, found)| found.remedies(target.name)).collect();
    match (findings.is_empty(), stopped.load(Ordering::SeqCst)) {
        (false, _) => Err(Failure::Failed(findings.join("\n"))),
        (true, true) => {
            let text = "stopped; the same command goes on with the inputs found so far";
            Err(Failure::Interrupted(text.to_owned()))
        }
        (true, false) => Ok(()),
    }
}

/// The targets of these names.
fn chosen(names: &[String]) -> Result<Vec<&'static Target>, Failure> {
    if names == ["all"] {
        return Ok(TARGETS.iter().collect());
    }
    let known = |name: &String| {
        find(name).ok_or_else(|| {
            let list: Vec<&str> = TARGETS.iter().map(|target| target.name).collect();
            let list = list.join(", ");
            Failure::BadInput(format!(
                "error: there is no target `{name}`\nhelp: the targets are {list}, and `all`"
            ))
        })
    };
    names.iter().map(known).collect()
}

/// Where everything of this command lies: below cargo's own directory of builds.
fn home() -> Result<PathBuf, Failure> {
    let program = std::env::current_exe().ok();
    let target = program.as_deref().and_then(Path::parent).and_then(Path::parent);
    target.map(|target| target.join("fuzz")).ok_or_else(|| {
        Failure::Failed("error: cannot tell where cargo builds; run it by `cargo xtask`".to_owned())
    })
}

fn made(path: PathBuf) -> Result<PathBuf, Failure> {
    fs::create_dir_all(&path)
        .map_err(|e| Failure::Failed(format!("error: cannot create {}: {e}", path.display())))?;
    Ok(path)
}

/// Builds libFuzzer's program and gives its path.
fn build(home: &Path) -> Result<PathBuf, Failure> {
    eprintln!("building the targets with counters");
    let failed = |e: std::io::Error| Failure::Failed(format!("error: cannot run cargo: {e}"));
    let mut command = cargo();
    command.args(["build", "--package", "fuzz", "--features", "libfuzzer", "--bin", "fuzz"]);
    // A target is named so that build scripts and macros stay without counters.
    command.args(["--target", &host()?, "--target-dir"]).arg(home.join("build"));
    command.arg("--message-format=json-render-diagnostics");
    command.env("RUSTFLAGS", COVERAGE).env_remove("CARGO_ENCODED_RUSTFLAGS");
    command.env("CARGO_INCREMENTAL", "0").env("CARGO_PROFILE_DEV_DEBUG", "line-tables-only");
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().map_err(failed)?;
    let mut program = None;
    if let Some(output) = child.stdout.take() {
        for line in BufReader::new(output).lines() {
            program = executable(&line.map_err(failed)?).or(program);
        }
    }
    let status = child.wait().map_err(failed)?;
    program.filter(|_| status.success()).ok_or_else(|| {
        let text = "error: the targets do not build, see above\n\
                    help: libFuzzer is compiled along, which takes a C++ compiler (c++)";
        Failure::Failed(text.to_owned())
    })
}

/// The program that one of cargo's JSON messages announces, if there is one.
fn executable(message: &str) -> Option<PathBuf> {
    let message: Value = serde_json::from_str(message).ok()?;
    message.get("executable")?.as_str().map(PathBuf::from)
}

/// This machine's target as the compiler calls it.
fn host() -> Result<String, Failure> {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let said = Command::new(rustc).arg("-vV").output().ok();
    let said = said.map(|output| String::from_utf8_lossy(&output.stdout).into_owned());
    let host = said.iter().flat_map(|text| text.lines()).find_map(|l| l.strip_prefix("host: "));
    let host = host.map(str::to_owned);
    host.ok_or_else(|| Failure::Failed("error: `rustc -vV` does not name a host".to_owned()))
}

/// Runs libFuzzer on one target until its time is over or something is found.
fn search(
    arguments: &Arguments,
    target: &Target,
    program: &Path,
    home: &Path,
) -> Result<Found, Failure> {
    let failed = |e: std::io::Error| Failure::Failed(format!("error: cannot run libFuzzer: {e}"));
    let findings = made(home.join("findings").join(target.name))?;
    let mut command = Command::new(program);
    command.env("FUZZ_TARGET", target.name).env("TMPDIR", made(home.join("scratch"))?);
    command.arg(format!("-artifact_prefix={}/", findings.display()));
    command.args([format!("-rss_limit_mb={MEMORY}"), format!("-timeout={TIMEOUT}")]);
    match &arguments.replay {
        Some(input) => drop(command.args(&arguments.options).arg(input)),
        None => {
            let words = dictionary(target);
            if !words.is_empty() {
                let path = made(home.join("words"))?.join(target.name);
                fs::write(&path, words).map_err(failed)?;
                command.arg(format!("-dict={}", path.display()));
            }
            command.args(["-print_final_stats=1", "-print_funcs=0"]);
            command.arg(format!("-max_len={}", target.longest));
            let minutes = arguments.minutes.or(arguments.runs.is_none().then_some(1.0));
            let seconds = minutes.map(|minutes| (60.0 * minutes).ceil());
            command.args(seconds.map(|seconds| format!("-max_total_time={seconds}")));
            command.args(arguments.runs.map(|runs| format!("-runs={runs}")));
            command.args(&arguments.options).arg(made(home.join("corpus").join(target.name))?);
            let known = [seeds(target.name), regressions(target.name)];
            command.args(known.into_iter().filter(|directory| directory.is_dir()));
        }
    }
    eprintln!("{}: {}", target.name, target.about);
    let mut child = command.stdin(Stdio::null()).stderr(Stdio::piped()).spawn().map_err(failed)?;
    let mut found = Found::default();
    let mut last = Instant::now();
    for line in child.stderr.take().into_iter().flat_map(|said| BufReader::new(said).split(b'\n')) {
        let line = String::from_utf8_lossy(&line.map_err(failed)?).into_owned();
        if !found.take(&line) {
            eprintln!("{line}");
        } else if last.elapsed() >= PULSE {
            last = Instant::now();
            eprintln!("  {} executions, {} edges", found.executions, found.edges);
        }
    }
    let status = child.wait().map_err(failed)?;
    // 72 is libFuzzer's word for an interrupt.
    if !status.success() && status.code() != Some(72) && found.written.is_empty() {
        match &arguments.replay {
            Some(input) => found.written.push(input.clone()),
            None => {
                let text = format!("error: libFuzzer ended with {status}, see above");
                return Err(Failure::Failed(text));
            }
        }
    }
    Ok(found)
}

/// The words of a target in libFuzzer's notation.
fn dictionary(target: &Target) -> String {
    let plain = |byte: u8| byte.is_ascii_graphic() && byte != b'"' && byte != b'\\';
    let mut text = String::new();
    for word in (target.words)().iter().filter(|word| !word.is_empty()) {
        let escape = |byte: u8| match plain(byte) {
            true => char::from(byte).to_string(),
            false => format!("\\x{byte:02X}"),
        };
        let word: String = word.bytes().map(escape).collect();
        text.push_str(&format!("\"{word}\"\n"));
    }
    text
}

/// What libFuzzer says of a search.
#[derive(Debug, Default, PartialEq)]
struct Found {
    executions: u64,
    per_second: u64,
    edges: u64,
    inputs: u64,
    written: Vec<PathBuf>,
}

impl Found {
    /// Takes what a line says; false if it is for people to read.
    fn take(&mut self, line: &str) -> bool {
        if let Some((_, path)) = line.split_once("Test unit written to ") {
            self.written.push(PathBuf::from(path.trim()));
            return false;
        }
        let words: Vec<&str> = line.split_whitespace().collect();
        let after = |name: &str| {
            let place = words.iter().position(|word| *word == name)?;
            words.get(place + 1)?.split('/').next()?.parse().ok()
        };
        if let Some(rest) = line.strip_prefix('#') {
            let count = rest.split_whitespace().next().and_then(|count| count.parse().ok());
            let Some(count) = count else { return rest.starts_with("#####") };
            self.executions = self.executions.max(count);
            self.edges = after("cov:").unwrap_or(self.edges);
            self.inputs = after("corp:").unwrap_or(self.inputs);
            return true;
        }
        if line.starts_with("stat::") {
            self.executions = after("stat::number_of_executed_units:").unwrap_or(self.executions);
            self.per_second = after("stat::average_exec_per_sec:").unwrap_or(self.per_second);
            return true;
        }
        // Among them words that it found itself, which it recommends for the next time.
        let chatter = ["INFO: ", "WARNING: ", "Dictionary: ", "Done "];
        chatter.iter().any(|start| line.starts_with(start)) || line.contains(" # Uses: ")
    }

    fn row(&self, name: &str) -> [String; 6] {
        let numbers = [self.executions, self.per_second, self.edges, self.inputs];
        let [executions, per_second, edges, inputs] = numbers.map(|number| number.to_string());
        [name.to_owned(), executions, per_second, edges, inputs, self.written.len().to_string()]
    }

    /// What to do about each finding.
    fn remedies(&self, target: &str) -> Vec<String> {
        let remedy = |path: &PathBuf| {
            format!(
                "error: {target} breaks a promise, see above: {0}\nhelp: `cargo xtask fuzz {target} \
                 --replay {0}` shows it again; keep the input in {1} when the reader is mended",
                path.display(),
                regressions(target).display()
            )
        };
        self.written.iter().map(remedy).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lib_fuzzer_says_becomes_numbers() {
        let mut found = Found::default();
        assert!(found.take("INFO: Seed: 2"));
        assert!(found.take(
            "#8192\tNEW    cov: 310 ft: 800 corp: 45/2Kb lim: 80 exec/s: 4096 rss: 45Mb L: 9/80 MS: 1"
        ));
        assert!(!found.take("thread '<unnamed>' panicked at crates/fuzz/src/oracle.rs:23:5:"));
        assert!(found.take("stat::number_of_executed_units: 9000"));
        assert!(found.take("stat::average_exec_per_sec:     4500"));
        assert!(!found.take("artifact_prefix='/t/'; Test unit written to /t/crash-1"));
        let expected = Found {
            executions: 9000,
            per_second: 4500,
            edges: 310,
            inputs: 45,
            written: vec![PathBuf::from("/t/crash-1")],
        };
        assert_eq!(found, expected);
        assert!(found.remedies("plan")[0].contains("fuzz plan --replay /t/crash-1"));
    }

    #[test]
    fn an_unknown_target_is_bad_input_and_the_list_is_there() {
        let refused = chosen(&["plam".to_owned()]).unwrap_err();
        assert_eq!(refused.exit_code(), 2);
        assert!(refused.to_string().contains("run-config, experiment"), "{refused}");
        assert_eq!(chosen(&["all".to_owned()]).unwrap().len(), TARGETS.len());
    }

    #[test]
    fn words_are_written_in_lib_fuzzers_notation() {
        let plan = find("plan").unwrap();
        assert!(
            dictionary(plan).contains("\"\\x22seal\\x22:\\x20\\x22\"\n"),
            "{}",
            dictionary(plan)
        );
    }
}
