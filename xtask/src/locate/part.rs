//! What an unfinished `data locate` has seen so far, in a file beside the table that it will write: a line per
//! photograph, of use as long as the photograph has the same size and time.

use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use faces::Glance;
use record::{Lock, Locking};

use crate::failure::Failure;

/// The first line. Its number is raised when faces are found in another way.
const HEADER: &str =
    "seen by `cargo xtask data locate`, version 1; of use to it until the table is whole\n";

/// A photograph as it lies on the disk.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Photo {
    pub(super) path: PathBuf,
    bytes: u64,
    /// When it was changed, nanoseconds since 1970; `None` where that is not known.
    changed: Option<u64>,
}

impl Photo {
    pub(super) fn of(path: PathBuf) -> Photo {
        let about = path.metadata().ok();
        let changed = about.as_ref().and_then(|about| about.modified().ok());
        let changed = changed.and_then(|time| time.duration_since(UNIX_EPOCH).ok());
        Photo {
            bytes: about.map_or(0, |about| about.len()),
            changed: changed.and_then(|time| time.as_nanos().try_into().ok()),
            path: path.canonicalize().unwrap_or(path),
        }
    }
}

/// The file, and what it said when it was opened.
#[derive(Debug)]
pub(super) struct Part {
    path: PathBuf,
    file: File,
    known: HashMap<Photo, Glance>,
    /// Photographs that were known when they were asked for.
    used: usize,
    /// `None` where the file system has no locks.
    _lock: Option<Lock>,
}

impl Part {
    /// The part of a table that is to be written.
    ///
    /// # Errors
    /// The file belongs to something else, to a run that goes on, or cannot be read and written.
    pub(super) fn of(table: &Path) -> Result<Part, Failure> {
        let mut path = table.as_os_str().to_owned();
        path.push(".part");
        let path = PathBuf::from(path);
        let failed = |e: io::Error| cannot(&path, &e);
        // Looked at before it is locked: to lock a file is to make it.
        let mut bytes = Vec::new();
        match File::open(&path) {
            Ok(mut file) => drop(file.read_to_end(&mut bytes).map_err(failed)?),
            Err(e) if e.kind() == io::ErrorKind::NotFound => {}
            Err(e) => return Err(failed(e)),
        }
        let begun = bytes.starts_with(HEADER.as_bytes());
        if !begun && !HEADER.as_bytes().starts_with(&bytes) {
            return Err(Failure::BadInput(format!(
                "error: {} is there and was not written by this `data locate`\nhelp: take it away, or give \
                 another name with --output",
                path.display()
            )));
        }
        let lock = match Lock::try_exclusive(&path).map_err(failed)? {
            Locking::Got(lock) => Some(lock),
            Locking::Unsupported => None,
            Locking::Held => {
                let table = table.display();
                return Err(Failure::Failed(format!(
                    "error: another `data locate` writes {table} now\nhelp: wait for it, or give another name \
                     with --output"
                )));
            }
        };
        let mut file = OpenOptions::new().append(true).open(&path).map_err(failed)?;
        if !begun {
            // A beginning of the header at most.
            file.set_len(0).and_then(|()| file.write_all(HEADER.as_bytes())).map_err(failed)?;
        } else if !bytes.ends_with(b"\n") {
            // A line that was cut off stays for itself.
            file.write_all(b"\n").map_err(failed)?;
        }
        let known = if begun { known(&bytes) } else { HashMap::new() };
        Ok(Part { path, file, known, used: 0, _lock: lock })
    }

    /// What is known of this very photograph.
    pub(super) fn known(&mut self, photo: &Photo) -> Option<Glance> {
        let known = photo.changed.and_then(|_| self.known.get(photo).cloned());
        self.used += usize::from(known.is_some());
        known
    }

    /// How often something was known.
    pub(super) fn used(&self) -> usize {
        self.used
    }

    /// Writes down what was seen, once.
    ///
    /// # Errors
    /// The file cannot be written.
    pub(super) fn note(&mut self, photo: &Photo, glance: &Glance) -> Result<(), Failure> {
        if self.known.contains_key(photo) {
            return Ok(());
        }
        let Photo { path, bytes, changed } = photo;
        let (Some(changed), Some(path)) = (changed, path.to_str()) else { return Ok(()) };
        let line = serde_json::json!([path, bytes, changed, glance]);
        // One call, one line: nothing stands between its halves.
        self.file.write_all(format!("{line}\n").as_bytes()).map_err(|e| cannot(&self.path, &e))
    }

    /// The table is whole.
    pub(super) fn done(self) {
        // What cannot be removed harms nobody: it is used only where it is right.
        let _ = std::fs::remove_file(&self.path);
    }
}

fn cannot(path: &Path, e: &io::Error) -> Failure {
    Failure::Failed(format!("error: cannot write {}: {e}", path.display()))
}

/// Lines that can be read; photographs of others are looked at again.
fn known(bytes: &[u8]) -> HashMap<Photo, Glance> {
    let lines = bytes.split(|byte| *byte == b'\n').skip(1);
    let read = lines.filter_map(|line| serde_json::from_slice(line).ok());
    read.map(|(path, bytes, changed, glance): (PathBuf, u64, u64, Glance)| {
        (Photo { path, bytes, changed: Some(changed) }, glance)
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const POINTS: data::Landmarks = [[0.1, 2.0], [3.3, 4.0], [5.0, 6.0], [7.0, 8.7], [9.0, 1e4]];

    fn glance(faces: usize) -> Glance {
        Glance { sides: (640, 480), faces, points: Some(POINTS), score: Some(12.345) }
    }

    fn photo(dir: &Path, name: &str, bytes: &[u8]) -> Photo {
        std::fs::write(dir.join(name), bytes).unwrap();
        Photo::of(dir.join(name))
    }

    #[test]
    fn what_was_seen_is_known_until_the_photograph_changes() {
        let dir = tempfile::tempdir().unwrap();
        let table = dir.path().join("t.csv");
        let [a, b] = ["a.jpg", "b.jpg"].map(|name| photo(dir.path(), name, b"12345"));
        let mut part = Part::of(&table).unwrap();
        part.note(&a, &glance(1)).unwrap();
        part.note(&b, &glance(2)).unwrap();
        drop(part);
        let mut part = Part::of(&table).unwrap();
        assert_eq!([part.known(&a), part.known(&b)], [Some(glance(1)), Some(glance(2))]);
        let longer = photo(dir.path(), "a.jpg", b"123456");
        assert_eq!((part.known(&longer), part.known(&b)), (None, Some(glance(2))));
        let later = Photo { changed: b.changed.map(|time| time + 1), ..b.clone() };
        assert_eq!(part.known(&later), None);
        part.done();
        assert!(!dir.path().join("t.csv.part").exists());
    }

    #[test]
    fn a_file_that_was_cut_off_anywhere_or_damaged_is_taken_up_and_never_believed() {
        let dir = tempfile::tempdir().unwrap();
        let (table, file) = (dir.path().join("t.csv"), dir.path().join("t.csv.part"));
        let [a, b] = ["a.jpg", "b.jpg"].map(|name| photo(dir.path(), name, b"12345"));
        let mut part = Part::of(&table).unwrap();
        part.note(&a, &glance(1)).unwrap();
        drop(part);
        let whole = std::fs::read(&file).unwrap();
        for cut in 0..whole.len() {
            std::fs::write(&file, &whole[..cut]).unwrap();
            let mut part = Part::of(&table).unwrap();
            assert!(part.known(&a).is_none_or(|known| known == glance(1)), "{cut}");
            part.note(&b, &glance(2)).unwrap();
            drop(part);
            assert_eq!(Part::of(&table).unwrap().known(&b), Some(glance(2)), "{cut}");
        }
        let garbage = [HEADER.as_bytes(), b"\xFF\n[1,2]\n{}\n\n", &whole[HEADER.len()..]].concat();
        std::fs::write(&file, garbage).unwrap();
        assert_eq!(Part::of(&table).unwrap().known(&a), Some(glance(1)));
    }

    #[test]
    fn a_file_of_somebody_else_and_of_a_run_that_goes_on_are_refused() {
        let dir = tempfile::tempdir().unwrap();
        let (table, file) = (dir.path().join("t.csv"), dir.path().join("t.csv.part"));
        std::fs::write(&file, "mine").unwrap();
        assert_eq!(Part::of(&table).unwrap_err().exit_code(), 2);
        assert_eq!(std::fs::read(&file).unwrap(), b"mine");
        std::fs::remove_file(&file).unwrap();
        let _one = Part::of(&table).unwrap();
        let other = Part::of(&table).unwrap_err().to_string();
        assert!(other.contains("another `data locate`"), "{other}");
    }
}
