//! From an image file to a crop; a damaged file is an error, never a grey face.

use crate::face::{Face, Framing};
use crate::frame::placement;
use crate::photo;
use crate::resample::resample;

/// Reads, decodes and crops one face; the error is the reason alone, without the path.
pub(crate) fn crop(face: &Face, framing: Framing, size: usize) -> Result<Vec<u8>, String> {
    let image = photo::read(&face.path).map_err(|e| e.to_string())?;
    let to_crop = placement(framing, face.landmarks.as_ref(), image.dimensions(), size)?;
    Ok(resample(&image, &to_crop, size))
}
