//! The beginning and end of every fingerprint.

/// Raised whenever framing or resampling changes the pixels of ordinary images, so that results never mix
/// two of them; a raise makes every cell another cell.
///
/// Not raised when the reader of photographs began to apply the EXIF orientation, which the images of CelebA
/// and MTFL do not have: cells that an older program trained are told apart by the code that made them, and what it
/// left in the cache is not believed, because nothing vouches for it.
const READER: u32 = 1;

pub(crate) fn hasher(source: &str) -> blake3::Hasher {
    let mut hasher = blake3::Hasher::new();
    hasher.update(source.as_bytes()).update(&READER.to_le_bytes());
    hasher
}

pub(crate) fn digest(hasher: &blake3::Hasher) -> String {
    hasher.finalize().to_hex().to_string()
}
