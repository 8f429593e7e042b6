//! One cell of a sweep, from data to proof.

use std::fs;
use std::path::Path;
use std::time::Duration;

use config::RunConfig;
use model::weights;
use record::{Claim, Contest, FileProof, Manifest, Proof, sweep_scratch, write_atomic};
use train::{CellState, Outcome, Phase, Progress, Stop, Training};

use crate::failure::Failure;
use crate::prepare;
use crate::provenance::Provenance;

/// How long an earlier attempt that a scheduler has given up gets to notice and let go.
const PATIENCE: Duration = Duration::from_secs(10);

/// `resgan cell`: trains, judges, and writes `done.json` last.
pub(crate) fn run(config: &Path, dir: &Path, cache: &Path, takeover: bool) -> Result<(), Failure> {
    let stop = Stop::on_signals()?;
    let run = RunConfig::load(config, &[])?;
    fs::create_dir_all(dir)?;
    let contest = if takeover { Contest::TakeOver(PATIENCE) } else { Contest::Refuse };
    let claim = Claim::take(dir, contest)?;
    sweep_scratch(dir);
    let progress = Progress::new(dir, run.train.steps, &claim);
    stop.before_exit({
        let progress = progress.clone();
        move || progress.end(CellState::Interrupted, None)
    });
    let result = work(config, &run, dir, cache, &claim, &stop, &progress);
    match &result {
        Ok(()) => progress.end(CellState::Done, None),
        Err(Failure::Interrupted(_)) => progress.end(CellState::Interrupted, None),
        Err(error @ Failure::Diverged(_)) => progress.end(CellState::Diverged, error.noted()),
        Err(error) => progress.end(CellState::Failed, error.noted()),
    }
    result
}

fn work(
    config: &Path,
    run: &RunConfig,
    dir: &Path,
    cache: &Path,
    claim: &Claim,
    stop: &Stop,
    progress: &Progress,
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
    let provenance = Provenance::collect(run, &fingerprint, &hash, &claim.owner().attempt);
    claim.check()?;
    let text = serde_json::to_vec_pretty(&provenance).map_err(std::io::Error::from)?;
    write_atomic(&dir.join("provenance.json"), &text)?;
    // What a sweep has put there already stays; a cell started by hand gets its own copy.
    let resolved = dir.join("config.toml");
    if !resolved.exists() {
        write_atomic(&resolved, run.to_toml().as_bytes())?;
    }

    let training =
        Training { run, config_hash: &hash, claim, dir, data: &data, device: &device, stop };
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
    claim.check()?;
    for (name, generator) in [("g0", &g0), ("g1", &g1)] {
        let bytes = weights::to_bytes(&weights::collect(generator));
        write_atomic(&folder.join(format!("{name}.safetensors")), &bytes)?;
    }
    progress.phase(Phase::Eval, run.train.steps);
    let judged = eval::evaluate(run, &data, (&g0, &g1), &device, cache)?;
    claim.check()?;
    let summary = judged.write(&dir.join("eval"))?;
    for (direction, metrics) in &summary.directions {
        let success = metrics.get("success").copied().unwrap_or_default();
        tracing::info!("{direction}: judged successful on {:.1} %", 100.0 * success);
    }
    finish(run, dir, &hash, claim)
}

/// Whether `done.json` stands, belongs to this configuration, and its files verify.
fn finished(dir: &Path, hash: &str) -> bool {
    Proof::read(dir, "done.json", hash) == Proof::Sound
}

/// Writes the proof that the cell is complete.
fn finish(run: &RunConfig, dir: &Path, hash: &str, claim: &Claim) -> Result<(), Failure> {
    let mut names: Vec<String> = [
        "config.toml",
        "provenance.json",
        "metrics.jsonl",
        "timing.jsonl",
        "weights/g0.safetensors",
        "weights/g1.safetensors",
    ]
    .map(str::to_owned)
    .into();
    names.extend(eval::FILES.map(|name| format!("eval/{name}")));
    let mut samples: Vec<String> = fs::read_dir(dir.join("samples"))?
        .flatten()
        .map(|entry| format!("samples/{}", entry.file_name().to_string_lossy()))
        .filter(|name| name.ends_with(".png"))
        .collect();
    samples.sort();
    names.extend(samples);
    let present = names.iter().filter(|name| dir.join(name).exists());
    let manifest = Manifest {
        config_hash: hash.to_owned(),
        attempt: claim.owner().attempt.clone(),
        backend: run.backend.kind.name().to_owned(),
        program: concat!("resgan ", env!("CARGO_PKG_VERSION"), ", burn 0.22.1").to_owned(),
        files: present.map(|name| FileProof::of(dir, name)).collect::<Result<_, _>>()?,
    };
    claim.check()?;
    Ok(write_atomic(&dir.join("done.json"), &manifest.to_sealed()?)?)
}
