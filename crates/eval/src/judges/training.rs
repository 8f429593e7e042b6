//! What the trainings of judges share.

use burn::optim::{AdamConfig, ModuleOptimizer};

/// Adam at 1e-3, linearly to zero over the second half.
pub(crate) fn rate(step: usize, steps: usize) -> f64 {
    1e-3 * ((steps - step) as f64 / (steps as f64 / 2.0)).min(1.0)
}

pub(crate) fn adam() -> ModuleOptimizer {
    AdamConfig::new().with_epsilon(1e-8).init()
}

/// Says how far a training has come, every hundred steps.
pub(crate) fn log_loss(judge: &str, step: usize, steps: usize, loss: impl FnOnce() -> f32) {
    if step.is_multiple_of(100) || step + 1 == steps {
        tracing::info!("{judge}: step {}/{steps}, loss {:.4}", step + 1, loss());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_is_constant_then_falls_to_zero() {
        assert_eq!((rate(0, 100), rate(49, 100), rate(75, 100)), (1e-3, 1e-3, 5e-4));
        assert!(rate(99, 100) < 3e-5);
    }
}
