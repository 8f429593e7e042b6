//! The reconstruction form of the dual term: the way back leads to the image it came from.

use burn::tensor::Tensor;
use config::RunConfig;

use crate::l1::{size_factor, sum_over_batch};
use crate::pass::GeneratorPass;
use crate::term::{About, Need, Term};

/// `||G_{1-i}(x~_i) - x_i||_1`, a sum over pixels and channels.
pub(crate) struct Reconstruction;

impl Term<GeneratorPass<'_>> for Reconstruction {
    fn about(&self) -> About {
        About {
            column: "g_reconstruction",
            title: "G: reconstruction term",
            unit: "weighted",
            equation: "L_rec = ||G_{1-i}(x~_i) - x_i||_1",
            source: "this project's addition, from the paper's argument that the truth of the second \
                     pass is known; `losses.dual = \"reconstruction\"` or `\"both\"`",
            weight: "losses.lambda",
            needs: &[Need::SecondPass],
        }
    }

    fn weight(&self, run: &RunConfig) -> f64 {
        let used = f64::from(run.losses.dual.reconstruction());
        used * run.losses.lambda * size_factor(run.data.size)
    }

    fn value(&self, pass: &GeneratorPass<'_>) -> Tensor<1> {
        sum_over_batch((pass.second_pass() - pass.input().detach()).abs())
    }
}
