//! From linear light to the camera's 8-bit picture: lens, sensor, tone.

use super::canvas::{Canvas, HEIGHT, WIDTH, blur};
use super::colour::luminance;
use super::noise::grain;
use super::params::Camera;
use image::RgbImage;
use std::sync::LazyLock;

/// sRGB-like code values over the square root of linear light in [0, 2), with a soft shoulder
/// instead of clipping. Equal steps of the root are nearly equal steps of the code.
static TONE: LazyLock<Vec<f32>> = LazyLock::new(|| {
    (0..STEPS)
        .map(|i| {
            let light = 2.0 * (i as f32 / STEPS as f32).powi(2);
            let rolled = if light > SHOULDER {
                let room = 1.0 - SHOULDER;
                SHOULDER + room * (1.0 - (-(light - SHOULDER) / room).exp())
            } else {
                light
            };
            255.0 * rolled.powf(1.0 / 2.2)
        })
        .collect()
});

const STEPS: usize = 4096;
const SHOULDER: f32 = 0.6;

/// The photograph of a finished canvas.
pub(super) fn develop(canvas: Canvas, camera: &Camera) -> RgbImage {
    let mut planes = [0, 1, 2].map(|_| Vec::with_capacity(WIDTH * HEIGHT));
    for pixel in &canvas.pixels {
        let grey = luminance(*pixel);
        for (c, plane) in planes.iter_mut().enumerate() {
            let vivid = grey + (pixel[c] - grey) * camera.saturation;
            plane.push(vivid * camera.cast[c] * camera.exposure);
        }
    }
    for plane in &mut planes {
        blur(plane, WIDTH, HEIGHT, camera.blur);
    }
    let table: &[f32] = &TONE;
    let mut picture = RgbImage::new(WIDTH as u32, HEIGHT as u32);
    let pixels = picture.as_flat_samples_mut().samples;
    for y in 0..HEIGHT {
        let dy = (y as f32 - 108.5) / 140.0;
        for x in 0..WIDTH {
            let dx = (x as f32 - 88.5) / 140.0;
            let i = y * WIDTH + x;
            let fall = 1.0 - camera.vignette * (dx * dx + dy * dy).min(1.0);
            let grain = grain(x as i32, y as i32, camera.seed);
            for c in 0..3 {
                let root = (0.5 * fall * planes[c][i]).max(0.0).sqrt();
                let value = table[((root * STEPS as f32) as usize).min(STEPS - 1)];
                let value = 128.0 + (value - 128.0) * camera.contrast + camera.noise * grain[c];
                // The cast to a byte saturates.
                pixels[3 * i + c] = (value + 0.5) as u8;
            }
        }
    }
    picture
}
