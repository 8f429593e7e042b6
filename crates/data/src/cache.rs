//! Decoded crops in one file, mapped into memory.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use memmap2::Mmap;
use record::Lock;

use crate::DataError;
use crate::decode::Decoder;
use crate::entry::{Entry, FillError};
use crate::face::{Face, Framing};

/// Crops of `size` x `size` RGB pixels, 8 bits, interleaved, one after the other.
#[derive(Debug)]
pub struct ImageCache {
    map: Mmap,
    size: usize,
}

/// Images decoded between two writes and progress reports.
const CHUNK: usize = 256;

impl ImageCache {
    /// The crops of `faces`, decoded now unless `dir/<key>.rgb` has them and its manifest
    /// `<key>.json` says that they are what was written: every byte is read.
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
        let entry = Entry { dir, key };
        let bytes = faces.len() * 3 * size * size;
        if entry.is_sound(bytes).is_ok() {
            return Ok(ImageCache { map: entry.map()?, size });
        }
        fs::create_dir_all(dir).map_err(DataError::io("create", dir))?;
        let lock_path = dir.join(format!("{key}.lock"));
        // A second process waits here and then finds the work done. Where the file system has no locks
        // both do it, under names of their own, and come to the same bytes.
        let waiting = || tracing::info!("another process decodes these images; waiting for it");
        let lock = Lock::exclusive_saying(&lock_path, waiting)
            .map_err(DataError::io("lock", &lock_path))?;
        if let Err(reason) = entry.is_sound(bytes) {
            if let Some(reason) = reason {
                tracing::warn!("{reason}: the images are decoded again");
            }
            if lock.is_some() {
                entry.clear_scratch();
            }
            entry.make(|out| fill(out, faces, framing, size, progress))?;
        }
        Ok(ImageCache { map: entry.map()?, size })
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

fn fill(
    out: &mut (dyn Write + Send),
    faces: &[Face],
    framing: Framing,
    size: usize,
    progress: &dyn Fn(usize, usize),
) -> Result<(), FillError> {
    let mut damaged = Vec::new();
    let mut decoder = Decoder::new(framing, size);
    let (mut ready, mut written) = (Vec::new(), Ok(()));
    progress(0, faces.len());
    for (i, chunk) in faces.chunks(CHUNK).enumerate() {
        // While a chunk is decoded, the one before it is hashed and written.
        let crops = rayon::in_place_scope(|scope| {
            scope.spawn(|_| written = write_all(out, &ready));
            decoder.crops(&chunk.iter().collect::<Vec<_>>())
        });
        std::mem::replace(&mut written, Ok(())).map_err(FillError::Write)?;
        ready.clear();
        for (face, crop) in chunk.iter().zip(crops) {
            match crop {
                Ok(crop) => ready.push(crop),
                Err(reason) => damaged.push((face.origin.clone(), reason)),
            }
        }
        progress(i * CHUNK + chunk.len(), faces.len());
    }
    write_all(out, &ready).map_err(FillError::Write)?;
    if damaged.is_empty() { Ok(()) } else { Err(FillError::Images(damaged)) }
}

fn write_all(out: &mut dyn Write, crops: &[Vec<u8>]) -> io::Result<()> {
    crops.iter().try_for_each(|crop| out.write_all(crop))
}

/// Appends images to `out` as `[n, 3, size, size]` values in [-1, 1], mirrored where asked.
/// `faces` and `flips` have one entry per image.
pub fn gather(images: &ImageCache, faces: &[usize], flips: &[bool], out: &mut Vec<f32>) {
    let size = images.size();
    let start = out.len();
    out.resize(start + faces.len() * 3 * size * size, 0.0);
    let slots = out[start..].chunks_exact_mut(3 * size * size);
    for ((slot, &face), &flip) in slots.zip(faces).zip(flips) {
        fill_planes(images.image(face), size, flip, slot);
    }
}

/// A crop (rows of RGB bytes) as `[3, size, size]` values in [-1, 1], mirrored if asked.
pub fn planar(bytes: &[u8], size: usize, flip: bool) -> Vec<f32> {
    let mut planes = vec![0.0; 3 * size * size];
    fill_planes(bytes, size, flip, &mut planes);
    planes
}

fn fill_planes(bytes: &[u8], size: usize, flip: bool, planes: &mut [f32]) {
    for (y, row) in bytes.chunks_exact(3 * size).enumerate() {
        for (x, pixel) in row.chunks_exact(3).enumerate() {
            let at = y * size + if flip { size - 1 - x } else { x };
            for (channel, value) in pixel.iter().enumerate() {
                planes[channel * size * size + at] = f32::from(*value) / 127.5 - 1.0;
            }
        }
    }
}
