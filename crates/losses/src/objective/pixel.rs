//! `L_pix`: the size of the residual image.

use burn::tensor::Tensor;
use config::RunConfig;

use crate::l1::{size_factor, sum_over_batch};
use crate::pass::GeneratorPass;
use crate::term::{About, Need, Term};

/// `L_pix = ||r||_1`, a sum over pixels and channels.
pub(crate) struct Pixel;

impl Term<GeneratorPass<'_>> for Pixel {
    fn about(&self) -> About {
        About {
            column: "g_pixel",
            title: "G: pixel term",
            unit: "weighted",
            equation: "L_pix = ||r||_1",
            source: "paper, L_pix",
            weight: "losses.alpha",
            needs: &[Need::Residual],
        }
    }

    fn weight(&self, run: &RunConfig) -> f64 {
        run.losses.alpha * size_factor(run.data.size)
    }

    fn value(&self, pass: &GeneratorPass<'_>) -> Tensor<1> {
        let size = pass.residual().abs();
        match pass.inside() {
            Some(inside) => sum_over_batch(size * weights(inside, pass.run.losses.alpha_inside)),
            None => sum_over_batch(size),
        }
    }
}

/// 1 outside of the region and `share` inside: `[N, 1, S, S]` to the same.
fn weights(inside: Tensor<4>, share: f64) -> Tensor<4> {
    inside.mul_scalar(share - 1.0).add_scalar(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{close, image, scalar};

    #[test]
    fn the_region_counts_by_its_share() {
        let residual = image([1.0, -1.0, 2.0, 0.0, 0.5, 0.5, 0.5, 0.5]);
        let inside = image([1.0, 0.0, 0.0, 1.0, 1.0, 1.0, 1.0, 1.0]);
        let sum = sum_over_batch(residual.abs() * weights(inside, 0.25));
        close(scalar(sum), (0.25 + 1.0 + 2.0 + 4.0 * 0.125) / 2.0);
    }
}
