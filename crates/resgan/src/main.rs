//! `resgan`: the worker that a sweep starts per cell, and a tool for single images.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command-line program prints")]

mod cell;
mod edit;
mod failure;
mod prepare;
mod provenance;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand, ValueEnum};

#[derive(Parser)]
#[command(version, about = "Face attribute manipulation with learned residual images")]
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
        kind: JudgeKind,
        /// Resolved configuration of the run
        #[arg(long)]
        config: PathBuf,
        /// Directory of data and judges shared by all cells
        #[arg(long)]
        cache: PathBuf,
    },
    /// Edit aligned face images with the generators of a finished cell
    Edit(edit::Arguments),
}

#[derive(Clone, Copy, ValueEnum)]
enum JudgeKind {
    /// The attribute classifier
    Classifier,
    /// The landmark regressor
    Landmarks,
}

fn main() -> ExitCode {
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_ansi(false)
        .with_target(false)
        .init();
    let result = match Cli::parse().command {
        Command::Cell { config, dir, cache } => cell::run(&config, &dir, &cache),
        Command::Prepare { config, cache } => prepare::run(&config, &cache),
        Command::Judge { kind, config, cache } => prepare::judge(kind, &config, &cache),
        Command::Edit(arguments) => edit::run(&arguments),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("{failure}");
            ExitCode::from(failure.exit_code())
        }
    }
}
