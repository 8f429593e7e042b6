//! Host pixels to tensors and back.

use burn::tensor::{Device, Tensor, TensorData};

/// `[N, 3, S, S]` from host values in that order, in [-1, 1].
pub fn from_pixels(values: Vec<f32>, size: usize, device: &Device) -> Tensor<4> {
    let n = values.len() / (3 * size * size);
    Tensor::from_data(TensorData::new(values, [n, 3, size, size]), device)
}

/// Host values of a tensor, in the tensor's own order.
pub fn to_pixels<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().try_to_vec::<f32>().expect("images are f32")
}
