//! Batches made ready on a thread of their own: sampling, mirroring and conversion to numbers run
//! while the networks do.

use std::sync::mpsc::{Receiver, sync_channel};
use std::thread::Scope;

use config::RunConfig;
use data::{Pair, PairSampler, Prepared, SamplerState, Styles};

/// Batches that wait at most.
const AHEAD: usize = 2;

/// One batch on the host, and where the sampler stands behind it.
pub(crate) struct HostBatch {
    /// `[N, 3, S, S]` in [-1, 1], negatives and positives.
    pub(crate) images: [Vec<f32>; 2],
    /// The negatives with the attribute drawn on, of a run with `losses.paired`.
    pub(crate) worn: Option<Vec<f32>>,
    /// To resume behind this batch.
    pub(crate) behind: SamplerState,
}

/// The receiving end; dropping it ends the thread.
pub(crate) struct Feed(Receiver<HostBatch>);

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
                let (images, behind) = (gather(&pairs, data), sampler.state());
                let paired = run.losses.paired > 0.0;
                let worn = paired.then(|| worn(&pairs, run, data, &behind));
                let batch = HostBatch { images, worn, behind };
                // Nobody listens any more: training has ended.
                if sender.send(batch).is_err() {
                    return;
                }
            }
        });
        Feed(receiver)
    }

    /// The next batch; waits for it.
    pub(crate) fn next(&self) -> HostBatch {
        self.0.recv().expect("the thread gives batches until nobody takes them")
    }
}

/// The negatives as in `images`, each with the attribute drawn on in a way that the run's seed and the
/// sampler's position decide; a face that it cannot be drawn on stays as it is.
fn worn(pairs: &[Pair], run: &RunConfig, data: &Prepared, behind: &SamplerState) -> Vec<f32> {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&run.train.seed.to_le_bytes());
    hasher.update(&serde_json::to_vec(behind).expect("a position is plain JSON"));
    let seed = u64::from_le_bytes(hasher.finalize().as_bytes()[..8].try_into().expect("8 bytes"));
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
