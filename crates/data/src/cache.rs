//! Decoded crops in one file, mapped into memory.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use memmap2::Mmap;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::DataError;
use crate::decode;
use crate::face::{Face, Framing};

/// Crops of `size` x `size` RGB pixels, 8 bits, interleaved, one after the other.
#[derive(Debug)]
pub struct ImageCache {
    map: Mmap,
    size: usize,
}

/// Written last: where it stands, the pixels are whole.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Card {
    key: String,
    count: usize,
    size: usize,
}

/// Images decoded between two writes and progress reports.
const CHUNK: usize = 256;
/// Damaged images named in an error.
const NAMED: usize = 5;

impl ImageCache {
    /// The crops of `faces`, decoded now unless `dir/<key>` has them.
    ///
    /// # Errors
    /// [`DataError::Images`] with the first damaged files, [`DataError::Io`] when the disk refuses;
    /// nothing half-written stays.
    pub(crate) fn open(
        dir: &Path,
        key: &str,
        faces: &[Face],
        framing: Framing,
        size: usize,
        progress: &dyn Fn(usize, usize),
    ) -> Result<ImageCache, DataError> {
        fs::create_dir_all(dir).map_err(DataError::io("create", dir))?;
        let pixels = dir.join(format!("{key}.rgb"));
        let card_path = dir.join(format!("{key}.json"));
        let card = Card { key: key.to_owned(), count: faces.len(), size };
        let lock_path = dir.join(format!("{key}.lock"));
        let lock = File::create(&lock_path).map_err(DataError::io("create", &lock_path))?;
        // A second process waits here and then finds the work done.
        lock.lock().map_err(DataError::io("lock", &lock_path))?;
        if !whole(&pixels, &card_path, &card) {
            let scratch = dir.join(format!("{key}.partial"));
            let result = fill(&scratch, faces, framing, size, progress).and_then(|()| {
                fs::rename(&scratch, &pixels).map_err(DataError::io("write", &pixels))?;
                let text = serde_json::to_vec(&card).expect("a card is plain JSON");
                fs::write(&card_path, text).map_err(DataError::io("write", &card_path))
            });
            if result.is_err() {
                // The first error is the one to report.
                let _ = fs::remove_file(&scratch);
            }
            result?;
        }
        let file = File::open(&pixels).map_err(DataError::io("read", &pixels))?;
        let map = map(&file).map_err(DataError::io("map", &pixels))?;
        Ok(ImageCache { map, size })
    }

    /// Side of the crops in pixels.
    pub fn size(&self) -> usize {
        self.size
    }

    /// Number of crops.
    pub fn len(&self) -> usize {
        self.map.len() / (3 * self.size * self.size)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.map.is_empty()
    }

    /// One crop: rows of RGB bytes.
    pub fn image(&self, index: usize) -> &[u8] {
        let bytes = 3 * self.size * self.size;
        &self.map[index * bytes..][..bytes]
    }
}

#[allow(unsafe_code, reason = "mapping a file is unsafe because others could change it")]
fn map(file: &File) -> std::io::Result<Mmap> {
    // SAFETY: cache files get their name by a rename and are never written again.
    unsafe { Mmap::map(file) }
}

fn whole(pixels: &Path, card_path: &Path, card: &Card) -> bool {
    let bytes = (card.count * 3 * card.size * card.size) as u64;
    let written = fs::read(card_path).ok().and_then(|text| serde_json::from_slice(&text).ok());
    written.as_ref() == Some(card) && fs::metadata(pixels).is_ok_and(|data| data.len() == bytes)
}

fn fill(
    path: &PathBuf,
    faces: &[Face],
    framing: Framing,
    size: usize,
    progress: &dyn Fn(usize, usize),
) -> Result<(), DataError> {
    let file = File::create(path).map_err(DataError::io("create", path))?;
    let mut out = BufWriter::new(file);
    let mut damaged = Vec::new();
    progress(0, faces.len());
    for (i, chunk) in faces.chunks(CHUNK).enumerate() {
        let crops: Vec<Result<Vec<u8>, String>> =
            chunk.par_iter().map(|face| decode::crop(face, framing, size)).collect();
        for (face, crop) in chunk.iter().zip(crops) {
            match crop {
                Ok(crop) => out.write_all(&crop).map_err(DataError::io("write", path))?,
                Err(reason) => damaged.push(format!("{} {reason}", face.path.display())),
            }
        }
        progress(i * CHUNK + chunk.len(), faces.len());
    }
    if !damaged.is_empty() {
        let count = damaged.len();
        damaged.truncate(NAMED);
        return Err(DataError::Images { count, list: damaged });
    }
    let file = out.into_inner().map_err(|e| DataError::io("write", path)(e.into_error()))?;
    file.sync_all().map_err(DataError::io("write", path))
}

/// Appends images to `out` as `[n, 3, size, size]` values in [-1, 1], mirrored where asked.
/// `faces` and `flips` have one entry per image.
pub fn gather(images: &ImageCache, faces: &[usize], flips: &[bool], out: &mut Vec<f32>) {
    let size = images.size();
    let plane = size * size;
    let start = out.len();
    out.resize(start + faces.len() * 3 * plane, 0.0);
    let slots = out[start..].chunks_exact_mut(3 * plane);
    for ((slot, &face), &flip) in slots.zip(faces).zip(flips) {
        let source = images.image(face);
        for (y, row) in source.chunks_exact(3 * size).enumerate() {
            for (x, pixel) in row.chunks_exact(3).enumerate() {
                let at = y * size + if flip { size - 1 - x } else { x };
                for (channel, value) in pixel.iter().enumerate() {
                    slot[channel * plane + at] = f32::from(*value) / 127.5 - 1.0;
                }
            }
        }
    }
}
