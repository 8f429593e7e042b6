//! Photographs.

use std::io::Cursor;

use data::Metadata;
use data::photo::{self, PhotoError};
use image::metadata::Orientation;
use image::{ImageFormat, ImageReader, RgbImage};

use crate::oracle;
use crate::target::Verdict;

/// Pixels of an image that is decoded here, at most: larger ones are allowed and slow.
const PIXELS: u64 = 1 << 20;

/// Marks and chunks.
pub(super) const WORDS: [&str; 20] = [
    "IHDR",
    "PLTE",
    "IDAT",
    "IEND",
    "tRNS",
    "eXIf",
    "acTL",
    "fcTL",
    "fdAT",
    "gAMA",
    "iCCP",
    "sRGB",
    "Exif\0\0",
    "MM\0*",
    "II*\0",
    "Adobe\0d",
    "JFIF\0",
    "ICC_PROFILE\0",
    "GIF89a",
    "ftypheic",
];

/// A photograph: pixels as many as its sides say, which a PNG of them gives again.
pub fn photo(bytes: &[u8]) -> Verdict {
    let reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format();
    let sides = reader.ok().and_then(|reader| reader.into_dimensions().ok());
    if sides.is_some_and(|(width, height)| u64::from(width) * u64::from(height) > PIXELS) {
        return Verdict::Refused;
    }
    match photo::decode(bytes) {
        Ok(pixels) => {
            again(&pixels);
            kept(&Metadata::of(bytes));
            Verdict::Accepted
        }
        Err(error) => refused(&error),
    }
}

/// One sentence that stands behind a file's name.
fn refused(error: &PhotoError) -> Verdict {
    let said = error.to_string();
    assert!(!error.problem.is_empty() && !said.contains('\n') && said.len() < 500, "{said:?}");
    oracle::printable(&said, "photo");
    Verdict::Refused
}

/// What goes into other files is of the kind that belongs there.
fn kept(metadata: &Metadata) {
    let exif = metadata.exif.as_deref().unwrap_or(b"II*\0");
    assert!(exif.starts_with(b"II*\0") || exif.starts_with(b"MM\0*"), "{exif:?}");
    let turned = Orientation::from_exif_chunk(exif).unwrap_or(Orientation::NoTransforms);
    assert_eq!(turned, Orientation::NoTransforms);
    assert!(metadata.icc_profile.as_ref().is_none_or(|profile| profile.len() >= 20));
}

fn again(pixels: &RgbImage) {
    let (width, height) = pixels.dimensions();
    assert!(width > 0 && height > 0, "{width} x {height} pixels");
    assert_eq!(pixels.as_raw().len(), 3 * width as usize * height as usize);
    let mut png = Cursor::new(Vec::new());
    pixels.write_to(&mut png, ImageFormat::Png).expect("memory takes every image");
    let again = photo::decode(png.get_ref());
    assert_eq!(again.as_ref(), Ok(pixels), "another image was read than was written");
}
