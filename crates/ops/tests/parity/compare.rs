//! Two ways to compute the same thing, compared on every backend of this build.

use std::cell::{Cell, RefCell};

use burn::tensor::{Device, Gradients, Tensor, TensorData};
use config::{Backend, BackendKind, Precision};

/// Relative to the largest number of the expected tensor.
const TOLERANCE: f32 = 1e-4;

/// Of the gradient that arrives at the output; no parent has the same, for a normalisation has no
/// gradient in the direction of its own input.
pub(crate) const SEED: u64 = 99;

/// Reproducible numbers in [-1, 1) that follow no pattern a kernel could profit from.
fn numbers(count: usize, seed: u64) -> Vec<f32> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 40) as f32 / (1 << 23) as f32 - 1.0
    };
    (0..count).map(|_| next()).collect()
}

thread_local! {
    /// Where [`random`] puts its tensors.
    static DEVICE: RefCell<Device> = RefCell::new(Device::flex());
    /// Comparisons on wgpu that this test may still make.
    static ON_WGPU: Cell<usize> = const { Cell::new(6) };
}

/// Runs `work` with [`random`] tensors on `device`.
pub(crate) fn on<R>(device: &Device, work: impl FnOnce() -> R) -> R {
    let before = DEVICE.replace(device.clone());
    let result = work();
    DEVICE.set(before);
    result
}

/// Every backend of this build whose bits are the same every time.
pub(crate) fn processors() -> Vec<Device> {
    backend::compiled().into_iter().filter(|kind| *kind != BackendKind::Wgpu).map(open).collect()
}

pub(crate) fn open(kind: BackendKind) -> Device {
    backend::open(&Backend { kind, index: 0, threads: 2, precision: Precision::F32 }).unwrap()
}

/// A software driver compiles a kernel per shape, which takes seconds: a few shapes per test.
fn wgpu() -> Option<Device> {
    let left = ON_WGPU.get();
    ON_WGPU.set(left.saturating_sub(1));
    (left > 0 && backend::compiled().contains(&BackendKind::Wgpu)).then(|| open(BackendKind::Wgpu))
}

pub(crate) fn random<const D: usize>(shape: [usize; D], seed: u64) -> Tensor<D> {
    let data = TensorData::new(numbers(shape.iter().product(), seed), shape);
    Tensor::from_data(data, &DEVICE.with_borrow(Clone::clone).autodiff())
}

pub(crate) fn values<const D: usize>(tensor: &Tensor<D>) -> Vec<f32> {
    tensor.to_data().try_to_vec().unwrap()
}

pub(crate) fn assert_close(name: &str, ours: &[f32], expected: &[f32]) {
    assert_eq!(ours.len(), expected.len(), "{name}");
    let scale = expected.iter().fold(1e-3f32, |scale, x| scale.max(x.abs()));
    for (i, (a, b)) in ours.iter().zip(expected).enumerate() {
        assert!((a - b).abs() <= TOLERANCE * scale, "{name}[{i}]: {a}, expected {b}");
    }
}

/// The parents of an operation, tracked.
pub(crate) struct Leaves {
    pub(crate) x: Tensor<4>,
    pub(crate) weight: Option<Tensor<4>>,
    pub(crate) vectors: Vec<Tensor<1>>,
}

impl Leaves {
    fn tracked(self) -> Self {
        Leaves {
            x: self.x.require_grad(),
            weight: self.weight.map(Tensor::require_grad),
            vectors: self.vectors.into_iter().map(Tensor::require_grad).collect(),
        }
    }

    fn gradients(&self, gradients: &Gradients) -> Vec<Vec<f32>> {
        let wide = [Some(&self.x), self.weight.as_ref()].into_iter().flatten();
        let wide = wide.map(|t| t.grad(gradients).unwrap().to_data());
        let narrow = self.vectors.iter().map(|t| t.grad(gradients).unwrap().to_data());
        wide.chain(narrow).map(|data| data.try_to_vec().unwrap()).collect()
    }
}

/// Compares output and gradients of two ways to compute the same thing.
pub(crate) fn compare(
    make: impl Fn() -> Leaves,
    ours: impl Fn(&Leaves) -> Tensor<4>,
    expected: impl Fn(&Leaves) -> Tensor<4>,
) {
    let run = |op: &dyn Fn(&Leaves) -> Tensor<4>| {
        let leaves = make().tracked();
        let y = op(&leaves);
        let loss = y.clone().mul(random(y.dims(), SEED)).sum();
        (values(&y), leaves.gradients(&loss.backward()))
    };
    let (expected_y, expected_gradients) = run(&expected);
    let agrees = |device: &Device| {
        let (y, gradients) = on(device, || run(&ours));
        assert_close(&format!("{device:?}: output"), &y, &expected_y);
        assert_eq!(gradients.len(), expected_gradients.len());
        for (i, (ours, expected)) in gradients.iter().zip(&expected_gradients).enumerate() {
            assert_close(&format!("{device:?}: gradient {i}"), ours, expected);
        }
        (y, gradients)
    };
    for device in processors() {
        let first = agrees(&device);
        assert!(first == on(&device, || run(&ours)), "{device:?}: a second run gave other bits");
    }
    if let Some(device) = wgpu() {
        agrees(&device);
    }
}

/// Tensors that are views must be read as views.
pub(crate) fn transposed(x: &Tensor<4>) -> Tensor<4> {
    x.clone().swap_dims(2, 3)
}

/// A tensor of these values, not tracked.
pub(crate) fn constant<const D: usize, const N: usize>(
    shape: [usize; D],
    values: [f32; N],
) -> Tensor<D> {
    Tensor::from_data(TensorData::new(values.to_vec(), shape), &DEVICE.with_borrow(Clone::clone))
}
