//! `resgan bench`: what `cargo xtask bench` measures, one process per backend, so that the runs of
//! several can take turns.

use std::io::{BufRead, Write, stdin, stdout};
use std::path::{Path, PathBuf};
use std::time::Instant;

use clap::Subcommand;
use config::RunConfig;
use train::{Networks, Optimisers, Replay, peer, train_step};

use crate::failure::Failure;
use crate::layers::{Bound, layers};

#[derive(Subcommand)]
pub(crate) enum Task {
    /// Write configuration, initial weights, a batch and the layers for another implementation
    Files {
        /// Resolved configuration of the run
        #[arg(long)]
        config: PathBuf,
        /// Directory to write to
        #[arg(long)]
        dir: PathBuf,
    },
    /// Read numbers of training steps on standard input, answer each with the seconds they took
    Step {
        /// Resolved configuration of the run
        #[arg(long)]
        config: PathBuf,
    },
    /// Read `LAYER COUNT` on standard input, answer with the seconds that so many runs took
    Ops {
        /// Resolved configuration of the run
        #[arg(long)]
        config: PathBuf,
    },
}

pub(crate) fn run(task: &Task) -> Result<(), Failure> {
    match task {
        Task::Files { config, dir } => files(&RunConfig::load(config, &[])?, dir),
        Task::Step { config } => steps(&RunConfig::load(config, &[])?),
        Task::Ops { config } => operations(&RunConfig::load(config, &[])?),
    }
}

fn files(run: &RunConfig, dir: &Path) -> Result<(), Failure> {
    std::fs::create_dir_all(dir)?;
    peer::write(run, dir)?;
    let text = serde_json::to_vec_pretty(&layers(run)).map_err(std::io::Error::from)?;
    Ok(std::fs::write(dir.join("layers.json"), text)?)
}

fn steps(run: &RunConfig) -> Result<(), Failure> {
    let device = backend::open(&run.backend)?.autodiff();
    let mut state = Some(Networks::new(run, &device));
    let (mut optimisers, mut replay) = (Optimisers::new(&run.train), Replay::default());
    let batch = vec![peer::batch(run, &device); run.train.d_steps];
    let mut step = 0;
    serve(|words| {
        let count = words.first().copied().unwrap_or_default();
        let start = Instant::now();
        for _ in 0..count {
            step += 1;
            // Reads its losses from the device, so that its work is done when it returns.
            let work =
                |networks| train_step(networks, &mut optimisers, &mut replay, &batch, run, step).0;
            state = state.take().map(work);
        }
        let _ = device.sync();
        Ok(start.elapsed().as_secs_f64())
    })
}

fn operations(run: &RunConfig) -> Result<(), Failure> {
    let device = backend::open(&run.backend)?.autodiff();
    let layers = layers(run);
    serve(|words| {
        let [index, count] = words[..] else {
            return Err(Failure::Failed("error: expected `LAYER COUNT`".to_owned()));
        };
        let layer = layers.get(index).map(|layer| Bound::new(layer, &device));
        let layer = layer.ok_or_else(|| Failure::Failed(format!("error: no layer {index}")))?;
        let start = Instant::now();
        (0..count).for_each(|_| layer.run());
        let _ = device.sync();
        Ok(start.elapsed().as_secs_f64())
    })
}

/// Answers every line of numbers with the seconds that `work` took.
fn serve(mut work: impl FnMut(&[usize]) -> Result<f64, Failure>) -> Result<(), Failure> {
    answer(&serde_json::json!({ "ready": true }))?;
    for line in stdin().lock().lines() {
        let line = line?;
        let words: Result<Vec<usize>, _> = line.split_whitespace().map(str::parse).collect();
        let words = words
            .map_err(|_| Failure::Failed(format!("error: expected numbers, found `{line}`")))?;
        let seconds = work(&words)?;
        let (peak, resident) = (train::peak_mib(), train::resident_mib());
        let answers = serde_json::json!({
            "seconds": seconds, "peak_mib": peak, "resident_mib": resident,
        });
        answer(&answers)?;
    }
    Ok(())
}

fn answer(value: &serde_json::Value) -> Result<(), Failure> {
    let mut out = stdout().lock();
    writeln!(out, "{value}")?;
    Ok(out.flush()?)
}
