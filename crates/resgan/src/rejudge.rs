//! `resgan eval`: judges finished cells again, without training.

use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;
use config::RunConfig;
use record::{Again, JUDGE_CONFIG, TRAINED, write_atomic};

use crate::failure::Failure;
use crate::{prepare, work};

/// Which cells, and how.
#[derive(Args)]
pub(crate) struct Arguments {
    /// Directories of trained cells (`results/<experiment>/cells/<id>`)
    #[arg(required = true, value_name = "CELL")]
    cells: Vec<PathBuf>,
    /// A key of [eval] for this judgement, e.g. --set eval.judge_seed=7
    #[arg(long, value_name = "KEY=VALUE")]
    set: Vec<String>,
    /// Directory of data and judges shared by all cells [default: `cache` beside the experiment's
    /// results]
    #[arg(long)]
    cache: Option<PathBuf>,
}

/// Checks every cell before the first is judged; one that fails does not keep the others.
pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    if let Some(other) = arguments.set.iter().find(|set| !set.trim_start().starts_with("eval.")) {
        let text = format!(
            "error: `--set {other}` is no key of [eval]\n\
             help: another training is another cell: `cargo xtask run EXPERIMENT --set {other}`"
        );
        return Err(Failure::BadInput(text));
    }
    let runs: Vec<RunConfig> =
        arguments.cells.iter().map(|dir| checked(dir, &arguments.set)).collect::<Result<_, _>>()?;
    let cache = |dir: &PathBuf| arguments.cache.clone().map_or_else(|| beside(dir), Ok);
    let caches: Vec<PathBuf> = arguments.cells.iter().map(cache).collect::<Result<_, _>>()?;
    for (run, cache) in runs.iter().zip(&caches) {
        prepare::judgement_hash(run, cache)?;
    }
    let mut failed = None;
    for ((dir, run), cache) in arguments.cells.iter().zip(&runs).zip(&caches) {
        let result =
            ask(dir, run).and_then(|()| work::run(&dir.join("config.toml"), dir, cache, false));
        match result {
            Ok(()) => tracing::info!("{} is judged again", dir.display()),
            Err(interrupted @ Failure::Interrupted(_)) => return Err(interrupted),
            Err(error) if runs.len() == 1 => return Err(error),
            Err(error) => {
                tracing::error!("{}: {error}", dir.display());
                failed = Some(error);
            }
        }
    }
    failed.map_or(Ok(()), Err)
}

/// The configuration that the cell is judged with.
fn checked(dir: &Path, set: &[String]) -> Result<RunConfig, Failure> {
    if !dir.join(TRAINED).is_file() {
        let text = format!(
            "error: {} is no trained cell\n\
             help: give directories such as results/<experiment>/cells/<id>; `cargo xtask status` lists \
             them",
            dir.display()
        );
        return Err(Failure::BadInput(text));
    }
    let mut run = RunConfig::load(&dir.join("config.toml"), set)?;
    if !run.eval.root.is_empty() {
        // It may be judged on from another directory.
        run.eval.root = std::path::absolute(&run.eval.root)?.to_string_lossy().into_owned();
    }
    Ok(run)
}

/// Leaves word of what is wanted, so that it is done later if it is cut off now.
fn ask(dir: &Path, run: &RunConfig) -> Result<(), Failure> {
    if record::is_claimed(dir) {
        let text =
            format!("error: another process works on {}; wait for it, or stop it", dir.display());
        return Err(Failure::Failed(text));
    }
    let asked = write_atomic(&dir.join(JUDGE_CONFIG), run.to_toml().as_bytes())
        .and_then(|()| Again::Judgement.ask(dir));
    asked.map_err(|e| {
        Failure::Infrastructure(format!("error: cannot write into {}: {e}", dir.display()))
    })
}

/// `results/cache` of `results/<experiment>/cells/<id>`.
fn beside(dir: &Path) -> Result<PathBuf, Failure> {
    let whole = fs::canonicalize(dir)?;
    let results = whole.ancestors().nth(3);
    let cache = results.map(|results| results.join("cache")).filter(|cache| cache.is_dir());
    cache.ok_or_else(|| {
        Failure::BadInput(format!(
            "error: there is no cache beside the results of {}\nhelp: give it with --cache DIRECTORY",
            dir.display()
        ))
    })
}
