//! From images, wherever they lie, to crops; a damaged one is an error, never a grey face.

use crate::face::{Face, Framing};
use crate::frame::placement;
use crate::origin::{Opened, Origin};
use crate::resample::resample;

/// Decodes and crops faces, and keeps open what they come from.
pub(crate) struct Decoder {
    framing: Framing,
    size: usize,
    opened: Opened,
}

impl Decoder {
    pub(crate) fn new(framing: Framing, size: usize) -> Decoder {
        Decoder { framing, size, opened: Opened::default() }
    }

    /// Reads, decodes and crops faces in parallel; an error is the reason alone, without the origin.
    pub(crate) fn crops(&mut self, faces: &[&Face]) -> Vec<Result<Vec<u8>, String>> {
        let (framing, size) = (self.framing, self.size);
        let origins: Vec<&Origin> = faces.iter().map(|face| &face.origin).collect();
        self.opened.read(&origins, |number, image| {
            let points = faces[number].landmarks.as_ref();
            let to_crop = placement(framing, points, image.dimensions(), size)?;
            Ok(resample(&image, &to_crop, size))
        })
    }
}
