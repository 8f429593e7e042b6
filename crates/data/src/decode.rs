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
