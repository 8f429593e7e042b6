//! A term to start from: copy this file, then
//!
//! 1. name it, say its equation and column, and compute it from what the pass offers;
//! 2. give it a weight, a key in `crates/config/src/run.rs` that is 0 by default and marked `added`;
//! 3. name the file in `mod.rs` and put the term into its list.
//!
//! This one is compiled and tested with the others and is in no objective: the mean square of the
//! residual image, `||r||_2^2 / (3 S S)`.

use burn::tensor::Tensor;
use config::RunConfig;

use crate::pass::GeneratorPass;
use crate::term::{About, Need, Term};

/// What the term is, in one sentence, with its equation.
pub(crate) struct TemplateTerm;

impl Term<GeneratorPass<'_>> for TemplateTerm {
    fn about(&self) -> About {
        About {
            // Unique, and the key in `metrics.jsonl`; those of generators begin with `g_`.
            column: "g_template",
            // The loss figure's heading.
            title: "G: template",
            // `nats` for log-probabilities; `weighted` for everything that a weight scales.
            unit: "weighted",
            equation: "||r||_2^2 / (3 S S)",
            // Paper and equation, or why it is here.
            source: "nobody's; an example",
            // The key of its weight, or a number.
            weight: "0",
            // What `value` asks the pass for. Features must be announced here; the rest is
            // computed when it is asked for, and once for all terms.
            needs: &[Need::Residual],
        }
    }

    // `run.losses.template`; a term that sums over pixels is multiplied by
    // `size_factor(run.data.size)`, so that its weight means the same at every size.
    fn weight(&self, _: &RunConfig) -> f64 {
        0.0
    }

    // Averaged over the batch, without the weight.
    fn value(&self, pass: &GeneratorPass<'_>) -> Tensor<1> {
        template(pass.residual())
    }
}

/// `[N, 3, S, S]` to `[1]`. Apart from the trait, so that a test can give it numbers.
fn template(residual: Tensor<4>) -> Tensor<1> {
    residual.square().mean()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{close, image, scalar};

    #[test]
    fn the_template_is_the_mean_square() {
        close(scalar(template(image([1.0, 1.0, 0.0, 0.0, 2.0, 0.0, 0.0, 0.0]))), 6.0 / 8.0);
    }

    #[test]
    fn the_template_is_left_out() {
        let run = RunConfig::from_toml("", "defaults").unwrap();
        assert_eq!(
            (TemplateTerm.weight(&run), TemplateTerm.about().needs),
            (0.0, &[Need::Residual][..])
        );
    }
}
