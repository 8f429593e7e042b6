//! The checkpoint set: one directory that is whole, checksummed and committed by a rename.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use burn::tensor::Device;
use config::RunConfig;
use model::weights::{self, WeightsError};
use record::{Claim, ClaimError, FileProof, Made, Manifest, Proof, sync_dir, write_synced};
use serde::{Deserialize, Serialize};

use crate::adam::Adam;
use crate::ema::Ema;
use crate::log::sound_lines;
use crate::networks::{Networks, Optimisers};
use crate::replay::Replay;

/// Why a checkpoint could not be written or read.
#[derive(Debug, thiserror::Error)]
pub enum CheckpointError {
    /// The disk refused; the scratch directory is gone and older checkpoints stand.
    #[error("cannot write the checkpoint {}: {source}{}", path.display(), hint(source))]
    Write {
        /// The checkpoint's directory.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Another attempt owns the cell now.
    #[error(transparent)]
    Outdated(#[from] ClaimError),
    /// A weight or a moment is not a finite number; no file was touched.
    #[error("{what} is not finite")]
    NotFinite {
        /// Which array of which file.
        what: String,
    },
    /// A checkpoint verified but does not fit this program.
    #[error("checkpoint {} cannot be used: {reason}", path.display())]
    Unusable {
        /// The checkpoint's directory.
        path: PathBuf,
        /// Why.
        reason: String,
    },
}

/// What to do about a full disk; nothing to say of other errors.
pub(crate) fn hint(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            "; the last checkpoint stands: free some space and run the same command to resume"
        }
        _ => "",
    }
}

/// What a trainer needs besides the networks to go on exactly where it was.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TrainerState {
    /// Generator steps done.
    pub step: usize,
    /// Where the sampler of pairs stands.
    pub sampler: data::SamplerState,
    /// Seconds of training so far, over all attempts.
    pub seconds: f64,
    /// Lines of `metrics.jsonl` up to here; absent in checkpoints older than this field.
    #[serde(default)]
    pub logged: Option<usize>,
}

/// Whose checkpoints they are.
pub struct Identity<'a> {
    /// Hash that ties them to the run and its data.
    pub config_hash: &'a str,
    /// The backend that computes them.
    pub backend: &'a str,
    /// Name and version of the program that writes them.
    pub program: &'a str,
    /// The right to write them.
    pub claim: &'a Claim,
}

/// A checkpoint that verified.
pub struct Checkpoint {
    /// The trainer's state.
    pub state: TrainerState,
    /// Networks with the saved weights.
    pub networks: Networks,
    /// Optimisers with the saved moments.
    pub optimisers: Optimisers,
    /// Moving averages of G0 and G1, if the run has them.
    pub ema: Option<(Ema, Ema)>,
    /// Old edits, if the run keeps any.
    pub replay: Replay,
    /// The programs that trained up to here.
    pub made: Made,
}

const MANIFEST: &str = "manifest.json";
/// Old edits of both generators, of a run that keeps them.
const REPLAY: &str = "replay.safetensors";
/// States of the optimisers of G0, G1 and D.
const ADAM: [&str; 3] = ["adam_g0.safetensors", "adam_g1.safetensors", "adam_d.safetensors"];

/// Directory of one step's checkpoint, named so that names sort like steps.
fn step_dir(root: &Path, step: usize) -> PathBuf {
    root.join(format!("{step:08}"))
}

impl Checkpoint {
    /// Writes a checkpoint into `root` and removes older ones, but the newest `keep` that verify.
    ///
    /// # Errors
    /// The disk refused, a number is not finite, or another attempt owns the cell; nothing half-written
    /// stays.
    pub fn save(
        &self,
        root: &Path,
        keep: usize,
        identity: &Identity<'_>,
    ) -> Result<(), CheckpointError> {
        let target = step_dir(root, self.state.step);
        let refused = |source| CheckpointError::Write { path: target.clone(), source };
        let parts = self.parts()?;
        let attempt = &identity.claim.owner().attempt;
        let name = |what: &str| root.join(format!("{:08}.tmp-{what}{attempt}", self.state.step));
        let (scratch, replaced) = (name(""), name("old-"));
        let commit = || {
            write(&scratch, &parts, &self.made, identity).map_err(refused)?;
            identity.claim.check()?;
            // A set of the same step, left by an attempt that was cut off later, makes room.
            if target.exists() {
                fs::rename(&target, &replaced).map_err(refused)?;
            }
            fs::rename(&scratch, &target).map_err(|source| {
                // The disk did not take the new one: the old one has its place back.
                let _ = fs::rename(&replaced, &target);
                refused(source)
            })?;
            sync_dir(root).map_err(refused)
        };
        // An attempt that is outdated in the middle of it finds its scratch swept away.
        let result = commit().map_err(|error| match identity.claim.check() {
            Ok(()) => error,
            Err(outdated) => outdated.into(),
        });
        let _ = fs::remove_dir_all(&scratch);
        let _ = fs::remove_dir_all(&replaced);
        result?;
        let mut sound = 0;
        for step in steps(root).into_iter().rev() {
            let dir = step_dir(root, step);
            if sound >= keep {
                // Failing to tidy up loses nothing.
                let _ = fs::remove_dir_all(dir);
            } else if step == self.state.step || verified(&dir, identity.config_hash).is_ok() {
                sound += 1;
            }
        }
        Ok(())
    }

    /// The files of a checkpoint with their content.
    fn parts(&self) -> Result<Vec<(&'static str, Vec<u8>)>, CheckpointError> {
        let nets = &self.networks;
        let mut arrays = vec![
            ("g0.safetensors", weights::collect(&nets.g0)),
            ("g1.safetensors", weights::collect(&nets.g1)),
            ("d.safetensors", weights::collect(&nets.d)),
        ];
        if let Some((e0, e1)) = &self.ema {
            arrays.push(("ema_g0.safetensors", e0.arrays().clone()));
            arrays.push(("ema_g1.safetensors", e1.arrays().clone()));
        }
        let replay = self.replay.arrays();
        if !replay.is_empty() {
            arrays.push((REPLAY, replay));
        }
        let Optimisers { g0, g1, d } = &self.optimisers;
        arrays.extend(ADAM.into_iter().zip([g0.arrays(), g1.arrays(), d.arrays()]));
        for (file, arrays) in &arrays {
            let broken = |(_, (_, values)): &(&String, &(Vec<usize>, Vec<f32>))| {
                values.iter().any(|value| !value.is_finite())
            };
            if let Some((name, _)) = arrays.iter().find(broken) {
                let what = format!("{name} of {}", file.trim_end_matches(".safetensors"));
                return Err(CheckpointError::NotFinite { what });
            }
        }
        let state = serde_json::to_vec_pretty(&self.state).expect("a state is plain JSON");
        let mut parts = vec![("state.json", state)];
        parts.extend(arrays.into_iter().map(|(name, arrays)| (name, weights::to_bytes(&arrays))));
        Ok(parts)
    }

    /// Bytes that one checkpoint of this run takes: weights and two moments of each network, moving averages
    /// and old edits if there are any.
    pub(crate) fn expected_bytes(nets: &Networks, run: &RunConfig) -> u64 {
        let count = |arrays: &weights::NamedArrays| -> usize {
            arrays.values().map(|(_, values)| values.len()).sum()
        };
        let generators = count(&weights::collect(&nets.g0)) + count(&weights::collect(&nets.g1));
        let all = 3 * (generators + count(&weights::collect(&nets.d)));
        let averages = if run.train.ema > 0.0 { generators } else { 0 };
        4 * (all + averages) as u64 + Replay::expected_bytes(run)
    }

    /// The newest checkpoint that verifies and whose log stands, or `None` when there is none. Others
    /// are named in `warnings` and passed over. `fresh` supplies networks of the run's shape; moments
    /// go to `device`.
    ///
    /// # Errors
    /// A checkpoint verifies but belongs to another configuration or another network.
    pub fn newest(
        root: &Path,
        config_hash: &str,
        train: &config::Train,
        device: &Device,
        fresh: impl Fn() -> Networks,
        warnings: &mut Vec<String>,
    ) -> Result<Option<Checkpoint>, CheckpointError> {
        let cell = root.parent().unwrap_or(root);
        for step in steps(root).into_iter().rev() {
            let dir = step_dir(root, step);
            match verified(&dir, config_hash).and_then(|()| state(&dir)) {
                Err(reason) => warnings.push(format!(
                    "checkpoint {step} does not verify ({reason}); trying an older one"
                )),
                Ok(state) if state.logged.is_some_and(|n| n != sound_lines(cell, state.step)) => {
                    warnings.push(format!(
                        "metrics.jsonl lacks lines up to checkpoint {step}; trying an older one"
                    ));
                }
                Ok(state) => {
                    return Checkpoint::load(&dir, state, train, device, fresh())
                        .map(Some)
                        .map_err(|reason| CheckpointError::Unusable { path: dir, reason });
                }
            }
        }
        if !warnings.is_empty() {
            warnings.push("no checkpoint verifies; starting from the first step".to_owned());
        }
        Ok(None)
    }

    fn load(
        dir: &Path,
        state: TrainerState,
        train: &config::Train,
        device: &Device,
        nets: Networks,
    ) -> Result<Checkpoint, String> {
        let read = |name: &str| weights::read(&dir.join(name));
        let say = |error: WeightsError| error.to_string();
        let networks = Networks {
            g0: weights::assign(nets.g0, &read("g0.safetensors").map_err(say)?).map_err(say)?,
            g1: weights::assign(nets.g1, &read("g1.safetensors").map_err(say)?).map_err(say)?,
            d: weights::assign(nets.d, &read("d.safetensors").map_err(say)?).map_err(say)?,
        };
        let adam =
            |name: &str| Adam::restored(train, read(name).map_err(say)?, &device.clone().inner());
        let [g0, g1, d] = ADAM;
        let optimisers = Optimisers { g0: adam(g0)?, g1: adam(g1)?, d: adam(d)? };
        let average =
            |name: &str| read(name).map(|arrays| Ema::from_arrays(train.ema, arrays)).map_err(say);
        let ema = match train.ema > 0.0 {
            true => Some((average("ema_g0.safetensors")?, average("ema_g1.safetensors")?)),
            false => None,
        };
        // None is kept before the first step.
        let replay = match dir.join(REPLAY).exists() {
            true => Replay::restored(read(REPLAY).map_err(say)?, &device.clone().autodiff())?,
            false => Replay::default(),
        };
        let manifest = fs::read(dir.join(MANIFEST)).map_err(|e| e.to_string())?;
        let made = Manifest::parse(&manifest)?.made.unwrap_or_default();
        Ok(Checkpoint { state, networks, optimisers, ema, replay, made })
    }
}

/// Writes every part and the manifest into a directory and waits until they are on the disk.
fn write(
    dir: &Path,
    parts: &[(&str, Vec<u8>)],
    made: &Made,
    identity: &Identity<'_>,
) -> io::Result<()> {
    fs::create_dir_all(dir)?;
    let mut files = Vec::new();
    for (name, bytes) in parts {
        write_synced(&dir.join(name), bytes)?;
        files.push(FileProof::of_bytes(name, bytes));
    }
    let manifest = Manifest {
        config_hash: identity.config_hash.to_owned(),
        attempt: identity.claim.owner().attempt.clone(),
        backend: identity.backend.to_owned(),
        program: identity.program.to_owned(),
        made: Some(made.clone()),
        files,
    };
    write_synced(&dir.join(MANIFEST), &manifest.to_sealed()?)?;
    sync_dir(dir)
}

fn state(dir: &Path) -> Result<TrainerState, String> {
    let text = fs::read(dir.join("state.json")).map_err(|e| e.to_string())?;
    serde_json::from_slice(&text).map_err(|e| e.to_string())
}

/// Steps with a committed checkpoint, oldest first.
fn steps(root: &Path) -> Vec<usize> {
    let names = fs::read_dir(root).into_iter().flatten().flatten();
    let mut steps: Vec<usize> =
        names.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect();
    steps.sort_unstable();
    steps
}

fn verified(dir: &Path, config_hash: &str) -> Result<(), String> {
    if dir.join("adam_g0.bpk").exists() {
        return Err("an earlier version of this program wrote it".to_owned());
    }
    match Proof::read(dir, MANIFEST, config_hash) {
        Proof::Sound => Ok(()),
        Proof::Absent => Err("it has no manifest".to_owned()),
        Proof::Stale => Err("it belongs to another configuration".to_owned()),
        Proof::Damaged(damages) => {
            let words: Vec<String> = damages.iter().map(ToString::to_string).collect();
            Err(words.join(", "))
        }
    }
}
