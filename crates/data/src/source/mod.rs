//! Data sets on disk. Each reader answers with a [`Collection`]; no image is decoded here.

mod celeba;
mod drawn;
mod lfw;
pub(crate) mod listing;
mod mtfl;

use std::path::Path;

use config::Source;

pub(crate) use drawn::spec;

use crate::DataError;
use crate::face::Collection;

/// Reads the annotations of the configured data set; synthetic faces are drawn first, once, into
/// `cache/synthetic/<fingerprint>`. `progress` is told `(done, total)` while they are drawn.
///
/// # Errors
/// One sentence with file, line and remedy: [`DataError`].
pub(crate) fn open_with(
    data: &config::Data,
    cache: &Path,
    progress: &dyn Fn(usize, usize),
) -> Result<Collection, DataError> {
    match data.source {
        Source::Synthetic => drawn::open(data, cache, progress),
        Source::Celeba => celeba::open(listing::root(data)?, data, None),
        Source::Lfw => lfw::open(listing::root(data)?),
        Source::Mtfl => mtfl::open(listing::root(data)?),
    }
}

/// [`open_with`] without progress.
///
/// # Errors
/// As [`open_with`].
pub fn open(data: &config::Data, cache: &Path) -> Result<Collection, DataError> {
    open_with(data, cache, &|_, _| {})
}

/// The fingerprint that [`open`] would give, without drawing or decoding anything: of synthetic faces
/// a hash of their specification, of others BLAKE3 over the annotation files and over the names and
/// sizes of all images. 64 hex digits at most.
///
/// # Errors
/// As [`open`].
pub fn fingerprint(data: &config::Data, _cache: &Path) -> Result<String, DataError> {
    match data.source {
        Source::Synthetic => Ok(drawn::fingerprint(data)),
        Source::Celeba => celeba::fingerprint(listing::root(data)?, data.crop),
        Source::Lfw => lfw::fingerprint(listing::root(data)?),
        Source::Mtfl => mtfl::fingerprint(listing::root(data)?),
    }
}

/// Raised whenever framing or resampling changes the pixels of ordinary images, so that results never mix
/// two of them; a raise makes every cell another cell.
///
/// Not raised when the reader of photographs began to apply the EXIF orientation, which the images of CelebA
/// and MTFL do not have: cells that an older program trained are told apart by the code that made them, and what it
/// left in the cache is not believed, because nothing vouches for it.
const READER: u32 = 1;

fn hasher(source: &str) -> blake3::Hasher {
    let mut hasher = blake3::Hasher::new();
    hasher.update(source.as_bytes()).update(&READER.to_le_bytes());
    hasher
}

fn digest(hasher: &blake3::Hasher) -> String {
    hasher.finalize().to_hex().to_string()
}
