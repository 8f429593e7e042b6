//! Crops that are not turned are Pillow's `BILINEAR` resize to one level: Pillow rounds to bytes between rows
//! and columns, we do not. Golden pixels: `scripts/pillow_reference.py`.
#![allow(clippy::unwrap_used)]

use data::{Similarity, resample};
use image::{Rgb, RgbImage};
use serde::Deserialize;

#[derive(Deserialize)]
struct Golden {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    image: [u32; 2],
    /// Left, top, side; pixels of the image.
    square: [f32; 3],
    size: usize,
    every: usize,
    pixels: Vec<u8>,
}

/// As in the script.
fn picture([width, height]: [u32; 2]) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| {
        Rgb([0, 1, 2].map(|c| ((x * (c + 3) + y * (7 - c) + x * y / 8) % 256) as u8))
    })
}

#[test]
fn crops_are_pillows_to_one_level() {
    let golden: Golden = serde_json::from_str(include_str!("pillow.json")).unwrap();
    for Case { image, square: [left, top, side], size, every, pixels } in golden.cases {
        let a = size as f32 / side;
        // Corners of pixels on corners of pixels; their centres are whole numbers.
        let t = [left, top].map(|start| (0.5 - start) * a - 0.5);
        let crop = resample(&picture(image), &Similarity { a, b: 0.0, t }, size);
        let kept = (0..size).step_by(every);
        let places = kept.clone().flat_map(|v| kept.clone().map(move |u| (u, v)));
        let ours = places.flat_map(|(u, v)| crop[(v * size + u) * 3..][..3].to_vec());
        let apart: Vec<u8> =
            ours.zip(&pixels).map(|(ours, theirs)| ours.abs_diff(*theirs)).collect();
        assert_eq!(apart.len(), pixels.len());
        let different = apart.iter().filter(|apart| **apart > 0).count();
        assert!(apart.iter().all(|apart| *apart <= 1), "{image:?} to {size}: {apart:?}");
        assert!(
            different * 3 < pixels.len(),
            "{image:?} to {size}: {different} of {}",
            pixels.len()
        );
    }
}
