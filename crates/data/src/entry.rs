//! One entry of the cache of decoded images: pixels under a key, and the proof of them.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use memmap2::Mmap;
use record::{FileProof, Manifest, Proof};

use crate::origin::Origin;
use crate::{DataError, PROGRAM};

/// The files of one key.
pub(crate) struct Entry<'a> {
    pub(crate) dir: &'a Path,
    pub(crate) key: &'a str,
}

impl Entry<'_> {
    fn pixels(&self) -> PathBuf {
        self.dir.join(self.pixels_name())
    }

    fn pixels_name(&self) -> String {
        format!("{}.rgb", self.key)
    }

    fn manifest_name(&self) -> String {
        format!("{}.json", self.key)
    }

    /// Whether the entry is what was written; otherwise why not, if there is anything at all.
    pub(crate) fn is_sound(&self, bytes: usize) -> Result<(), Option<String>> {
        let (pixels, manifest) = (self.pixels(), self.dir.join(self.manifest_name()));
        match Proof::read(self.dir, &self.manifest_name(), self.key) {
            Proof::Sound if fs::metadata(&pixels).is_ok_and(|d| d.len() == bytes as u64) => Ok(()),
            Proof::Sound | Proof::Stale => {
                Err(Some(format!("{} vouches for other images", manifest.display())))
            }
            Proof::Damaged(damages) => {
                let damages: Vec<String> = damages.iter().map(ToString::to_string).collect();
                Err(Some(damages.join("; ")))
            }
            Proof::Absent if pixels.exists() => {
                Err(Some(format!("nothing vouches for {}", pixels.display())))
            }
            Proof::Absent => Err(None),
        }
    }

    /// Writes the images by `fill` and then the manifest that vouches for them.
    pub(crate) fn make(
        &self,
        fill: impl FnOnce(&mut (dyn Write + Send)) -> Result<(), FillError>,
    ) -> Result<(), DataError> {
        let (pixels, name) = (self.pixels(), self.manifest_name());
        let scratch = record::scratch_beside(&pixels);
        let result = self.write(&scratch, fill).and_then(|proof| {
            fs::rename(&scratch, &pixels).map_err(DataError::io("write", &pixels))?;
            Ok(proof)
        });
        if result.is_err() {
            // The first error is the one to report.
            let _ = fs::remove_file(&scratch);
        }
        let manifest = Manifest {
            config_hash: self.key.to_owned(),
            program: PROGRAM.to_owned(),
            files: vec![result?],
            ..Manifest::default()
        };
        let path = self.dir.join(name);
        let text = manifest.to_sealed().map_err(DataError::io("write", &path))?;
        record::write_atomic(&path, &text).map_err(DataError::io("write", &path))
    }

    /// The pixels into `scratch`, until they are on the disk.
    fn write(
        &self,
        scratch: &Path,
        fill: impl FnOnce(&mut (dyn Write + Send)) -> Result<(), FillError>,
    ) -> Result<FileProof, DataError> {
        let file = File::create(scratch).map_err(DataError::io("create", scratch))?;
        let mut out = Hashing { out: BufWriter::new(file), hasher: blake3::Hasher::new() };
        fill(&mut out).map_err(|error| error.at(scratch))?;
        let failed = DataError::io("write", scratch);
        let written = out.out.into_inner().map_err(|e| e.into_error());
        written.and_then(|file| file.sync_all()).map_err(failed)?;
        let blake3 = out.hasher.finalize().to_hex().to_string();
        Ok(FileProof { path: self.pixels_name(), bytes: out.hasher.count(), blake3 })
    }

    /// Removes what killed processes left of this key, while no other can be writing it.
    pub(crate) fn clear_scratch(&self) {
        for entry in fs::read_dir(self.dir).into_iter().flatten().flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            let ours = name.strip_prefix(self.key).is_some_and(|rest| {
                // Versions before unique names wrote to the latter.
                rest.starts_with('.') && record::is_scratch(rest) || rest == ".partial"
            });
            if ours {
                let _ = fs::remove_file(entry.path());
            }
        }
    }

    /// The pixels, mapped into memory.
    pub(crate) fn map(&self) -> Result<Mmap, DataError> {
        let pixels = self.pixels();
        let file = File::open(&pixels).map_err(DataError::io("read", &pixels))?;
        map(&file).map_err(DataError::io("map", &pixels))
    }
}

/// Passes bytes on and hashes them, so that the proof is of what was meant to be written.
struct Hashing<W> {
    out: W,
    hasher: blake3::Hasher,
}

impl<W: Write> Write for Hashing<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.out.write(bytes)?;
        self.hasher.update(&bytes[..count]);
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// Why images did not come into a file.
pub(crate) enum FillError {
    Write(io::Error),
    Images(Vec<(Origin, String)>),
}

impl FillError {
    fn at(self, path: &Path) -> DataError {
        match self {
            FillError::Write(source) => DataError::io("write", path)(source),
            FillError::Images(damaged) => Origin::unusable(&damaged),
        }
    }
}

#[allow(unsafe_code, reason = "mapping a file is unsafe because others could change it")]
fn map(file: &File) -> io::Result<Mmap> {
    // SAFETY: cache files get their name by a rename and are never written again.
    unsafe { Mmap::map(file) }
}

#[cfg(test)]
mod tests {
    use std::sync::Barrier;

    use super::*;

    const KEY: &str = "0123456789abcdef";

    fn entry(dir: &Path) -> Entry<'_> {
        Entry { dir, key: KEY }
    }

    fn names(dir: &Path) -> Vec<String> {
        let entries = fs::read_dir(dir).unwrap();
        let mut names: Vec<String> =
            entries.map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn a_full_disk_is_an_error_of_the_machine_and_leaves_nothing_under_a_final_name() {
        let dir = tempfile::tempdir().unwrap();
        let error = entry(dir.path())
            .make(|out| {
                out.write_all(&[7; 100]).map_err(FillError::Write)?;
                Err(FillError::Write(io::ErrorKind::StorageFull.into()))
            })
            .unwrap_err();
        let full = matches!(&error, DataError::Io { source, .. }
            if source.kind() == io::ErrorKind::StorageFull);
        assert!(full && !error.is_bad_input(), "{error}");
        assert_eq!(names(dir.path()), Vec::<String>::new());
    }

    /// What two processes do where the file system has no locks.
    #[test]
    fn two_writers_without_a_lock_come_to_one_sound_entry() {
        let dir = tempfile::tempdir().unwrap();
        let both = Barrier::new(2);
        std::thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    let write = |out: &mut (dyn Write + Send)| {
                        out.write_all(&[7; 50]).map_err(FillError::Write)?;
                        both.wait();
                        out.write_all(&[9; 50]).map_err(FillError::Write)
                    };
                    entry(dir.path()).make(write).unwrap();
                    assert_eq!(entry(dir.path()).is_sound(100), Ok(()));
                });
            }
        });
        assert_eq!(names(dir.path()), [format!("{KEY}.json"), format!("{KEY}.rgb")]);
    }

    #[test]
    fn leavings_of_killed_processes_are_cleared_and_other_keys_are_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        let scratch = record::scratch_beside(&entry(dir.path()).pixels());
        let other = record::scratch_beside(&dir.path().join("fedcba9876543210.rgb"));
        fs::write(scratch, "x").unwrap();
        fs::write(dir.path().join(format!("{KEY}.partial")), "x").unwrap();
        fs::write(&other, "x").unwrap();
        entry(dir.path()).clear_scratch();
        assert_eq!(names(dir.path()), [other.file_name().unwrap().to_str().unwrap()]);
    }

    #[test]
    fn other_images_under_the_same_key_are_not_believed() {
        let dir = tempfile::tempdir().unwrap();
        entry(dir.path()).make(|out| out.write_all(&[7; 100]).map_err(FillError::Write)).unwrap();
        assert!(entry(dir.path()).is_sound(100).is_ok());
        assert!(entry(dir.path()).is_sound(200).unwrap_err().unwrap().contains("other images"));
    }
}
