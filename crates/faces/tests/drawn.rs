//! Faces that the synthetic generator draws are found in larger pictures, with points near the true ones.

use data::synthetic::{Spec, draw, landmarks, render};
use faces::Detector;
use image::imageops::replace;
use image::{Rgb, RgbImage};

const SPEC: Spec = Spec { count: 64, seed: 1, correlation: 0.5 };

/// A face at (150, 90) of an uneven background.
fn photo(face: &RgbImage) -> RgbImage {
    let mut photo = RgbImage::from_fn(500, 400, |x, y| {
        Rgb([90 + (x / 8) as u8, 100 + (y / 8) as u8, 120 + ((x + y) % 7) as u8])
    });
    replace(&mut photo, face, 150, 90);
    photo
}

#[test]
fn drawn_faces_are_found_with_their_points() {
    let detector = Detector::new();
    let mut errors = Vec::new();
    for index in 0..12 {
        let photo = photo(&render(&draw(index, &SPEC)));
        let truth = landmarks(&draw(index, &SPEC));
        let found = detector.search(&photo).faces;
        let Some(face) = found.first() else { continue };
        let eyes = truth[1][0] - truth[0][0];
        let far = |k: usize| {
            let [x, y] = [0, 1].map(|axis| face.points[k][axis] - truth[k][axis]);
            (x - 150.0).hypot(y - 90.0) / eyes
        };
        errors.push((0..5).map(far).sum::<f32>() / 5.0);
    }
    let mean = errors.iter().sum::<f32>() / errors.len() as f32;
    assert!(errors.len() >= 10 && mean < 0.12, "{} found, {mean}: {errors:?}", errors.len());
}
