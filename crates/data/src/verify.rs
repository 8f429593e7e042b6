//! Everything that this crate wrote into a cache, byte by byte against its manifests.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

use record::{Damage, Lock, Locking, Manifest};

use crate::synthetic::{self, MANIFEST};

/// Reads `cache/images` and `cache/synthetic`: names each file that is not what was written and each
/// that nothing vouches for, apart from locks, from files not committed yet, and from entries that a
/// process is writing now. Such files are never used: the next run that needs them makes them again.
pub fn verify_cache(cache: &Path) -> Vec<Damage> {
    let mut found = images(&cache.join("images"));
    found.extend(faces(&cache.join("synthetic")));
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

/// Decoded images: `<key>.json` vouches for `<key>.rgb`.
fn images(dir: &Path) -> Vec<Damage> {
    let mut found = Vec::new();
    let mut vouched = HashSet::new();
    let listed = list(dir);
    for (name, path) in &listed {
        let Some(key) = name.strip_suffix(".json") else { continue };
        match parse(path) {
            Ok(manifest) if manifest.config_hash == key => {
                vouched.insert(path.clone());
                vouched.extend(manifest.files.iter().map(|file| dir.join(&file.path)));
                found.extend(manifest.damages(dir));
            }
            Ok(_) => found.push(damage(path, "vouches for other images")),
            Err(problem) => found.push(damage(path, problem)),
        }
    }
    let known: HashSet<PathBuf> = found.iter().map(|damage| damage.path.clone()).collect();
    let unknown = |path: &&PathBuf| !vouched.contains(*path) && !known.contains(*path);
    found.extend(listed.iter().map(|(_, path)| path).filter(unknown).map(|path| unvouched(path)));
    found.retain(|damage| {
        let name = damage.path.file_name().unwrap_or_default().to_string_lossy();
        let key = name.split('.').next().unwrap_or_default();
        !is_written_now(&dir.join(format!("{key}.lock")))
    });
    found
}

/// Drawn faces: `<fingerprint>/manifest.json` vouches for all files beside it.
fn faces(dir: &Path) -> Vec<Damage> {
    let mut found = Vec::new();
    for (name, path) in list(dir) {
        let manifest = match parse(&path.join(MANIFEST)) {
            Ok(manifest) => manifest,
            Err(_) if !path.join(MANIFEST).exists() => {
                found.push(unvouched(&path));
                continue;
            }
            Err(problem) => {
                found.push(damage(&path.join(MANIFEST), problem));
                continue;
            }
        };
        if manifest.config_hash != name {
            found.push(damage(&path.join(MANIFEST), "vouches for other faces"));
            continue;
        }
        let files = manifest.files.iter().map(|file| path.join(&file.path));
        let vouched: HashSet<PathBuf> = files.chain([path.join(MANIFEST)]).collect();
        let mut here = synthetic::damages(&path, manifest);
        let mut there = Vec::new();
        walk(&path, &mut there);
        here.extend(
            there.iter().filter(|file| !vouched.contains(*file)).map(|file| unvouched(file)),
        );
        if !here.is_empty() && !is_written_now(&dir.join(format!(".{name}.lock"))) {
            found.append(&mut here);
        }
    }
    found
}

/// What counts in a directory: no locks, nothing uncommitted.
fn list(dir: &Path) -> Vec<(String, PathBuf)> {
    let entries = fs::read_dir(dir).into_iter().flatten().flatten();
    let named = entries.map(|e| (e.file_name().to_string_lossy().into_owned(), e.path()));
    let counts = |(name, _): &(String, PathBuf)| {
        !name.ends_with(".lock") && !name.ends_with(".partial") && !record::is_scratch(name)
    };
    named.filter(counts).collect()
}

/// Every file below a directory.
fn walk(dir: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).into_iter().flatten().flatten() {
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => walk(&entry.path(), files),
            _ => files.push(entry.path()),
        }
    }
}

fn parse(path: &Path) -> Result<Manifest, String> {
    let bytes = fs::read(path).map_err(|e| format!("cannot be read: {e}"))?;
    Manifest::parse(&bytes)
}

/// Whether a live process holds the lock of an entry. No lock file is made by asking.
fn is_written_now(lock: &Path) -> bool {
    lock.exists() && matches!(Lock::try_exclusive(lock), Ok(Locking::Held))
}

fn unvouched(path: &Path) -> Damage {
    damage(path, "has nothing that vouches for it: it is not used, and may be deleted")
}

fn damage(path: &Path, problem: impl Into<String>) -> Damage {
    Damage { path: path.to_owned(), problem: problem.into() }
}
