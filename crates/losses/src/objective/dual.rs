//! `L_dual`: what D says of the second pass.

use burn::tensor::Tensor;
use config::RunConfig;

use crate::Direction;
use crate::log_probability::log_probability;
use crate::pass::GeneratorPass;
use crate::term::{About, Need, Term};

/// `L_dual` of the second pass `G_{1-i}(x~_i)`, which must look like the class it came from.
pub(crate) struct Dual;

impl Term<GeneratorPass<'_>> for Dual {
    fn about(&self) -> About {
        About {
            column: "g_dual",
            title: "G: dual term",
            unit: "nats",
            equation: "L_dual = -log p_i(G_{1-i}(x~_i))",
            source: "paper, L_dual; `losses.dual = \"adversarial\"` or `\"both\"`",
            weight: "1",
            needs: &[Need::SecondLogits],
        }
    }

    fn weight(&self, run: &RunConfig) -> f64 {
        f64::from(run.losses.dual.adversarial())
    }

    fn value(&self, pass: &GeneratorPass<'_>) -> Tensor<1> {
        dual(pass.second_logits(), pass.direction)
    }
}

/// `[N, 3]` to `[1]`; `first` is the direction of the first pass.
fn dual(logits: Tensor<2>, first: Direction) -> Tensor<1> {
    log_probability(logits, first.source()).mean().neg()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{close, logits, scalar};

    #[test]
    fn the_dual_term_asks_for_the_class_the_image_came_from() {
        close(scalar(dual(logits(), Direction::Add)), -f64::ln(1.0 / 8.0));
        close(scalar(dual(logits(), Direction::Remove)), -f64::ln(2.0 / 8.0));
    }
}
