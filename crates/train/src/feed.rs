//! Batches made ready on a thread of their own: sampling, mirroring and conversion to numbers run
//! while the networks do.

use std::sync::mpsc::{Receiver, sync_channel};
use std::thread::Scope;

use config::{Region, RunConfig};
use data::{Pair, PairSampler, Prepared, SamplerState, Styles};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use crate::batch::HostBatch;

/// Batches that wait at most.
const AHEAD: usize = 2;

/// The receiving end; dropping it ends the thread.
pub(crate) struct Feed(Receiver<(HostBatch, SamplerState)>);

impl Feed {
    /// Starts the thread. The batches are those that `sampler` would give, in its order.
    pub(crate) fn start<'scope>(
        scope: &'scope Scope<'scope, '_>,
        mut sampler: PairSampler,
        run: &'scope RunConfig,
        data: &'scope Prepared,
    ) -> Feed {
        let (sender, receiver) = sync_channel(AHEAD);
        scope.spawn(move || {
            loop {
                let pairs = sampler.next_batch(run.train.batch);
                let behind = sampler.state();
                let batch = host_batch(&pairs, run, data, seed(run, &behind));
                // Nobody listens any more: training has ended.
                if sender.send((batch, behind)).is_err() {
                    return;
                }
            }
        });
        Feed(receiver)
    }

    /// The next batch, and where the sampler stands behind it, to resume there; waits for it.
    pub(crate) fn next(&self) -> (HostBatch, SamplerState) {
        self.0.recv().expect("the thread gives batches until nobody takes them")
    }
}

/// Of what is drawn for a batch: the run's seed and the sampler's position decide it.
fn seed(run: &RunConfig, behind: &SamplerState) -> u64 {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&run.train.seed.to_le_bytes());
    hasher.update(&serde_json::to_vec(behind).expect("a position is plain JSON"));
    u64::from_le_bytes(hasher.finalize().as_bytes()[..8].try_into().expect("8 bytes"))
}

fn host_batch(pairs: &[Pair], run: &RunConfig, data: &Prepared, seed: u64) -> HostBatch {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut batch = HostBatch::new(run, gather(pairs, data), &mut rng);
    batch.worn = (run.losses.paired > 0.0).then(|| worn(pairs, run, data, seed));
    let region = run.catalogued_region().filter(|_| run.losses.alpha_inside < 1.0);
    batch.inside = region.map(|region| inside(pairs, region, data));
    batch
}

/// The negatives, each with the attribute drawn on; a face that it cannot be drawn on stays as it is.
fn worn(pairs: &[Pair], run: &RunConfig, data: &Prepared, seed: u64) -> Vec<f32> {
    let (size, attribute) = (run.data.size, &run.data.attribute);
    let mut values = Vec::new();
    for (place, pair) in pairs.iter().enumerate() {
        let seed = seed.wrapping_add(place as u64);
        let drawn = data.worn(pair.negative, attribute, Styles::Training, seed);
        let bytes = drawn.unwrap_or_else(|| data.images.image(pair.negative).to_vec());
        let image = data::planar(&bytes, size, pair.flip_negative);
        values.extend(image);
    }
    values
}

/// 1 where the attribute belongs, of the negatives and of the positives; nowhere on a face of which no
/// points are known.
fn inside(pairs: &[Pair], region: Region, data: &Prepared) -> [Vec<f32>; 2] {
    let size = data.images.size();
    let one = |face: usize, flip: bool| {
        let mask = data.points(face).map(|points| data::region(region, &points, size));
        let mask = mask.unwrap_or_else(|| vec![false; size * size]);
        let place = move |i: usize| if flip { i - i % size + size - 1 - i % size } else { i };
        (0..size * size).map(move |i| f32::from(mask[place(i)]))
    };
    let negatives = pairs.iter().flat_map(|pair| one(pair.negative, pair.flip_negative));
    let positives = pairs.iter().flat_map(|pair| one(pair.positive, pair.flip_positive));
    [negatives.collect(), positives.collect()]
}

fn gather(pairs: &[Pair], data: &Prepared) -> [Vec<f32>; 2] {
    let values = |faces: Vec<usize>, flips: Vec<bool>| {
        let mut values = Vec::new();
        data::gather(&data.images, &faces, &flips, &mut values);
        values
    };
    let (negatives, flips0) = pairs.iter().map(|p| (p.negative, p.flip_negative)).unzip();
    let (positives, flips1) = pairs.iter().map(|p| (p.positive, p.flip_positive)).unzip();
    [values(negatives, flips0), values(positives, flips1)]
}
