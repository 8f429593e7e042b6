//! Small tensors and comparisons of tests.

use burn::tensor::{Device, Tensor, TensorData};

pub(crate) fn device() -> Device {
    let backend = config::RunConfig::from_toml("", "defaults").unwrap().backend;
    backend::open(&backend).unwrap()
}

pub(crate) fn scalar(tensor: Tensor<1>) -> f32 {
    tensor.into_scalar::<f32>()
}

pub(crate) fn close(found: f32, expected: f64) {
    let error = (f64::from(found) - expected).abs();
    assert!(error < 1e-5 * expected.abs().max(1.0), "found {found}, expected {expected}");
}

/// One row with the probabilities (1/8, 2/8, 5/8).
pub(crate) fn logits() -> Tensor<2> {
    Tensor::from_floats([[0.0, 2f32.ln(), 5f32.ln()]], &device())
}

/// Two images of one channel, 2x2.
pub(crate) fn image(values: [f32; 8]) -> Tensor<4> {
    Tensor::from_data(TensorData::new(values.to_vec(), [2, 1, 2, 2]), &device())
}
