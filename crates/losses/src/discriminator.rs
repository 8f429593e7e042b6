//! What the discriminator minimises.

use burn::tensor::Tensor;
use burn::tensor::activation::log_softmax;

use crate::Class;

/// `L_D` on one group of images: `-log p_t`, averaged over the batch.
///
/// The whole of `L_D` is the mean of this over its four groups: real negatives (t=0), real
/// positives (t=1), `x~_0` and `x~_1` (both t=2).
///
/// # Shapes
/// logits `[N, 3]` to `[1]`.
pub fn class_loss(logits: Tensor<2>, class: Class) -> Tensor<1> {
    log_probability(logits, class).mean().neg()
}

/// `log p_class`, `[N, 1]`.
pub(crate) fn log_probability(logits: Tensor<2>, class: Class) -> Tensor<2> {
    log_softmax(logits, 1).narrow(1, class as usize, 1)
}

/// Share of images that D puts into `class`, in [0, 1]; `[1]`, without a graph.
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
