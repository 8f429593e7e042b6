//! `resgan`: the worker that a sweep starts per cell, and a tool for single images.

mod bench;
mod cell;
mod edit;
mod failure;
mod finished;
mod judgement;
mod landmarks;
mod layers;
mod memory;
mod picture;
mod prepare;
mod provenance;
mod rejudge;
mod replaced;
mod say;
mod turns;
mod work;

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::OnceLock;

use clap::{Parser, Subcommand};
use config::{BackendKind, Precision};
use eval::Judge;
use failure::Failure;
use record::Exit;

#[derive(Parser)]
#[command(version, long_version = long_version(), about = "Face attribute manipulation with learned residual images")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Train and judge one cell of a sweep; resumes from its checkpoint
    Cell {
        /// Resolved configuration of the run
        #[arg(long)]
        config: PathBuf,
        /// Directory of the cell
        #[arg(long)]
        dir: PathBuf,
        /// Directory of data and judges shared by all cells
        #[arg(long)]
        cache: PathBuf,
        /// Take the cell from an earlier attempt that a scheduler has given up, alive or not
        #[arg(long)]
        takeover: bool,
    },
    /// Make ready what cells share: data, decoded images, judges
    Prepare {
        /// Resolved configuration of the run
        #[arg(long)]
        config: PathBuf,
        /// Directory of data and judges shared by all cells
        #[arg(long)]
        cache: PathBuf,
    },
    /// Train one judge of a configuration, if it is not in the cache yet
    Judge {
        /// Which judge
        #[arg(value_parser = judge_named)]
        judge: Judge,
        /// Resolved configuration of the run
        #[arg(long)]
        config: PathBuf,
        /// Directory of data and judges shared by all cells
        #[arg(long)]
        cache: PathBuf,
    },
    /// Open a backend's device and print its name, for `cargo xtask doctor`
    #[command(hide = true)]
    Probe {
        /// Which backend
        kind: String,
        /// Index of the device
        #[arg(long, default_value_t = 0)]
        index: usize,
        /// What its convolutions have to multiply
        #[arg(long, default_value = "f32")]
        precision: String,
    },
    /// Measure training steps, for `cargo xtask bench`
    #[command(subcommand, hide = true)]
    Bench(bench::Task),
    /// Judge finished cells again, with today's judges and keys, without training
    Eval(rejudge::Arguments),
    /// Print what this program is made of, as JSON
    #[command(hide = true)]
    Build,
    /// Edit the faces of photographs with the generators of trained cells
    Edit(edit::Arguments),
    /// Find landmarks in face images with an ensemble of regression trees, dlib's files included
    Landmarks(landmarks::Arguments),
}

/// The judge of that name.
fn judge_named(text: &str) -> Result<Judge, String> {
    Judge::all().into_iter().find(|judge| judge.name() == text).ok_or_else(|| {
        let names: Vec<String> = Judge::all().into_iter().map(Judge::name).collect();
        format!("the judges are {}", names.join(", "))
    })
}

fn probe(kind: &str, index: usize, precision: &str) -> Result<(), Failure> {
    let known = BackendKind::ALL.iter().find(|known| known.name() == kind);
    let kind = *known.ok_or_else(|| Failure::BadInput(format!("error: no backend `{kind}`")))?;
    let known = Precision::ALL.iter().find(|known| known.name() == precision);
    let unknown = || Failure::BadInput(format!("error: no precision `{precision}`"));
    let precision = *known.ok_or_else(unknown)?;
    let name = backend::describe(&config::Backend { kind, index, threads: 1, precision })?;
    say::line(name).map(drop)
}

fn main() -> ExitCode {
    memory::keep_freed();
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_ansi(false)
        // Nobody may be reading any more: a terminal that was closed must not end the work.
        .log_internal_errors(false)
        .with_target(false)
        .init();
    let result = match Cli::parse().command {
        Command::Cell { config, dir, cache, takeover } => {
            work::run(&config, &dir, &cache, takeover)
        }
        Command::Prepare { config, cache } => return of_sharing(prepare::run(&config, &cache)),
        Command::Judge { judge, config, cache } => {
            return of_sharing(prepare::judge(judge, &config, &cache));
        }
        Command::Eval(arguments) => rejudge::run(&arguments),
        Command::Build => print_build(),
        Command::Probe { kind, index, precision } => probe(&kind, index, &precision),
        Command::Bench(task) => bench::run(&task),
        Command::Edit(arguments) => edit::run(&arguments),
        Command::Landmarks(arguments) => landmarks::run(&arguments),
    };
    code_of(result, Failure::exit_code)
}

fn code_of(result: Result<(), Failure>, code: impl Fn(&Failure) -> u8) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            let _ = writeln!(std::io::stderr(), "{failure}");
            ExitCode::from(code(&failure))
        }
    }
}

/// The exit code of what makes ready what cells share: no `state.json` says there whose fault it was.
fn of_sharing(result: Result<(), Failure>) -> ExitCode {
    code_of(result, |failure| match failure {
        Failure::Infrastructure(_) => Exit::Machine.code(),
        other => other.exit_code(),
    })
}

/// Version, commit, libraries, backends and code, for `--version`.
fn long_version() -> &'static str {
    static TEXT: OnceLock<String> = OnceLock::new();
    TEXT.get_or_init(|| format!("{}\n{}", env!("CARGO_PKG_VERSION"), provenance::build()))
}

fn print_build() -> Result<(), Failure> {
    let text = serde_json::to_string(&provenance::build()).map_err(std::io::Error::from)?;
    say::line(text).map(drop)
}
