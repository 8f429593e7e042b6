//! D's logits as log-probabilities.

use burn::tensor::Tensor;
use burn::tensor::activation::log_softmax;

use crate::Class;

/// `log p_class`: `[N, 3]` to `[N, 1]`.
pub(crate) fn log_probability(logits: Tensor<2>, class: Class) -> Tensor<2> {
    log_softmax(logits, 1).narrow(1, class as usize, 1)
}
