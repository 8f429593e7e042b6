//! Grey images as dlib sees them.

/// Grey image of 8 bits, row by row from the top.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GreyImage {
    /// Width in pixels.
    pub width: usize,
    /// Height in pixels.
    pub height: usize,
    /// `width * height` values, 0 black to 255 white.
    pub pixels: Vec<u8>,
}

impl GreyImage {
    /// Grey of interleaved RGB bytes, `3 * width * height` of them, by dlib's rule: the integer
    /// part of `(r + g + b) / 3` (`assign_pixel` in its `pixel.h`), not a luma. Bytes that do not
    /// fill a pixel are dropped.
    pub fn from_rgb(width: usize, height: usize, rgb: &[u8]) -> Self {
        let pixels = rgb
            .chunks_exact(3)
            .map(|p| ((u16::from(p[0]) + u16::from(p[1]) + u16::from(p[2])) / 3) as u8)
            .collect();
        Self { width, height, pixels }
    }

    /// Value of the pixel whose square holds (`x`, `y`), pixel centres being whole numbers; 0
    /// outside the image.
    pub(crate) fn nearest(&self, x: f64, y: f64) -> u8 {
        let (x, y) = ((x + 0.5).floor(), (y + 0.5).floor());
        let inside = x >= 0.0 && y >= 0.0 && x < self.width as f64 && y < self.height as f64;
        if !inside {
            return 0;
        }
        self.pixels.get(y as usize * self.width + x as usize).copied().unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grey_is_the_truncated_mean_of_the_channels() {
        let grey = GreyImage::from_rgb(2, 1, &[255, 255, 255, 1, 1, 0]);
        assert_eq!(grey.pixels, [255, 0]);
    }

    #[test]
    fn pixels_are_centred_on_whole_numbers_and_black_outside() {
        let image = GreyImage { width: 2, height: 2, pixels: vec![1, 2, 3, 4] };
        let at = |x, y| image.nearest(x, y);
        assert_eq!([at(0.49, 0.0), at(0.5, 0.0), at(-0.5, 0.6), at(1.49, 1.49)], [1, 2, 3, 4]);
        assert_eq!([at(-0.51, 0.0), at(1.5, 0.0), at(0.0, f64::NAN), at(1e300, 0.0)], [0; 4]);
    }
}
