//! Convolutional regression of five points.

use burn::module::Module;
use burn::optim::GradientsParams;
use burn::tensor::{Device, Tensor, TensorData};
use config::RunConfig;
use data::{Prepared, mirrored};
use metrics::landmarks::Points;
use model::{Init, LandmarkRegressor, Mode, Network, from_pixels, to_pixels};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::detector::{Detector, DetectorRow, Lesson, Made, Moved, Role};
use super::training::mean_shape;
use crate::augment::augmented;
use crate::judges::{JudgeError, Key, Known, adam, cached_network, log_loss, rate};

/// The row of the catalogue.
pub(super) const CNN: DetectorRow = DetectorRow {
    name: "cnn",
    doc: "Convolutional regression of deviations from the mean shape.",
    learns: true,
    role: Role::Headline,
    make,
};

/// The network's outputs are deviations from the mean shape in this share of the side: about the
/// standard deviation of a point under the random similarity.
const UNIT: f32 = 0.08;
/// Faces per forward pass.
const BATCH: usize = 64;

/// A trained network and the shape that it deviates from.
struct Cnn {
    network: LandmarkRegressor,
    mean: Points,
    device: Device,
}

impl Detector for Cnn {
    fn detect(&self, faces: &Moved) -> Vec<Points> {
        let size = faces.size;
        let scale = UNIT * size as f32;
        let mut found = Vec::with_capacity(faces.len());
        for values in faces.values.chunks(BATCH * 3 * size * size) {
            let x = from_pixels(values.to_vec(), size, &self.device);
            let flat = to_pixels(self.network.forward(x, Mode::Eval));
            found.extend(flat.as_chunks::<10>().0.iter().map(|p| {
                let place = |k: usize, axis: usize| self.mean[k][axis] + scale * p[2 * k + axis];
                std::array::from_fn(|k| [place(k, 0), place(k, 1)])
            }));
        }
        found
    }
}

fn make(lesson: &Lesson<'_>) -> Result<Made, JudgeError> {
    let Lesson { on, faces, run, data, device, cache } = *lesson;
    let e = &run.eval;
    let draw = |device: &Device| {
        let mut init = Init::new(e.judge_seed, Network::Landmarks, device);
        LandmarkRegressor::new(run.data.size, e.judge_width, &mut init)
    };
    let outputs = LandmarkRegressor::OUTPUTS;
    let settings = format!("{}|{}|{}|{outputs}", e.landmark_steps, e.judge_width, e.judge_batch);
    let key = Key::new(run, data).faces(data, faces).settings(&settings);
    let mean = mean_shape(faces, data);
    let name = format!("cnn-{}", on.name());
    let train = |network| train(&name, faces, &mean, run, data, network);
    let Known { judge, id } = cached_network(cache, &name, &key, device, draw, train)?;
    Ok((Box::new(Cnn { network: judge, mean, device: device.clone() }), Some(id)))
}

fn train(
    name: &str,
    pool: &[usize],
    mean: &Points,
    run: &RunConfig,
    data: &Prepared,
    mut network: LandmarkRegressor,
) -> LandmarkRegressor {
    let device = network.devices()[0].clone();
    let (size, n) = (run.data.size, run.eval.judge_batch);
    let (steps, scale) = (run.eval.landmark_steps, UNIT * size as f32);
    let mut rng = ChaCha8Rng::seed_from_u64(run.eval.judge_seed + 1);
    let mut optimiser = adam();
    for step in 0..steps {
        let faces: Vec<usize> = (0..n).map(|_| pool[rng.random_range(0..pool.len())]).collect();
        let shown = augmented(&mut rng, &faces, run, data, 1.0);
        let target: Vec<f32> = (0..n)
            .flat_map(|i| {
                let points = data.faces[faces[i]].landmarks.expect("training faces have landmarks");
                let points = if shown.flips[i] { mirrored(&points, size) } else { points };
                let points = shown.moves[i].points(&points, size);
                (0..10).map(move |j| (points[j / 2][j % 2] - mean[j / 2][j % 2]) / scale)
            })
            .collect();
        let target = TensorData::new(target, [n, LandmarkRegressor::OUTPUTS]);
        let target = Tensor::<2>::from_data(target, &device);
        let predicted = network.forward(from_pixels(shown.values, size, &device), Mode::Train);
        let loss = (predicted - target).abs().mean();
        log_loss(name, step, steps, || loss.clone().into_scalar::<f32>());
        let grads = GradientsParams::from_grads(loss.backward(), &network);
        network = optimiser.step(rate(step, steps), network, grads);
    }
    network.valid()
}
