//! The checkpoint set: one directory that is whole, checksummed and committed by a rename.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use burn::tensor::Device;
use model::weights::{self, WeightsError};
use proof::{FileProof, Manifest, Proof, sync_dir, write_synced};
use serde::{Deserialize, Serialize};

use crate::adam::Adam;
use crate::ema::Ema;
use crate::networks::{Networks, Optimisers};

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
    /// A checkpoint verified but does not fit this program.
    #[error("checkpoint {} cannot be used: {reason}", path.display())]
    Unusable {
        /// The checkpoint's directory.
        path: PathBuf,
        /// Why.
        reason: String,
    },
}

fn hint(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::StorageFull => "; free some space and run the same command to resume",
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
}

const MANIFEST: &str = "manifest.json";
/// States of the optimisers of G0, G1 and D.
const ADAM: [&str; 3] = ["adam_g0.safetensors", "adam_g1.safetensors", "adam_d.safetensors"];

/// Directory of one step's checkpoint, named so that names sort like steps.
fn step_dir(root: &Path, step: usize) -> PathBuf {
    root.join(format!("{step:08}"))
}

impl Checkpoint {
    /// Writes a checkpoint into `root` and removes all but the newest `keep`.
    ///
    /// # Errors
    /// The disk refused; nothing half-written stays.
    pub fn save(
        &self,
        root: &Path,
        keep: usize,
        config_hash: &str,
        attempt: &str,
    ) -> Result<(), CheckpointError> {
        let target = step_dir(root, self.state.step);
        let scratch = root.join(format!("{:08}.tmp-{attempt}", self.state.step));
        let result = self.write(&scratch, config_hash, attempt).and_then(|()| {
            // A set of the same step, left by an attempt that was cut off later, is replaced.
            if target.exists() {
                fs::remove_dir_all(&target)?;
            }
            fs::rename(&scratch, &target)?;
            sync_dir(root)
        });
        if let Err(source) = result {
            let _ = fs::remove_dir_all(&scratch);
            return Err(CheckpointError::Write { path: target, source });
        }
        for step in steps(root).into_iter().rev().skip(keep) {
            // Failing to tidy up loses nothing.
            let _ = fs::remove_dir_all(step_dir(root, step));
        }
        Ok(())
    }

    fn write(&self, dir: &Path, config_hash: &str, attempt: &str) -> io::Result<()> {
        if dir.exists() {
            fs::remove_dir_all(dir)?;
        }
        fs::create_dir_all(dir)?;
        let nets = &self.networks;
        let mut parts: Vec<(&str, Vec<u8>)> = vec![
            ("g0.safetensors", weights::to_bytes(&weights::collect(&nets.g0))),
            ("g1.safetensors", weights::to_bytes(&weights::collect(&nets.g1))),
            ("d.safetensors", weights::to_bytes(&weights::collect(&nets.d))),
            ("state.json", serde_json::to_vec_pretty(&self.state)?),
        ];
        if let Some((e0, e1)) = &self.ema {
            parts.push(("ema_g0.safetensors", weights::to_bytes(e0.arrays())));
            parts.push(("ema_g1.safetensors", weights::to_bytes(e1.arrays())));
        }
        let Optimisers { g0, g1, d } = &self.optimisers;
        for (name, optimiser) in ADAM.into_iter().zip([g0, g1, d]) {
            parts.push((name, weights::to_bytes(&optimiser.arrays())));
        }
        let mut files = Vec::new();
        for (name, bytes) in &parts {
            write_synced(&dir.join(name), bytes)?;
            files.push(FileProof::of(dir, name)?);
        }
        let manifest =
            Manifest { config_hash: config_hash.to_owned(), attempt: attempt.to_owned(), files };
        write_synced(&dir.join(MANIFEST), &serde_json::to_vec_pretty(&manifest)?)?;
        sync_dir(dir)
    }

    /// The newest checkpoint that verifies, or `None` when there is none. Damaged ones are named
    /// in `warnings` and passed over. `fresh` supplies networks of the run's shape; moments go to `device`.
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
        for step in steps(root).into_iter().rev() {
            let dir = step_dir(root, step);
            match verified(&dir, config_hash) {
                Ok(()) => {
                    return Checkpoint::load(&dir, train, device, fresh())
                        .map(Some)
                        .map_err(|reason| CheckpointError::Unusable { path: dir, reason });
                }
                Err(reason) => warnings.push(format!(
                    "checkpoint {step} does not verify ({reason}); trying an older one"
                )),
            }
        }
        Ok(None)
    }

    fn load(
        dir: &Path,
        train: &config::Train,
        device: &Device,
        nets: Networks,
    ) -> Result<Checkpoint, String> {
        let text = fs::read_to_string(dir.join("state.json")).map_err(|e| e.to_string())?;
        let state = serde_json::from_str(&text).map_err(|e| e.to_string())?;
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
        Ok(Checkpoint { state, networks, optimisers, ema })
    }
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
