//! The front door: `cargo xtask run`, `compare`, `landmarks`, `plot`, `test` and their neighbours.
//!
//! Parses, builds the worker that a sweep needs, and calls `sweep` and `report`. It links no tensor
//! library, so that it starts in seconds on a fresh clone.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command-line program prints")]
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod again;
mod bench;
mod catalogues;
mod check;
mod clean;
mod data_sets;
mod doctor;
mod dry_run;
mod duration;
mod failure;
mod format;
mod fuzz;
mod going;
mod libtorch;
mod links;
mod load;
mod locate;
mod makers;
mod pipe;
mod places;
mod progress;
mod results;
mod retry;
mod run;
mod setup;
mod slurm;
mod status;
mod table;
mod verify;
mod which;
mod worker;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use config::BackendKind;
use format::{Plain, backend_named};

#[derive(Parser)]
#[command(bin_name = "cargo xtask", about = "Run, compare and judge sweeps of ResGAN")]
struct Cli {
    #[command(subcommand)]
    command: Command,
    /// Directory of results, with a cache of its own, instead of the workspace's results/
    #[arg(long, global = true, value_name = "DIRECTORY")]
    results: Option<PathBuf>,
}

#[derive(Subcommand)]
enum Command {
    /// Run every cell of an experiment that is not finished, then compare and plot
    Run(run::Arguments),
    /// Take failed and diverged cells up again, and nothing else, with the options of the last run
    Retry(retry::Arguments),
    /// Say what became of each cell of the last run
    Status(status::Arguments),
    /// Remove cells that an edited experiment has left behind
    Clean(clean::Arguments),
    /// Compare each cell with its twin that differs in one factor alone
    Compare(results::CompareArguments),
    /// Say whether landmarks are found better after the edit: with, removed, without, and controls
    Landmarks(results::LandmarkArguments),
    /// Draw curves, scores, error distributions and heat maps, as SVG and PNG
    Plot(which::Which),
    /// Write tables, figures and one HTML page with both
    Report(which::Which),
    /// Read every result again, byte by byte, and name files that are not what was written
    Verify(which::Which),
    /// Look at data sets: check, prepare, find faces in photographs, or draw synthetic ones
    #[command(subcommand)]
    Data(data_sets::Command),
    /// Write docs/configuration.md from the schema
    Docs {
        /// Only fail if the page is stale
        #[arg(long)]
        check: bool,
    },
    /// Run every test of the workspace
    Test {
        /// Backend to test as well; flex always is
        #[arg(long = "backend", value_name = "KIND", value_parser = backend_named)]
        backends: Vec<BackendKind>,
        /// Arguments for `cargo test`
        #[arg(last = true)]
        arguments: Vec<String>,
    },
    /// Formatting, clippy and generated pages, each without a complaint
    Lint {
        /// Backend whose code is looked at as well; flex's always is
        #[arg(long = "backend", value_name = "KIND", value_parser = backend_named)]
        backends: Vec<BackendKind>,
    },
    /// Search for bytes that a reader of files does not stand, with libFuzzer
    Fuzz(fuzz::Arguments),
    /// Measure speed against PyTorch, in turns on this machine
    Bench(bench::Arguments),
    /// Take turns at decoding, for `bench data`
    #[command(hide = true)]
    DecodeTurns {
        /// Resolved configuration of the run
        #[arg(long)]
        config: PathBuf,
        /// Directory for the decoded images, which are removed
        #[arg(long)]
        cache: PathBuf,
    },
    /// Bring what a backend needs
    #[command(subcommand)]
    Setup(setup::Setup),
    /// Say which backends this machine can use
    Doctor {
        /// How to print it
        #[arg(long, value_enum, default_value_t = Plain::Table)]
        format: Plain,
    },
}

fn main() -> ExitCode {
    let quiet = pipe::Quiet::new();
    // What the crates have to say: lists that are read another way than they stand, damage in the cache.
    tracing_subscriber::fmt()
        .with_max_level(tracing_subscriber::filter::LevelFilter::WARN)
        .with_writer(std::io::stderr)
        .with_ansi(false)
        .log_internal_errors(false)
        .with_target(false)
        .without_time()
        .init();
    let cli = Cli::parse();
    let results = cli.results.unwrap_or_else(places::results);
    // Children and resolved configurations outlive the working directory of today.
    let results = std::path::absolute(&results).unwrap_or(results);
    let done = match cli.command {
        Command::Run(arguments) => run::run(&arguments, &results, &quiet),
        Command::Retry(arguments) => retry::run(&arguments, &results, &quiet),
        Command::Status(arguments) => status::run(&arguments, &results),
        Command::Clean(arguments) => clean::run(&arguments, &results),
        Command::Compare(arguments) => results::compare(&arguments, &results),
        Command::Landmarks(arguments) => results::landmarks(&arguments, &results),
        Command::Plot(which) => results::plot(&which, &results),
        Command::Report(which) => results::report(&which, &results),
        Command::Verify(which) => verify::verify(&which, &results),
        Command::Data(command) => data_sets::run(&command, &results),
        Command::Docs { check } => check::docs(check),
        Command::Test { backends, arguments } => {
            check::test(&backends.into_iter().collect(), &arguments)
        }
        Command::Lint { backends } => check::lint(&backends.into_iter().collect()),
        Command::Fuzz(arguments) => fuzz::run(&arguments),
        Command::Bench(arguments) => bench::run(&arguments),
        Command::DecodeTurns { config, cache } => bench::decode_turns(&config, &cache),
        Command::Setup(setup) => setup::run(&setup),
        Command::Doctor { format } => doctor::run(format),
    };
    let done = done.and_then(|()| match pipe::lost() {
        None => Ok(()),
        Some(why) => {
            Err(failure::Failure::Failed(format!("error: cannot write to standard output: {why}")))
        }
    });
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            pipe::tell(&failure);
            ExitCode::from(failure.exit_code())
        }
    }
}
