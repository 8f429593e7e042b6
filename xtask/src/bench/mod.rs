//! `cargo xtask bench`: speed as a ratio against PyTorch in the same run.

mod data;
mod memory;
mod ops;
mod page;
mod server;
mod step;
mod sweep;

use std::collections::BTreeSet;

use clap::{Args, ValueEnum};
use config::{BackendKind, RunConfig};

use crate::failure::Failure;
use crate::pipe::say;
use crate::{Plain, backend_named, doctor, libtorch, table, worker};

/// What is measured.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum What {
    /// Training steps at three sizes, against PyTorch eager, channels_last and torch.compile
    Step,
    /// Layers forward and backward, against PyTorch's
    Ops,
    /// Decoding and cropping of face images, against Pillow
    Data,
    /// A whole small ablation, against the same as a PyTorch script
    Sweep,
    /// The size of a training process over 2,000 steps
    Memory,
}

#[derive(Args)]
pub(crate) struct Arguments {
    /// What to measure
    #[arg(value_enum, default_value_t = What::Step)]
    what: What,
    /// Backend to measure [default: flex, and libtorch where it is]
    #[arg(long = "backend", value_name = "KIND", value_parser = backend_named)]
    backends: Vec<BackendKind>,
    /// Threads of each process [default: all cores]
    #[arg(long)]
    threads: Option<usize>,
    /// Turns of every process
    #[arg(long, default_value_t = 7, value_parser = clap::value_parser!(u16).range(1..))]
    rounds: u16,
    /// Only sizes of this many pixels
    #[arg(long)]
    size: Option<usize>,
    /// Leave torch.compile out, which takes minutes to start
    #[arg(long)]
    no_compile: bool,
    /// Worker to use instead of building one
    #[arg(long, hide = true)]
    worker: Option<std::path::PathBuf>,
    /// How to print it
    #[arg(long, value_enum, default_value_t = Plain::Table)]
    format: Plain,
    /// Put the table into docs/performance.md too
    #[arg(long)]
    write: bool,
}

impl Arguments {
    fn kinds(&self) -> BTreeSet<BackendKind> {
        if !self.backends.is_empty() {
            return self.backends.iter().copied().collect();
        }
        let mut kinds = BTreeSet::from([BackendKind::Flex]);
        if libtorch::home().is_some() {
            kinds.insert(BackendKind::Libtorch);
        }
        kinds
    }

    fn threads(&self) -> usize {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        self.threads.unwrap_or(cores)
    }
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let kinds = arguments.kinds();
    doctor::require(kinds.iter().copied().chain([BackendKind::Libtorch]))?;
    let worker = match &arguments.worker {
        Some(worker) => worker.clone(),
        None => worker::build(&kinds)?,
    };
    let scratch = Scratch::new()?;
    let bench = Bench { arguments, kinds, worker, scratch };
    let found = match arguments.what {
        What::Step => step::run(&bench)?,
        What::Ops => ops::run(&bench)?,
        What::Data => data::run(&bench)?,
        What::Sweep => sweep::run(&bench)?,
        What::Memory => memory::run(&bench)?,
    };
    match arguments.format {
        Plain::Json => say!("{}", found.json),
        Plain::Table => table::print_rows(&found.header, &found.rows),
    }
    if arguments.write {
        page::write(arguments, &found)?;
    }
    Ok(())
}

/// What a benchmark found, for people and for programs.
struct Found {
    name: &'static str,
    header: Vec<&'static str>,
    rows: Vec<Vec<String>>,
    json: serde_json::Value,
}

/// What every benchmark has at hand.
struct Bench<'a> {
    arguments: &'a Arguments,
    kinds: BTreeSet<BackendKind>,
    worker: std::path::PathBuf,
    scratch: Scratch,
}

impl Bench<'_> {
    /// Writes a resolved configuration for one backend.
    fn config(
        &self,
        name: &str,
        run: &RunConfig,
        kind: BackendKind,
    ) -> Result<std::path::PathBuf, Failure> {
        let mut run = run.clone();
        run.backend = config::Backend { kind, threads: self.arguments.threads(), ..run.backend };
        let path = self.scratch.0.join(format!("{name}-{kind}.toml"));
        std::fs::write(&path, run.to_toml()).map_err(|e| Failure::Failed(format!("error: {e}")))?;
        Ok(path)
    }

    /// `resgan bench TASK --config CONFIG`.
    fn ours(&self, task: &str, config: &std::path::Path) -> std::process::Command {
        let mut command = std::process::Command::new(&self.worker);
        command.args(["bench", task, "--config"]).arg(config);
        command
    }

    /// `torch_peer.py TASK FOLDER`.
    fn peer(&self, task: &str, folder: &std::path::Path) -> Result<std::process::Command, Failure> {
        let missing =
            || Failure::BadInput("error: no PyTorch here: `cargo xtask setup libtorch`".to_owned());
        let mut command = libtorch::python().ok_or_else(missing)?;
        command.arg(crate::places::root().join("scripts/torch_peer.py")).arg(task).arg(folder);
        command.args(["--threads", &self.arguments.threads().to_string()]);
        Ok(command)
    }
}

/// A folder that goes when the benchmark ends.
struct Scratch(std::path::PathBuf);

impl Scratch {
    fn new() -> Result<Scratch, Failure> {
        let path = std::env::temp_dir().join(format!("resgan-bench-{}", std::process::id()));
        std::fs::create_dir_all(&path)
            .map_err(|e| Failure::Failed(format!("error: cannot write {}: {e}", path.display())))?;
        Ok(Scratch(path))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Runs a command to its end.
fn finish(mut command: std::process::Command, name: &str) -> Result<(), Failure> {
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(Failure::Failed(format!("error: {name} failed: {status}"))),
        Err(e) => Err(Failure::Failed(format!("error: cannot start {name}: {e}"))),
    }
}

fn number(value: f64) -> String {
    match value {
        v if v >= 100.0 => format!("{v:.0}"),
        v if v >= 10.0 => format!("{v:.1}"),
        v => format!("{v:.2}"),
    }
}
