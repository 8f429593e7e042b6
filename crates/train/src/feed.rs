//! Batches made ready on a thread of their own: sampling, mirroring and conversion to numbers run
//! while the networks do.

use std::sync::mpsc::{Receiver, sync_channel};
use std::thread::Scope;

use config::RunConfig;
use data::{Pair, PairSampler, Prepared, SamplerState};

/// Batches that wait at most.
const AHEAD: usize = 2;

/// One batch on the host, and where the sampler stands behind it.
pub(crate) struct HostBatch {
    /// `[N, 3, S, S]` in [-1, 1], negatives and positives.
    pub(crate) images: [Vec<f32>; 2],
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
                let batch = HostBatch { images: gather(&pairs, data), behind: sampler.state() };
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
