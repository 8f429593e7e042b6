//! `L_D`: what the discriminator minimises.

use burn::tensor::Tensor;
use config::RunConfig;

use crate::Class;
use crate::log_probability::log_probability;
use crate::pass::{DiscriminatorPass, Group};
use crate::term::{About, Need, Term};

/// `-log p_t` of one group of images; the whole of `L_D` is the mean over the four groups: real
/// negatives (t = 0), real positives (t = 1), `x~_0` and `x~_1` (both t = 2).
pub(crate) struct Recognition {
    /// The images.
    pub(crate) group: Group,
}

impl Term<DiscriminatorPass<'_>> for Recognition {
    fn about(&self) -> About {
        let (column, title, equation) = match self.group {
            Group::RealNegatives => ("d_loss_real0", "D: loss on real, without", "-log p_0(x_0)"),
            Group::RealPositives => ("d_loss_real1", "D: loss on real, with", "-log p_1(x_1)"),
            Group::Added => ("d_loss_added", "D: loss on edits of G0", "-log p_2(x~_0)"),
            Group::Removed => ("d_loss_removed", "D: loss on edits of G1", "-log p_2(x~_1)"),
        };
        About {
            column,
            title,
            unit: "nats, weighted",
            equation,
            source: "paper, L_cls",
            weight: "1/4",
            needs: &[Need::Groups],
        }
    }

    fn weight(&self, _: &RunConfig) -> f64 {
        0.25
    }

    fn value(&self, pass: &DiscriminatorPass<'_>) -> Tensor<1> {
        class_loss(pass.logits(self.group), self.group.class())
    }
}

/// `-log p_class`, averaged over the batch: `[N, 3]` to `[1]`.
fn class_loss(logits: Tensor<2>, class: Class) -> Tensor<1> {
    log_probability(logits, class).mean().neg()
}

/// Share of images that D puts into `class`, in [0, 1]: `[N, 3]` to `[1]`, without a graph.
pub fn accuracy(logits: Tensor<2>, class: Class) -> Tensor<1> {
    logits.detach().argmax(1).equal_elem(class as i64).float().mean()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{close, device, scalar};

    #[test]
    fn class_loss_is_the_mean_negative_log_probability() {
        // softmax([0, ln 2, ln 5]) = (1/8, 2/8, 5/8); softmax(0, 0, 0) = 1/3 each.
        let rows = [[0.0, 2f32.ln(), 5f32.ln()], [0.0, 0.0, 0.0]];
        let logits = Tensor::<2>::from_floats(rows, &device());
        for (class, p) in [
            (Class::RealNegative, 1.0 / 8.0),
            (Class::RealPositive, 2.0 / 8.0),
            (Class::Generated, 5.0 / 8.0),
        ] {
            let expected = -(f64::ln(p) + f64::ln(1.0 / 3.0)) / 2.0;
            close(scalar(class_loss(logits.clone(), class)), expected);
        }
    }

    #[test]
    fn class_loss_stays_finite_for_extreme_logits() {
        let logits = Tensor::<2>::from_floats([[1e4, -1e4, 0.0]], &device());
        close(scalar(class_loss(logits, Class::RealPositive)), 2e4);
    }

    #[test]
    fn accuracy_counts_the_images_put_into_the_class() {
        let rows = [[3.0, 1.0, 2.0], [0.0, 1.0, 2.0], [9.0, 1.0, 2.0], [0.0, 5.0, 2.0]];
        let logits = Tensor::<2>::from_floats(rows, &device());
        close(scalar(accuracy(logits, Class::RealNegative)), 0.5);
    }
}
