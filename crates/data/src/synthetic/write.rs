//! Writes a synthetic data set on disk, all of it or nothing, and tells whether one is whole.

use super::Spec;
use super::card::Card;
use super::error::{SyntheticError, failed};
use super::layout::{CARD, CHUNK, IMAGES, MANIFEST, fill};
use rayon::prelude::*;
use record::{Damage, FileProof, Lock, Manifest};
use std::fs;
use std::io;
use std::path::Path;

/// What [`write()`] did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The data set was made now.
    Generated,
    /// It was complete already; nothing was touched.
    Found,
}

/// Makes `dir` hold the data set of `spec` in CelebA's layout: `img_align_celeba/000001.jpg` and on,
/// `list_attr_celeba.txt`, `list_landmarks_align_celeba.txt` (with decimals, where CelebA rounds),
/// `list_eval_partition.txt`, `identity_CelebA.txt`, `synthetic.json`, and `manifest.json` with size and
/// BLAKE3 of all of them.
///
/// `progress(done, count)` is called on this thread. The files grow in a hidden sibling of `dir` that
/// takes its name at the end, so `dir` is complete whenever it exists; leavings of a killed run are
/// cleared by the next one. Two processes may ask for the same directory: the second waits, or does the
/// same work where the file system has no locks.
///
/// # Errors
/// [`SyntheticError::Occupied`] if `dir` holds anything but this data set, whole; `Io` if the disk fails.
pub fn write(
    dir: &Path,
    spec: &Spec,
    progress: &dyn Fn(usize, usize),
) -> Result<Outcome, SyntheticError> {
    ensure(dir, spec, Repair::Never, progress)
}

/// [`write()`] into a directory that nobody else writes: what is damaged there is drawn again.
///
/// # Errors
/// As [`write()`]; `Occupied` only where nothing says that the directory is ours.
pub(crate) fn write_cached(
    dir: &Path,
    spec: &Spec,
    progress: &dyn Fn(usize, usize),
) -> Result<Outcome, SyntheticError> {
    ensure(dir, spec, Repair::Always, progress)
}

/// Whether a damaged data set is made whole, which replaces files.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Repair {
    Never,
    Always,
}

fn ensure(
    dir: &Path,
    spec: &Spec,
    repair: Repair,
    progress: &dyn Fn(usize, usize),
) -> Result<Outcome, SyntheticError> {
    if state(dir, spec)? == State::Whole {
        return Ok(Outcome::Found);
    }
    let parent = match dir.parent() {
        Some(p) if !p.as_os_str().is_empty() => p,
        _ => Path::new("."),
    };
    fs::create_dir_all(parent).map_err(failed("create", parent))?;
    let name = dir.file_name().unwrap_or_default().to_string_lossy();
    let hidden = parent.join(format!(".{name}"));
    let lock_path = parent.join(format!(".{name}.lock"));
    let waiting = || tracing::info!("another process draws these faces; waiting for it");
    let lock = Lock::exclusive_saying(&lock_path, waiting).map_err(failed("lock", &lock_path))?;
    if lock.is_some() {
        clear_scratch(parent, &format!(".{name}"));
    }
    // Another process may have finished while this one waited for the lock.
    let damages = match state(dir, spec)? {
        State::Whole => return Ok(Outcome::Found),
        State::Absent => Vec::new(),
        State::Damaged(damages) => damages,
    };
    if let Some(first) = damages.first() {
        if repair == Repair::Never {
            let found = format!("damaged: {first}");
            return Err(SyntheticError::Occupied { path: dir.into(), found });
        }
        let others = match damages.len() - 1 {
            0 => String::new(),
            others => format!(" and {others} more file(s)"),
        };
        tracing::warn!("{first}{others}: the synthetic faces are drawn again");
    }
    make(dir, &hidden, spec, damages.is_empty(), progress).map(|()| Outcome::Generated)
}

/// Draws the faces and brings them to `dir`: all at once where there is nothing, else file by file. Safe
/// beside others that do the same.
fn make(
    dir: &Path,
    hidden: &Path,
    spec: &Spec,
    fresh: bool,
    progress: &dyn Fn(usize, usize),
) -> Result<(), SyntheticError> {
    let scratch = record::scratch_beside(hidden);
    let result = fill(&scratch, spec, progress).and_then(|files| match fresh {
        true => take_place(&scratch, dir, spec),
        false => replace(&scratch, dir, &files),
    });
    // What cannot be cleared now the next run clears; of two errors the first is the one to report.
    let _ = fs::remove_dir_all(&scratch);
    result
}

/// Gives a finished directory its name.
fn take_place(scratch: &Path, dir: &Path, spec: &Spec) -> Result<(), SyntheticError> {
    match fs::rename(scratch, dir) {
        Ok(()) => Ok(()),
        // Without locks another process can have been faster, with the same bytes.
        Err(_) if state(dir, spec)? == State::Whole => Ok(()),
        Err(e) => Err(failed("create", dir)(e)),
    }
}

/// Brings each file of a finished directory to its place, the proof last. Whoever reads there meanwhile
/// finds files that are whole, and files of others stay.
fn replace(scratch: &Path, dir: &Path, files: &[FileProof]) -> Result<(), SyntheticError> {
    let images = dir.join(IMAGES);
    fs::create_dir_all(&images).map_err(failed("create", &images))?;
    for name in files.iter().map(|file| file.path.as_str()).chain([MANIFEST]) {
        let path = dir.join(name);
        fs::rename(scratch.join(name), &path).map_err(failed("write", &path))?;
    }
    Ok(())
}

/// Removes what killed processes left beside a data set while no other can be writing it.
fn clear_scratch(parent: &Path, hidden: &str) {
    for entry in fs::read_dir(parent).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        // Versions before unique names wrote to the latter.
        let leaving = |rest: &str| record::is_scratch(rest) || rest == ".partial";
        if name.strip_prefix(hidden).is_some_and(leaving) {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

/// What a directory holds.
#[derive(Debug, PartialEq)]
enum State {
    /// Nothing.
    Absent,
    /// The data set, every byte of it.
    Whole,
    /// The data set, but not as it was written.
    Damaged(Vec<Damage>),
}

/// Reads every file of `dir`; an error if it holds something else than the data set.
fn state(dir: &Path, spec: &Spec) -> Result<State, SyntheticError> {
    let empty = fs::read_dir(dir).map_or(true, |mut entries| entries.next().is_none());
    if empty {
        return Ok(State::Absent);
    }
    let card_path = dir.join(CARD);
    let read = |path: &Path| match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(e) => Err(failed("read", path)(e)),
    };
    let card = read(&card_path)?;
    let manifest_path = dir.join(MANIFEST);
    let damaged = |problem: String| Damage { path: manifest_path.clone(), problem };
    let manifest = match read(&manifest_path)? {
        None => Err(damaged("is missing: nothing vouches for these faces".to_owned())),
        Some(bytes) => Manifest::parse(&bytes).map_err(damaged),
    };
    let fingerprint = spec.fingerprint();
    match manifest {
        Ok(manifest) if manifest.config_hash == fingerprint => {
            let damages = damages(dir, manifest);
            Ok(if damages.is_empty() { State::Whole } else { State::Damaged(damages) })
        }
        other => {
            // Either of the two says whose the directory is; the proof alone can say that it is whole.
            let occupied = |found: String| SyntheticError::Occupied { path: dir.into(), found };
            let card = card.ok_or_else(|| occupied(format!("it has no {CARD}")))?;
            let card: Card = serde_json::from_slice(&card)
                .map_err(|e| occupied(format!("its {CARD} does not parse: {e}")))?;
            if card != Card::of(spec) {
                return Err(occupied(format!(
                    "its {CARD} says generator version {}, {:?}",
                    card.generator_version, card.spec
                )));
            }
            let other = other.err();
            let other = other.unwrap_or_else(|| damaged("vouches for other faces".to_owned()));
            Ok(State::Damaged(vec![other]))
        }
    }
}

/// What is wrong with the files of a manifest; on all cores, since they are many.
pub(crate) fn damages(dir: &Path, manifest: Manifest) -> Vec<Damage> {
    let pieces: Vec<Manifest> = manifest
        .files
        .chunks(CHUNK)
        .map(|files| Manifest { files: files.to_vec(), ..Manifest::default() })
        .collect();
    pieces.par_iter().flat_map_iter(|piece| piece.damages(dir)).collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Barrier;

    use super::*;

    /// What two processes do where the file system has no locks.
    #[test]
    fn two_writers_without_a_lock_come_to_one_whole_data_set() {
        let spec = Spec { count: 16, seed: 3, correlation: 0.5 };
        let place = tempfile::tempdir().unwrap();
        let (dir, hidden) = (place.path().join("faces"), place.path().join(".faces"));
        for fresh in [true, false] {
            let both = Barrier::new(2);
            std::thread::scope(|scope| {
                for _ in 0..2 {
                    scope.spawn(|| {
                        let together = |done: usize, _: usize| {
                            if done == 0 {
                                both.wait();
                            }
                        };
                        make(&dir, &hidden, &spec, fresh, &together).unwrap();
                        assert_eq!(state(&dir, &spec).unwrap(), State::Whole);
                    });
                }
            });
            assert_eq!(fs::read_dir(place.path()).unwrap().count(), 1, "nothing else stays");
            // The second time they repair.
            fs::write(dir.join(MANIFEST), "{}").unwrap();
        }
    }
}
