//! How D sees images: in another light, moved, in noise. Everything here is differentiable, so that the
//! generators are corrected through it (Zhao et al. 2020), and happens to real and edited images alike.

use burn::tensor::Tensor;

/// What is done to a group of images before D sees it, to each in its own way.
#[derive(Clone, Debug, Default)]
pub struct View {
    /// What is added to all values; by what the distance of a pixel's channels to their mean is
    /// multiplied (saturation); and that of all values to the image's mean (contrast). `[N, 1, 1, 1]` each.
    pub light: Option<[Tensor<4>; 3]>,
    /// Which row, and which column, each row and column of the view shows: 1 at `[n, 0, to, from]`; what
    /// moves in from outside is 0, a middle grey. `[N, 1, S, S]` each.
    pub shift: Option<[Tensor<4>; 2]>,
    /// What is added in the end, `[N, 3, S, S]`.
    pub noise: Option<Tensor<4>>,
}

impl View {
    /// The group as D sees it, `[N, 3, S, S]` to the same.
    pub fn of(&self, x: Tensor<4>) -> Tensor<4> {
        let x = match &self.light {
            Some(light) => lit(x, light),
            None => x,
        };
        let x = match &self.shift {
            Some([rows, columns]) => moved(x, rows, columns),
            None => x,
        };
        match &self.noise {
            Some(noise) => x + noise.clone(),
            None => x,
        }
    }

    /// The same with so many times its noise.
    pub fn with_noise_times(self, factor: f64) -> View {
        View { noise: self.noise.map(|noise| noise * factor), ..self }
    }
}

fn lit(x: Tensor<4>, [brightness, saturation, contrast]: &[Tensor<4>; 3]) -> Tensor<4> {
    let x = x + brightness.clone();
    let grey = x.clone().mean_dim(1);
    let x = (x - grey.clone()) * saturation.clone() + grey;
    let mean = x.clone().mean_dim(3).mean_dim(2).mean_dim(1);
    (x - mean.clone()) * contrast.clone() + mean
}

/// One product with a matrix per axis: it has a gradient on every backend.
fn moved(x: Tensor<4>, rows: &Tensor<4>, columns: &Tensor<4>) -> Tensor<4> {
    let channels = x.dims()[1];
    let each = |matrix: Tensor<4>| matrix.repeat_dim(1, channels);
    each(rows.clone()).matmul(x).matmul(each(columns.clone().swap_dims(2, 3)))
}

#[cfg(test)]
mod tests {
    use burn::tensor::TensorData;

    use super::*;
    use crate::testing::device;

    fn tensor<const N: usize>(values: [f32; N], shape: [usize; 4]) -> Tensor<4> {
        Tensor::from_data(TensorData::new(values.to_vec(), shape), &device())
    }

    fn values(x: Tensor<4>) -> Vec<f32> {
        x.into_data().try_to_vec().unwrap()
    }

    #[test]
    fn light_is_brightness_then_saturation_then_contrast() {
        let light = [0.5, 0.0, 2.0].map(|factor| tensor([factor], [1, 1, 1, 1]));
        let x = tensor([0.0, 1.0, 0.2, 0.6, 0.4, 0.2], [1, 3, 1, 2]);
        let seen = values(View { light: Some(light), ..View::default() }.of(x));
        // Without saturation every channel is the pixel's mean, 0.7 and 1.1; the image's mean is 0.9.
        let wanted = [0.5, 1.3, 0.5, 1.3, 0.5, 1.3];
        assert!(
            seen.iter().zip(wanted).all(|(a, b): (&f32, f32)| (a - b).abs() < 1e-6),
            "{seen:?}"
        );
    }

    #[test]
    fn each_image_is_moved_its_own_way_and_grey_comes_in() {
        // The first stays; the second shows row 1 in row 0 and column 0 in column 1.
        let rows = tensor([1.0, 0.0, 0.0, 1.0, 0.0, 1.0, 0.0, 0.0], [2, 1, 2, 2]);
        let columns = tensor([1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0], [2, 1, 2, 2]);
        let x = tensor([1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0], [2, 1, 2, 2]);
        let seen = View { shift: Some([rows, columns]), ..View::default() }.of(x);
        assert_eq!(values(seen), [1.0, 2.0, 3.0, 4.0, 0.0, 7.0, 0.0, 0.0]);
    }

    #[test]
    fn noise_is_added_by_its_factor() {
        let noise = Some(tensor([1.0, -2.0], [1, 1, 1, 2]));
        let view = View { noise, ..View::default() }.with_noise_times(0.25);
        assert_eq!(values(view.of(tensor([0.5, 0.5], [1, 1, 1, 2]))), [0.75, 0.0]);
    }
}
