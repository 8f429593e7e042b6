//! The files of a synthetic data set: CelebA's lists, its images, a card and a manifest.

use super::card::Card;
use super::error::{SyntheticError, failed};
use super::labels;
use super::params::FaceParams;
use super::{HEIGHT, Spec, WIDTH, draw, landmarks, render};
use image::codecs::jpeg::JpegEncoder;
use image::{ExtendedColorType, RgbImage};
use rayon::prelude::*;
use record::{FileProof, Manifest};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

/// Size and BLAKE3 of every file, written last.
pub(crate) const MANIFEST: &str = "manifest.json";
/// The file that says what a directory holds.
pub(super) const CARD: &str = "synthetic.json";
pub(super) const IMAGES: &str = "img_align_celeba";
/// CelebA's images are JPEG; at this quality compression costs less than the camera's noise.
const JPEG_QUALITY: u8 = 95;
/// Images between two calls of the progress report.
pub(super) const CHUNK: usize = 64;

/// Writes every file of the data set into a fresh directory, the manifest last; gives the others.
pub(super) fn fill(
    dir: &Path,
    spec: &Spec,
    progress: &dyn Fn(usize, usize),
) -> Result<Vec<FileProof>, SyntheticError> {
    let images = dir.join(IMAGES);
    fs::create_dir_all(&images).map_err(failed("create", &images))?;
    let put = |name: &str, bytes: &[u8]| {
        let path = dir.join(name);
        fs::write(&path, bytes).map_err(failed("write", &path))?;
        Ok(FileProof::of_bytes(name, bytes))
    };
    let faces: Vec<FaceParams> = (0..spec.count).into_par_iter().map(|i| draw(i, spec)).collect();
    let mut files = vec![
        put("list_attr_celeba.txt", attributes(&faces).as_bytes())?,
        put("list_landmarks_align_celeba.txt", points(&faces).as_bytes())?,
        put("list_eval_partition.txt", partition(spec.count).as_bytes())?,
        put("identity_CelebA.txt", identities(&faces).as_bytes())?,
    ];
    progress(0, spec.count);
    for (i, chunk) in faces.chunks(CHUNK).enumerate() {
        let image = |face: &FaceParams| {
            let name = format!("{IMAGES}/{}", file_name(face.index()));
            put(&name, &jpeg(&render(face), face.index())?)
        };
        let written: Result<Vec<FileProof>, SyntheticError> = chunk.par_iter().map(image).collect();
        files.extend(written?);
        progress(i * CHUNK + chunk.len(), spec.count);
    }
    let card = serde_json::to_string_pretty(&Card::of(spec)).unwrap_or_default();
    files.push(put(CARD, (card + "\n").as_bytes())?);
    let manifest = Manifest {
        config_hash: spec.fingerprint(),
        program: crate::PROGRAM.to_owned(),
        files: files.clone(),
        ..Manifest::default()
    };
    let text = manifest.to_sealed().map_err(failed("write", &dir.join(MANIFEST)))?;
    put(MANIFEST, &text)?;
    Ok(files)
}

/// The file name of the image number `index`, from 0: CelebA counts from 1.
pub fn file_name(index: usize) -> String {
    format!("{:06}.jpg", index + 1)
}

fn jpeg(picture: &RgbImage, index: usize) -> Result<Vec<u8>, SyntheticError> {
    let mut bytes = Vec::with_capacity(32 * 1024);
    JpegEncoder::new_with_quality(&mut bytes, JPEG_QUALITY)
        .encode(picture, WIDTH, HEIGHT, ExtendedColorType::Rgb8)
        .map_err(|source| SyntheticError::Jpeg { index, source })?;
    Ok(bytes)
}

/// The face as a reader of the written file sees it: rendered, compressed and decoded. A true edit
/// made this way differs from the stored image by the attribute alone, not by the compression.
///
/// # Errors
/// [`SyntheticError::Jpeg`], if the codec refuses.
pub fn photograph(face: &FaceParams) -> Result<RgbImage, SyntheticError> {
    let bytes = jpeg(&render(face), face.index())?;
    let decoded = image::load_from_memory_with_format(&bytes, image::ImageFormat::Jpeg)
        .map_err(|source| SyntheticError::Jpeg { index: face.index(), source })?;
    Ok(decoded.into_rgb8())
}

fn attributes(faces: &[FaceParams]) -> String {
    let mut text = format!("{}\n{}\n", faces.len(), labels::NAMES.join(" "));
    for face in faces {
        text += &file_name(face.index());
        for label in labels::celeba(face) {
            text += if label { "  1" } else { " -1" };
        }
        text.push('\n');
    }
    text
}

fn points(faces: &[FaceParams]) -> String {
    let mut text = format!(
        "{}\nlefteye_x lefteye_y righteye_x righteye_y nose_x nose_y leftmouth_x leftmouth_y \
         rightmouth_x rightmouth_y\n",
        faces.len()
    );
    for face in faces {
        text += &file_name(face.index());
        for [x, y] in landmarks(face) {
            // Writing to a string cannot fail.
            let _ = write!(text, " {x:.2} {y:.2}");
        }
        text.push('\n');
    }
    text
}

/// 80 % training, 10 % validation, 10 % test; no identity is in two parts.
fn partition(count: usize) -> String {
    let blocks = count.div_ceil(draw::BLOCK);
    (0..count).fold(String::new(), |mut text, i| {
        let place = 10 * (i / draw::BLOCK) / blocks;
        let part = place.saturating_sub(7);
        let _ = writeln!(text, "{} {part}", file_name(i));
        text
    })
}

fn identities(faces: &[FaceParams]) -> String {
    faces.iter().fold(String::new(), |mut text, face| {
        let _ = writeln!(text, "{} {}", file_name(face.index()), face.identity());
        text
    })
}
