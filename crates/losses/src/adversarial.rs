//! What D tells the generators: the adversarial and the dual term.

use burn::tensor::Tensor;
use config::AdversarialForm;

use crate::discriminator::log_probability;
use crate::{Class, Direction};

/// `L_GAN` of one generator on D's logits for its edited images, averaged over the batch.
///
/// * `target-class`: `-log p_{1-i}`; the edited image must look like a real image of the other
///   class.
/// * `literal`: the paper's scalar notation with D(x) = p_1: G0 minimises `-log p_1`, G1 minimises
///   `-log(1 - p_1)`, which class 2 meets as well as class 0.
///
/// # Shapes
/// logits `[N, 3]` to `[1]`.
pub fn adversarial(logits: Tensor<2>, direction: Direction, form: AdversarialForm) -> Tensor<1> {
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

/// `L_dual` of the second pass `G_{1-i}(x~_i)`, which must look like the class it came from:
/// `-log p_i`, averaged over the batch. `first` is the direction of the FIRST pass.
///
/// # Shapes
/// logits `[N, 3]` to `[1]`.
pub fn dual_adversarial(logits: Tensor<2>, first: Direction) -> Tensor<1> {
    log_probability(logits, first.source()).mean().neg()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{close, device, scalar};
    use AdversarialForm::{Literal, TargetClass};

    /// Probabilities (1/8, 2/8, 5/8).
    fn logits() -> Tensor<2> {
        Tensor::from_floats([[0.0, 2f32.ln(), 5f32.ln()]], &device())
    }

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

    #[test]
    fn the_dual_term_asks_for_the_class_the_image_came_from() {
        close(scalar(dual_adversarial(logits(), Direction::Add)), -f64::ln(1.0 / 8.0));
        close(scalar(dual_adversarial(logits(), Direction::Remove)), -f64::ln(2.0 / 8.0));
    }
}
