//! What the command line fixes, and what of a file it leaves.

use crate::accept::{accept_layer, set_layer};
use crate::error::ConfigError;
use crate::layer::{self, Layer};

use super::axes::{self, Axis, Level};
use super::reader::refuse_seed;
use super::types::Overrides;

/// The command line's overrides, checked.
pub(super) struct CommandLine {
    /// Keys with one value for every cell.
    pub(super) layer: Layer,
    /// Seeds instead of the file's.
    pub(super) seeds: Option<Vec<u64>>,
    /// Several backends: an axis of their own.
    backends: Option<Axis>,
}

impl CommandLine {
    pub(super) fn new(overrides: &Overrides) -> Result<CommandLine, ConfigError> {
        let mut layer = Layer::new();
        for assignment in &overrides.set {
            let set = set_layer(assignment)?;
            set.iter().try_for_each(|(key, entry)| refuse_seed(key, &entry.origin))?;
            layer.extend(set);
        }
        let mut backends = Vec::new();
        for name in &overrides.backends {
            let mut flat = layer::from_assignment("--backend", &format!("backend.kind={name}"))?;
            accept_layer(&mut flat)?;
            backends.push(flat);
        }
        let backends = match backends.len() {
            0 => None,
            1 => {
                backends.into_iter().for_each(|backend| layer.extend(backend));
                None
            }
            _ => Some(backends.into_iter().map(|backend| backend.into_iter().collect()).collect()),
        };
        let seeds = overrides.seeds.clone();
        seeds.as_deref().map_or(Ok(()), check_seeds)?;
        Ok(CommandLine { layer, seeds, backends })
    }

    /// Whether a key of the file has no say any more.
    pub(super) fn fixes(&self, key: &str) -> bool {
        self.layer.contains_key(key) || (self.backends.is_some() && key == "backend.kind")
    }

    /// Takes the fixed keys out of a file's axes, included and excluded cells. Several backends are
    /// an axis, and an included cell is included on each of them.
    pub(super) fn narrow(
        &self,
        axes: &mut Vec<Axis>,
        includes: &mut Vec<Level>,
        excludes: &mut Vec<Level>,
    ) {
        let kept = |exclude: &Level| exclude.iter().all(|(key, _)| !self.layer.contains_key(key));
        excludes.retain(kept);
        *axes = axes::without(std::mem::take(axes), |key| self.fixes(key));
        includes.iter_mut().for_each(|include| include.retain(|(key, _)| !self.fixes(key)));
        includes.retain(|include| !include.is_empty());
        if let Some(backends) = &self.backends {
            let backends = axes::without(vec![backends.clone()], |_| false).remove(0);
            *includes = std::mem::take(includes)
                .into_iter()
                .flat_map(|include| backends.iter().map(move |b| [&include[..], b].concat()))
                .collect();
            axes.push(backends);
        }
    }
}

fn check_seeds(seeds: &[u64]) -> Result<(), ConfigError> {
    for (i, seed) in seeds.iter().enumerate() {
        if *seed > i64::MAX as u64 {
            let title = format!("--seeds: {seed} is too large for a seed");
            return Err(ConfigError::bare(title, "give whole numbers below 2^63"));
        }
        if seeds[..i].contains(seed) {
            return Err(ConfigError::bare(
                format!("--seeds: {seed} stands twice"),
                "give each seed once, for example --seeds 1,2,3",
            ));
        }
    }
    Ok(())
}
