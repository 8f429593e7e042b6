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
    /// Decoding and cropping of face images, against Pillow and torchvision
    Data,
    /// A whole small ablation, against the same as a PyTorch script
    Sweep,
    /// The size of a training process over 2,000 steps
    Memory,
}

/// Where PyTorch runs.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum PeerDevice {
    /// The processor
    Cpu,
    /// The first CUDA device
    Cuda,
}

/// Image side, width and batch of `--shape`.
fn shape(text: &str) -> Result<[usize; 3], String> {
    let numbers: Vec<usize> = text.split(',').filter_map(|n| n.trim().parse().ok()).collect();
    match numbers[..] {
        [size, width, batch] if size * width * batch > 0 => Ok([size, width, batch]),
        _ => Err("expected three whole numbers above 0, as in 128,64,64".to_owned()),
    }
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
    /// Steps of this image side, width and batch instead of the three that the documentation has;
    /// can be repeated
    #[arg(long = "shape", value_name = "SIZE,WIDTH,BATCH", value_parser = shape, conflicts_with = "size")]
    pub(super) shapes: Vec<[usize; 3]>,
    /// Where PyTorch's steps run: a GPU backend is compared with PyTorch on the GPU
    #[arg(long, value_enum, default_value_t = PeerDevice::Cpu)]
    pub(super) peer_device: PeerDevice,
    /// Let PyTorch multiply in TF32 on a CUDA device; else products are in single precision
    #[arg(long)]
    pub(super) tf32: bool,
    /// Python that has PyTorch and safetensors [default: that of `cargo xtask setup libtorch`]
    #[arg(long, value_name = "PROGRAM")]
    pub(super) python: Option<std::path::PathBuf>,
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
