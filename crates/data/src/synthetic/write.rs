//! Writes a synthetic data set in CelebA's layout on disk, all of it or nothing.

use super::labels;
use super::params::FaceParams;
use super::{GENERATOR_VERSION, HEIGHT, Spec, WIDTH, draw, landmarks, render};
use image::codecs::jpeg::JpegEncoder;
use image::{ExtendedColorType, ImageError, RgbImage};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::fmt::Write as _;
use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

/// The file that says what a directory holds; a directory without it is not complete.
const CARD: &str = "synthetic.json";
const IMAGES: &str = "img_align_celeba";
/// CelebA's images are JPEG; at this quality compression costs less than the camera's noise.
const JPEG_QUALITY: u8 = 95;
/// Images between two calls of the progress report.
const CHUNK: usize = 64;

/// Why a synthetic data set could not be written.
#[derive(Debug, thiserror::Error)]
pub enum SyntheticError {
    /// The file system refused.
    #[error("cannot {action} {}: {source}; free the path or choose another place for the synthetic faces", path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// On which path.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// The directory holds something else.
    #[error("{} exists and does not hold this synthetic data set ({found}); remove it or choose another directory", path.display())]
    Occupied {
        /// The directory.
        path: PathBuf,
        /// What was found there.
        found: String,
    },
    /// An image could not be encoded or decoded.
    #[error(
        "cannot compress synthetic face {index}: {source}; report this with the data set's seed"
    )]
    Jpeg {
        /// Number of the face, from 0.
        index: usize,
        /// The codec's reason.
        source: ImageError,
    },
}

/// What [`write`] did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The data set was made now.
    Generated,
    /// It was complete already; nothing was touched.
    Found,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Card {
    generator_version: u32,
    fingerprint: String,
    spec: Spec,
}

/// Makes `dir` hold the data set of `spec` in CelebA's layout: `img_align_celeba/000001.jpg` and on,
/// `list_attr_celeba.txt`, `list_landmarks_align_celeba.txt` (with decimals, where CelebA rounds),
/// `list_eval_partition.txt`, `identity_CelebA.txt`, and `synthetic.json`.
///
/// `progress(done, count)` is called on this thread. The files grow in a hidden sibling of `dir` that
/// takes its name at the end, so `dir` is complete whenever it exists; leavings of a killed run are
/// cleared by the next one. Two processes may ask for the same directory: the second waits.
///
/// # Errors
/// [`SyntheticError::Occupied`] if `dir` holds anything but this data set; `Io` if the disk fails.
pub fn write(
    dir: &Path,
    spec: &Spec,
    progress: &dyn Fn(usize, usize),
) -> Result<Outcome, SyntheticError> {
    if complete(dir, spec)? {
        return Ok(Outcome::Found);
    }
    let parent = match dir.parent() {
        Some(p) if !p.as_os_str().is_empty() => p,
        _ => Path::new("."),
    };
    fs::create_dir_all(parent).map_err(failed("create", parent))?;
    let name = dir.file_name().unwrap_or_default().to_string_lossy();
    let lock_path = parent.join(format!(".{name}.lock"));
    let lock = File::create(&lock_path).map_err(failed("create", &lock_path))?;
    match lock.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => lock.lock().map_err(failed("lock", &lock_path))?,
        Err(TryLockError::Error(e)) => return Err(failed("lock", &lock_path)(e)),
    }
    // Another process may have finished while this one waited for the lock.
    if complete(dir, spec)? {
        return Ok(Outcome::Found);
    }
    let scratch = parent.join(format!(".{name}.partial"));
    if scratch.exists() {
        fs::remove_dir_all(&scratch).map_err(failed("clear", &scratch))?;
    }
    let result = fill(&scratch, spec, progress)
        .and_then(|()| fs::rename(&scratch, dir).map_err(failed("create", dir)));
    if result.is_err() {
        // The first error is the one to report; what cannot be cleared now the next run clears.
        let _ = fs::remove_dir_all(&scratch);
    }
    result.map(|()| Outcome::Generated)
}

/// Whether `dir` already holds the data set; an error if it holds something else.
fn complete(dir: &Path, spec: &Spec) -> Result<bool, SyntheticError> {
    let occupied = |found: String| SyntheticError::Occupied { path: dir.into(), found };
    match fs::read_to_string(dir.join(CARD)) {
        Ok(text) => {
            let card: Card = serde_json::from_str(&text)
                .map_err(|e| occupied(format!("its {CARD} does not parse: {e}")))?;
            if card == Card::of(spec) {
                return Ok(true);
            }
            Err(occupied(format!(
                "its {CARD} says generator version {}, {:?}",
                card.generator_version, card.spec
            )))
        }
        Err(e) if e.kind() == io::ErrorKind::NotFound => {
            let empty = fs::read_dir(dir).map_or(true, |mut entries| entries.next().is_none());
            if empty { Ok(false) } else { Err(occupied(format!("it has no {CARD}"))) }
        }
        Err(e) => Err(failed("read", &dir.join(CARD))(e)),
    }
}

impl Card {
    fn of(spec: &Spec) -> Card {
        Card {
            generator_version: GENERATOR_VERSION,
            fingerprint: spec.fingerprint(),
            spec: spec.clone(),
        }
    }
}

fn failed(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> SyntheticError {
    let path = path.to_path_buf();
    move |source| SyntheticError::Io { action, path, source }
}

/// Writes every file of the data set into a fresh directory, the card last.
fn fill(dir: &Path, spec: &Spec, progress: &dyn Fn(usize, usize)) -> Result<(), SyntheticError> {
    let images = dir.join(IMAGES);
    fs::create_dir_all(&images).map_err(failed("create", &images))?;
    let put = |name: &str, text: String| {
        let path = dir.join(name);
        fs::write(&path, text).map_err(failed("write", &path))
    };
    let faces: Vec<FaceParams> = (0..spec.count).into_par_iter().map(|i| draw(i, spec)).collect();
    put("list_attr_celeba.txt", attributes(&faces))?;
    put("list_landmarks_align_celeba.txt", points(&faces))?;
    put("list_eval_partition.txt", partition(spec.count))?;
    put("identity_CelebA.txt", identities(&faces))?;
    progress(0, spec.count);
    for (i, chunk) in faces.chunks(CHUNK).enumerate() {
        chunk.par_iter().try_for_each(|face| {
            let path = images.join(file_name(face.index()));
            fs::write(&path, jpeg(&render(face), face.index())?).map_err(failed("write", &path))
        })?;
        progress(i * CHUNK + chunk.len(), spec.count);
    }
    let card = serde_json::to_string_pretty(&Card::of(spec)).unwrap_or_default();
    put(CARD, card + "\n")
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
