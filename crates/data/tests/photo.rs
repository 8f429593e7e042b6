//! A photograph is read as it is shown, whatever its name and however it is stored; what is no
//! photograph is named as what it is.
#![allow(clippy::unwrap_used)]

use std::io::Cursor;
use std::path::PathBuf;

use data::Metadata;
use data::photo::{decode, read};
use image::{DynamicImage, GrayImage, ImageBuffer, ImageFormat, Luma, Rgb, RgbImage, Rgba};
use proptest::collection::vec;
use proptest::prelude::*;

fn encoded(image: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    image.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

/// No two pixels alike, no side like another.
fn picture() -> RgbImage {
    RgbImage::from_fn(24, 16, |x, y| Rgb([x as u8 * 9, y as u8 * 9, 77]))
}

fn stored(format: ImageFormat) -> Vec<u8> {
    encoded(&picture().into(), format)
}

fn refused(bytes: &[u8]) -> String {
    decode(bytes).unwrap_err().to_string()
}

/// EXIF data with an orientation alone, big endian.
fn exif(orientation: u8) -> Vec<u8> {
    let entry = [0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0];
    [&b"MM\0*\0\0\0\x08\0\x01"[..], &entry, &[0; 4]].concat()
}

fn in_jpeg(orientation: u8, jpeg: &[u8]) -> Vec<u8> {
    let content = [&b"Exif\0\0"[..], &exif(orientation)].concat();
    let length = (content.len() as u16 + 2).to_be_bytes();
    [&jpeg[..2], &[0xFF, 0xE1], &length, &content, &jpeg[2..]].concat()
}

/// Before the pixels, or behind them.
fn in_png(orientation: u8, png: &[u8], behind: bool) -> Vec<u8> {
    let named = [&b"eXIf"[..], &exif(orientation)].concat();
    let length = (named.len() as u32 - 4).to_be_bytes();
    let crc = crc32fast::hash(&named).to_be_bytes();
    let at = if behind { png.len() - 12 } else { 33 };
    [&png[..at], &length, &named, &crc, &png[at..]].concat()
}

/// The pixels as a camera that was turned stores them: where row 0 and column 0 belong, by the table
/// of the EXIF standard.
fn turned(upright: &RgbImage, orientation: u8) -> RgbImage {
    let (w, h) = upright.dimensions();
    let size = if orientation < 5 { (w, h) } else { (h, w) };
    RgbImage::from_fn(size.0, size.1, |column, row| {
        let (x, y) = match orientation {
            1 => (column, row),
            2 => (w - 1 - column, row),
            3 => (w - 1 - column, h - 1 - row),
            4 => (column, h - 1 - row),
            5 => (row, column),
            6 => (w - 1 - row, column),
            7 => (w - 1 - row, h - 1 - column),
            _ => (row, h - 1 - column),
        };
        *upright.get_pixel(x, y)
    })
}

#[test]
fn a_photograph_stored_turned_comes_out_upright() {
    for orientation in 1..=8 {
        let camera = DynamicImage::from(turned(&picture(), orientation));
        let png = encoded(&camera, ImageFormat::Png);
        for behind in [false, true] {
            let found = decode(&in_png(orientation, &png, behind)).unwrap();
            assert_eq!(found, picture(), "orientation {orientation}, behind the pixels: {behind}");
        }
        let jpeg = encoded(&camera, ImageFormat::Jpeg);
        let plain = decode(&jpeg).unwrap();
        let found = decode(&in_jpeg(orientation, &jpeg)).unwrap();
        assert_eq!(turned(&found, orientation), plain, "orientation {orientation}");
    }
    // One that does not exist turns nothing.
    assert_eq!(decode(&in_png(9, &stored(ImageFormat::Png), false)).unwrap(), picture());
}

#[test]
fn the_first_part_of_a_file_is_no_photograph() {
    for bytes in [
        stored(ImageFormat::Jpeg),
        stored(ImageFormat::Png),
        include_bytes!("photos/progressive.jpg").to_vec(),
        in_jpeg(6, &stored(ImageFormat::Jpeg)),
    ] {
        // JPEG and PNG tell themselves by 8 bytes.
        for length in 8..bytes.len() {
            let reason = refused(&bytes[..length]);
            assert!(reason.contains("is cut off"), "{length}: {reason}");
        }
        // A download that set its space aside first.
        let mut half = bytes.clone();
        half[bytes.len() / 2..].fill(0);
        assert!(decode(&half).is_err());
    }
}

/// Every pixel is there, the word on how they are turned is not.
#[test]
fn a_png_that_lost_the_orientation_behind_its_pixels_is_no_photograph() {
    let camera = DynamicImage::from(turned(&picture(), 6));
    let bytes = in_png(6, &encoded(&camera, ImageFormat::Png), true);
    assert_eq!(decode(&bytes).unwrap(), picture());
    let cut = (0.901585145034014 * bytes.len() as f64) as usize;
    assert!(cut > bytes.len() - 38 && cut < bytes.len() - 12, "{cut} of {}", bytes.len());
    assert_eq!(
        refused(&bytes[..cut]),
        "is cut off: a PNG without its end; copy or download it again"
    );
    // Behind the end anything may follow.
    assert_eq!(decode(&[&bytes[..], b"and more"].concat()).unwrap(), picture());
}

#[test]
fn what_a_phone_writes_behind_the_picture_is_passed_over() {
    let plain = stored(ImageFormat::Jpeg);
    for trailer in [&b"\0\0\r\n"[..], b"SEFH and other data of the camera", &plain.clone()] {
        let found = decode(&[&plain[..], trailer].concat()).unwrap();
        assert_eq!(found, decode(&plain).unwrap());
    }
}

#[test]
fn an_ordinary_jpeg_gives_the_bytes_of_its_decoder() {
    let bytes = stored(ImageFormat::Jpeg);
    let plain = image::load_from_memory(&bytes).unwrap().into_rgb8();
    assert_eq!(decode(&bytes).unwrap(), plain);
}

#[test]
fn the_name_of_a_file_means_nothing() {
    let dir = tempfile::tempdir().unwrap();
    for name in ["photo.png", "photo", "photo.txt"] {
        let path = dir.path().join(name);
        std::fs::write(&path, stored(ImageFormat::Jpeg)).unwrap();
        assert_eq!(read(&path).unwrap(), decode(&stored(ImageFormat::Jpeg)).unwrap(), "{name}");
        std::fs::write(&path, stored(ImageFormat::Png)).unwrap();
        assert_eq!(read(&path).unwrap(), picture(), "{name}");
    }
    let reason = |path: PathBuf| read(&path).unwrap_err().to_string();
    assert_eq!(reason(dir.path().into()), "is a directory; name the images in it");
    assert_eq!(reason(dir.path().join("nowhere.jpg")), "does not exist");
}

#[test]
fn transparent_pixels_lie_over_white() {
    let image = ImageBuffer::from_fn(3, 1, |x, _| Rgba([0, 100, 200, [0, 128, 255][x as usize]]));
    let found = decode(&encoded(&DynamicImage::ImageRgba8(image), ImageFormat::Png)).unwrap();
    let pixels: Vec<_> = found.pixels().map(|pixel| pixel.0).collect();
    assert_eq!(pixels, [[255; 3], [127, 177, 227], [0, 100, 200]]);
}

#[test]
fn grey_and_deep_images_are_colour_images() {
    let grey = GrayImage::from_fn(5, 4, |x, y| Luma([(40 * x + 9 * y) as u8]));
    let colour = DynamicImage::from(grey.clone()).into_rgb8();
    assert_eq!(decode(&encoded(&grey.clone().into(), ImageFormat::Png)).unwrap(), colour);
    let jpeg = decode(&encoded(&grey.clone().into(), ImageFormat::Jpeg)).unwrap();
    assert!(jpeg.pixels().all(|pixel| pixel.0[0] == pixel.0[1] && pixel.0[1] == pixel.0[2]));
    let deep =
        ImageBuffer::from_fn(5, 4, |x, y| Luma([257 * u16::from(grey.get_pixel(x, y).0[0])]));
    assert_eq!(
        decode(&encoded(&DynamicImage::ImageLuma16(deep), ImageFormat::Png)).unwrap(),
        colour
    );
}

/// Pixels as Pillow shows them.
fn close(found: &RgbImage, expected: [[u8; 3]; 5]) {
    let places = [(0, 0), (23, 0), (0, 15), (12, 12), (20, 3)];
    for ((x, y), expected) in places.into_iter().zip(expected) {
        let found = found.get_pixel(x, y).0;
        let near = found.iter().zip(expected).all(|(a, b)| a.abs_diff(b) <= 3);
        assert!(near, "({x}, {y}): {found:?}, expected {expected:?}");
    }
}

#[test]
fn the_inks_of_a_cmyk_jpeg_become_colours_or_are_refused() {
    let bytes = include_bytes!("photos/cmyk.jpg");
    close(
        &decode(bytes).unwrap(),
        [[0, 0, 153], [176, 0, 83], [0, 225, 200], [120, 180, 152], [153, 34, 92]],
    );
    // Without Adobe's marker nobody knows which way the inks are counted.
    let at = bytes.windows(5).position(|window| window == b"Adobe").unwrap() - 4;
    let reason = refused(&[&bytes[..at], &bytes[at + 16..]].concat());
    assert!(reason.contains("CMYK") && reason.contains("convert it to RGB"), "{reason}");
}

#[test]
fn a_progressive_jpeg_is_read() {
    close(
        &decode(include_bytes!("photos/progressive.jpg")).unwrap(),
        [[0, 3, 190], [221, 5, 106], [9, 220, 201], [121, 180, 150], [201, 43, 120]],
    );
}

#[test]
fn what_is_no_photograph_is_named_and_says_what_to_do() {
    let cases: [(&[u8], &str, &str); 13] = [
        (b"", "is empty", "again"),
        (&[0; 500], "zero bytes", "again"),
        (b"<!DOCTYPE html><html>", "HTML page", "browser"),
        (b"version https://git-lfs.github.com/spec/v1\n", "git-LFS pointer", "git lfs pull"),
        (b"\x1F\x8B\x08\0", "gzip archive", "gunzip"),
        (b"BZh91AY&SY", "bzip2 archive", "bunzip2"),
        (b"PK\x03\x04\x14\0", "zip archive", "unzip"),
        (b"\xFD7zXZ\0", "xz archive", "unxz"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "HEIC", "convert it to JPEG or PNG"),
        (b"\0\0\0\x1cftypavif\0\0\0\0mif1avif", "AVIF", "convert it to JPEG or PNG"),
        (b"RIFF\x24\0\0\0WEBPVP8 ", "WebP", "convert it to JPEG or PNG"),
        (b"GIF89a\x01\0\x01\0", "GIF", "convert it to JPEG or PNG"),
        (b"\0\x05\x16\x07\0\x02\0\0", "macOS", "`._`"),
    ];
    for (bytes, what, remedy) in cases {
        let reason = refused(bytes);
        assert!(reason.contains(what) && reason.contains(remedy), "{reason}");
    }
}

#[test]
fn a_header_that_promises_gigabytes_is_refused() {
    let mut bytes = stored(ImageFormat::Png);
    // Width and height of the first chunk, and its checksum.
    bytes[16..24].copy_from_slice(&[0, 0, 0xEA, 0x60, 0, 0, 0xEA, 0x60]);
    let crc = crc32fast::hash(&bytes[12..29]).to_be_bytes();
    bytes[29..33].copy_from_slice(&crc);
    let reason = refused(&bytes);
    assert!(reason.contains("60000 x 60000 pixels") && reason.contains("limit"), "{reason}");

    let mut bytes = stored(ImageFormat::Jpeg);
    let frame = bytes.windows(2).position(|window| window == [0xFF, 0xC0]).unwrap();
    bytes[frame + 5..frame + 9].copy_from_slice(&[0xEA, 0x60, 0xEA, 0x60]);
    let reason = refused(&bytes);
    assert!(reason.contains("60000 x 60000 pixels") && reason.contains("limit"), "{reason}");
}

proptest! {
    /// A damaged file gives pixels or a reason, and ends.
    #[test]
    fn damage_is_answered(from in 0.0..1.0, length in 0usize..9, new in vec(any::<u8>(), 0..9)) {
        for format in [ImageFormat::Jpeg, ImageFormat::Png] {
            let sound = match format {
                ImageFormat::Png => in_png(6, &stored(format), true),
                _ => in_jpeg(6, &stored(format)),
            };
            let from = (from * sound.len() as f64) as usize;
            let to = (from + length).min(sound.len());
            let mut bytes = sound.clone();
            bytes.splice(from..to, new.clone());
            if let Err(reason) = decode(&bytes) {
                prop_assert!(!reason.to_string().is_empty());
            }
            prop_assert!(decode(&sound[..from]).is_err());
        }
    }

    #[test]
    fn noise_is_no_image(bytes in vec(any::<u8>(), 0..300)) {
        prop_assert!(decode(&bytes).is_err());
    }
}

#[test]
fn exif_data_are_kept_upright_wherever_they_stand() {
    let (png, jpeg) = (stored(ImageFormat::Png), stored(ImageFormat::Jpeg));
    let kept = |bytes: &[u8]| Metadata::of(bytes).exif;
    for bytes in [in_png(6, &png, false), in_png(6, &png, true), in_jpeg(6, &jpeg)] {
        assert_eq!(kept(&bytes).unwrap(), exif(1));
    }
    assert_eq!([kept(&png), kept(&jpeg), kept(b"GIF89a"), kept(&png[..20])], [const { None }; 4]);
}
