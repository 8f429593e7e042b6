//! What another implementation of the method needs to do the very same steps: the configuration,
//! the initial weights and one batch, as files.

use std::io;
use std::path::Path;

use burn::tensor::Device;
use config::RunConfig;
use model::weights::{self, NamedArrays};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::{Batch, HostBatch, Networks, ViewNumbers};

/// A batch of noise in [-1, 1], which depends on the run's seed, size and batch alone, and whatever else
/// the run draws for a batch.
pub fn batch(run: &RunConfig, device: &Device) -> Batch {
    host(run).on(run.data.size, device)
}

fn host(run: &RunConfig) -> HostBatch {
    let mut rng = ChaCha8Rng::seed_from_u64(run.train.seed);
    let pixels = run.train.batch * run.data.size * run.data.size;
    let [x0, x1, worn] = [0.1f32, -0.1, 0.2].map(|shift| {
        let value = |_| (rng.random_range(-0.9f32..0.9) + shift).clamp(-1.0, 1.0);
        (0..3 * pixels).map(value).collect::<Vec<_>>()
    });
    let mut batch = HostBatch::new(run, [x0, x1], &mut rng);
    batch.worn = (run.losses.paired > 0.0).then_some(worn);
    let mut mask = || (0..pixels).map(|_| f32::from(rng.random_bool(0.5))).collect();
    batch.inside = (run.losses.alpha_inside < 1.0).then(|| [mask(), mask()]);
    batch
}

/// A batch under the names that the other implementation knows; what differs between groups or generators
/// has its number behind it. Shifts are as many rows down and columns to the right.
fn arrays(run: &RunConfig) -> NamedArrays {
    let (n, size) = (run.train.batch, run.data.size);
    let HostBatch { images, worn, inside, views, replay } = host(run);
    let mut arrays = NamedArrays::new();
    let mut put = |name: String, shape: &[usize], values: Vec<f32>| {
        arrays.insert(name, (shape.to_vec(), values));
    };
    let image = [n, 3, size, size];
    images.into_iter().enumerate().for_each(|(i, x)| put(format!("x{i}"), &image, x));
    worn.into_iter().for_each(|x| put("worn".to_owned(), &image, x));
    for (i, mask) in inside.into_iter().flatten().enumerate() {
        put(format!("inside{i}"), &[n, 1, size, size], mask);
    }
    for (i, numbers) in replay.into_iter().flatten().enumerate() {
        put(format!("replay{i}"), &[n], numbers);
    }
    for (group, view) in views.into_iter().flatten().enumerate() {
        let ViewNumbers { light, shift, noise } = view;
        let names = ["brightness", "saturation", "contrast"];
        for (name, values) in names.into_iter().zip(light.into_iter().flatten()) {
            put(format!("{name}{group}"), &[n], values);
        }
        for (name, by) in ["down", "right"].into_iter().zip(shift.into_iter().flatten()) {
            put(format!("{name}{group}"), &[n], by.into_iter().map(|by| by as f32).collect());
        }
        noise.into_iter().for_each(|noise| put(format!("noise{group}"), &image, noise));
    }
    arrays
}

/// Writes `run.toml`, `g0|g1|d.safetensors` and `batch.safetensors` into a directory that exists.
///
/// # Errors
/// The disk refuses.
pub fn write(run: &RunConfig, dir: &Path) -> io::Result<()> {
    let networks = Networks::new(run, &backend::host());
    let files = [
        ("g0.safetensors", weights::to_bytes(&weights::collect(&networks.g0))),
        ("g1.safetensors", weights::to_bytes(&weights::collect(&networks.g1))),
        ("d.safetensors", weights::to_bytes(&weights::collect(&networks.d))),
        ("batch.safetensors", weights::to_bytes(&arrays(run))),
        ("run.toml", run.to_toml().into_bytes()),
    ];
    files.into_iter().try_for_each(|(name, bytes)| std::fs::write(dir.join(name), bytes))
}
