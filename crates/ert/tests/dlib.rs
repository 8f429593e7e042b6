//! A model that dlib trained and saved finds what dlib found with it.
//!
//! `dlib/drawings.dat` and `dlib/drawings.txt` come from `scripts/dlib_parity.py --fixture`; the
//! drawings are made by the same formulas in whole numbers there and here.

#![allow(clippy::unwrap_used)]

use ert::{Ert, GreyImage, Rect};

const MODEL: &[u8] = include_bytes!("dlib/drawings.dat");
const DETECTIONS: &str = include_str!("dlib/drawings.txt");

/// Grey image 48 x 48 of drawing `number`.
fn drawing(number: u32) -> GreyImage {
    let mut state = 12345 + number * 7919;
    let mut draw = |n: u32| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        ((state >> 16) % n) as i32
    };
    let (dx, dy) = (draw(9) - 4, draw(9) - 4);
    let base = [(16, 17), (32, 17), (24, 25), (18, 33), (30, 33)];
    let points = base.map(|(x, y)| {
        let x = x + dx + draw(3) - 1;
        (x, y + dy + draw(3) - 1)
    });
    let mut rgb = Vec::new();
    for y in 0..48 {
        for x in 0..48 {
            let mut pixel = [120 + x + draw(16), 100 + y + draw(16), 110 + draw(16)];
            for (tone, (px, py)) in [20, 45, 250, 70, 5].into_iter().zip(points) {
                if (x - px) * (x - px) + (y - py) * (y - py) < 17 {
                    pixel = [tone, tone / 2, 255 - tone];
                }
            }
            rgb.extend(pixel.map(|value| value as u8));
        }
    }
    GreyImage::from_rgb(48, 48, &rgb)
}

#[test]
fn detections_equal_dlibs_to_the_pixel() {
    let ert = Ert::from_dlib(MODEL).unwrap();
    assert_eq!(ert.points(), 5);
    let mut coordinates = 0;
    for line in DETECTIONS.lines().filter(|line| !line.starts_with('#')) {
        let numbers: Vec<f32> = line.split(' ').map(|field| field.parse().unwrap()).collect();
        let [number, left, top, right, bottom] = numbers[..5] else { panic!("{line}") };
        let rect = Rect { left, top, right, bottom };
        let found = ert.detect(&drawing(number as u32), &rect);
        let rounded: Vec<f32> = found.as_flattened().iter().map(|v| (v + 0.5).floor()).collect();
        assert_eq!(rounded, numbers[5..], "drawing {number}, {rect:?}");
        coordinates += rounded.len();
    }
    assert_eq!(coordinates, 40 * 4 * 10);
}

#[test]
fn written_back_the_file_is_the_same_byte_for_byte() {
    assert!(Ert::from_dlib(MODEL).unwrap().to_dlib() == MODEL);
}

#[test]
fn our_own_file_keeps_every_bit_of_it() {
    let ert = Ert::from_dlib(MODEL).unwrap();
    assert_eq!(Ert::from_bytes(&ert.to_bytes()), Ok(ert));
}
