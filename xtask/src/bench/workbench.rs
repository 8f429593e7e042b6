//! What every benchmark has at hand.

use std::collections::BTreeSet;

use config::{BackendKind, RunConfig};

use super::arguments::Arguments;
use crate::failure::Failure;
use crate::libtorch;

/// What a benchmark found, for people and for programs.
pub(super) struct Found {
    pub(super) name: &'static str,
    pub(super) header: Vec<&'static str>,
    pub(super) rows: Vec<Vec<String>>,
    pub(super) json: serde_json::Value,
}

/// What every benchmark has at hand.
pub(super) struct Bench<'a> {
    pub(super) arguments: &'a Arguments,
    pub(super) kinds: BTreeSet<BackendKind>,
    pub(super) worker: std::path::PathBuf,
    pub(super) scratch: Scratch,
}

impl Bench<'_> {
    /// Writes a resolved configuration for one backend.
    pub(super) fn config(
        &self,
        name: &str,
        run: &RunConfig,
        kind: BackendKind,
    ) -> Result<std::path::PathBuf, Failure> {
        let mut run = run.clone();
        run.backend = config::Backend { kind, threads: self.arguments.threads(), ..run.backend };
        let path = self.scratch.0.join(format!("{name}-{kind}.toml"));
        std::fs::write(&path, run.to_toml()).map_err(|e| Failure::Failed(format!("error: {e}")))?;
        Ok(path)
    }

    /// `resgan bench TASK --config CONFIG`.
    pub(super) fn ours(&self, task: &str, config: &std::path::Path) -> std::process::Command {
        let mut command = std::process::Command::new(&self.worker);
        command.args(["bench", task, "--config"]).arg(config);
        command
    }

    /// `torch_peer.py TASK FOLDER`.
    pub(super) fn peer(
        &self,
        task: &str,
        folder: &std::path::Path,
    ) -> Result<std::process::Command, Failure> {
        let missing =
            || Failure::BadInput("error: no PyTorch here: `cargo xtask setup libtorch`".to_owned());
        let mut command = match &self.arguments.python {
            Some(program) => std::process::Command::new(program),
            None => libtorch::python().ok_or_else(missing)?,
        };
        command.arg(crate::places::root().join("scripts/torch_peer.py")).arg(task).arg(folder);
        command.args(["--threads", &self.arguments.threads().to_string()]);
        Ok(command)
    }
}

/// A folder that goes when the benchmark ends.
pub(super) struct Scratch(pub(super) std::path::PathBuf);

impl Scratch {
    pub(super) fn new() -> Result<Scratch, Failure> {
        let path = std::env::temp_dir().join(format!("resgan-bench-{}", std::process::id()));
        std::fs::create_dir_all(&path)
            .map_err(|e| Failure::Failed(format!("error: cannot write {}: {e}", path.display())))?;
        Ok(Scratch(path))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Runs a command to its end.
pub(super) fn finish(mut command: std::process::Command, name: &str) -> Result<(), Failure> {
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(Failure::Failed(format!("error: {name} failed: {status}"))),
        Err(e) => Err(Failure::Failed(format!("error: cannot start {name}: {e}"))),
    }
}

pub(super) fn number(value: f64) -> String {
    match value {
        v if v >= 100.0 => format!("{v:.0}"),
        v if v >= 10.0 => format!("{v:.1}"),
        v => format!("{v:.2}"),
    }
}
