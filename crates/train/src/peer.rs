//! What another implementation of the method needs to do the very same steps: the configuration,
//! the initial weights and one batch, as files.

use std::io;
use std::path::Path;

use burn::tensor::Device;
use config::RunConfig;
use model::weights::{self, NamedArrays};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::{Batch, Networks};

/// A batch of noise in [-1, 1], which depends on the run's seed, size and batch alone.
pub fn batch(run: &RunConfig, device: &Device) -> Batch {
    let [x0, x1, worn] =
        images(run).map(|values| model::from_pixels(values, run.data.size, device));
    Batch { x0, x1, worn: (run.losses.paired > 0.0).then_some(worn) }
}

fn images(run: &RunConfig) -> [Vec<f32>; 3] {
    let mut rng = ChaCha8Rng::seed_from_u64(run.train.seed);
    let count = run.train.batch * 3 * run.data.size * run.data.size;
    [0.1f32, -0.1, 0.2].map(|shift| {
        (0..count).map(|_| (rng.random_range(-0.9f32..0.9) + shift).clamp(-1.0, 1.0)).collect()
    })
}

/// Writes `run.toml`, `g0|g1|d.safetensors` and `batch.safetensors` (`x0`, `x1`, and
/// `worn`, which a run with `losses.paired` takes) into a directory that exists.
///
/// # Errors
/// The disk refuses.
pub fn write(run: &RunConfig, dir: &Path) -> io::Result<()> {
    let networks = Networks::new(run, &backend::host());
    let (n, size) = (run.train.batch, run.data.size);
    let names = ["x0", "x1", "worn"].map(str::to_owned);
    let images = images(run).map(|values| (vec![n, 3, size, size], values));
    let batch: NamedArrays = names.into_iter().zip(images).collect();
    let files = [
        ("g0.safetensors", weights::to_bytes(&weights::collect(&networks.g0))),
        ("g1.safetensors", weights::to_bytes(&weights::collect(&networks.g1))),
        ("d.safetensors", weights::to_bytes(&weights::collect(&networks.d))),
        ("batch.safetensors", weights::to_bytes(&batch)),
        ("run.toml", run.to_toml().into_bytes()),
    ];
    files.into_iter().try_for_each(|(name, bytes)| std::fs::write(dir.join(name), bytes))
}
