//! A cell that is worked on, and the proofs of what it holds.

use std::fs;
use std::path::Path;

use config::RunConfig;
use record::{Claim, DONE, FileProof, Made, Manifest, Proof, TRAINED, write_atomic};

use crate::failure::Failure;
use crate::provenance::PROGRAM;

/// A cell that this process may write.
pub(crate) struct Cell<'a> {
    pub(crate) run: &'a RunConfig,
    pub(crate) dir: &'a Path,
    pub(crate) cache: &'a Path,
    pub(crate) claim: &'a Claim,
    /// What is trained.
    pub(crate) hash: &'a str,
    /// How it is judged.
    pub(crate) keys: &'a str,
}

impl Cell<'_> {
    /// Whether `done.json` stands, belongs to this configuration and these `[eval]` keys, and its files
    /// verify.
    pub(crate) fn finished(&self) -> bool {
        let (proof, done) = Proof::with_manifest(self.dir, DONE, self.hash, true);
        let judged = done.and_then(|done| done.made?.judged);
        proof == Proof::Sound && judged.is_some_and(|judged| judged.keys == self.keys)
    }

    /// What trained the cell, if its training is complete and stands as it was written.
    pub(crate) fn trained(&self) -> Option<Made> {
        match Proof::with_manifest(self.dir, TRAINED, self.hash, true) {
            (Proof::Sound, Some(manifest)) => manifest.made,
            _ => None,
        }
    }

    /// Everything that training leaves.
    pub(crate) fn training_files(&self) -> Result<Vec<String>, Failure> {
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
        let mut samples: Vec<String> = fs::read_dir(self.dir.join("samples"))?
            .flatten()
            .map(|entry| format!("samples/{}", entry.file_name().to_string_lossy()))
            .filter(|name| name.ends_with(".png"))
            .collect();
        samples.sort();
        names.extend(samples);
        names.retain(|name| self.dir.join(name).exists());
        Ok(names)
    }

    /// Writes a proof of these files.
    pub(crate) fn prove(&self, name: &str, files: Vec<String>, made: Made) -> Result<(), Failure> {
        let Cell { run, dir, claim, hash, .. } = self;
        let files = files.iter().map(|name| FileProof::of(dir, name)).collect::<Result<_, _>>()?;
        let manifest = Manifest {
            config_hash: (*hash).to_owned(),
            attempt: claim.owner().attempt.clone(),
            backend: run.backend.kind.name().to_owned(),
            program: PROGRAM.to_owned(),
            made: Some(made),
            files,
        };
        claim.check()?;
        Ok(write_atomic(&dir.join(name), &manifest.to_sealed()?)?)
    }
}
