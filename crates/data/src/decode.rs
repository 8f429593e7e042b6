//! From an image file to a crop; a damaged file is an error, never a grey face.

use image::{ImageReader, RgbImage};

use crate::annotations::text::impostor;
use crate::face::{Face, Framing};
use crate::frame::{self, placement};
use crate::resample::resample;

/// Reads, decodes and crops one face; the error is the reason alone, without the path.
pub(crate) fn crop(face: &Face, framing: Framing, size: usize) -> Result<Vec<u8>, String> {
    let bytes = std::fs::read(&face.path).map_err(|e| e.to_string())?;
    let image = pixels(&bytes)?;
    let (width, height) = image.dimensions();
    let expected = match framing {
        Framing::Aligned => Some((frame::WIDTH as u32, frame::HEIGHT as u32)),
        Framing::FivePoint if face.landmarks.is_some() => None,
        Framing::FivePoint | Framing::Lfw => Some((250, 250)),
    };
    if let Some((w, h)) = expected.filter(|&expected| expected != (width, height)) {
        return Err(format!("is {width} x {height} pixels where {w} x {h} belong"));
    }
    let to_crop = placement(framing, face.landmarks.as_ref(), size);
    Ok(resample(&image, &to_crop, size))
}

/// Decodes a whole JPEG or PNG. The decoder fills what is missing from a cut JPEG with grey, hence
/// the look at its end first.
pub(crate) fn pixels(bytes: &[u8]) -> Result<RgbImage, String> {
    if let Some((problem, _)) = impostor(bytes) {
        return Err(problem.to_owned());
    }
    if bytes.starts_with(&[0xFF, 0xD8]) {
        let padding = |b: &u8| matches!(b, 0 | b'\r' | b'\n');
        let end = bytes.iter().rposition(|b| !padding(b)).map_or(0, |last| last + 1);
        if !bytes[..end].ends_with(&[0xFF, 0xD9]) {
            return Err("is cut off: a JPEG without its end".to_owned());
        }
    }
    let reader = ImageReader::new(std::io::Cursor::new(bytes)).with_guessed_format();
    let image = reader.map_err(|e| e.to_string())?.decode().map_err(|e| e.to_string())?;
    Ok(image.into_rgb8())
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use image::{ImageFormat, Rgb};
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    fn encoded(format: ImageFormat) -> Vec<u8> {
        let image = RgbImage::from_fn(24, 16, |x, y| Rgb([x as u8 * 9, y as u8 * 9, 77]));
        let mut bytes = Cursor::new(Vec::new());
        image.write_to(&mut bytes, format).unwrap();
        bytes.into_inner()
    }

    proptest! {
        /// A damaged file gives pixels or a reason, and ends.
        #[test]
        fn damage_is_answered(from in 0.0..1.0, length in 0usize..9, new in vec(any::<u8>(), 0..9)) {
            for format in [ImageFormat::Jpeg, ImageFormat::Png] {
                let mut bytes = encoded(format);
                let from = (from * bytes.len() as f64) as usize;
                let to = (from + length).min(bytes.len());
                bytes.splice(from..to, new.clone());
                if let Err(reason) = pixels(&bytes) {
                    prop_assert!(!reason.is_empty());
                }
                // A PNG without its last chunk lacks no pixel.
                prop_assert!(from + 16 > bytes.len() || pixels(&bytes[..from]).is_err());
            }
        }

        #[test]
        fn noise_is_no_image(bytes in vec(any::<u8>(), 0..300)) {
            prop_assert!(pixels(&bytes).is_err());
        }
    }

    #[test]
    fn a_header_that_promises_gigabytes_is_refused() {
        let mut bytes = encoded(ImageFormat::Png);
        // Width and height of the first chunk, and its checksum.
        bytes[16..24].copy_from_slice(&[0, 0, 0xEA, 0x60, 0, 0, 0xEA, 0x60]);
        let crc = crc32fast::hash(&bytes[12..29]).to_be_bytes();
        bytes[29..33].copy_from_slice(&crc);
        let reason = pixels(&bytes).unwrap_err();
        assert!(reason.contains("limit"), "{reason}");
    }
}
