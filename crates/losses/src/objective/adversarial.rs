//! `L_GAN`: what D tells a generator of its edits.

use burn::tensor::Tensor;
use config::{AdversarialForm, RunConfig};

use crate::log_probability::log_probability;
use crate::pass::GeneratorPass;
use crate::term::{About, Need, Term};
use crate::{Class, Direction};

/// `L_GAN` on D's logits for the edited images.
///
/// * `target-class`: `-log p_{1-i}`; the edited image must look like a real image of the other
///   class.
/// * `literal`: the paper's scalar notation with D(x) = p_1: G0 minimises `-log p_1`, G1 minimises
///   `-log(1 - p_1)`, which class 2 meets as well as class 0.
pub(crate) struct Adversarial;

impl Term<GeneratorPass<'_>> for Adversarial {
    fn about(&self) -> About {
        About {
            column: "g_adv",
            title: "G: adversarial term",
            unit: "nats",
            equation: "L_GAN = -log p_{1-i}(x~_i)",
            source: "paper, L_GAN; `losses.adversarial` says how it is read",
            weight: "1",
            needs: &[Need::Logits],
        }
    }

    fn weight(&self, _: &RunConfig) -> f64 {
        1.0
    }

    fn value(&self, pass: &GeneratorPass<'_>) -> Tensor<1> {
        adversarial(pass.logits(), pass.direction, pass.run.losses.adversarial)
    }
}

/// `[N, 3]` to `[1]`.
fn adversarial(logits: Tensor<2>, direction: Direction, form: AdversarialForm) -> Tensor<1> {
    match (form, direction) {
        (AdversarialForm::TargetClass, _) | (AdversarialForm::Literal, Direction::Add) => {
            log_probability(logits, direction.target()).mean().neg()
        }
        (AdversarialForm::Literal, Direction::Remove) => {
            // log(1 - p_1) = log(p_0 + p_2), from the log-probabilities so that it stays finite.
            let negative = log_probability(logits.clone(), Class::RealNegative);
            let generated = log_probability(logits, Class::Generated);
            let larger = negative.clone().max_pair(generated.clone()).detach();
            let sum = (negative - larger.clone()).exp() + (generated - larger.clone()).exp();
            (sum.log() + larger).mean().neg()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{close, device, logits, scalar};
    use AdversarialForm::{Literal, TargetClass};

    #[test]
    fn target_class_asks_for_the_other_class() {
        close(scalar(adversarial(logits(), Direction::Add, TargetClass)), -f64::ln(2.0 / 8.0));
        close(scalar(adversarial(logits(), Direction::Remove, TargetClass)), -f64::ln(1.0 / 8.0));
    }

    #[test]
    fn the_literal_form_lets_g1_be_met_by_the_generated_class() {
        close(scalar(adversarial(logits(), Direction::Add, Literal)), -f64::ln(2.0 / 8.0));
        close(scalar(adversarial(logits(), Direction::Remove, Literal)), -f64::ln(6.0 / 8.0));
    }

    #[test]
    fn the_literal_form_stays_finite_when_p1_is_almost_one() {
        let logits = Tensor::<2>::from_floats([[0.0, 200.0, 0.0]], &device());
        let loss = scalar(adversarial(logits, Direction::Remove, Literal));
        close(loss, 200.0 - f64::ln(2.0));
    }
}
