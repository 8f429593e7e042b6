//! One optimisation step: the discriminator, then both generators through a frozen discriminator.
//!
//! Nothing is computed twice: the edited images that D learns from are those that the generators
//! are then corrected for, D's weights get no gradient in the generators' step, and features of
//! real images are taken without a graph and no deeper than the tap.

use burn::module::Module;
use burn::optim::GradientsParams;
use burn::tensor::Tensor;
use config::{DualTrains, RunConfig, Schedule};
use losses::{Class, Direction};
use model::{Discriminator, Generator, GeneratorOutput, Mode};

use crate::networks::{Networks, Optimisers};

/// One batch of pairs; both `[N, 3, S, S]` in [-1, 1], unpaired people.
#[derive(Clone, Debug)]
pub struct Batch {
    /// Images without the attribute.
    pub x0: Tensor<4>,
    /// Images with it.
    pub x1: Tensor<4>,
}

/// What one step measured. Loss terms are weighted, so that the parts of `g_loss` add up; terms of
/// G0 and G1 are added.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct StepMetrics {
    /// Generator steps done, from 1.
    pub step: usize,
    /// `L_D`: the mean over its four groups.
    pub d_loss: f32,
    /// Share of real negatives that D recognises.
    pub d_real0: f32,
    /// Share of real positives that D recognises.
    pub d_real1: f32,
    /// Share of edited images that D recognises as generated.
    pub d_fake: f32,
    /// `L_G` of both generators.
    pub g_loss: f32,
    /// Adversarial part.
    pub g_adv: f32,
    /// Pixel part, weighted.
    pub g_pixel: f32,
    /// Perceptual part, weighted.
    pub g_perceptual: f32,
    /// Dual part (adversarial and, weighted, reconstruction).
    pub g_dual: f32,
    /// Mean absolute residual per value, images in [-1, 1].
    pub residual_l1: f32,
}

impl StepMetrics {
    /// The first number that is not finite, by its column; a run that has one has diverged.
    pub fn not_finite(&self) -> Option<&'static str> {
        // Parts first: they say more than their sum.
        let numbers = [
            ("g_adv", self.g_adv),
            ("g_pixel", self.g_pixel),
            ("g_perceptual", self.g_perceptual),
            ("g_dual", self.g_dual),
            ("g_loss", self.g_loss),
            ("d_loss", self.d_loss),
            ("residual_l1", self.residual_l1),
        ];
        numbers.into_iter().find(|(_, value)| !value.is_finite()).map(|(name, _)| name)
    }
}

/// The learning rate of a step (from 1).
pub fn learning_rate(train: &config::Train, step: usize) -> f64 {
    match train.schedule {
        Schedule::Constant => train.lr,
        Schedule::Linear => {
            let left = (train.steps + 1 - step.min(train.steps)) as f64;
            train.lr * (left / (train.steps as f64 / 2.0)).min(1.0)
        }
    }
}

/// Runs `train.d_steps` discriminator steps and one step of both generators.
///
/// `batches` holds one batch per discriminator step; the last one also serves the generators.
/// `step` counts from 1 and sets the learning rate.
pub fn train_step(
    mut networks: Networks,
    optimisers: &mut Optimisers,
    batches: &[Batch],
    run: &RunConfig,
    step: usize,
) -> (Networks, StepMetrics) {
    let lr = learning_rate(&run.train, step);
    let (last, extra) = batches.split_last().expect("at least one discriminator step");
    for batch in extra {
        // D alone learns from these: no graph, no running statistics of the generators.
        let edit = |g: &Generator, x: &Tensor<4>| {
            g.clone().no_grad().forward(x.clone(), Mode::TrainFrozenStatistics).edited
        };
        let (e0, e1) = (edit(&networks.g0, &batch.x0), edit(&networks.g1, &batch.x1));
        networks.d = discriminator_step(networks.d, optimisers, batch, e0, e1, lr).0;
    }

    let out0 = networks.g0.forward(last.x0.clone(), Mode::Train);
    let out1 = networks.g1.forward(last.x1.clone(), Mode::Train);
    let (e0, e1) = (out0.edited.clone().detach(), out1.edited.clone().detach());
    let (d, judged) = discriminator_step(networks.d, optimisers, last, e0, e1, lr);
    networks.d = d;

    let frozen = networks.d.clone().no_grad();
    let add = generator_terms(&frozen, &networks.g1, &last.x0, &out0, Direction::Add, run);
    let remove = generator_terms(&frozen, &networks.g0, &last.x1, &out1, Direction::Remove, run);
    let terms = add.plus(remove);
    let loss = terms.total();
    let mut grads = loss.backward();
    let grads0 = GradientsParams::from_module(&mut grads, &networks.g0);
    let grads1 = GradientsParams::from_module(&mut grads, &networks.g1);
    networks.g0 = optimisers.g0.step(lr, networks.g0, grads0);
    networks.g1 = optimisers.g1.step(lr, networks.g1, grads1);

    let residual =
        (out0.residual.detach().abs().mean() + out1.residual.detach().abs().mean()) / 2.0;
    let metrics = read(step, judged, terms, loss.detach(), residual);
    (networks, metrics)
}

/// D's loss and its accuracies on real negatives, real positives and edited images, `[1]` each.
type Judged = [Tensor<1>; 4];

fn discriminator_step(
    d: Discriminator,
    optimisers: &mut Optimisers,
    batch: &Batch,
    e0: Tensor<4>,
    e1: Tensor<4>,
    lr: f64,
) -> (Discriminator, Judged) {
    // Each group is its own batch for batch normalisation, as it is in the generators' step.
    let groups = [
        (batch.x0.clone(), Class::RealNegative),
        (batch.x1.clone(), Class::RealPositive),
        (e0, Class::Generated),
        (e1, Class::Generated),
    ];
    let [(l0, a0), (l1, a1), (l2, a2), (l3, a3)] = groups.map(|(x, class)| {
        let logits = d.forward(x, None).logits;
        (losses::class_loss(logits.clone(), class), losses::accuracy(logits, class))
    });
    let loss = (l0 + l1 + l2 + l3) / 4.0;
    let grads = GradientsParams::from_grads(loss.backward(), &d);
    let d = optimisers.d.step(lr, d, grads);
    (d, [loss.detach(), a0, a1, (a2 + a3) / 2.0])
}

/// The weighted terms of `L_G`.
struct Terms {
    adversarial: Tensor<1>,
    pixel: Tensor<1>,
    perceptual: Tensor<1>,
    dual: Tensor<1>,
}

impl Terms {
    fn plus(self, other: Terms) -> Terms {
        Terms {
            adversarial: self.adversarial + other.adversarial,
            pixel: self.pixel + other.pixel,
            perceptual: self.perceptual + other.perceptual,
            dual: self.dual + other.dual,
        }
    }

    fn total(&self) -> Tensor<1> {
        self.adversarial.clone() + self.pixel.clone() + self.perceptual.clone() + self.dual.clone()
    }
}

fn generator_terms(
    frozen: &Discriminator,
    other: &Generator,
    x: &Tensor<4>,
    out: &GeneratorOutput,
    direction: Direction,
    run: &RunConfig,
) -> Terms {
    let weights = &run.losses;
    let factor = losses::size_factor(run.data.size);
    let zero = || Tensor::zeros([1], &x.device());
    let tap = (weights.perceptual_layer, weights.perceptual_tap);
    let with_perceptual = weights.beta > 0.0;

    let judged = frozen.forward(out.edited.clone(), with_perceptual.then_some(tap));
    let adversarial = losses::adversarial(judged.logits, direction, weights.adversarial);
    let pixel = losses::pixel(out.residual.clone()) * (weights.alpha * factor);
    let perceptual = match judged.features {
        Some(phi_edited) => {
            let phi_input = frozen.features(x.clone(), tap);
            losses::perceptual(phi_input, phi_edited) * (weights.beta * factor)
        }
        None => zero(),
    };

    let mut dual = zero();
    if weights.dual.adversarial() || weights.dual.reconstruction() {
        let mode = Mode::TrainFrozenStatistics;
        let second = match weights.dual_trains {
            DualTrains::Both => other.forward(out.edited.clone(), mode).edited,
            DualTrains::First => other.clone().no_grad().forward(out.edited.clone(), mode).edited,
        };
        if weights.dual.adversarial() {
            let logits = frozen.forward(second.clone(), None).logits;
            dual = dual + losses::dual_adversarial(logits, direction);
        }
        if weights.dual.reconstruction() {
            dual = dual + losses::reconstruction(second, x.clone()) * (weights.lambda * factor);
        }
    }
    Terms { adversarial, pixel, perceptual, dual }
}

/// All numbers of a step in one transfer from the device.
fn read(
    step: usize,
    judged: Judged,
    terms: Terms,
    loss: Tensor<1>,
    residual: Tensor<1>,
) -> StepMetrics {
    let [d_loss, real0, real1, fake] = judged;
    let parts = [terms.adversarial, terms.pixel, terms.perceptual, terms.dual].map(Tensor::detach);
    let mut all = vec![d_loss, real0, real1, fake, loss];
    all.extend(parts);
    all.push(residual);
    // Some were made on the plain device, some on the autodiff one.
    let all = all.into_iter().map(Tensor::inner).collect();
    let values = Tensor::cat(all, 0).into_data().try_to_vec::<f32>().expect("metrics are f32");
    StepMetrics {
        step,
        d_loss: values[0],
        d_real0: values[1],
        d_real1: values[2],
        d_fake: values[3],
        g_loss: values[4],
        g_adv: values[5],
        g_pixel: values[6],
        g_perceptual: values[7],
        g_dual: values[8],
        residual_l1: values[9],
    }
}
