//! What a photograph says beside its pixels, for a picture that is made of it.

use std::io::Cursor;

use image::metadata::Orientation;
use image::{ImageDecoder, ImageFormat, ImageReader};
use record::Content;

use crate::photo::late_exif;

/// What is kept of a photograph whose pixels were read by [`photo::decode`](crate::photo::decode): upright
/// and in RGB.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Metadata {
    /// The ICC profile of its RGB values. That of inks or of greys says nothing of the pixels as they were
    /// read, and is left out.
    pub icc_profile: Option<Vec<u8>>,
    /// EXIF data from their byte order on, with the orientation set to upright.
    pub exif: Option<Vec<u8>>,
}

impl Metadata {
    /// Reads them from the bytes of a JPEG or PNG; what cannot be read is left out.
    pub fn of(bytes: &[u8]) -> Metadata {
        let format = match Content::of(bytes) {
            Content::Jpeg => ImageFormat::Jpeg,
            Content::Png => ImageFormat::Png,
            _ => return Metadata::default(),
        };
        let reader = ImageReader::with_format(Cursor::new(bytes), format);
        let Ok(mut decoder) = reader.into_decoder() else { return Metadata::default() };
        let icc_profile = decoder.icc_profile().ok().flatten().filter(|profile| is_of_rgb(profile));
        let mut exif = decoder.exif_metadata().ok().flatten();
        if format == ImageFormat::Png && exif.is_none() {
            exif = late_exif(bytes).map(<[u8]>::to_vec);
        }
        let mut exif = exif.filter(|data| data.starts_with(b"II*\0") || data.starts_with(b"MM\0*"));
        if let Some(exif) = &mut exif {
            let _turned = Orientation::remove_from_exif_chunk(exif);
        }
        Metadata { icc_profile, exif }
    }
}

/// Whether a profile's header names RGB as its colour space.
fn is_of_rgb(profile: &[u8]) -> bool {
    profile.get(16..20) == Some(b"RGB ")
}
