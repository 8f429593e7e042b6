//! From the bytes of a photograph to upright RGB pixels: the one reader of every command.
//!
//! The content decides what a file is, never its name. Read are JPEG (grey, colour, CMYK as Adobe
//! writes it, progressive) and PNG (any colour type and depth, the first picture of an animation);
//! everything else is named as what it is. Pixels come out as they are shown:
//!
//! * turned as the EXIF orientation says;
//! * transparent ones over white;
//! * 16 bits rounded to 8, grey repeated, palettes looked up, colour profiles ignored.
//!
//! A file that is cut off is refused, though a decoder would fill the rest with grey or not miss the
//! orientation behind the pixels, and so is one whose pixels would take more than [`LARGEST`] bytes,
//! before any of them is decoded.

use std::fs::File;
use std::io::{Cursor, ErrorKind, Read};
use std::path::Path;

use image::codecs::jpeg::JpegEncoder;
use image::metadata::Orientation;
use image::{
    DynamicImage, ExtendedColorType, ImageDecoder, ImageError, ImageFormat, ImageReader, Rgb,
    RgbImage,
};
use record::{Content, quotation};

use crate::jpeg::Jpeg;

/// Bytes that a file, and its pixels in the depth that it has, may take: 512 MiB.
pub const LARGEST: u64 = 512 << 20;

/// Why there are no pixels, to be put behind the file's name: `is a GIF image; convert it ...`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{problem}{}", remedy.map(|remedy| format!("; {remedy}")).unwrap_or_default())]
pub struct PhotoError {
    /// What is wrong with the file.
    pub problem: String,
    /// What to do, where that is known.
    pub remedy: Option<&'static str>,
}

impl PhotoError {
    fn new(problem: impl Into<String>, remedy: impl Into<Option<&'static str>>) -> PhotoError {
        PhotoError { problem: problem.into(), remedy: remedy.into() }
    }
}

const AGAIN: &str = "copy or download it again";
const CONVERT: &str = "convert it to JPEG or PNG";
const SMALLER: &str = "make it smaller";

/// A square picture of RGB bytes, row by row, after JPEG at this quality (1 to 100), as a user gets it back
/// from a program that saves it so.
pub fn recompressed(bytes: &[u8], size: usize, quality: u8) -> Vec<u8> {
    let mut file = Vec::new();
    let side = size as u32;
    JpegEncoder::new_with_quality(&mut file, quality)
        .encode(bytes, side, side, ExtendedColorType::Rgb8)
        .expect("memory takes every picture");
    let picture = image::load_from_memory_with_format(&file, ImageFormat::Jpeg);
    picture.expect("a picture that was just encoded").into_rgb8().into_raw()
}

/// Reads a photograph from a file.
///
/// # Errors
/// As [`bytes`], or as [`decode`].
pub fn read(path: &Path) -> Result<RgbImage, PhotoError> {
    decode(&bytes(path)?)
}

/// Reads the bytes of a photograph.
///
/// # Errors
/// There is no such file, it is a directory, or has more than [`LARGEST`] bytes.
pub fn bytes(path: &Path) -> Result<Vec<u8>, PhotoError> {
    let refused = |e: std::io::Error| match e.kind() {
        ErrorKind::NotFound => PhotoError::new("does not exist", None),
        _ => PhotoError::new(format!("cannot be read: {e}"), None),
    };
    let file = File::open(path).map_err(refused)?;
    let about = file.metadata().map_err(refused)?;
    if about.is_dir() {
        return Err(PhotoError::new("is a directory", "name the images in it"));
    }
    // A pipe has no length, and a device no end.
    let mut bytes = Vec::with_capacity(about.len().min(LARGEST) as usize);
    file.take(LARGEST + 1).read_to_end(&mut bytes).map_err(refused)?;
    if bytes.len() as u64 > LARGEST {
        return Err(PhotoError::new("is larger than the limit of 512 MiB", SMALLER));
    }
    Ok(bytes)
}

/// Bytes at the beginning of a file that hold its header, whatever a camera writes before it.
const HEADER: u64 = 1 << 20;

/// Width and height of a photograph as it is shown, from its header; no pixel is decoded.
///
/// # Errors
/// As [`read`], as far as the header shows it.
pub fn sides(path: &Path) -> Result<(u32, u32), PhotoError> {
    let refused = |e: std::io::Error| PhotoError::new(format!("cannot be read: {e}"), None);
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(refused)?;
    file.take(HEADER).read_to_end(&mut bytes).map_err(refused)?;
    let reader = ImageReader::new(Cursor::new(&bytes)).with_guessed_format().map_err(refused)?;
    let mut decoder = reader.into_decoder().map_err(undecodable)?;
    let (width, height) = decoder.dimensions();
    use Orientation::{Rotate90, Rotate90FlipH, Rotate270, Rotate270FlipH};
    Ok(match decoder.orientation() {
        Ok(Rotate90 | Rotate270 | Rotate90FlipH | Rotate270FlipH) => (height, width),
        _ => (width, height),
    })
}

/// Decodes the bytes of a photograph.
///
/// # Errors
/// The bytes are no JPEG or PNG, are cut off, damaged, or would take more than [`LARGEST`] bytes.
pub fn decode(bytes: &[u8]) -> Result<RgbImage, PhotoError> {
    let content = Content::of(bytes);
    let format = match content {
        Content::Jpeg => {
            check_jpeg(bytes)?;
            ImageFormat::Jpeg
        }
        Content::Png => {
            check_png(bytes)?;
            ImageFormat::Png
        }
        Content::Empty => return Err(PhotoError::new("is empty", AGAIN)),
        other => {
            let remedy = other.remedy().unwrap_or(if other.is_image() { CONVERT } else { IMAGES });
            return Err(PhotoError::new(format!("is {}", other.name()), remedy));
        }
    };
    let reader = ImageReader::with_format(Cursor::new(bytes), format);
    let mut decoder = reader.into_decoder().map_err(undecodable)?;
    let (width, height) = decoder.dimensions();
    if decoder.total_bytes() > LARGEST {
        let problem = format!("is {width} x {height} pixels, beyond the limit of 512 MiB");
        return Err(PhotoError::new(problem, SMALLER));
    }
    // EXIF data that nobody can read turn nothing.
    let mut orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    if format == ImageFormat::Png && orientation == Orientation::NoTransforms {
        orientation = late_orientation(bytes);
    }
    let mut image = DynamicImage::from_decoder(decoder).map_err(undecodable)?;
    image.apply_orientation(orientation);
    Ok(if image.color().has_alpha() { over_white(&image) } else { image.into_rgb8() })
}

const IMAGES: &str = "images are JPEG or PNG files";

/// The decoder fills what is missing from a cut JPEG with grey and takes every CMYK image for one of
/// Adobe's, hence the look at the file's structure first.
fn check_jpeg(bytes: &[u8]) -> Result<(), PhotoError> {
    let jpeg = Jpeg::scan(bytes);
    if !jpeg.whole {
        return Err(PhotoError::new("is cut off: a JPEG without its end", AGAIN));
    }
    if let Some(process) = jpeg.process.unsupported() {
        return Err(PhotoError::new(format!("is {process}"), CONVERT));
    }
    if jpeg.components == 4 && !jpeg.adobe {
        let problem = "is a CMYK JPEG that does not say whether its inks are inverted";
        return Err(PhotoError::new(problem, "convert it to RGB"));
    }
    Ok(())
}

/// The decoder stops behind the last pixel; what was cut off there may have said how to turn them.
fn check_png(bytes: &[u8]) -> Result<(), PhotoError> {
    match chunks(bytes).any(|(name, _)| name == b"IEND") {
        true => Ok(()),
        false => Err(PhotoError::new("is cut off: a PNG without its end", AGAIN)),
    }
}

/// Name and data of every whole chunk of a PNG.
fn chunks(bytes: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    let mut rest = bytes.get(8..).unwrap_or_default();
    std::iter::from_fn(move || {
        // Length, name, data, checksum.
        let (length, after) = rest.split_first_chunk::<4>()?;
        let length = usize::try_from(u32::from_be_bytes(*length)).ok()?.checked_add(4)?;
        let (chunk, after) = after.split_at_checked(length)?;
        (_, rest) = after.split_first_chunk::<4>()?;
        Some(chunk.split_at(4))
    })
}

fn undecodable(error: ImageError) -> PhotoError {
    match error {
        ImageError::IoError(e) if e.kind() == ErrorKind::UnexpectedEof => {
            PhotoError::new("is cut off", AGAIN)
        }
        ImageError::Limits(e) => {
            PhotoError::new(format!("is beyond the limits: {}", sentence(&e)), SMALLER)
        }
        ImageError::Unsupported(e) => {
            PhotoError::new(format!("cannot be decoded: {}", sentence(&e)), CONVERT)
        }
        other => PhotoError::new(format!("is damaged: {}", sentence(&other)), AGAIN),
    }
}

/// A decoder's words on one line: some end with a line break.
fn sentence(error: &dyn std::error::Error) -> String {
    quotation(error.to_string().trim())
}

/// The orientation of a PNG whose EXIF data stand behind its pixels, where the decoder does not look.
fn late_orientation(bytes: &[u8]) -> Orientation {
    late_exif(bytes).and_then(Orientation::from_exif_chunk).unwrap_or(Orientation::NoTransforms)
}

/// The EXIF data of a PNG, wherever they stand in it.
pub(crate) fn late_exif(bytes: &[u8]) -> Option<&[u8]> {
    chunks(bytes).find(|(name, _)| *name == b"eXIf").map(|(_, data)| data)
}

/// Every pixel over white, by its own alpha, which is not premultiplied in a PNG.
fn over_white(image: &DynamicImage) -> RgbImage {
    let image = image.to_rgba8();
    RgbImage::from_fn(image.width(), image.height(), |x, y| {
        let [colour @ .., alpha] = image.get_pixel(x, y).0;
        let alpha = u32::from(alpha);
        let over = |c: u8| (u32::from(c) * alpha + 255 * (255 - alpha) + 127) / 255;
        Rgb(colour.map(|c| over(c) as u8))
    })
}
