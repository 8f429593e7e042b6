//! One resampling step from the image file's pixels to the crop.

use image::RgbImage;

use crate::frame::Similarity;

/// The `size` x `size` crop that `to_crop` (image pixels to crop pixels) cuts out, RGB, row by row.
///
/// Every crop pixel is a weighted mean under a triangle filter: as wide as two crop pixels, turned
/// with the crop, where the image is shrunk (so nothing aliases), and plain bilinear interpolation
/// where it is enlarged. Without rotation this is Pillow's `BILINEAR` resize. Outside the image its
/// edge continues.
pub fn resample(image: &RgbImage, to_crop: &Similarity, size: usize) -> Vec<u8> {
    let mut out = vec![0; size * size * 3];
    let (width, height) = (image.width() as i32, image.height() as i32);
    if width == 0 || height == 0 {
        return out;
    }
    let back = to_crop.inverse();
    let radius = back.scale().max(1.0);
    // Axes of the filter, divided by its radius: the crop's when shrinking, the image's otherwise.
    let (cos, sin) = if back.scale() > 1.0 {
        (back.a / back.scale() / radius, back.b / back.scale() / radius)
    } else {
        (1.0 / radius, 0.0)
    };
    let reach = radius * radius * (cos.abs() + sin.abs());
    let pixels: &[u8] = image.as_raw();
    for (v, row) in out.chunks_exact_mut(size * 3).enumerate() {
        for (u, pixel) in row.chunks_exact_mut(3).enumerate() {
            let [cx, cy] = back.apply([u as f32, v as f32]);
            let (x0, x1) = ((cx - reach).ceil() as i32, (cx + reach).floor() as i32);
            let (y0, y1) = ((cy - reach).ceil() as i32, (cy + reach).floor() as i32);
            let mut sum = [0f32; 3];
            let mut total = 0f32;
            for y in y0..=y1 {
                let dy = y as f32 - cy;
                let line = y.clamp(0, height - 1) * width;
                for x in x0..=x1 {
                    let dx = x as f32 - cx;
                    let along = 1.0 - (dx * cos + dy * sin).abs();
                    let across = 1.0 - (dy * cos - dx * sin).abs();
                    let weight = along.max(0.0) * across.max(0.0);
                    let at = (line + x.clamp(0, width - 1)) as usize * 3;
                    for (sum, &value) in sum.iter_mut().zip(&pixels[at..at + 3]) {
                        *sum += weight * f32::from(value);
                    }
                    total += weight;
                }
            }
            for (pixel, sum) in pixel.iter_mut().zip(sum) {
                *pixel = (sum / total + 0.5) as u8;
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::crop;
    use image::Rgb;

    fn turned(scale: f32, angle: f32, t: [f32; 2]) -> Similarity {
        Similarity { a: scale * angle.cos(), b: scale * angle.sin(), t }
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
