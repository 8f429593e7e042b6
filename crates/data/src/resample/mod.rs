//! One resampling step from the image file's pixels to the crop.

mod filter;
mod upright;

use image::RgbImage;

use crate::frame::Similarity;
use filter::Filter;

/// The `size` x `size` crop that `to_crop` (image pixels to crop pixels) cuts out, RGB, row by row.
///
/// Every crop pixel is a weighted mean under a triangle filter: as wide as two crop pixels, turned
/// with the crop, where the image is shrunk (so nothing aliases), and plain bilinear interpolation
/// where it is enlarged. Without rotation this is Pillow's `BILINEAR` resize. Outside the image its
/// edge continues.
pub fn resample(image: &RgbImage, to_crop: &Similarity, size: usize) -> Vec<u8> {
    let mut out = vec![0; size * size * 3];
    if image.width() == 0 || image.height() == 0 {
        return out;
    }
    let filter = Filter::new(to_crop);
    match filter.is_upright() {
        true => upright::fill(image, &filter, size, &mut out),
        false => pixel_by_pixel(image, &filter, size, &mut out),
    }
    out
}

/// Pixel by pixel, under any similarity.
fn pixel_by_pixel(image: &RgbImage, filter: &Filter, size: usize, out: &mut [u8]) {
    for (v, row) in out.chunks_exact_mut(size * 3).enumerate() {
        for (u, pixel) in row.chunks_exact_mut(3).enumerate() {
            pixel.copy_from_slice(&filter.pixel(image, [u, v]));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::crop;
    use image::Rgb;
    use proptest::prelude::*;

    fn turned(scale: f32, angle: f32, t: [f32; 2]) -> Similarity {
        Similarity { a: scale * angle.cos(), b: scale * angle.sin(), t }
    }

    proptest! {
        #[test]
        fn crops_that_are_not_turned_have_the_bytes_of_every_pixel_by_itself(
            sides in (1u32..90, 1u32..90), size in 1usize..40, seed in 0u32..9999, levels in 1u32..256,
            scale in 0.05f32..4.0, x in -60f32..60.0, y in -60f32..60.0, upside_down: bool,
        ) {
            let noise = |x: u32, y: u32, c: u32| {
                let mixed = (x * 7919 + y * 104_729 + c * 1_299_709 + seed).wrapping_mul(2_654_435_761);
                ((mixed >> 13) % levels) as u8
            };
            let image = RgbImage::from_fn(sides.0, sides.1, |x, y| Rgb([0, 1, 2].map(|c| noise(x, y, c))));
            let a = if upside_down { -scale } else { scale };
            let place = Similarity { a, b: 0.0, t: [x, y] };
            let filter = Filter::new(&place);
            prop_assert!(filter.is_upright());
            let mut slowly = vec![0; size * size * 3];
            pixel_by_pixel(&image, &filter, size, &mut slowly);
            prop_assert_eq!(resample(&image, &place, size), slowly);
        }
    }

    #[test]
    fn the_identity_copies_pixels() {
        let image = RgbImage::from_fn(8, 8, |x, y| Rgb([x as u8 * 30, y as u8 * 30, 7]));
        assert_eq!(resample(&image, &turned(1.0, 0.0, [0.0, 0.0]), 8), image.into_raw());
    }

    #[test]
    fn an_even_image_stays_even_under_any_placement() {
        let image = RgbImage::from_pixel(40, 30, Rgb([200, 100, 50]));
        for (scale, angle) in [(0.2, 0.3), (0.9, 1.2), (3.0, -0.7)] {
            let crop = resample(&image, &turned(scale, angle, [3.0, -4.0]), 16);
            assert!(crop.chunks_exact(3).all(|p| p == [200, 100, 50]));
        }
    }

    #[test]
    fn a_fine_checkerboard_shrinks_to_grey_instead_of_aliasing() {
        let image =
            RgbImage::from_fn(
                178,
                218,
                |x, y| {
                    if (x + y) % 2 == 0 { Rgb([255; 3]) } else { Rgb([0; 3]) }
                },
            );
        for place in [crop(32), turned(0.18, 0.4, [5.0, 0.0])] {
            for value in resample(&image, &place, 32)[32 * 3 * 8..32 * 3 * 24].iter() {
                assert!((120..136).contains(value), "{value}");
            }
        }
    }

    #[test]
    fn a_ramp_keeps_its_position_to_a_fraction_of_a_pixel() {
        let image = RgbImage::from_fn(178, 218, |x, y| Rgb([x as u8, y as u8, 0]));
        let (place, size) = (crop(64), 64);
        let out = resample(&image, &place, size);
        for (u, v) in [(10, 10), (31, 40), (50, 5)] {
            let [x, y] = place.inverse().apply([u as f32, v as f32]);
            let pixel = &out[(v * size + u) * 3..][..2];
            assert!((f32::from(pixel[0]) - x).abs() < 0.6 && (f32::from(pixel[1]) - y).abs() < 0.6);
        }
    }

    #[test]
    fn outside_the_image_its_edge_continues() {
        let image = RgbImage::from_fn(10, 10, |x, _| Rgb([x as u8 * 20; 3]));
        let out = resample(&image, &turned(1.0, 0.0, [6.0, 6.0]), 24);
        assert_eq!((out[0], out[(23 * 24 + 23) * 3]), (0, 180));
    }
}
