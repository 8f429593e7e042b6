//! One optimisation step: the discriminator, then both generators through a frozen discriminator.
//!
//! Nothing is computed twice: the edited images that D learns from are those that the generators
//! are then corrected for, D's weights get no gradient in the generators' step, and features of
//! real images are taken without a graph and no deeper than the tap.

use std::borrow::Cow;

use burn::module::Module;
use burn::optim::GradientsParams;
use burn::tensor::Tensor;
use config::{RunConfig, Schedule};
use losses::objective::{self, Weighted};
use losses::{Direction, DiscriminatorPass, DrawnPairs, GeneratorPass, Group};
use model::{Discriminator, Generator, Mode};

use crate::batch::Batch;
use crate::metrics::{D_LOSS, G_LOSS, RECOGNISED, RESIDUAL, StepMetrics};
use crate::networks::{Networks, Optimisers};
use crate::replay::Replay;

/// The learning rates of a step (from 1), of the generators and of D.
pub(crate) fn learning_rates(train: &config::Train, step: usize) -> [f64; 2] {
    let share = match train.schedule {
        Schedule::Constant => 1.0,
        Schedule::Linear => {
            let left = (train.steps + 1 - step.min(train.steps)) as f64;
            (left / (train.steps as f64 / 2.0)).min(1.0)
        }
    };
    let of_d = if train.lr_discriminator > 0.0 { train.lr_discriminator } else { train.lr };
    [train.lr * share, of_d * share]
}

/// The share of training that is done before a step (from 1).
fn done(train: &config::Train, step: usize) -> f64 {
    ((step - 1) as f64 / train.steps as f64).min(1.0)
}

/// The run with the weight of the pixel term as it is at a step (from 1).
fn at_step(run: &RunConfig, step: usize) -> Cow<'_, RunConfig> {
    if run.losses.alpha_end == 1.0 {
        return Cow::Borrowed(run);
    }
    let share = 1.0 + (run.losses.alpha_end - 1.0) * done(&run.train, step);
    let mut run = run.clone();
    run.losses.alpha *= share;
    Cow::Owned(run)
}

/// The four groups as D learns from them in a step: old edits among the new ones, each group in its view.
fn shown(
    [x0, x1, e0, e1]: [Tensor<4>; 4],
    batch: &Batch,
    replay: &mut Replay,
    run: &RunConfig,
) -> [Tensor<4>; 4] {
    let [e0, e1] = match &batch.replay {
        Some([of_g0, of_g1]) => {
            let capacity = run.train.replay;
            [replay.exchange(0, e0, of_g0, capacity), replay.exchange(1, e1, of_g1, capacity)]
        }
        None => [e0, e1],
    };
    let images = [x0, x1, e0, e1];
    match &batch.views {
        Some(views) => std::array::from_fn(|group| views[group].of(images[group].clone())),
        None => images,
    }
}

/// The batch with the noise of a step (from 1).
fn with_noise_at(batch: &Batch, train: &config::Train, step: usize) -> Batch {
    let factor = train.instance_noise * (1.0 - done(train, step));
    let views = batch.views.clone().map(|views| views.map(|view| view.with_noise_times(factor)));
    Batch { views, ..batch.clone() }
}

/// Runs `train.d_steps` discriminator steps and one step of both generators.
///
/// `batches` holds one batch per discriminator step; the last one also serves the generators.
/// `step` counts from 1 and sets the learning rate.
pub fn train_step(
    mut networks: Networks,
    optimisers: &mut Optimisers,
    replay: &mut Replay,
    batches: &[Batch],
    run: &RunConfig,
    step: usize,
) -> (Networks, StepMetrics) {
    let [lr, lr_of_d] = learning_rates(&run.train, step);
    let run = &*at_step(run, step);
    let batches: Vec<Batch> =
        batches.iter().map(|batch| with_noise_at(batch, &run.train, step)).collect();
    let (last, extra) = batches.split_last().expect("at least one discriminator step");
    for batch in extra {
        // D alone learns from these: no graph, no running statistics of the generators.
        let edit = |g: &Generator, x: &Tensor<4>| {
            g.clone().no_grad().forward(x.clone(), Mode::TrainFrozenStatistics).edited
        };
        let (e0, e1) = (edit(&networks.g0, &batch.x0), edit(&networks.g1, &batch.x1));
        let images = [batch.x0.clone(), batch.x1.clone(), e0, e1];
        let images = shown(images, batch, replay, run);
        networks.d = discriminator_step(networks.d, optimisers, images, run, lr_of_d).0;
    }

    let out0 = networks.g0.forward(last.x0.clone(), Mode::Train);
    let out1 = networks.g1.forward(last.x1.clone(), Mode::Train);
    let (e0, e1) = (out0.edited.clone().detach(), out1.edited.clone().detach());
    let images = shown([last.x0.clone(), last.x1.clone(), e0, e1], last, replay, run);
    let (d, judged) = discriminator_step(networks.d, optimisers, images, run, lr_of_d);
    networks.d = d;

    let frozen = networks.d.clone().no_grad();
    let with_features = objective::needs_features(run);
    let generator = &networks.g1;
    let drawn = last.worn.as_ref().map(|worn| DrawnPairs { worn, bare: &last.x0, generator });
    let terms = |direction: Direction, x, out, other| {
        let networks = (&frozen, other);
        let (view, inside) = match direction {
            Direction::Add => (Group::Added, 0),
            Direction::Remove => (Group::Removed, 1),
        };
        let pass = GeneratorPass::new(run, direction, (x, out), networks, with_features)
            .with_drawn(drawn)
            .with_view(last.views.as_ref().map(|views| &views[view as usize]))
            .with_inside(last.inside.as_ref().map(|masks| &masks[inside]));
        objective::generator(&pass)
    };
    let add = terms(Direction::Add, &last.x0, &out0, &networks.g1);
    let remove = terms(Direction::Remove, &last.x1, &out1, &networks.g0);
    let terms = add.into_iter().zip(remove).map(|((column, a), (_, b))| (column, a + b));
    let terms: Vec<Weighted> = terms.collect();
    let loss = objective::sum(&terms);
    let mut grads = loss.backward();
    let grads0 = GradientsParams::from_module(&mut grads, &networks.g0);
    let grads1 = GradientsParams::from_module(&mut grads, &networks.g1);
    networks.g0 = optimisers.g0.step(lr, networks.g0, grads0);
    networks.g1 = optimisers.g1.step(lr, networks.g1, grads1);

    let residual =
        (out0.residual.detach().abs().mean() + out1.residual.detach().abs().mean()) / 2.0;
    let mut numbers = judged;
    numbers.push((G_LOSS, loss));
    numbers.extend(terms);
    numbers.push((RESIDUAL, residual));
    let metrics = StepMetrics::read(step, numbers.into_iter().map(detached).collect());
    (networks, metrics)
}

fn detached((column, number): Weighted) -> Weighted {
    (column, number.detach())
}

/// One step of D; and its loss, the terms of it and what it recognises, by their columns.
fn discriminator_step(
    d: Discriminator,
    optimisers: &mut Optimisers,
    images: [Tensor<4>; 4],
    run: &RunConfig,
    lr: f64,
) -> (Discriminator, Vec<Weighted>) {
    d.begin_step();
    let pass = DiscriminatorPass::new(&d, images);
    let terms = objective::discriminator(&pass, run);
    let [real0, real1, added, removed] =
        Group::ALL.map(|group| losses::accuracy(pass.logits(group), group.class()));
    drop(pass);
    let loss = objective::sum(&terms);
    let mut numbers = vec![(D_LOSS, loss.clone())];
    numbers.extend(terms);
    let shares = [real0, real1, (added + removed) / 2.0];
    numbers.extend(RECOGNISED.iter().map(|(column, _)| *column).zip(shares));
    let numbers = numbers.into_iter().map(detached).collect();
    let grads = GradientsParams::from_grads(loss.backward(), &d);
    (optimisers.d.step(lr, d, grads), numbers)
}
