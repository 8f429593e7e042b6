//! The triangle filter of one placement: the definition of every crop pixel.

use image::RgbImage;

use crate::frame::Similarity;

/// The filter that a placement asks for.
pub(super) struct Filter {
    /// Crop pixels to image pixels.
    back: Similarity,
    /// Axes of the filter, divided by its radius: the crop's when shrinking, the image's otherwise.
    cos: f32,
    sin: f32,
    /// Half the side of the square around a crop pixel's place outside of which all weights are 0.
    reach: f32,
}

/// Of each crop column (or row) the image columns (or rows) that it is made of, with weights that add up to 1.
pub(super) struct Taps {
    /// `each` of them for every crop column; those that are too many have the weight 0.
    pub(super) all: Vec<(usize, f32)>,
    pub(super) each: usize,
}

impl Filter {
    pub(super) fn new(to_crop: &Similarity) -> Filter {
        let back = to_crop.inverse();
        let radius = back.scale().max(1.0);
        let (cos, sin) = if back.scale() > 1.0 {
            (back.a / back.scale() / radius, back.b / back.scale() / radius)
        } else {
            (1.0 / radius, 0.0)
        };
        let reach = radius * radius * (cos.abs() + sin.abs());
        Filter { back, cos, sin, reach }
    }

    /// Whether rows of the crop lie along rows of the image, so that each weight is a column's times a row's.
    pub(super) fn is_upright(&self) -> bool {
        self.back.b == 0.0
    }

    /// First and last image column or row with a weight, around a place.
    fn span(&self, place: f32) -> (i32, i32) {
        ((place - self.reach).ceil() as i32, (place + self.reach).floor() as i32)
    }

    /// The crop pixel at (column, row): what every faster way has to come to, byte for byte.
    pub(super) fn pixel(&self, image: &RgbImage, [u, v]: [usize; 2]) -> [u8; 3] {
        let (width, height) = (image.width() as i32, image.height() as i32);
        let pixels: &[u8] = image.as_raw();
        let [cx, cy] = self.back.apply([u as f32, v as f32]);
        let ((x0, x1), (y0, y1)) = (self.span(cx), self.span(cy));
        let mut sum = [0f32; 3];
        let mut total = 0f32;
        for y in y0..=y1 {
            let dy = y as f32 - cy;
            let line = y.clamp(0, height - 1) * width;
            for x in x0..=x1 {
                let dx = x as f32 - cx;
                let along = 1.0 - (dx * self.cos + dy * self.sin).abs();
                let across = 1.0 - (dy * self.cos - dx * self.sin).abs();
                let weight = along.max(0.0) * across.max(0.0);
                let at = (line + x.clamp(0, width - 1)) as usize * 3;
                for (sum, &value) in sum.iter_mut().zip(&pixels[at..at + 3]) {
                    *sum += weight * f32::from(value);
                }
                total += weight;
            }
        }
        sum.map(|sum| (sum / total + 0.5) as u8)
    }

    /// Taps of the crop's columns, of an upright filter in an image of this width.
    pub(super) fn columns(&self, size: usize, width: u32) -> Taps {
        self.taps((0..size).map(|u| self.back.apply([u as f32, 0.0])[0]), width)
    }

    /// Taps of the crop's rows, of an upright filter in an image of this height.
    pub(super) fn rows(&self, size: usize, height: u32) -> Taps {
        self.taps((0..size).map(|v| self.back.apply([0.0, v as f32])[1]), height)
    }

    fn taps(&self, places: impl Iterator<Item = f32> + Clone, side: u32) -> Taps {
        let length = |(first, last): (i32, i32)| (last - first + 1) as usize;
        let each = places.clone().map(|place| length(self.span(place))).max().unwrap_or_default();
        let mut all = Vec::new();
        for place in places {
            let (first, last) = self.span(place);
            let weight = |at: i32| (1.0 - ((at as f32 - place) * self.cos).abs()).max(0.0);
            let total: f32 = (first..=last).map(weight).sum();
            // Outside the image its edge continues.
            let inside = |at: i32| at.clamp(0, side as i32 - 1) as usize;
            all.extend((first..=last).map(|at| (inside(at), weight(at) / total)));
            all.extend((length((first, last))..each).map(|_| (inside(last), 0.0)));
        }
        Taps { all, each }
    }
}
