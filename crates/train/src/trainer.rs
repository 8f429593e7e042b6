//! The loop around the step: sampling, logging, sample grids, checkpoints, resume.

use std::path::{Path, PathBuf};
use std::time::Instant;

use burn::module::Module;
use burn::tensor::Device;
use config::RunConfig;
use data::{PairSampler, Prepared};
use model::{Generator, weights};
use record::{Build, Claim, ClaimError, Made, Phase};

use crate::checkpoint::{Checkpoint, CheckpointError, Identity, TrainerState, hint};
use crate::ema::Ema;
use crate::feed::Feed;
use crate::log::EventLog;
use crate::memory::peak_mib;
use crate::metrics::{D_LOSS, G_LOSS, StepMetrics};
use crate::networks::{Networks, Optimisers};
use crate::progress::Progress;
use crate::replay::Replay;
use crate::samples;
use crate::signals::Stop;
use crate::step::train_step;

/// Why training stopped with an error.
#[derive(Debug, thiserror::Error)]
pub enum TrainError {
    /// A checkpoint could not be written or used.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// A log or a sample grid could not be written.
    #[error("cannot write {}: {source}{}", path.display(), hint(source))]
    Write {
        /// The file or directory.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The disk is too full to begin.
    #[error(
        "this cell needs about {needed} MiB on the disk, but only {free} MiB are free below {}; free \
         some space and run the same command to resume",
        path.display()
    )]
    Space {
        /// Where the cell writes.
        path: PathBuf,
        /// MiB.
        needed: u64,
        /// MiB.
        free: u64,
    },
    /// Another attempt owns the cell now.
    #[error(transparent)]
    Outdated(#[from] ClaimError),
    /// The checkpoint's sampler does not fit the data.
    #[error("the checkpoint's position in the data cannot be restored: {0}")]
    Sampler(String),
}

/// How training ended.
#[allow(clippy::large_enum_variant, reason = "a run has one")]
pub enum Outcome {
    /// Every step was done: the generators to evaluate (averaged if the run says so), on the plain
    /// device, and all networks as trained.
    Finished {
        /// G0 for evaluation.
        g0: Generator,
        /// G1 for evaluation.
        g1: Generator,
        /// The programs that trained them.
        made: Made,
    },
    /// A stop was asked for; the checkpoint is written.
    Interrupted {
        /// Steps done.
        step: usize,
    },
    /// A number was not finite; the last finite checkpoint stands.
    Diverged {
        /// The step that broke.
        step: usize,
        /// The number that is not finite.
        what: String,
    },
}

/// One run's training.
pub struct Training<'a> {
    /// The run.
    pub run: &'a RunConfig,
    /// Hash that ties checkpoints to the run and its data.
    pub config_hash: &'a str,
    /// The program that trains.
    pub build: &'a Build,
    /// The right to write.
    pub claim: &'a Claim,
    /// The cell's directory.
    pub dir: &'a Path,
    /// Images and split.
    pub data: &'a Prepared,
    /// The plain device (without autodiff).
    pub device: &'a Device,
    /// Asks the loop to stop.
    pub stop: &'a Stop,
}

impl Training<'_> {
    /// Trains from the newest checkpoint, or from the start, to the last step.
    ///
    /// # Errors
    /// The disk refuses, or a checkpoint does not fit.
    pub fn run(&self, progress: &Progress) -> Result<Outcome, TrainError> {
        let run = self.run;
        let autodiff = self.device.clone().autodiff();
        let fresh = || Networks::new(run, &autodiff);
        let mut sampler = PairSampler::new(&self.data.split, run.train.seed, run.data.flip);
        let checkpoints = self.dir.join("checkpoints");
        self.write(&checkpoints, std::fs::create_dir_all)?;
        self.write(&self.dir.join("samples"), std::fs::create_dir_all)?;

        let mut warnings = Vec::new();
        let resumed = Checkpoint::newest(
            &checkpoints,
            self.config_hash,
            &run.train,
            self.device,
            fresh,
            &mut warnings,
        )?;
        warnings.iter().for_each(|warning| tracing::warn!("{warning}"));
        let mut now = match resumed {
            Some(checkpoint) => {
                tracing::info!("resuming from step {}", checkpoint.state.step);
                sampler
                    .restore(checkpoint.state.sampler)
                    .map_err(|e| TrainError::Sampler(e.to_string()))?;
                checkpoint
            }
            None => {
                let (networks, optimisers) = (fresh(), Optimisers::new(&run.train));
                let ema = (run.train.ema > 0.0).then(|| {
                    let start = |g| Ema::new(run.train.ema, g);
                    (start(&networks.g0), start(&networks.g1))
                });
                let (step, sampler) = (0, sampler.state());
                let state = TrainerState { step, sampler, seconds: 0.0, logged: Some(0) };
                let (replay, made) = (Replay::default(), Made::default());
                Checkpoint { state, networks, optimisers, ema, replay, made }
            }
        };
        let trained_before = now.made.training.len();
        now.made.add_training(self.build);
        if trained_before > 0 && now.made.training.len() > trained_before {
            tracing::warn!(
                "the checkpoint is of other code than this program's; the cell will say that both trained it"
            );
        }
        self.require_space(Checkpoint::expected_bytes(&now.networks, run))?;
        let mut log = EventLog::open(self.dir, now.state.step)
            .map_err(|source| TrainError::Write { path: self.dir.to_owned(), source })?;
        progress.phase(Phase::Train, now.state.step);

        std::thread::scope(|scope| {
            let feed = Feed::start(scope, sampler, run, self.data);
            let steps = || self.steps(now, &feed, &autodiff, &mut log, progress);
            match self.stop.stepping(steps)? {
                // Asked during the last step, after the loop had looked: its checkpoint stands.
                Outcome::Finished { .. } if self.stop.requested() => {
                    Ok(Outcome::Interrupted { step: run.train.steps })
                }
                outcome => Ok(outcome),
            }
        })
    }

    /// Refuses to begin on a disk that cannot take the checkpoints still to come (one more than are
    /// kept, while the oldest makes room) and, at the end, the results.
    fn require_space(&self, checkpoint: u64) -> Result<(), TrainError> {
        /// Tables, sample grids and logs: more than any run here has written.
        const RESULTS: u64 = 16 << 20;
        let path = self.dir.join("checkpoints");
        let there = self.write(&path, std::fs::read_dir).map_or(0, Iterator::count) as u64;
        let sets = (self.run.train.keep_checkpoints as u64 + 1).saturating_sub(there);
        let needed = sets * checkpoint + RESULTS;
        // A system that does not say is no reason to refuse.
        let free =
            rustix::fs::statvfs(&path).map_or(u64::MAX, |disk| disk.f_bavail * disk.f_frsize);
        if needed <= free {
            return Ok(());
        }
        let mib = |bytes: u64| bytes.div_ceil(1 << 20);
        Err(TrainError::Space { path, needed: mib(needed), free: free >> 20 })
    }

    /// The loop itself, from wherever `now` stands.
    fn steps(
        &self,
        mut now: Checkpoint,
        feed: &Feed,
        autodiff: &Device,
        log: &mut EventLog,
        progress: &Progress,
    ) -> Result<Outcome, TrainError> {
        let run = self.run;
        let started = Instant::now();
        let mut looked = started;
        // The step of the newest checkpoint: the one that was resumed from, then those written.
        let mut saved = Some(now.state.step).filter(|&step| step > 0);
        let before = now.state.seconds;
        while now.state.step < run.train.steps {
            if self.stop.requested() {
                let step = now.state.step;
                let stands = match saved == Some(step) {
                    true => Ok(()),
                    false => self.save(&mut now, log, before + seconds(started))?,
                };
                return Ok(match stands {
                    Ok(()) => Outcome::Interrupted { step },
                    Err(what) => Outcome::Diverged { step, what },
                });
            }
            // One who was outdated must not go on until the next commit, which may be far.
            if seconds(looked) > 1.0 {
                self.claim.check()?;
                looked = Instant::now();
            }
            let metrics;
            (now, metrics) = self.step(now, feed, autodiff);
            let step = now.state.step;
            if let Some(what) = metrics.not_finite() {
                return Ok(Outcome::Diverged { step, what: what.to_owned() });
            }
            progress.step(step);
            let last = step == run.train.steps;
            if step == 1 || step.is_multiple_of(run.train.log_every) || last {
                self.claim.check()?;
                self.log(log, &metrics, before + seconds(started), progress)?;
            }
            if step.is_multiple_of(run.train.sample_every) || last {
                self.sample(&now)?;
            }
            let due = step.is_multiple_of(run.train.checkpoint_every) || last;
            if due {
                if let Err(what) = self.save(&mut now, log, before + seconds(started))? {
                    return Ok(Outcome::Diverged { step, what });
                }
                saved = Some(step);
            }
        }
        if let Some(peak) = peak_mib() {
            tracing::info!("trained; peak memory {peak:.0} MiB");
        }
        let (g0, g1) = self.evaluated(&now)?;
        Ok(Outcome::Finished { g0, g1, made: now.made })
    }

    /// One step on the batches that come next.
    fn step(
        &self,
        mut now: Checkpoint,
        feed: &Feed,
        autodiff: &Device,
    ) -> (Checkpoint, StepMetrics) {
        let run = self.run;
        let mut batches = Vec::with_capacity(run.train.d_steps);
        for _ in 0..run.train.d_steps {
            let (batch, behind) = feed.next();
            batches.push(batch.on(run.data.size, autodiff));
            now.state.sampler = behind;
        }
        now.state.step += 1;
        let (optimisers, replay) = (&mut now.optimisers, &mut now.replay);
        let (networks, metrics) =
            train_step(now.networks, optimisers, replay, &batches, run, now.state.step);
        now.networks = networks;
        if let Some((e0, e1)) = &mut now.ema {
            e0.update(&now.networks.g0);
            e1.update(&now.networks.g1);
        }
        (now, metrics)
    }

    /// A line of the log, and one for people.
    fn log(
        &self,
        log: &mut EventLog,
        metrics: &StepMetrics,
        seconds: f64,
        progress: &Progress,
    ) -> Result<(), TrainError> {
        let pairs = progress.rate() * self.run.train.batch as f64;
        log.write(metrics, seconds, pairs)
            .map_err(|source| TrainError::Write { path: self.dir.to_owned(), source })?;
        tracing::info!(
            "step {}/{}  D {:.3}  G {:.3}  {pairs:.1} pairs/s  {:.0} s left",
            metrics.step,
            self.run.train.steps,
            metrics.get(D_LOSS).unwrap_or(f32::NAN),
            metrics.get(G_LOSS).unwrap_or(f32::NAN),
            progress.seconds_left()
        );
        Ok(())
    }

    fn write<T>(
        &self,
        path: &Path,
        action: impl Fn(PathBuf) -> std::io::Result<T>,
    ) -> Result<T, TrainError> {
        action(path.to_owned())
            .map_err(|source| TrainError::Write { path: path.to_owned(), source })
    }

    /// Writes a checkpoint; the inner error names an array that holds a number that is not finite, and
    /// the last finite checkpoint stands.
    fn save(
        &self,
        now: &mut Checkpoint,
        log: &EventLog,
        seconds: f64,
    ) -> Result<Result<(), String>, TrainError> {
        now.state.seconds = seconds;
        now.state.logged = Some(log.lines());
        log.sync().map_err(|source| TrainError::Write { path: self.dir.to_owned(), source })?;
        let keep = self.run.train.keep_checkpoints;
        let backend = self.run.backend.kind.name();
        let program = &self.build.program;
        let identity =
            Identity { config_hash: self.config_hash, backend, program, claim: self.claim };
        match now.save(&self.dir.join("checkpoints"), keep, &identity) {
            Ok(()) => Ok(Ok(())),
            Err(CheckpointError::NotFinite { what }) => Ok(Err(what)),
            Err(CheckpointError::Outdated(error)) => Err(TrainError::Outdated(error)),
            Err(error) => Err(error.into()),
        }
    }

    /// The generators as they are evaluated: on the plain device, averaged if the run says so.
    fn evaluated(&self, now: &Checkpoint) -> Result<(Generator, Generator), TrainError> {
        let (g0, g1) = (now.networks.g0.valid(), now.networks.g1.valid());
        let Some((e0, e1)) = &now.ema else { return Ok((g0, g1)) };
        let assign = |g, ema: &Ema| {
            weights::assign(g, ema.arrays()).map_err(|e| TrainError::Sampler(e.to_string()))
        };
        Ok((assign(g0, e0)?, assign(g1, e1)?))
    }

    /// Writes `samples/step-*.png`: the first faces of both classes of the part that is judged.
    fn sample(&self, now: &Checkpoint) -> Result<(), TrainError> {
        let (g0, g1) = self.evaluated(now)?;
        let grid = samples::draw((&g0, &g1), self.run, self.data, self.device);
        self.claim.check()?;
        let path = self.dir.join("samples").join(format!("step-{:06}.png", now.state.step));
        let mut bytes = std::io::Cursor::new(Vec::new());
        grid.write_to(&mut bytes, image::ImageFormat::Png)
            .map_err(std::io::Error::other)
            .and_then(|()| record::write_atomic(&path, &bytes.into_inner()))
            .map_err(|source| TrainError::Write { path, source })
    }
}

fn seconds(since: Instant) -> f64 {
    since.elapsed().as_secs_f64()
}
