//! Means over blocks of pixels.

use burn::tensor::Tensor;

/// The mean of every block of `factor` x `factor` pixels.
pub(super) fn averaged(x: Tensor<4>, factor: usize) -> Tensor<4> {
    if factor == 1 {
        return x;
    }
    let [n, c, h, w] = x.dims();
    let blocks: Tensor<6> = x.reshape([n, c, h / factor, factor, w / factor, factor]);
    blocks.mean_dim(5).mean_dim(3).reshape([n, c, h / factor, w / factor])
}

#[cfg(test)]
mod tests {
    use burn::tensor::TensorData;

    use super::*;

    #[test]
    fn large_images_are_averaged_over_blocks() {
        let values: Vec<f32> = (0..128 * 128).map(|i| (i % 2) as f32).collect();
        let x =
            TensorData::new([values.clone(), values.clone(), values].concat(), [1, 3, 128, 128]);
        let y = averaged(Tensor::from_data(x, &backend::host()), 2);
        assert_eq!(y.dims(), [1, 3, 64, 64]);
        assert!(y.into_data().try_to_vec::<f32>().unwrap().iter().all(|v| *v == 0.5));
    }
}
