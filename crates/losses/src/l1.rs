//! The L1 terms: sums over pixels and channels (or features), averaged over the batch.

use burn::tensor::Tensor;

/// The factor that keeps one alpha meaningful at every image size: weights are stated for
/// 128x128, where it is 1; at side `size` it is `128 * 128 / (size * size)`.
pub fn size_factor(size: usize) -> f64 {
    (128.0 * 128.0) / (size * size) as f64
}

/// `L_pix = ||r||_1`, the size of the residual image.
///
/// # Shapes
/// `[N, 3, S, S]` to `[1]`.
pub fn pixel(residual: Tensor<4>) -> Tensor<1> {
    sum_over_batch(residual.abs())
}

/// `L_per = ||phi(x) - phi(x~)||_1` on features of D. `phi_input` carries no graph: the term
/// trains the generator, never D.
///
/// # Shapes
/// two `[N, C, H, W]` to `[1]`.
pub fn perceptual(phi_input: Tensor<4>, phi_edited: Tensor<4>) -> Tensor<1> {
    sum_over_batch((phi_edited - phi_input.detach()).abs())
}

/// `||G_{1-i}(x~_i) - x_i||_1`, the reconstruction form of the dual term (this project's
/// addition, from the paper's argument that the truth of the second pass is known).
///
/// # Shapes
/// two `[N, 3, S, S]` to `[1]`.
pub fn reconstruction(second_pass: Tensor<4>, original: Tensor<4>) -> Tensor<1> {
    sum_over_batch((second_pass - original.detach()).abs())
}

fn sum_over_batch(x: Tensor<4>) -> Tensor<1> {
    let n = x.dims()[0] as f64;
    x.sum().div_scalar(n)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{close, device, scalar};
    use burn::tensor::TensorData;

    fn image(values: [f32; 8]) -> Tensor<4> {
        // Two images of one channel, 2x2.
        Tensor::from_data(TensorData::new(values.to_vec(), [2, 1, 2, 2]), &device())
    }

    #[test]
    fn pixel_sums_over_pixels_and_averages_over_the_batch() {
        let residual = image([0.5, -0.5, 0.0, 1.0, 0.0, 0.0, -3.0, 0.0]);
        close(scalar(pixel(residual)), (2.0 + 3.0) / 2.0);
    }

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
        let grads = perceptual(input.clone(), edited.clone()).backward();
        assert!(input.grad(&grads).is_none());
        assert!(edited.grad(&grads).is_some());
    }

    #[test]
    fn reconstruction_measures_the_way_back() {
        let a = image([1.0; 8]);
        close(scalar(reconstruction(a.clone().add_scalar(0.25), a)), 1.0);
    }

    #[test]
    fn the_size_factor_is_one_at_the_papers_size() {
        assert_eq!((size_factor(128), size_factor(64), size_factor(256)), (1.0, 4.0, 0.25));
    }
}
