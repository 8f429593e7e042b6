//! What to measure, and how.

use std::collections::BTreeSet;

use clap::{Args, ValueEnum};
use config::BackendKind;

use crate::format::{Plain, backend_named};
use crate::libtorch;

/// What is measured.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum What {
    /// Training steps at three sizes, against PyTorch eager, channels_last and torch.compile
    Step,
    /// Layers forward and backward, against PyTorch's
    Ops,
    /// Decoding and cropping of face images, against Pillow
    Data,
    /// A whole small ablation, against the same as a PyTorch script
    Sweep,
    /// The size of a training process over 2,000 steps
    Memory,
}

#[derive(Args)]
pub(crate) struct Arguments {
    /// What to measure
    #[arg(value_enum, default_value_t = What::Step)]
    pub(super) what: What,
    /// Backend to measure [default: flex, and libtorch where it is]
    #[arg(long = "backend", value_name = "KIND", value_parser = backend_named)]
    pub(super) backends: Vec<BackendKind>,
    /// Threads of each process [default: all cores]
    #[arg(long)]
    pub(super) threads: Option<usize>,
    /// Turns of every process
    #[arg(long, default_value_t = 7, value_parser = clap::value_parser!(u16).range(1..))]
    pub(super) rounds: u16,
    /// Only sizes of this many pixels
    #[arg(long)]
    pub(super) size: Option<usize>,
    /// Leave torch.compile out, which takes minutes to start
    #[arg(long)]
    pub(super) no_compile: bool,
    /// Worker to use instead of building one
    #[arg(long, hide = true)]
    pub(super) worker: Option<std::path::PathBuf>,
    /// How to print it
    #[arg(long, value_enum, default_value_t = Plain::Table)]
    pub(super) format: Plain,
    /// Put the table into docs/performance.md too
    #[arg(long)]
    pub(super) write: bool,
}

impl Arguments {
    pub(super) fn kinds(&self) -> BTreeSet<BackendKind> {
        if !self.backends.is_empty() {
            return self.backends.iter().copied().collect();
        }
        let mut kinds = BTreeSet::from([BackendKind::Flex]);
        if libtorch::home().is_some() {
            kinds.insert(BackendKind::Libtorch);
        }
        kinds
    }

    pub(super) fn threads(&self) -> usize {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        self.threads.unwrap_or(cores)
    }
}
