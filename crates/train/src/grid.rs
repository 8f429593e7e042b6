//! Sample grids: rows of input, residual and edited image, a column per face.

use image::{Rgb, RgbImage, imageops};

/// Residuals are shown as mid-grey plus this times the residual, both in 8-bit steps: at 1, a
/// residual of +1 (half the range of an image in [-1, 1]) shows white.
pub const RESIDUAL_GAIN: f32 = 1.0;

const PAPER: Rgb<u8> = Rgb([255, 255, 255]);
const INK: Rgb<u8> = Rgb([40, 40, 40]);
const GAP: u32 = 4;
const LABEL: u32 = 132;
/// Tiles are enlarged by a whole factor to at least this many pixels.
const TILE: u32 = 96;

/// A grid under construction: labelled rows of equally many tiles.
pub struct Grid {
    size: usize,
    rows: Vec<(String, Vec<RgbImage>)>,
}

impl Grid {
    /// An empty grid of images of `size` pixels.
    pub fn new(size: usize) -> Self {
        Grid { size, rows: Vec::new() }
    }

    /// Side of the images in pixels.
    pub fn size(&self) -> usize {
        self.size
    }

    /// Adds a row of images in [-1, 1], NCHW; values outside are clamped for display.
    pub fn images(&mut self, label: &str, values: &[f32]) {
        self.push(label, values, |v| (v + 1.0) * 127.5);
    }

    /// Adds a row of residuals around mid-grey, scaled by [`RESIDUAL_GAIN`].
    pub fn residuals(&mut self, label: &str, values: &[f32]) {
        self.push(label, values, |v| 127.5 + 127.5 * RESIDUAL_GAIN * v);
    }

    fn push(&mut self, label: &str, values: &[f32], level: impl Fn(f32) -> f32) {
        let plane = self.size * self.size;
        let factor = TILE.div_ceil(self.size as u32);
        let side = self.size as u32;
        let tiles = values.chunks_exact(3 * plane).map(|chw| {
            let tile = RgbImage::from_fn(side, side, |x, y| {
                let at = y as usize * self.size + x as usize;
                Rgb([0, 1, 2].map(|c| level(chw[c * plane + at]).round().clamp(0.0, 255.0) as u8))
            });
            imageops::resize(&tile, side * factor, side * factor, imageops::FilterType::Nearest)
        });
        self.rows.push((label.to_owned(), tiles.collect()));
    }

    /// Draws the grid.
    pub fn draw(&self) -> RgbImage {
        let columns = self.rows.iter().map(|(_, tiles)| tiles.len()).max().unwrap_or(0) as u32;
        let tile = self.size as u32 * TILE.div_ceil(self.size as u32);
        let width = LABEL + columns * (tile + GAP) + GAP;
        let height = self.rows.len() as u32 * (tile + GAP) + GAP;
        let mut canvas = RgbImage::from_pixel(width, height, PAPER);
        for (row, (label, tiles)) in self.rows.iter().enumerate() {
            let top = GAP + row as u32 * (tile + GAP);
            for (line, text) in label.split('\n').enumerate() {
                let lines = label.split('\n').count() as u32;
                let y = top + tile / 2 - 6 * lines + 12 * line as u32;
                write_text(&mut canvas, text, GAP * 2, y);
            }
            for (column, image) in tiles.iter().enumerate() {
                let left = LABEL + column as u32 * (tile + GAP);
                imageops::replace(&mut canvas, image, i64::from(left), i64::from(top));
            }
        }
        canvas
    }
}

/// Writes a line in an 8x8 bitmap face: no font file is needed on any machine.
fn write_text(canvas: &mut RgbImage, text: &str, left: u32, top: u32) {
    for (index, letter) in text.chars().enumerate() {
        let Some(glyph) = font8x8::legacy::BASIC_LEGACY.get(letter as usize) else { continue };
        for (y, bits) in glyph.iter().enumerate() {
            for x in (0..8u32).filter(|x| bits & (1 << x) != 0) {
                let (x, y) = (left + index as u32 * 8 + x, top + y as u32);
                if x < canvas.width() && y < canvas.height() {
                    canvas.put_pixel(x, y, INK);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zero_residual_is_mid_grey_and_images_span_black_to_white() {
        let mut grid = Grid::new(2);
        grid.residuals("r", &[0.0; 12]);
        grid.images("x", &[-1.0, 1.0, 3.0, 0.0, -1.0, 1.0, 3.0, 0.0, -1.0, 1.0, 3.0, 0.0]);
        let drawn = grid.draw();
        assert_eq!(drawn.get_pixel(LABEL + 1, GAP + 1), &Rgb([128, 128, 128]));
        let top = GAP + TILE + GAP;
        assert_eq!(drawn.get_pixel(LABEL + 1, top + 1), &Rgb([0, 0, 0]));
        assert_eq!(drawn.get_pixel(LABEL + TILE - 1, top + 1), &Rgb([255, 255, 255]));
    }
}
