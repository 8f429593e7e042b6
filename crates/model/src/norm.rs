//! Normalisation followed by leaky ReLU, as one step.

use burn::module::{Module, Param, RunningState};
use burn::tensor::Tensor;
use config::Norm;

use crate::init::Init;

const EPSILON: f64 = 1e-5;
/// Share of the new batch in the running statistics (PyTorch's and burn's default).
const MOMENTUM: f64 = 0.1;

/// Which statistics batch normalisation uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// The batch's, and they enter the running statistics.
    Train,
    /// The batch's only: for inputs that are not the network's real task, such as the second pass.
    TrainFrozenStatistics,
    /// The running ones.
    Eval,
}

/// Batch or instance normalisation with scale and shift, or nothing, then leaky ReLU.
#[derive(Module, Debug)]
pub(crate) struct NormAct {
    affine: Option<Affine>,
    running: Option<Running>,
    #[module(skip)]
    kind: Norm,
}

#[derive(Module, Debug)]
struct Affine {
    gamma: Param<Tensor<1>>,
    beta: Param<Tensor<1>>,
}

/// Running statistics; only batch normalisation in a network that is evaluated keeps them.
#[derive(Module, Debug)]
struct Running {
    mean: RunningState<Tensor<1>>,
    variance: RunningState<Tensor<1>>,
}

/// What a [`NormAct`] does, decided by the configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NormSpec {
    pub(crate) kind: Norm,
    /// Keep running statistics for [`Mode::Eval`].
    pub(crate) running: bool,
}

impl NormAct {
    pub(crate) fn new(channels: usize, spec: NormSpec, init: &mut Init) -> Self {
        let affine = (spec.kind != Norm::None).then(|| Affine {
            gamma: init.constant(channels, 1.0),
            beta: init.constant(channels, 0.0),
        });
        let running = (spec.kind == Norm::Batch && spec.running).then(|| Running {
            mean: init.buffer(channels, 0.0),
            variance: init.buffer(channels, 1.0),
        });
        NormAct { affine, running, kind: spec.kind }
    }

    /// Normalises and activates; `slope` 1 leaves the activation out.
    ///
    /// # Shapes
    /// `[N, C, H, W]` to the same.
    pub(crate) fn forward(&self, x: Tensor<4>, mode: Mode, slope: f64) -> Tensor<4> {
        let Some(affine) = &self.affine else { return ops::leaky_relu(x, slope) };
        let (gamma, beta) = (affine.gamma.val(), affine.beta.val());
        if self.kind == Norm::Instance {
            return ops::instance_norm_leaky_relu(x, gamma, beta, EPSILON, slope);
        }
        if let (Mode::Eval, Some(running)) = (mode, &self.running) {
            let (mean, variance) = (running.mean.value(), running.variance.value());
            return ops::batch_norm_leaky_relu_inference(
                x, gamma, beta, mean, variance, EPSILON, slope,
            );
        }
        let [n, _, h, w] = x.dims();
        let result = ops::batch_norm_leaky_relu(x, gamma, beta, EPSILON, slope);
        if let (Mode::Train, Some(running)) = (mode, &self.running) {
            let count = (n * h * w) as f64;
            let unbiased = count / (count - 1.0).max(1.0);
            running.update(result.mean, result.variance.mul_scalar(unbiased));
        }
        result.output
    }
}

impl Running {
    fn update(&self, mean: Tensor<1>, variance: Tensor<1>) {
        for (state, batch) in [(&self.mean, mean), (&self.variance, variance)] {
            let kept = state.value_sync().mul_scalar(1.0 - MOMENTUM);
            state.update(kept.add(batch.detach().mul_scalar(MOMENTUM)).detach());
            // `update` keeps one value per thread until the next sync: fold it in at once, so
            // that a record taken now already holds it.
            let _ = state.value_sync();
        }
    }
}
