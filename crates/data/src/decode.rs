//! From an image file to a crop; a damaged file is an error, never a grey face.

use crate::face::{Face, Framing};
use crate::frame::{self, placement};
use crate::photo;
use crate::resample::resample;

/// Reads, decodes and crops one face; the error is the reason alone, without the path.
pub(crate) fn crop(face: &Face, framing: Framing, size: usize) -> Result<Vec<u8>, String> {
    let image = photo::read(&face.path).map_err(|e| e.to_string())?;
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
