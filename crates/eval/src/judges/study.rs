//! How a judge of attributes is trained.

use burn::module::Module;
use burn::optim::{AdamWConfig, GradientsParams};
use burn::tensor::activation::log_softmax;
use burn::tensor::{Device, Tensor, TensorData};
use config::RunConfig;
use model::{AttributeClassifier, Mode, from_pixels};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::juror::{Juror, Question};
use super::lessons::{Lesson, Lessons};
use super::training::log_loss;
use crate::augment::{mirrored, shown};
use crate::jitter::Jitter;

/// Largest learning rate of the cycle.
const RATE: f64 = 2e-3;
/// Share of the steps in which the rate rises.
const RISE: f64 = 0.25;
/// Share of features that are set to 0 (Srivastava et al. 2014).
const DROPPED: f64 = 0.3;
const WEIGHT_DECAY: f32 = 1e-2;
/// Largest shift as a share of the side.
const SHIFT: f32 = 3.0 / 64.0;
/// Share of images that are turned and scaled too, and by how much, in units of [`Jitter::draw`]. Few:
/// whatever is turned is blurred a little, and thin rims are the first to go.
const TURNED: f64 = 0.15;
const MOTION: f32 = 0.5;

/// One cycle (Smith and Topin 2018): from a tenth up to [`RATE`], then down to nothing, both along a cosine.
fn rate(step: usize, steps: usize) -> f64 {
    let done = (step as f64 + 0.5) / steps as f64;
    let cosine = |share: f64| 0.5 - 0.5 * (std::f64::consts::PI * share).cos();
    match done < RISE {
        true => RATE * (0.1 + 0.9 * cosine(done / RISE)),
        false => RATE * (1.0 - cosine((done - RISE) / (1.0 - RISE))),
    }
}

/// AdamW (Loshchilov and Hutter 2019) on cross entropy.
pub(super) fn train(
    juror: Juror,
    run: &RunConfig,
    lessons: &Lessons<'_>,
    mut network: AttributeClassifier,
) -> AttributeClassifier {
    let device = network.devices()[0].clone();
    let (steps, n) = (run.eval.classifier_steps, run.eval.judge_batch);
    let mut rng = ChaCha8Rng::seed_from_u64(run.eval.judge_seed);
    rng.set_stream(juror.network(lessons.question) as u64);
    let mut optimiser =
        AdamWConfig::new().with_epsilon(1e-8).with_weight_decay(WEIGHT_DECAY).init();
    for step in 0..steps {
        let batch: Vec<Lesson> = (0..n).map(|_| lessons.draw(&mut rng)).collect();
        let x = from_pixels(pixels(&mut rng, &batch, lessons), lessons.size(), &device);
        let maps = network.maps(x, Mode::Train);
        let kept = dropout(&mut rng, maps.dims(), &device);
        let logits = network.logits(maps * kept);
        let loss = loss(lessons.question, logits, &batch);
        log_loss(juror.name(lessons.question), step, steps, || loss.clone().into_scalar::<f32>());
        let grads = GradientsParams::from_grads(loss.backward(), &network);
        network = optimiser.step(rate(step, steps), network, grads);
    }
    network.valid()
}

/// The batch as it is shown: mirrored, moved and in another light, each image in its own way.
fn pixels(rng: &mut ChaCha8Rng, batch: &[Lesson], lessons: &Lessons<'_>) -> Vec<f32> {
    let size = lessons.size();
    let mut plain = Vec::with_capacity(batch.len() * 3 * size * size);
    for lesson in batch {
        match lessons.may_flip() && rng.random_bool(0.5) {
            true => plain.extend(mirrored(&lesson.image, size)),
            false => plain.extend(&lesson.image),
        }
    }
    let most = (SHIFT * size as f32).round() as i32;
    let mut motion = || match rng.random_bool(TURNED) {
        true => Jitter::draw(rng, size, MOTION),
        false => Jitter::shift(rng, most),
    };
    let moves: Vec<Jitter> = batch.iter().map(|_| motion()).collect();
    shown(rng, &plain, &moves, size)
}

fn dropout(rng: &mut ChaCha8Rng, shape: [usize; 4], device: &Device) -> Tensor<4> {
    let kept = (1.0 / (1.0 - DROPPED)) as f32;
    let mut mask = || if rng.random_bool(DROPPED) { 0.0 } else { kept };
    let values: Vec<f32> = (0..shape.iter().product()).map(|_| mask()).collect();
    Tensor::from_data(TensorData::new(values, shape), device)
}

/// Cross entropy: the mean over all labels that are known, or over images of how complete they are.
fn loss(question: Question, logits: Tensor<2>, batch: &[Lesson]) -> Tensor<1> {
    let ([n, outputs], device) = (logits.dims(), logits.device());
    let tensor = |of: &dyn Fn(Option<bool>) -> bool| {
        let answers = batch.iter().flat_map(|lesson| &lesson.answers);
        let values: Vec<f32> = answers.map(|answer| f32::from(of(*answer))).collect();
        Tensor::<2>::from_data(TensorData::new(values, [n, outputs]), &device)
    };
    let right = tensor(&|answer| answer == Some(true));
    match question {
        Question::Labels => {
            let known = tensor(&|answer| answer.is_some());
            let count = known.clone().sum().clamp_min(1.0);
            // -[t log s(z) + (1-t) log(1 - s(z))] = max(z, 0) - z t + log(1 + exp(-|z|))
            let softplus = logits.clone().abs().neg().exp().add_scalar(1.0).log();
            let each = logits.clone().clamp_min(0.0) - logits * right + softplus;
            (each * known).sum() / count
        }
        Question::Completion => (log_softmax(logits, 1) * right).sum().neg().div_scalar(n as f32),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_rises_then_falls_to_nothing() {
        let rates: Vec<f64> = (0..100).map(|step| rate(step, 100)).collect();
        let top = rates.iter().position(|r| *r == rates.iter().copied().fold(0.0, f64::max));
        assert!((24..=25).contains(&top.unwrap()) && rates[0] < 2.2e-4 && rates[99] < 1e-6);
    }

    fn lesson(answers: &[Option<bool>]) -> Lesson {
        Lesson { image: Vec::new(), answers: answers.to_vec() }
    }

    fn of(question: Question, logits: &[f32], batch: &[Lesson]) -> f32 {
        let data = TensorData::new(logits.to_vec(), [batch.len(), logits.len() / batch.len()]);
        let logits = Tensor::<2>::from_data(data, &backend::host());
        loss(question, logits, batch).into_scalar::<f32>()
    }

    #[test]
    fn only_labels_that_are_known_count() {
        let batch = [lesson(&[Some(true), None]), lesson(&[Some(false), None])];
        let cross = |z: f32, t: f32| z.max(0.0) - z * t + (-z.abs()).exp().ln_1p();
        let wanted = (cross(2.0, 1.0) + cross(1.0, 0.0)) / 2.0;
        for unknown in [0.0, 9.0] {
            let found = of(Question::Labels, &[2.0, unknown, 1.0, -unknown], &batch);
            assert!((found - wanted).abs() < 1e-5, "{found} {wanted}");
        }
    }

    #[test]
    fn one_state_of_completion_is_right() {
        let batch = [lesson(&[Some(false), Some(true), Some(false)])];
        let wanted = (0.5f32.exp() + 1.5f32.exp() + (-0.5f32).exp()).ln() - 1.5;
        let found = of(Question::Completion, &[0.5, 1.5, -0.5], &batch);
        assert!((found - wanted).abs() < 1e-5, "{found} {wanted}");
    }
}
