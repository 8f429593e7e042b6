//! The judges: an attribute classifier and a five-point landmark regressor, trained once per data
//! set on the training split's real images and kept in the cache for every cell.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use burn::module::Module;
use burn::optim::{AdamConfig, GradientsParams, ModuleOptimizer};
use burn::tensor::activation::sigmoid;
use burn::tensor::{Device, Tensor, TensorData};
use config::{Attribute, RunConfig};
use data::Prepared;
use model::weights::{self, WeightsError};
use model::{AttributeClassifier, Init, LandmarkRegressor, Mode, Network, from_pixels, to_pixels};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use crate::jitter::Similarity;
use crate::landmarks::{self, Points};

/// Which judge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Judge {
    /// Attributes.
    Classifier,
    /// Landmarks.
    Landmarks,
}

/// Why a judge is not to be had.
#[derive(Debug, thiserror::Error)]
pub enum JudgeError {
    /// The cache could not be read or written.
    #[error("cannot keep the judge in {}: {source}", path.display())]
    Cache {
        /// The file or directory.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The cached weights are damaged.
    #[error("{source}; remove {} and run again", path.display())]
    Damaged {
        /// The judge's directory.
        path: PathBuf,
        /// What is wrong.
        source: WeightsError,
    },
    /// The cached report is damaged.
    #[error("{} is damaged ({reason}); remove its directory and run again", path.display())]
    Report {
        /// The report.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// Training landmarks are missing.
    #[error("no training image has landmarks, so no landmark judge can be trained")]
    NoLandmarks,
}

/// What a judge says of itself, measured on the real test images.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Report {
    /// Named figures: `accuracy` and `accuracy_<attribute>` in [0, 1], or `nme` in percent; `n`.
    pub figures: BTreeMap<String, f64>,
    /// Mean of the training shapes in pixels (landmark judge only).
    pub mean_shape: Option<Points>,
}

/// A judge that stands in the cache.
#[derive(Clone, Debug)]
pub struct Trained<M> {
    /// The network, on the plain device.
    pub network: M,
    /// Its own quality.
    pub report: Report,
}

impl Judge {
    fn name(self) -> &'static str {
        match self {
            Judge::Classifier => "classifier",
            Judge::Landmarks => "landmarks",
        }
    }

    /// The judge's place in the cache: one per data, split and judge settings, whatever the arm.
    fn dir(self, run: &RunConfig, data: &Prepared, cache: &Path) -> PathBuf {
        let steps = match self {
            Judge::Classifier => run.eval.classifier_steps,
            Judge::Landmarks => run.eval.landmark_steps,
        };
        let (d, e) = (&run.data, &run.eval);
        let mut hasher = blake3::Hasher::new();
        hasher.update(
            format!(
                "judge 1|{}|{}|{}|{steps}|{}|{}|{}|{}",
                data.fingerprint,
                d.attribute,
                d.size,
                e.judge_width,
                e.judge_batch,
                e.judge_seed,
                d.flip
            )
            .as_bytes(),
        );
        let split = &data.split;
        let parts = [
            &split.train_negative,
            &split.train_positive,
            &split.test_negative,
            &split.test_positive,
        ];
        for part in parts {
            hasher.update(&(part.len() as u64).to_le_bytes());
            for face in part {
                hasher.update(data.faces[*face].id.as_bytes()).update(&[0]);
            }
        }
        let key = hasher.finalize().to_hex();
        cache.join("judges").join(format!("{}-{}", self.name(), &key[..16]))
    }
}

/// Whether the data can train a landmark judge.
pub fn has_landmarks(data: &Prepared) -> bool {
    let train = data.split.train_negative.iter().chain(&data.split.train_positive);
    train.clone().any(|face| data.faces[*face].landmarks.is_some())
}

/// The attribute classifier from the cache, trained first if it is not there. Processes that ask
/// at the same time wait for the one that trains.
///
/// # Errors
/// The cache cannot be used.
pub fn classifier(
    run: &RunConfig,
    data: &Prepared,
    device: &Device,
    cache: &Path,
) -> Result<Trained<AttributeClassifier>, JudgeError> {
    let draw = |device: &Device| {
        let mut init = Init::new(run.eval.judge_seed, Network::Classifier, device);
        AttributeClassifier::new(run.data.size, run.eval.judge_width, &mut init)
    };
    let dir = Judge::Classifier.dir(run, data, cache);
    cached(
        &dir,
        || draw(device),
        || {
            let network = train_classifier(run, data, draw(&device.clone().autodiff()));
            let report = classifier_report(&network, run, data, device);
            Ok((network, report))
        },
    )
}

/// The landmark regressor from the cache, trained first if it is not there.
///
/// # Errors
/// The cache cannot be used, or no training image has landmarks.
pub fn landmark_regressor(
    run: &RunConfig,
    data: &Prepared,
    device: &Device,
    cache: &Path,
) -> Result<Trained<LandmarkRegressor>, JudgeError> {
    let draw = |device: &Device| {
        let mut init = Init::new(run.eval.judge_seed, Network::Landmarks, device);
        LandmarkRegressor::new(run.data.size, run.eval.judge_width, &mut init)
    };
    let dir = Judge::Landmarks.dir(run, data, cache);
    cached(
        &dir,
        || draw(device),
        || {
            let training = with_landmarks(data);
            if training.is_empty() {
                return Err(JudgeError::NoLandmarks);
            }
            let network = train_regressor(run, data, &training, draw(&device.clone().autodiff()));
            let report = regressor_report(&network, run, data, &training, device);
            Ok((network, report))
        },
    )
}

fn cached<M: Module>(
    dir: &Path,
    fresh: impl FnOnce() -> M,
    train: impl FnOnce() -> Result<(M, Report), JudgeError>,
) -> Result<Trained<M>, JudgeError> {
    let io = |path: &Path| {
        let path = path.to_owned();
        move |source| JudgeError::Cache { path, source }
    };
    let parent = dir.parent().unwrap_or(dir);
    fs::create_dir_all(parent).map_err(io(parent))?;
    let lock_path = dir.with_extension("lock");
    let lock = File::create(&lock_path).map_err(io(&lock_path))?;
    lock.lock().map_err(io(&lock_path))?;

    let (file, report_path) = (dir.join("weights.safetensors"), dir.join("report.json"));
    // The report is written last: where it stands, the weights are whole.
    if !report_path.exists() {
        let (network, report) = train()?;
        fs::create_dir_all(dir).map_err(io(dir))?;
        let bytes = weights::to_bytes(&weights::collect(&network));
        proof::write_atomic(&file, &bytes).map_err(io(&file))?;
        let text = serde_json::to_vec_pretty(&report).expect("a report is plain JSON");
        proof::write_atomic(&report_path, &text).map_err(io(&report_path))?;
    }
    let damaged = |source| JudgeError::Damaged { path: dir.to_owned(), source };
    let arrays = weights::read(&file).map_err(damaged)?;
    let network = weights::assign(fresh(), &arrays).map_err(damaged)?;
    let text = fs::read_to_string(&report_path).map_err(io(&report_path))?;
    let report = serde_json::from_str(&text)
        .map_err(|e| JudgeError::Report { path: report_path, reason: e.to_string() })?;
    Ok(Trained { network, report })
}

/// Adam at 1e-3, linearly to zero over the second half.
fn rate(step: usize, steps: usize) -> f64 {
    1e-3 * ((steps - step) as f64 / (steps as f64 / 2.0)).min(1.0)
}

fn adam() -> ModuleOptimizer {
    AdamConfig::new().with_epsilon(1e-8).init()
}

/// Random training images with a random similarity (and mirroring): values and the moves made.
struct Augmented {
    values: Vec<f32>,
    faces: Vec<usize>,
    flips: Vec<bool>,
    moves: Vec<Similarity>,
}

fn augmented(
    rng: &mut ChaCha8Rng,
    pool: &[usize],
    run: &RunConfig,
    data: &Prepared,
    strength: f32,
) -> Augmented {
    let size = run.data.size;
    let batch = run.eval.judge_batch;
    let faces: Vec<usize> = (0..batch).map(|_| pool[rng.random_range(0..pool.len())]).collect();
    let flips: Vec<bool> = (0..batch).map(|_| run.data.flip && rng.random_bool(0.5)).collect();
    let moves: Vec<Similarity> =
        (0..batch).map(|_| Similarity::draw(rng, size, strength)).collect();
    let mut plain = Vec::new();
    data::gather(&data.images, &faces, &flips, &mut plain);
    let mut values = Vec::with_capacity(plain.len());
    for (image, motion) in plain.chunks_exact(3 * size * size).zip(&moves) {
        motion.image(image, size, &mut values);
    }
    Augmented { values, faces, flips, moves }
}

fn train_classifier(
    run: &RunConfig,
    data: &Prepared,
    mut network: AttributeClassifier,
) -> AttributeClassifier {
    let device = network.devices()[0].clone();
    let steps = run.eval.classifier_steps;
    let mut rng = ChaCha8Rng::seed_from_u64(run.eval.judge_seed);
    let mut optimiser = adam();
    let (negatives, positives) = (&data.split.train_negative, &data.split.train_positive);
    let pool: Vec<usize> = negatives.iter().chain(positives).copied().collect();
    for step in 0..steps {
        let batch = augmented(&mut rng, &pool, run, data, 0.5);
        let n = batch.faces.len();
        let labels = batch.faces.iter().flat_map(|face| data.faces[*face].labels);
        let target: Vec<f32> = labels.clone().map(|l| f32::from(l == Some(true))).collect();
        let known: Vec<f32> = labels.map(|l| f32::from(l.is_some())).collect();
        let tensor = |values: Vec<f32>| {
            let data = TensorData::new(values, [n, AttributeClassifier::OUTPUTS]);
            Tensor::<2>::from_data(data, &device)
        };
        let count = known.iter().sum::<f32>().max(1.0);
        let (target, known) = (tensor(target), tensor(known));
        let x = from_pixels(batch.values, run.data.size, &device);
        let logits = network.forward(x, Mode::Train);
        // -[t log s(z) + (1-t) log(1 - s(z))] = max(z, 0) - z t + log(1 + exp(-|z|))
        let softplus = logits.clone().abs().neg().exp().add_scalar(1.0).log();
        let loss = (logits.clone().clamp_min(0.0) - logits * target + softplus) * known;
        let loss = loss.sum().div_scalar(count);
        if step % 100 == 0 || step + 1 == steps {
            let value = loss.clone().into_scalar::<f32>();
            tracing::info!("attribute judge, step {}/{steps}, loss {value:.4}", step + 1);
        }
        let grads = GradientsParams::from_grads(loss.backward(), &network);
        network = optimiser.step(rate(step, steps), network, grads);
    }
    network.valid()
}

/// The judge's probability of every attribute, `[faces][6]`, on images in [-1, 1].
pub fn probabilities(
    network: &AttributeClassifier,
    values: Vec<f32>,
    size: usize,
    device: &Device,
) -> Vec<[f32; 6]> {
    let logits = network.forward(from_pixels(values, size, device), Mode::Eval);
    let flat = to_pixels(sigmoid(logits));
    flat.as_chunks::<6>().0.to_vec()
}

fn classifier_report(
    network: &AttributeClassifier,
    run: &RunConfig,
    data: &Prepared,
    device: &Device,
) -> Report {
    let mut right = [0usize; 6];
    let mut seen = [0usize; 6];
    let test: Vec<usize> = test_faces(data);
    for faces in test.chunks(64) {
        let mut values = Vec::new();
        data::gather(&data.images, faces, &vec![false; faces.len()], &mut values);
        for (face, p) in faces.iter().zip(probabilities(network, values, run.data.size, device)) {
            for (index, label) in data.faces[*face].labels.iter().enumerate() {
                if let Some(label) = label {
                    seen[index] += 1;
                    right[index] += usize::from((p[index] > 0.5) == *label);
                }
            }
        }
    }
    let mut figures = BTreeMap::new();
    for attribute in Attribute::ALL {
        let index = attribute.index();
        if seen[index] > 0 {
            let share = right[index] as f64 / seen[index] as f64;
            figures.insert(format!("accuracy_{attribute}"), share);
            if *attribute == run.data.attribute {
                figures.insert("accuracy".to_owned(), share);
                figures.insert("n".to_owned(), seen[index] as f64);
            }
        }
    }
    Report { figures, mean_shape: None }
}

fn test_faces(data: &Prepared) -> Vec<usize> {
    data.split.test_negative.iter().chain(&data.split.test_positive).copied().collect()
}

fn with_landmarks(data: &Prepared) -> Vec<usize> {
    let train = data.split.train_negative.iter().chain(&data.split.train_positive);
    train.copied().filter(|face| data.faces[*face].landmarks.is_some()).collect()
}

/// Mirrors landmarks with their image: left and right change places.
fn mirror(points: Points, size: usize) -> Points {
    let flip = |[x, y]: [f32; 2]| [size as f32 - 1.0 - x, y];
    let [left_eye, right_eye, nose, left_mouth, right_mouth] = points.map(flip);
    [right_eye, left_eye, nose, right_mouth, left_mouth]
}

fn train_regressor(
    run: &RunConfig,
    data: &Prepared,
    pool: &[usize],
    mut network: LandmarkRegressor,
) -> LandmarkRegressor {
    let device = network.devices()[0].clone();
    let size = run.data.size;
    let steps = run.eval.landmark_steps;
    let mut rng = ChaCha8Rng::seed_from_u64(run.eval.judge_seed + 1);
    let mut optimiser = adam();
    for step in 0..steps {
        let batch = augmented(&mut rng, pool, run, data, 1.0);
        let n = batch.faces.len();
        let target: Vec<f32> = (0..n)
            .flat_map(|i| {
                let points = data.faces[batch.faces[i]].landmarks.expect("the pool has landmarks");
                let points = if batch.flips[i] { mirror(points, size) } else { points };
                normalised(&batch.moves[i].points(&points, size), size)
            })
            .collect();
        let target = TensorData::new(target, [n, LandmarkRegressor::OUTPUTS]);
        let target = Tensor::<2>::from_data(target, &device);
        let predicted = network.forward(from_pixels(batch.values, size, &device), Mode::Train);
        let loss = (predicted - target).abs().mean();
        if step % 100 == 0 || step + 1 == steps {
            let value = loss.clone().into_scalar::<f32>();
            tracing::info!("landmark judge, step {}/{steps}, loss {value:.4}", step + 1);
        }
        let grads = GradientsParams::from_grads(loss.backward(), &network);
        network = optimiser.step(rate(step, steps), network, grads);
    }
    network.valid()
}

/// Pixels to shares of the side about the centre, x1 y1 .. x5 y5.
fn normalised(points: &Points, size: usize) -> [f32; 10] {
    let centre = (size as f32 - 1.0) / 2.0;
    std::array::from_fn(|i| (points[i / 2][i % 2] - centre) / size as f32)
}

/// The regressor's points in pixels, on images in [-1, 1].
pub fn detect(
    network: &LandmarkRegressor,
    values: Vec<f32>,
    size: usize,
    device: &Device,
) -> Vec<Points> {
    let centre = (size as f32 - 1.0) / 2.0;
    let flat = to_pixels(network.forward(from_pixels(values, size, device), Mode::Eval));
    let back = |v: f32| v * size as f32 + centre;
    flat.as_chunks::<10>()
        .0
        .iter()
        .map(|p| std::array::from_fn(|k| [back(p[2 * k]), back(p[2 * k + 1])]))
        .collect()
}

fn regressor_report(
    network: &LandmarkRegressor,
    run: &RunConfig,
    data: &Prepared,
    training: &[usize],
    device: &Device,
) -> Report {
    let size = run.data.size;
    let mut mean_shape = [[0.0f32; 2]; 5];
    for points in training.iter().filter_map(|face| data.faces[*face].landmarks) {
        for (mean, point) in mean_shape.iter_mut().zip(points) {
            mean[0] += point[0] / training.len() as f32;
            mean[1] += point[1] / training.len() as f32;
        }
    }
    let (mut errors, mut baseline) = (Vec::new(), Vec::new());
    let test: Vec<usize> =
        test_faces(data).into_iter().filter(|f| data.faces[*f].landmarks.is_some()).collect();
    for faces in test.chunks(64) {
        let mut plain = Vec::new();
        data::gather(&data.images, faces, &vec![false; faces.len()], &mut plain);
        let (moved, truths) = disturbed(&plain, faces, data, size);
        for (points, truth) in detect(network, moved, size, device).iter().zip(truths) {
            let truth = truth.expect("filtered for landmarks");
            errors.extend(landmarks::nme(points, &truth));
            baseline.extend(landmarks::nme(&mean_shape, &truth));
        }
    }
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len().max(1) as f64;
    let figures =
        [("nme", mean(&errors)), ("nme_mean_shape", mean(&baseline)), ("n", errors.len() as f64)];
    let figures = figures.into_iter().map(|(name, v)| (name.to_owned(), v)).collect();
    Report { figures, mean_shape: Some(mean_shape) }
}

/// Test images under their own fixed similarity, with their landmarks moved along.
pub(crate) fn disturbed(
    plain: &[f32],
    faces: &[usize],
    data: &Prepared,
    size: usize,
) -> (Vec<f32>, Vec<Option<Points>>) {
    let mut moved = Vec::with_capacity(plain.len());
    let mut truths = Vec::new();
    for (image, face) in plain.chunks_exact(3 * size * size).zip(faces) {
        let face = &data.faces[*face];
        let similarity = Similarity::of_test_image(&face.id, size);
        similarity.image(image, size, &mut moved);
        truths.push(face.landmarks.map(|points| similarity.points(&points, size)));
    }
    (moved, truths)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mirroring_swaps_left_and_right() {
        let points = [[10.0, 1.0], [30.0, 2.0], [20.0, 3.0], [12.0, 4.0], [28.0, 5.0]];
        let mirrored = mirror(points, 41);
        assert_eq!(mirrored, [[10.0, 2.0], [30.0, 1.0], [20.0, 3.0], [12.0, 5.0], [28.0, 4.0]]);
    }

    #[test]
    fn the_rate_is_constant_then_falls_to_zero() {
        assert_eq!((rate(0, 100), rate(49, 100), rate(75, 100)), (1e-3, 1e-3, 5e-4));
        assert!(rate(99, 100) < 3e-5);
    }
}
