//! L1 norms as the paper writes them: sums over pixels and channels (or features), averaged over the
//! batch.

use burn::tensor::Tensor;

/// The factor that keeps one weight meaningful at every image size: weights are stated for
/// 128x128, where it is 1; at side `size` it is `128 * 128 / (size * size)`.
pub(crate) fn size_factor(size: usize) -> f64 {
    (128.0 * 128.0) / (size * size) as f64
}

/// The sum over everything but the batch, averaged over the batch: `[N, C, H, W]` to `[1]`.
pub(crate) fn sum_over_batch(x: Tensor<4>) -> Tensor<1> {
    let n = x.dims()[0] as f64;
    x.sum().div_scalar(n)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{close, image, scalar};

    #[test]
    fn sums_are_over_pixels_and_averaged_over_the_batch() {
        let residual = image([0.5, -0.5, 0.0, 1.0, 0.0, 0.0, -3.0, 0.0]);
        close(scalar(sum_over_batch(residual.abs())), (2.0 + 3.0) / 2.0);
    }

    #[test]
    fn the_size_factor_is_one_at_the_papers_size() {
        assert_eq!((size_factor(128), size_factor(64), size_factor(256)), (1.0, 4.0, 0.25));
    }
}
