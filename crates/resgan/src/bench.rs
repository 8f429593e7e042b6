//! `resgan bench`: what `cargo xtask bench` measures, one process per backend, so that the runs of
//! several can take turns.

use std::io::{BufRead, Write, stdin, stdout};
use std::path::PathBuf;
use std::time::Instant;

use clap::{Args, Subcommand};
use config::RunConfig;
use train::{Networks, Optimisers, peer, train_step};

use crate::failure::Failure;

#[derive(Subcommand)]
pub(crate) enum Task {
    /// Write configuration, initial weights and a batch for another implementation
    Files {
        /// Resolved configuration of the run
        #[arg(long)]
        config: PathBuf,
        /// Directory to write to
        #[arg(long)]
        dir: PathBuf,
    },
    /// Read numbers of training steps on standard input, answer each with the seconds they took
    Step(Step),
}

#[derive(Args)]
pub(crate) struct Step {
    /// Resolved configuration of the run
    #[arg(long)]
    config: PathBuf,
}

pub(crate) fn run(task: &Task) -> Result<(), Failure> {
    match task {
        Task::Files { config, dir } => {
            std::fs::create_dir_all(dir)?;
            Ok(peer::write(&RunConfig::load(config, &[])?, dir)?)
        }
        Task::Step(Step { config }) => steps(&RunConfig::load(config, &[])?),
    }
}

fn steps(run: &RunConfig) -> Result<(), Failure> {
    let device = backend::open(&run.backend)?;
    let autodiff = device.clone().autodiff();
    let mut networks = Networks::new(run, &autodiff);
    let mut optimisers = Optimisers::new(&run.train);
    let batch = vec![peer::batch(run, &autodiff); run.train.d_steps];
    answer(&serde_json::json!({ "ready": run.backend.kind.name() }))?;
    let mut step = 0;
    for line in stdin().lock().lines() {
        let line = line?;
        let count: usize = line.trim().parse().map_err(|_| {
            Failure::Failed(format!("error: expected a number of steps, found `{line}`"))
        })?;
        let start = Instant::now();
        for _ in 0..count {
            step += 1;
            // Reads its losses from the device, so that its work is done when it returns.
            networks = train_step(networks, &mut optimisers, &batch, run, step).0;
        }
        let _ = device.sync();
        let seconds = start.elapsed().as_secs_f64();
        answer(&serde_json::json!({ "seconds": seconds, "peak_mib": train::peak_mib() }))?;
    }
    Ok(())
}

fn answer(value: &serde_json::Value) -> Result<(), Failure> {
    let mut out = stdout().lock();
    writeln!(out, "{value}")?;
    Ok(out.flush()?)
}
