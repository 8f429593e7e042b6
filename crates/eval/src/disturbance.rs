//! What an image goes through between two programs, and what does not change what it shows.

use metrics::pixels::{as_seen, interleaved, planar};

use crate::landmarks::noisy;

/// Quality of recompression.
const JPEG_QUALITY: u8 = 75;
/// Standard deviation of the noise on the way back, images in [-1, 1]: two and a half grey levels.
const NOISE: f32 = 0.02;

/// A planar image (`[3, size, size]`) after JPEG.
pub(crate) fn through_jpeg(image: &[f32], size: usize) -> Vec<f32> {
    planar(&data::photo::recompressed(&interleaved(image), size, JPEG_QUALITY))
}

/// A planar image one pixel to the right; the border repeats.
pub(crate) fn shifted(image: &[f32], size: usize) -> Vec<f32> {
    let moved = |row: &[f32]| {
        let first = row.first().copied();
        first.into_iter().chain(row[..size - 1].iter().copied()).collect::<Vec<f32>>()
    };
    image.chunks_exact(size).flat_map(moved).collect()
}

/// A planar image with noise that its name alone decides.
pub(crate) fn with_noise(image: &[f32], name: &str) -> Vec<f32> {
    let norm = vec![NOISE; image.len()];
    noisy(image, &norm, name).into_iter().map(as_seen).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: usize = 16;

    fn ramp() -> Vec<f32> {
        (0..3 * SIZE * SIZE).map(|i| as_seen((i % SIZE) as f32 / 10.0 - 0.8)).collect()
    }

    #[test]
    fn an_image_is_moved_by_one_pixel() {
        let (image, moved) = (ramp(), shifted(&ramp(), SIZE));
        for row in 0..3 * SIZE {
            assert_eq!(moved[row * SIZE], image[row * SIZE]);
            assert_eq!(moved[row * SIZE + 1..][..SIZE - 1], image[row * SIZE..][..SIZE - 1]);
        }
    }

    #[test]
    fn what_disturbs_changes_little_and_always_the_same() {
        let image = ramp();
        let disturbed = [through_jpeg(&image, SIZE), with_noise(&image, "a.jpg")];
        for changed in &disturbed {
            let mean = metrics::locality::mean_l1(&metrics::pixels::difference(changed, &image));
            assert!(mean > 0.001 && mean < 0.06, "{mean}");
        }
        assert_eq!(disturbed, [through_jpeg(&image, SIZE), with_noise(&image, "a.jpg")]);
        assert_ne!(disturbed[1], with_noise(&image, "b.jpg"));
    }
}
