//! `L_per`: what the edit changed in D's eyes.

use burn::tensor::Tensor;
use config::RunConfig;

use crate::l1::{size_factor, sum_over_batch};
use crate::pass::GeneratorPass;
use crate::term::{About, Need, Term};

/// `L_per = ||phi(x_i) - phi(x~_i)||_1` on features of D, a sum over features. `phi(x_i)` carries no
/// graph: the term trains the generator, never D.
pub(crate) struct Perceptual;

impl Term<GeneratorPass<'_>> for Perceptual {
    fn about(&self) -> About {
        About {
            column: "g_perceptual",
            title: "G: perceptual term",
            unit: "weighted",
            equation: "L_per = ||phi(x_i) - phi(x~_i)||_1",
            source: "paper, L_per; `losses.perceptual_layer`, `losses.perceptual_tap`",
            weight: "losses.beta",
            needs: &[Need::Features],
        }
    }

    fn weight(&self, run: &RunConfig) -> f64 {
        run.losses.beta * size_factor(run.data.size)
    }

    fn value(&self, pass: &GeneratorPass<'_>) -> Tensor<1> {
        perceptual(pass.features(), pass.input_features())
    }
}

/// Two `[N, C, H, W]` to `[1]`.
fn perceptual(edited: Tensor<4>, input: Tensor<4>) -> Tensor<1> {
    sum_over_batch((edited - input.detach()).abs())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{close, device, image, scalar};

    #[test]
    fn perceptual_is_the_l1_distance_of_features() {
        let a = image([1.0, 2.0, 3.0, 4.0, 0.0, 0.0, 0.0, 0.0]);
        let b = image([1.0, 0.0, 3.0, 5.0, 0.0, 0.0, 0.0, -1.0]);
        close(scalar(perceptual(a, b)), (3.0 + 1.0) / 2.0);
    }

    #[test]
    fn perceptual_trains_only_the_edited_side() {
        let device = device().autodiff();
        let leaf = |v: f32| Tensor::<4>::full([1, 1, 2, 2], v, &device).require_grad();
        let (input, edited) = (leaf(0.0), leaf(1.0));
        let grads = perceptual(edited.clone(), input.clone()).backward();
        assert!(input.grad(&grads).is_none());
        assert!(edited.grad(&grads).is_some());
    }
}
