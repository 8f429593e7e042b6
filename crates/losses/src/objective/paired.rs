//! What G1 learns from pairs: photographs that the attribute was drawn on, and what they were before.
//! No term of the paper's, whose method has no pairs.

use burn::tensor::Tensor;
use config::RunConfig;

use crate::l1::{size_factor, sum_over_batch};
use crate::log_probability::log_probability;
use crate::pass::GeneratorPass;
use crate::term::{About, Need, Term};
use crate::{Class, Direction};

/// `||G_1(x_w) - x_0||_1`: what was drawn must go, and nothing else.
pub(crate) struct Paired;

impl Term<GeneratorPass<'_>> for Paired {
    fn about(&self) -> About {
        About {
            column: "g_paired",
            title: "G1: drawn pairs",
            unit: "weighted",
            equation: "||G_1(x_w) - x_0||_1",
            source: "ours: `x_w` is `x_0` with the attribute drawn on; not in the paper, which has no pairs",
            weight: "losses.paired",
            needs: &[Need::DrawnPairs],
        }
    }

    fn weight(&self, run: &RunConfig) -> f64 {
        run.losses.paired * size_factor(run.data.size)
    }

    fn value(&self, pass: &GeneratorPass<'_>) -> Tensor<1> {
        match pass.direction {
            Direction::Add => nothing(pass),
            Direction::Remove => {
                let (bare, undone) = (pass.bare(), pass.undone());
                sum_over_batch((undone - bare).abs())
            }
        }
    }
}

/// `-log p_0` of `G_1(x_w)`: D must see no attribute there.
pub(crate) struct PairedAdversarial;

impl Term<GeneratorPass<'_>> for PairedAdversarial {
    fn about(&self) -> About {
        About {
            column: "g_paired_gan",
            title: "G1: drawn pairs, adversarial",
            unit: "nats",
            equation: "-log p_0(G_1(x_w))",
            source: "ours, with `losses.paired`",
            weight: "1",
            needs: &[Need::DrawnPairs],
        }
    }

    fn weight(&self, run: &RunConfig) -> f64 {
        f64::from(run.losses.paired > 0.0)
    }

    fn value(&self, pass: &GeneratorPass<'_>) -> Tensor<1> {
        match pass.direction {
            Direction::Add => nothing(pass),
            Direction::Remove => {
                log_probability(pass.undone_logits(), Class::RealNegative).mean().neg()
            }
        }
    }
}

/// G0 learns nothing from these pairs: what is drawn is not what it shall add.
fn nothing(pass: &GeneratorPass<'_>) -> Tensor<1> {
    Tensor::zeros([1], &pass.input().device())
}
