//! Faces in a photograph: boxes by SeetaFace's detector, points by MTCNN's last network.

use std::io::Cursor;

use data::Landmarks;
use image::RgbImage;
use image::imageops::{FilterType, resize, thumbnail};
use rustface::{ImageData, Model};

use crate::onet::{Boxed, PointFinder};

/// SeetaFaceEngine's frontal detector (BSD-2), as the crate `rustface` carries it.
const MODEL: &[u8] = include_bytes!("../models/seeta_fd_frontal_v1.0.bin");

/// Score of the detector from which a candidate is a face; it adds up the scores of overlapping windows.
pub const LEAST_SCORE: f32 = 3.0;
/// Certainty of the second network from which a candidate is a face.
pub const LEAST_CERTAINTY: f32 = 0.5;

/// Side of the detector's window, pixels: nothing smaller is found.
const WINDOW: u32 = 40;
/// The longer side of what is searched first, pixels. Faces below 4 % of the longer side are not found in it.
const LONGEST: u32 = 1000;
/// The longer side of a photograph that was searched in vain, for smaller faces.
const AGAIN: u32 = 2000;
/// A photograph with a shorter longer side is enlarged, at most to twice its size.
const SHORTEST: u32 = 500;
/// The second look's box as a share of the one that the first look asks for. Chosen on web images of MTFL,
/// of 0.9, 1, 1.1 and 1.2.
const TIGHTER: f32 = 0.95;

/// A face in a photograph, in its pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Face {
    /// The detector's box.
    pub square: Boxed,
    /// The detector's score, [`LEAST_SCORE`] or more.
    pub score: f32,
    /// Left and right eye, nose tip, left and right corner of the mouth; "left" is the image's left.
    pub points: Landmarks,
    /// How sure the second network is that this is a face, [`LEAST_CERTAINTY`] to 1.
    pub certainty: f32,
}

/// What a photograph was found to hold.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Search {
    /// Faces, the largest first.
    pub faces: Vec<Face>,
    /// The highest score of the detector among what was taken for no face.
    pub best_refused: Option<f32>,
}

/// Finds faces. It is plain data: share it between threads freely.
pub struct Detector {
    model: Model,
    finder: PointFinder,
}

impl Default for Detector {
    fn default() -> Self {
        Detector::new()
    }
}

impl Detector {
    /// The detector with the models that this program carries.
    pub fn new() -> Detector {
        let model =
            rustface::read_model(Cursor::new(MODEL)).expect("the file that was built in is whole");
        Detector { model, finder: PointFinder::new() }
    }

    /// Faces that look at the camera more or less, turned by up to about 30 degrees.
    pub fn search(&self, photo: &RgbImage) -> Search {
        let search = self.search_at(photo, LONGEST);
        match search.faces.is_empty() && longer_side(photo) > LONGEST {
            true => self.search_at(photo, AGAIN),
            false => search,
        }
    }

    fn search_at(&self, photo: &RgbImage, longest: u32) -> Search {
        let mut search = Search::default();
        for (square, score) in self.candidates(photo, longest) {
            let face = (score >= LEAST_SCORE).then(|| self.look(photo, square, score));
            match face.filter(|face| face.certainty >= LEAST_CERTAINTY) {
                Some(face) => search.faces.push(face),
                // Candidates come by their scores.
                None => search.best_refused = search.best_refused.or(Some(score)),
            }
        }
        search.faces.sort_by(|a, b| b.square.side.total_cmp(&a.square.side));
        search
    }

    /// Points in a box: where the network would have put it, they are found again.
    fn look(&self, photo: &RgbImage, square: Boxed, score: f32) -> Face {
        let first = self.finder.read(photo, &square);
        let better = Boxed { side: TIGHTER * first.corrected.side, ..first.corrected };
        let points = self.finder.read(photo, &better).points;
        Face { square, score, points, certainty: first.certainty }
    }

    /// Boxes with their scores, the best first, from a copy of the photograph whose longer side is at
    /// most `longest`.
    fn candidates(&self, photo: &RgbImage, longest: u32) -> Vec<(Boxed, f32)> {
        let side = longer_side(photo);
        if side == 0 {
            return Vec::new();
        }
        let scale = match side {
            _ if side > longest => longest as f32 / side as f32,
            _ if side < SHORTEST => (SHORTEST as f32 / side as f32).min(2.0),
            _ => 1.0,
        };
        let (width, height, grey) = grey(photo, scale);
        let mut detector = rustface::create_detector_with_model(self.model.clone());
        detector.set_score_thresh(f64::MIN_POSITIVE);
        let found = detector.detect(&ImageData::new(&grey, width, height));
        let boxed = |info: &rustface::FaceInfo| {
            let place = info.bbox();
            let centre = |first: i32, length: u32| {
                (first as f32 + length as f32 / 2.0 - WINDOW as f32) / scale - 0.5
            };
            let centre = [centre(place.x(), place.width()), centre(place.y(), place.height())];
            (Boxed { centre, side: place.width() as f32 / scale }, info.score() as f32)
        };
        let mut found: Vec<(Boxed, f32)> = found.iter().map(boxed).collect();
        found.sort_by(|a, b| b.1.total_cmp(&a.1));
        found
    }
}

fn longer_side(photo: &RgbImage) -> u32 {
    photo.width().max(photo.height())
}

/// A grey copy at this scale, with its edge continued by a window all around: for faces at the rim, and
/// because the detector reads beside the picture where its own corrections push a box out of it.
fn grey(photo: &RgbImage, scale: f32) -> (u32, u32, Vec<u8>) {
    let scaled = |length: u32| ((length as f32 * scale).round() as u32).max(1);
    let (width, height) = (scaled(photo.width()), scaled(photo.height()));
    let small = match scale {
        _ if scale < 1.0 => &thumbnail(photo, width, height),
        _ if scale > 1.0 => &resize(photo, width, height, FilterType::Triangle),
        _ => photo,
    };
    let luma = |pixel: &[u8]| {
        let [r, g, b] = [0, 1, 2].map(|c| u32::from(pixel[c]));
        ((299 * r + 587 * g + 114 * b + 500) / 1000) as u8
    };
    let border = WINDOW as usize;
    let (wide, high) = (width as usize + 2 * border, height as usize + 2 * border);
    let mut grey = Vec::with_capacity(wide * high);
    for y in 0..high {
        let row = y.saturating_sub(border).min(height as usize - 1);
        let line = &small.as_raw()[row * 3 * width as usize..][..3 * width as usize];
        let start = grey.len();
        grey.resize(start + border, luma(line));
        grey.extend(line.chunks_exact(3).map(luma));
        grey.resize(start + wide, luma(&line[line.len() - 3..]));
    }
    (wide as u32, high as u32, grey)
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::Rgb;

    #[test]
    fn pictures_of_any_size_and_without_faces_are_searched() {
        let detector = Detector::new();
        for (width, height) in [(0, 0), (1, 1), (1, 700), (39, 40), (50, 50), (300, 20), (1001, 3)]
        {
            let noise =
                |x: u32, y: u32| (x.wrapping_mul(2_654_435_761) ^ y.wrapping_mul(40_503)) >> 9;
            let photo = RgbImage::from_fn(width, height, |x, y| Rgb([noise(x, y) as u8; 3]));
            assert_eq!(detector.search(&photo).faces, [], "{width} x {height}");
        }
    }
}
