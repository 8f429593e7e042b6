//! One batch of test images through both generators, on the host.

use burn::tensor::Device;
use data::Prepared;
use metrics::pixels::as_seen;
use model::{Generator, Mode, from_pixels, to_pixels};

use crate::disturbance::{through_jpeg, with_noise};

/// Test images there and back. Every list is `[n, 3, size, size]`, images in [-1, 1].
pub(crate) struct Pass<'a> {
    /// Indices of the faces.
    pub(crate) faces: &'a [usize],
    pub(crate) size: usize,
    pub(crate) input: Vec<f32>,
    /// `r = x~ - x` as the generator puts it out, neither clamped nor rounded.
    residual: Vec<f32>,
    /// The edited image as a user sees it: clamped and rounded to 8 bits.
    pub(crate) edited: Vec<f32>,
    /// The way back from the edited image as the generator puts it out.
    pub(crate) back: Vec<f32>,
    /// The way back from the edited image after 8 bits, after noise, after JPEG.
    pub(crate) back_after: [Vec<f32>; 3],
}

impl<'a> Pass<'a> {
    pub(crate) fn new(
        data: &Prepared,
        faces: &'a [usize],
        (forth, back): (&Generator, &Generator),
        device: &Device,
    ) -> Self {
        let mut input = Vec::new();
        data::gather(&data.images, faces, &vec![false; faces.len()], &mut input);
        Pass::of(data, faces, input, (forth, back), device)
    }

    /// The same of `input` instead of the faces' own images.
    pub(crate) fn of(
        data: &Prepared,
        faces: &'a [usize],
        input: Vec<f32>,
        (forth, back): (&Generator, &Generator),
        device: &Device,
    ) -> Self {
        let size = data.images.size();
        let out = forth.forward(from_pixels(input.clone(), size, device), Mode::Eval);
        let again = |edited: Vec<f32>| {
            to_pixels(back.forward(from_pixels(edited, size, device), Mode::Eval).edited)
        };
        let residual = to_pixels(out.residual);
        let edited = with_strength(&input, &residual, 1.0);
        let each = |change: &dyn Fn(&[f32], &str) -> Vec<f32>| -> Vec<f32> {
            let images = edited.chunks_exact(3 * size * size).zip(faces);
            images.flat_map(|(image, face)| change(image, &data.faces[*face].id)).collect()
        };
        let back_after = [
            again(edited.clone()),
            again(each(&with_noise)),
            again(each(&|image, _| through_jpeg(image, size))),
        ];
        let back = to_pixels(back.forward(out.edited, Mode::Eval).edited);
        Pass { faces, size, input, residual, edited, back, back_after }
    }

    /// `x + g r` as a user sees it.
    pub(crate) fn at_strength(&self, g: f32) -> Vec<f32> {
        with_strength(&self.input, &self.residual, g)
    }

    /// One image's part of a list.
    pub(crate) fn part<'v>(&self, values: &'v [f32], image: usize) -> &'v [f32] {
        let n = 3 * self.size * self.size;
        &values[image * n..][..n]
    }

    /// One image's residual.
    pub(crate) fn residual(&self, image: usize) -> &[f32] {
        self.part(&self.residual, image)
    }
}

fn with_strength(input: &[f32], residual: &[f32], g: f32) -> Vec<f32> {
    input.iter().zip(residual).map(|(x, r)| as_seen(x + g * r)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strength_scales_the_residual_before_rounding() {
        assert_eq!(with_strength(&[-1.0], &[0.5], 0.0), [-1.0]);
        assert_eq!(with_strength(&[-1.0], &[0.5], 2.0), [as_seen(0.0)]);
    }
}
