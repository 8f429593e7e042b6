//! One cell of a sweep, from data to proof.

use std::fs;
use std::path::Path;
use std::time::Duration;

use burn::tensor::Device;
use config::RunConfig;
use data::Prepared;
use model::weights;
use record::{
    Again, CellState, Claim, Contest, JUDGE_CONFIG, Made, Phase, TRAINED, own, sweep_scratch,
    write_atomic,
};
use train::{Outcome, Progress, Stop, Training};

use crate::cell::Cell;
use crate::failure::Failure;
use crate::judgement::{self, Generators};
use crate::provenance::{self, Trained};
use crate::{prepare, replaced};

/// How long an earlier attempt that a scheduler has given up gets to notice and let go.
const PATIENCE: Duration = Duration::from_secs(10);

/// `resgan cell`: trains, judges, and writes `done.json` last.
pub(crate) fn run(config: &Path, dir: &Path, cache: &Path, takeover: bool) -> Result<(), Failure> {
    let stop = Stop::on_signals()?;
    let run = prepare::configured(config, Some(dir))?;
    of_a_worker(dir, &run)?;
    fs::create_dir_all(dir)?;
    let contest = if takeover { Contest::TakeOver(PATIENCE) } else { Contest::Refuse };
    let claim = Claim::take(dir, contest)?;
    let progress = Progress::new(dir, run.train.steps, &claim);
    stop.before_exit({
        let progress = progress.clone();
        move || progress.end(CellState::Interrupted, None)
    });
    let result = work(config, &run, (dir, cache), &claim, &stop, &progress);
    match &result {
        Ok(()) => progress.end(CellState::Done, None),
        Err(Failure::Interrupted(_)) => progress.end(CellState::Interrupted, None),
        Err(error @ Failure::Diverged(_)) => progress.end(CellState::Diverged, error.noted()),
        Err(error) => progress.end(CellState::Failed, error.noted()),
    }
    result
}

/// Refuses a directory with files under names of ours that no worker has written.
fn of_a_worker(dir: &Path, run: &RunConfig) -> Result<(), Failure> {
    let own_config = || {
        let there = RunConfig::load(&dir.join("config.toml"), &[]);
        there.is_ok_and(|there| there.id_payload() == run.id_payload())
    };
    let config = dir.join("config.toml");
    let strange = own::unclaimed(dir).or_else(|| {
        let is_strange = config.exists() && !dir.join("owner.json").exists() && !own_config();
        is_strange.then_some(config)
    });
    strange.map_or(Ok(()), |path| {
        Err(Failure::BadInput(format!(
            "error: {} was not written by a worker and would be overwritten\nhelp: give another --dir",
            path.display()
        )))
    })
}

fn work(
    config: &Path,
    run: &RunConfig,
    (dir, cache): (&Path, &Path),
    claim: &Claim,
    stop: &Stop,
    progress: &Progress,
) -> Result<(), Failure> {
    sweep_scratch(dir);
    let fingerprint = data::fingerprint(&run.data, cache)?;
    let hash = run.cell_hash(&fingerprint);
    let keys = prepare::judgement_hash(run, cache)?;
    let cell = Cell { run, dir, cache, claim, hash: &hash, keys: &keys };
    replaced::put_aside_others(&cell)?;
    judgement::recover(&cell)?;
    match Again::asked(dir) {
        Some(Again::Training) => replaced::put_aside(&cell)?,
        None if cell.finished() => {
            tracing::info!("this cell is finished already");
            // An attempt that was cut off behind its last proof has left that undone.
            return cell.tidy();
        }
        _ => {}
    }
    progress.phase(Phase::Data, 0);
    // The device first: it fixes the number of threads for everything that follows.
    let device = backend::open(&run.backend)?;
    let data = prepare::load(run, cache)?;
    let judged = prepare::judged(run, &data, cache)?;
    let made = match cell.trained() {
        Some(made) => {
            tracing::info!("{} is trained already; judging it", config.display());
            made
        }
        None => cell.train((&data, &device), &fingerprint, stop, progress)?,
    };
    progress.phase(Phase::Eval, run.train.steps);
    // Read back, so that what is judged is what stands there, now and whenever it is judged again.
    let generators = Generators::load(run, dir, &device)?;
    let faces = (&data, judged.as_ref().unwrap_or(&data));
    judgement::judge(&cell, faces, &generators, &device, made)
}

impl Cell<'_> {
    /// Trains to the last step and proves it.
    fn train(
        &self,
        (data, device): (&Prepared, &Device),
        fingerprint: &str,
        stop: &Stop,
        progress: &Progress,
    ) -> Result<Made, Failure> {
        let Cell { run, dir, claim, hash, .. } = *self;
        let build = provenance::build();
        let provenance = Trained::collect(run, data, hash, &claim.owner().attempt);
        claim.check()?;
        let text = serde_json::to_vec_pretty(&provenance).map_err(std::io::Error::from)?;
        write_atomic(&dir.join("provenance.json"), &text)?;
        self.write_config(fingerprint)?;
        let training =
            Training { run, config_hash: hash, build: &build, claim, dir, data, device, stop };
        let (g0, g1, made) = match training.run(progress)? {
            Outcome::Finished { g0, g1, made } => (g0, g1, made),
            Outcome::Interrupted { step } => {
                let text = format!("interrupted at step {step}; run the same command to resume");
                return Err(Failure::Interrupted(text));
            }
            Outcome::Diverged { step, what } => {
                let text = format!("error: diverged at step {step}: {what} is not a finite number");
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
        self.prove(TRAINED, self.training_files()?, made.clone())?;
        Ok(made)
    }

    /// What a sweep has put there already stays, if it says the same; a cell started by hand gets its own
    /// copy.
    fn write_config(&self, fingerprint: &str) -> Result<(), Failure> {
        let path = self.dir.join("config.toml");
        let stands = RunConfig::load(&path, &[]);
        if !stands.is_ok_and(|run| run.cell_hash(fingerprint) == self.hash) {
            write_atomic(&path, self.run.to_toml().as_bytes())?;
        }
        Ok(())
    }

    /// Removes what asked for this attempt and what it has taken the place of.
    pub(crate) fn tidy(&self) -> Result<(), Failure> {
        Again::answered(self.dir)?;
        match fs::remove_file(self.dir.join(JUDGE_CONFIG)) {
            Err(e) if e.kind() != std::io::ErrorKind::NotFound => return Err(e.into()),
            _ => {}
        }
        replaced::discard(self.dir);
        Ok(())
    }
}
