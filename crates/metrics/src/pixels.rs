//! Images as bytes and as numbers.

/// A value in [-1, 1] as an 8-bit image holds it.
fn byte(value: f32) -> u8 {
    ((value + 1.0) * 127.5).round().clamp(0.0, 255.0) as u8
}

/// A value as an 8-bit image holds it, back in [-1, 1].
pub fn as_seen(value: f32) -> f32 {
    f32::from(byte(value)) / 127.5 - 1.0
}

/// Planar values in [-1, 1] as rows of RGB bytes.
pub fn interleaved(planes: &[f32]) -> Vec<u8> {
    let plane = planes.len() / 3;
    (0..planes.len()).map(|i| byte(planes[(i % 3) * plane + i / 3])).collect()
}

/// Rows of RGB bytes as planar values in [-1, 1].
pub fn planar(bytes: &[u8]) -> Vec<f32> {
    let plane = bytes.len() / 3;
    (0..bytes.len()).map(|i| f32::from(bytes[(i % plane) * 3 + i / plane]) / 127.5 - 1.0).collect()
}

/// `a - b`, value by value.
pub fn difference(a: &[f32], b: &[f32]) -> Vec<f32> {
    a.iter().zip(b).map(|(a, b)| a - b).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_image_as_seen_is_rounded_to_eight_bits() {
        assert_eq!((as_seen(1.7), as_seen(-1.2)), (1.0, -1.0));
        assert_eq!(as_seen(0.001), 128.0 / 127.5 - 1.0);
    }

    #[test]
    fn bytes_survive_the_way_to_planes_and_back() {
        let bytes: Vec<u8> = (0..48).map(|i| (i * 5) as u8).collect();
        let planes = planar(&bytes);
        assert_eq!(interleaved(&planes), bytes);
        // The second pixel's red value is the red plane's second.
        assert_eq!(planes[1], 15.0 / 127.5 - 1.0);
    }
}
