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
        sum_over_batch(pass.residual().abs())
    }
}
