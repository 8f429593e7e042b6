//! The gradients of the fast operations, the same for every backend that has [`Kernels`].

use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, AutodiffBackend};

use crate::AdamStep;
use crate::convolution::{Conv, Indexing};
use crate::fast::{FastOps, Kernels, NormConstants};

#[derive(Debug)]
struct ConvolveBackward;

#[derive(Clone, Debug)]
struct ConvolveState<B: Kernels> {
    /// Kept if the weight is tracked.
    x: Option<FloatTensor<B>>,
    /// Kept if the input is tracked.
    weight: Option<FloatTensor<B>>,
    conv: Conv,
    direction: Indexing,
}

impl<B: Kernels> Backward<B, 3> for ConvolveBackward {
    type State = ConvolveState<B>;

    fn backward(
        self,
        ops: Ops<Self::State, 3>,
        grads: &mut Gradients,
        _checkpointer: &mut Checkpointer,
    ) {
        let ConvolveState { x, weight, conv, direction } = ops.state;
        let dy = grads.consume::<B>(&ops.node);
        let want = ops.parents.each_ref().map(Option::is_some);
        let found = B::convolution_gradients(dy, x, weight, &conv, direction, want);
        for (node, gradient) in ops.parents.into_iter().zip(found) {
            if let (Some(node), Some(gradient)) = (node, gradient) {
                grads.register::<B>(node.id, gradient);
            }
        }
    }
}

#[derive(Debug)]
struct UpsamplingKernelBackward;

impl<B: Kernels> Backward<B, 1> for UpsamplingKernelBackward {
    type State = ();

    fn backward(self, ops: Ops<(), 1>, grads: &mut Gradients, _checkpointer: &mut Checkpointer) {
        let [parent] = ops.parents;
        let gradient = grads.consume::<B>(&ops.node);
        if let Some(node) = parent {
            grads.register::<B>(node.id, B::blocks_gradient(gradient));
        }
    }
}

#[derive(Debug)]
struct NormaliseBackward;

#[derive(Clone, Debug)]
struct NormaliseState<B: Kernels> {
    x: FloatTensor<B>,
    affine: [FloatTensor<B>; 2],
    statistics: [FloatTensor<B>; 2],
    norm: NormConstants,
}

impl<B: Kernels> Backward<B, 3> for NormaliseBackward {
    type State = NormaliseState<B>;

    fn backward(
        self,
        ops: Ops<Self::State, 3>,
        grads: &mut Gradients,
        _checkpointer: &mut Checkpointer,
    ) {
        let [for_x, for_gamma, for_beta] = ops.parents;
        let NormaliseState { x, affine, statistics, norm } = ops.state;
        let dy = grads.consume::<B>(&ops.node);
        let (dx, [gamma, beta]) =
            B::norm_gradients(dy, x, affine, statistics, norm, for_x.is_some());
        if let (Some(node), Some(dx)) = (for_x, dx) {
            grads.register::<B>(node.id, dx);
        }
        if let Some(node) = for_gamma {
            grads.register::<B>(node.id, gamma);
        }
        if let Some(node) = for_beta {
            grads.register::<B>(node.id, beta);
        }
    }
}

#[derive(Debug)]
struct ScaleShiftBackward;

impl<B: Kernels> Backward<B, 3> for ScaleShiftBackward {
    /// Input, scale, output, slope.
    type State = (FloatTensor<B>, FloatTensor<B>, FloatTensor<B>, f32);

    fn backward(
        self,
        ops: Ops<Self::State, 3>,
        grads: &mut Gradients,
        _checkpointer: &mut Checkpointer,
    ) {
        let (x, scale, y, slope) = ops.state;
        let dy = grads.consume::<B>(&ops.node);
        let found = B::scale_shift_gradients(dy, x, scale, y, slope);
        for (node, gradient) in ops.parents.into_iter().zip(found) {
            if let Some(node) = node {
                grads.register::<B>(node.id, gradient);
            }
        }
    }
}

#[derive(Debug)]
struct ActivateBackward;

impl<B: Kernels> Backward<B, 1> for ActivateBackward {
    /// Output (it has its input's sign), slope.
    type State = (FloatTensor<B>, f32);

    fn backward(
        self,
        ops: Ops<Self::State, 1>,
        grads: &mut Gradients,
        _checkpointer: &mut Checkpointer,
    ) {
        let [parent] = ops.parents;
        let (y, slope) = ops.state;
        let dy = grads.consume::<B>(&ops.node);
        if let Some(node) = parent {
            grads.register::<B>(node.id, B::rectified_gradient(dy, y, slope));
        }
    }
}

impl<B: Kernels, C: CheckpointStrategy> FastOps for Autodiff<B, C> {
    fn convolve(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        conv: Conv,
        direction: Indexing,
    ) -> FloatTensor<Self> {
        let state = ConvolveState {
            x: weight.is_tracked().then(|| x.primitive().clone()),
            weight: x.is_tracked().then(|| weight.primitive().clone()),
            conv,
            direction,
        };
        let ((x, x_node), (weight, weight_node), (bias, bias_node)) =
            (x.into_parts(), weight.into_parts(), bias.into_parts());
        let y = B::convolution(&x, &weight, &bias, &conv, direction);
        let nodes = [x_node, weight_node, bias_node];
        match Backward::<B, 3>::prepare::<C>(ConvolveBackward, nodes).compute_bound().stateful() {
            OpsKind::Tracked(prep) => prep.finish(state, y),
            OpsKind::UnTracked(prep) => prep.finish(y),
        }
    }

    fn upsampling_kernel(weight: FloatTensor<Self>) -> FloatTensor<Self> {
        let (weight, node) = weight.into_parts();
        let kernel = B::blocks(&weight);
        let prepared = Backward::<B, 1>::prepare::<C>(UpsamplingKernelBackward, [node]);
        match prepared.compute_bound().stateful() {
            OpsKind::Tracked(prep) => prep.finish((), kernel),
            OpsKind::UnTracked(prep) => prep.finish(kernel),
        }
    }

    fn normalise(
        x: FloatTensor<Self>,
        gamma: FloatTensor<Self>,
        beta: FloatTensor<Self>,
        norm: NormConstants,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>) {
        let ((x, x_node), (gamma, gamma_node), (beta, beta_node)) =
            (x.into_parts(), gamma.into_parts(), beta.into_parts());
        let [y, mean, variance] = B::norm(&x, [&gamma, &beta], norm);
        let nodes = [x_node, gamma_node, beta_node];
        let statistics = [mean.clone(), variance.clone()];
        let prepared = Backward::<B, 3>::prepare::<C>(NormaliseBackward, nodes);
        let y = match prepared.compute_bound().stateful() {
            OpsKind::Tracked(prep) => {
                prep.finish(NormaliseState { x, affine: [gamma, beta], statistics, norm }, y)
            }
            OpsKind::UnTracked(prep) => prep.finish(y),
        };
        (y, Self::from_inner(mean), Self::from_inner(variance))
    }

    fn scale_shift_activate(
        x: FloatTensor<Self>,
        scale: FloatTensor<Self>,
        shift: FloatTensor<Self>,
        slope: f32,
    ) -> FloatTensor<Self> {
        let ((x, x_node), (scale, scale_node), (shift, shift_node)) =
            (x.into_parts(), scale.into_parts(), shift.into_parts());
        let y = B::scale_shift(&x, [&scale, &shift], slope);
        let nodes = [x_node, scale_node, shift_node];
        match Backward::<B, 3>::prepare::<C>(ScaleShiftBackward, nodes).compute_bound().stateful() {
            OpsKind::Tracked(prep) => prep.finish((x, scale, y.clone(), slope), y),
            OpsKind::UnTracked(prep) => prep.finish(y),
        }
    }

    fn activate(x: FloatTensor<Self>, slope: f32) -> FloatTensor<Self> {
        let (x, node) = x.into_parts();
        let y = B::rectified(&x, slope);
        match Backward::<B, 1>::prepare::<C>(ActivateBackward, [node]).compute_bound().stateful() {
            OpsKind::Tracked(prep) => prep.finish((y.clone(), slope), y),
            OpsKind::UnTracked(prep) => prep.finish(y),
        }
    }

    fn adam_step(
        parameter: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        first: FloatTensor<Self>,
        second: FloatTensor<Self>,
        step: AdamStep,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>) {
        // An update has no gradient: the tensors leave the graph.
        let plain = |tensor: FloatTensor<Self>| tensor.into_parts().0;
        let moments = [plain(first), plain(second)];
        let updated = B::adam(plain(parameter), plain(gradient), moments, step);
        let [parameter, first, second] = updated.map(Self::from_inner);
        (parameter, first, second)
    }
}
