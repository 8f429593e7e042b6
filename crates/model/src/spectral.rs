//! Spectral normalisation of a weight (Miyato et al. 2018).

use burn::module::{Module, RunningState};
use burn::tensor::Tensor;

use crate::init::Init;

const EPSILON: f64 = 1e-12;
/// Before the first step, as PyTorch does: a first estimate that is too small would scale weights up.
const FIRST_ITERATIONS: usize = 15;

/// The estimate u of a weight's first left singular vector, `[Co]`, of length 1.
#[derive(Module, Debug)]
pub(crate) struct Spectral {
    u: RunningState<Tensor<1>>,
}

impl Spectral {
    /// For a weight `[Co, Ci, k, k]`.
    pub(crate) fn new(weight: &Tensor<4>, init: &mut Init) -> Self {
        let spectral = Spectral { u: init.normal_buffer(weight.dims()[0]) };
        (0..FIRST_ITERATIONS).for_each(|_| spectral.iterate(weight));
        spectral
    }

    /// One power iteration: `v = W^T u / |W^T u|`, `u = W v / |W v|`, with W as `[Co, Ci k k]`.
    pub(crate) fn iterate(&self, weight: &Tensor<4>) {
        let matrix = as_matrix(weight.clone().detach());
        let v = self.right(&matrix);
        self.u.update(unit(matrix.matmul(v)).squeeze_dim::<1>(1).detach());
        // See `norm::Running::update`: a record that is taken now already holds it.
        let _ = self.u.value_sync();
    }

    /// `W / sigma`, `sigma = u^T W v`; the gradient goes through sigma, and u and v count as constants.
    pub(crate) fn normalised(&self, weight: Tensor<4>) -> Tensor<4> {
        let matrix = as_matrix(weight.clone());
        let v = self.right(&matrix.clone().detach());
        let sigma = self.u.value().unsqueeze_dim::<2>(0).matmul(matrix.matmul(v));
        weight.div(sigma.reshape([1, 1, 1, 1]))
    }

    /// `v`, `[Ci k k, 1]`.
    fn right(&self, matrix: &Tensor<2>) -> Tensor<2> {
        unit(matrix.clone().transpose().matmul(self.u.value().unsqueeze_dim::<2>(1))).detach()
    }
}

fn as_matrix(weight: Tensor<4>) -> Tensor<2> {
    let [outputs, inputs, height, width] = weight.dims();
    weight.reshape([outputs, inputs * height * width])
}

/// A vector of length 1.
fn unit(x: Tensor<2>) -> Tensor<2> {
    let length = x.clone().mul(x.clone()).sum().sqrt().add_scalar(EPSILON);
    x.div(length.unsqueeze_dim::<2>(0))
}
