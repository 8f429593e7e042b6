//! Edited images as files that say where they come from, and are known again by it.

use std::borrow::Cow;
use std::fs;
use std::io::{self, Cursor};
use std::path::{Path, PathBuf};

use data::Metadata;
use image::RgbImage;

use crate::failure::Failure;
use crate::provenance::{PROGRAM, build};

/// The PNG keyword of the hash over the pixels.
const PIXELS: &str = "resgan-pixels";

/// A PNG that says what wrote it and `how`, vouches for its own pixels, and keeps what the photograph said
/// of its colours and of how it was taken.
///
/// # Errors
/// Never in practice: memory takes every byte.
pub(crate) fn encode(image: &RgbImage, metadata: &Metadata, how: &str) -> io::Result<Vec<u8>> {
    let mut bytes = Cursor::new(Vec::new());
    let mut info = png::Info::with_size(image.width(), image.height());
    info.color_type = png::ColorType::Rgb;
    info.bit_depth = png::BitDepth::Eight;
    info.icc_profile = metadata.icc_profile.as_deref().map(Cow::Borrowed);
    info.exif_metadata = metadata.exif.as_deref().map(Cow::Borrowed);
    let mut encoder = png::Encoder::with_info(&mut bytes, info).map_err(io::Error::other)?;
    // Photographs have megapixels, and whoever waits cares more for time than for size.
    encoder.set_compression(png::Compression::Fast);
    let software = format!("{PROGRAM} ({})", build().commit_text());
    for (keyword, text) in [
        ("Software", software),
        ("Comment", how.to_owned()),
        (PIXELS, blake3::hash(image.as_raw()).to_hex().to_string()),
    ] {
        encoder.add_text_chunk(keyword.to_owned(), text).map_err(io::Error::other)?;
    }
    let mut writer = encoder.write_header().map_err(io::Error::other)?;
    writer.write_image_data(image.as_raw()).map_err(io::Error::other)?;
    writer.finish().map_err(io::Error::other)?;
    Ok(bytes.into_inner())
}

/// Bytes beyond which nothing is an edit of ours: nothing larger is read.
const LARGEST: usize = data::photo::LARGEST as usize;

/// Whether these bytes are an edit of ours that nobody has changed since.
fn is_ours(bytes: &[u8]) -> bool {
    let Ok(mut reader) = png::Decoder::new(Cursor::new(bytes)).read_info() else { return false };
    let texts = &reader.info().uncompressed_latin1_text;
    let Some(said) = texts.iter().find(|chunk| chunk.keyword == PIXELS) else { return false };
    let said = said.text.clone();
    let size = reader.output_buffer_size().filter(|size| *size <= LARGEST);
    let Some(size) = size else { return false };
    let mut pixels = vec![0; size];
    reader.next_frame(&mut pixels).is_ok() && blake3::hash(&pixels).to_hex().as_str() == said
}

/// Refuses to write to `target` if that would take away anything but an earlier edit of ours.
///
/// # Errors
/// One sentence with the file and what to do.
pub(crate) fn may_write(target: &Path, inputs: &[PathBuf]) -> Result<(), Failure> {
    let bad = |problem: &str| {
        Failure::BadInput(format!(
            "error: {} {problem}\nhelp: nothing was written; name another directory with --output",
            target.display()
        ))
    };
    let about = match fs::symlink_metadata(target) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(e) => return Err(bad(&format!("cannot be looked at: {e}"))),
        Ok(about) => about,
    };
    let real = fs::canonicalize(target).ok();
    let is_input = |input: &PathBuf| real.is_some() && fs::canonicalize(input).ok() == real;
    if inputs.iter().any(is_input) {
        return Err(bad("is one of the images to edit, and would be replaced"));
    }
    let is_small = about.is_file() && about.len() <= LARGEST as u64;
    let ours = is_small && fs::read(target).is_ok_and(|bytes| is_ours(&bytes));
    match ours {
        true => Ok(()),
        false => Err(bad("exists already and is no edit of this program")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_edit_is_known_by_its_pixels_and_anything_else_is_not() {
        let mut image = RgbImage::from_fn(5, 4, |x, y| image::Rgb([x as u8, y as u8, 9]));
        let ours = encode(&image, &Metadata::default(), "remove").unwrap();
        assert!(is_ours(&ours));
        // Drawn on by somebody whose program kept the words.
        let said = blake3::hash(image.as_raw()).to_hex().to_string();
        image.put_pixel(0, 0, image::Rgb([255, 0, 0]));
        let text = String::from_utf8_lossy(&ours).into_owned();
        assert!(text.contains(&said) && text.contains("remove"));
        let mut others = Cursor::new(Vec::new());
        image.write_to(&mut others, image::ImageFormat::Png).unwrap();
        assert!(!is_ours(&others.into_inner()));
        assert!(!is_ours(&ours[..ours.len() / 2]) && !is_ours(b"") && !is_ours(b"text"));
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.png");
        assert!(may_write(&path, &[]).is_ok());
        fs::write(&path, &ours).unwrap();
        assert!(may_write(&path, &[]).is_ok());
        assert!(may_write(&path, std::slice::from_ref(&path)).is_err());
        fs::write(&path, "mine").unwrap();
        assert!(may_write(&path, &[]).is_err());
        assert!(may_write(dir.path(), &[]).is_err());
    }
}
