//! One cell of a sweep, from data to proof.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use config::RunConfig;
use model::weights;
use proof::{FileProof, Manifest, Proof, write_atomic};
use train::{CellState, Outcome, Phase, Progress, Stop, Training};

use crate::failure::Failure;
use crate::prepare;
use crate::provenance::Provenance;

/// `resgan cell`: trains, judges, and writes `done.json` last.
pub(crate) fn run(config: &Path, dir: &Path, cache: &Path) -> Result<(), Failure> {
    let stop = Stop::on_signals()?;
    let run = RunConfig::load(config, &[])?;
    fs::create_dir_all(dir)?;
    let lock = File::create(dir.join("lock"))?;
    if lock.try_lock().is_err() {
        let text = format!("error: another process works on {}; wait for it", dir.display());
        return Err(Failure::Failed(text));
    }
    let attempt = attempt_id();
    let mut progress = Progress::new(dir, run.train.steps, &attempt);
    let result = work(config, &run, dir, cache, &attempt, &stop, &mut progress);
    match &result {
        Ok(()) => progress.end(CellState::Done, None),
        Err(Failure::Interrupted(_)) => progress.end(CellState::Interrupted, None),
        Err(Failure::Diverged(text)) => progress.end(CellState::Diverged, Some(text.clone())),
        Err(other) => progress.end(CellState::Failed, Some(other.to_string())),
    }
    result
}

/// Names this process among all that ever worked on the cell.
fn attempt_id() -> String {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    format!("{:x}-{}", now.unwrap_or_default().as_millis(), std::process::id())
}

fn work(
    config: &Path,
    run: &RunConfig,
    dir: &Path,
    cache: &Path,
    attempt: &str,
    stop: &Stop,
    progress: &mut Progress,
) -> Result<(), Failure> {
    let fingerprint = data::fingerprint(&run.data, cache)?;
    let hash = run.cell_hash(&fingerprint);
    if finished(dir, &hash) {
        tracing::info!("this cell is finished already");
        return Ok(());
    }
    progress.phase(Phase::Data, 0);
    // The device first: it fixes the number of threads for everything that follows.
    let device = backend::open(&run.backend)?;
    let (_, data) = prepare::load(config, cache)?;
    let provenance = Provenance::collect(run, &fingerprint, &hash, attempt);
    let text = serde_json::to_vec_pretty(&provenance).map_err(std::io::Error::from)?;
    write_atomic(&dir.join("provenance.json"), &text)?;
    // What a sweep has put there already stays; a cell started by hand gets its own copy.
    let resolved = dir.join("config.toml");
    if !resolved.exists() {
        write_atomic(&resolved, run.to_toml().as_bytes())?;
    }

    let training =
        Training { run, config_hash: &hash, attempt, dir, data: &data, device: &device, stop };
    let (g0, g1) = match training.run(progress)? {
        Outcome::Finished { g0, g1 } => (g0, g1),
        Outcome::Interrupted { step } => {
            let text = format!("interrupted at step {step}; run the same command to resume");
            return Err(Failure::Interrupted(text));
        }
        Outcome::Diverged { step } => {
            let text = format!("error: diverged at step {step}: a loss is not finite");
            return Err(Failure::Diverged(text));
        }
    };
    let folder = dir.join("weights");
    fs::create_dir_all(&folder)?;
    for (name, generator) in [("g0", &g0), ("g1", &g1)] {
        let bytes = weights::to_bytes(&weights::collect(generator));
        write_atomic(&folder.join(format!("{name}.safetensors")), &bytes)?;
    }
    progress.phase(Phase::Eval, run.train.steps);
    let summary = eval::evaluate(run, &data, (&g0, &g1), &device, cache, &dir.join("eval"))?;
    for (direction, metrics) in &summary.directions {
        let success = metrics.get("success").copied().unwrap_or_default();
        tracing::info!("{direction}: judged successful on {:.1} %", 100.0 * success);
    }
    finish(dir, &hash, attempt, run.train.steps)
}

/// Whether `done.json` stands, belongs to this configuration, and its files verify.
fn finished(dir: &Path, hash: &str) -> bool {
    Proof::read(dir, "done.json", hash) == Proof::Sound
}

/// Writes the proof that the cell is complete.
fn finish(dir: &Path, hash: &str, attempt: &str, steps: usize) -> Result<(), Failure> {
    let mut names: Vec<String> = [
        "config.toml",
        "provenance.json",
        "metrics.jsonl",
        "weights/g0.safetensors",
        "weights/g1.safetensors",
    ]
    .map(str::to_owned)
    .into();
    names.extend(eval::FILES.map(|name| format!("eval/{name}")));
    names.push(format!("samples/step-{steps:06}.png"));
    let present = names.iter().filter(|name| dir.join(name).exists());
    let files = present.map(|name| FileProof::of(dir, name)).collect::<Result<_, _>>()?;
    let manifest = Manifest { config_hash: hash.to_owned(), attempt: attempt.to_owned(), files };
    let text = serde_json::to_vec_pretty(&manifest).map_err(std::io::Error::from)?;
    let path: PathBuf = dir.join("done.json");
    Ok(write_atomic(&path, &text)?)
}
