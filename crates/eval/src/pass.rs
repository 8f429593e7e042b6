//! One batch of test images through both generators, on the host.

use burn::tensor::Device;
use data::Prepared;
use model::{Generator, Mode, from_pixels, to_pixels};

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
    /// The way back from the edited image.
    pub(crate) back: Vec<f32>,
}

impl<'a> Pass<'a> {
    pub(crate) fn new(
        data: &Prepared,
        faces: &'a [usize],
        (forth, back): (&Generator, &Generator),
        device: &Device,
    ) -> Self {
        let size = data.images.size();
        let mut input = Vec::new();
        data::gather(&data.images, faces, &vec![false; faces.len()], &mut input);
        let out = forth.forward(from_pixels(input.clone(), size, device), Mode::Eval);
        let back = to_pixels(back.forward(out.edited, Mode::Eval).edited);
        let residual = to_pixels(out.residual);
        let edited = with_strength(&input, &residual, 1.0);
        Pass { faces, size, input, residual, edited, back }
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

/// A value as an 8-bit image holds it, back in [-1, 1].
pub(crate) fn as_seen(value: f32) -> f32 {
    f32::from(byte(value)) / 127.5 - 1.0
}

fn byte(value: f32) -> u8 {
    ((value + 1.0) * 127.5).round().clamp(0.0, 255.0) as u8
}

/// Planar values in [-1, 1] as rows of RGB bytes.
pub(crate) fn interleaved(planes: &[f32]) -> Vec<u8> {
    let plane = planes.len() / 3;
    (0..planes.len()).map(|i| byte(planes[(i % 3) * plane + i / 3])).collect()
}

/// Rows of RGB bytes as planar values in [-1, 1].
pub(crate) fn planar(bytes: &[u8]) -> Vec<f32> {
    let plane = bytes.len() / 3;
    (0..bytes.len()).map(|i| f32::from(bytes[(i % plane) * 3 + i / plane]) / 127.5 - 1.0).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_image_as_seen_is_rounded_to_eight_bits() {
        assert_eq!((as_seen(1.7), as_seen(-1.2)), (1.0, -1.0));
        assert_eq!(as_seen(0.001), 128.0 / 127.5 - 1.0);
    }

    #[test]
    fn strength_scales_the_residual_before_rounding() {
        assert_eq!(with_strength(&[-1.0], &[0.5], 0.0), [-1.0]);
        assert_eq!(with_strength(&[-1.0], &[0.5], 2.0), [as_seen(0.0)]);
    }

    #[test]
    fn bytes_survive_the_way_to_planes_and_back() {
        let bytes: Vec<u8> = (0..48).map(|i| (i * 5) as u8).collect();
        let planes = planar(&bytes);
        assert_eq!(interleaved(&planes), bytes);
        // The second pixel's red value is the red plane's second.
        assert_eq!(planes[1], 15.0 / 127.5 - 1.0);
    }
}
