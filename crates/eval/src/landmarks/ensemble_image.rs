//! Faces as regression trees see them: grey and enlarged.

use ert::GreyImage;

use crate::jitter::Jitter;

/// Trees compare whole pixels: on a small crop a shape moves less than a pixel from level to level
/// and still has to find others, so they see the crop this many times as large.
pub(super) const ENLARGE: usize = 2;
/// A planar image in [-1, 1], moved, enlarged and grey.
pub(super) fn grey(planes: &[f32], similarity: &Jitter, size: usize) -> GreyImage {
    let mut large = Vec::new();
    similarity.enlarged(planes, size, ENLARGE, &mut large);
    let side = size * ENLARGE;
    let plane = side * side;
    let byte = |v: f32| ((v + 1.0) * 127.5).round().clamp(0.0, 255.0) as u8;
    let rgb: Vec<u8> =
        (0..plane).flat_map(|i| [0, 1, 2].map(|c| byte(large[c * plane + i]))).collect();
    GreyImage::from_rgb(side, side, &rgb)
}
