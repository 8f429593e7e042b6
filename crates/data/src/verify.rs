//! Everything that this crate wrote into a cache, byte by byte against its manifests.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

use record::{Damage, Manifest, vouched};

use crate::synthetic::{self, MANIFEST};

/// Reads `cache/images` and `cache/synthetic`: names each file that is not what was written and each
/// that nothing vouches for, apart from locks, from files not committed yet, and from entries that a
/// process is writing now. Such files are never used: the next run that needs them makes them again.
pub fn verify_cache(cache: &Path) -> Vec<Damage> {
    // Decoded images: `<key>.json` vouches for `<key>.rgb`.
    let belongs = |key: &str, manifest: &Manifest| manifest.config_hash == key;
    let mut found = vouched::vouched(&cache.join("images"), belongs);
    found.extend(faces(&cache.join("synthetic")));
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

/// Drawn faces: `<fingerprint>/manifest.json` vouches for all files beside it.
fn faces(dir: &Path) -> Vec<Damage> {
    let mut found = Vec::new();
    for (name, path) in vouched::committed(dir) {
        let manifest = match vouched::read(&path.join(MANIFEST)) {
            Ok(manifest) => manifest,
            Err(_) if !path.join(MANIFEST).exists() => {
                found.push(vouched::unvouched(&path));
                continue;
            }
            Err(problem) => {
                found.push(Damage::new(&path.join(MANIFEST), problem));
                continue;
            }
        };
        if manifest.config_hash != name {
            found.push(Damage::new(&path.join(MANIFEST), "vouches for other faces"));
            continue;
        }
        let files = manifest.files.iter().map(|file| path.join(&file.path));
        let listed: HashSet<PathBuf> = files.chain([path.join(MANIFEST)]).collect();
        let mut here = synthetic::damages(&path, manifest);
        let mut there = Vec::new();
        walk(&path, &mut there);
        here.extend(
            there
                .iter()
                .filter(|file| !listed.contains(*file))
                .map(|file| vouched::unvouched(file)),
        );
        if !here.is_empty() && !vouched::is_written_now(&dir.join(format!(".{name}.lock"))) {
            found.append(&mut here);
        }
    }
    found
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
