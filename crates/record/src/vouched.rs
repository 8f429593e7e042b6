//! A directory of a cache, in which each `<key>.json` vouches for files beside it.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::files::is_scratch;
use crate::lock::{Lock, Locking};
use crate::manifest::{Damage, Manifest};

/// Reads every byte of such a directory and names each file that is not what was written and each that
/// nothing vouches for. `belongs` says whether a manifest is the one of its key. Locks, files not
/// committed yet and whatever a live process writes now (it holds `<key>.lock`) are passed over.
pub fn vouched(dir: &Path, belongs: impl Fn(&str, &Manifest) -> bool) -> Vec<Damage> {
    let mut found = Vec::new();
    let mut vouched = HashSet::new();
    let listed = committed(dir);
    for (name, path) in &listed {
        let Some(key) = name.strip_suffix(".json") else { continue };
        match read(path) {
            Ok(manifest) if belongs(key, &manifest) => {
                vouched.insert(path.clone());
                vouched.extend(manifest.files.iter().map(|file| dir.join(&file.path)));
                found.extend(manifest.damages(dir));
            }
            Ok(_) => found.push(Damage::new(path, "vouches for something else than its name says")),
            Err(problem) => found.push(Damage::new(path, problem)),
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
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

/// Names and paths of what counts in a directory: no locks, nothing uncommitted.
pub fn committed(dir: &Path) -> Vec<(String, PathBuf)> {
    let entries = fs::read_dir(dir).into_iter().flatten().flatten();
    let named = entries.map(|e| (e.file_name().to_string_lossy().into_owned(), e.path()));
    let counts = |(name, _): &(String, PathBuf)| {
        !name.ends_with(".lock") && !name.ends_with(".partial") && !is_scratch(name)
    };
    named.filter(counts).collect()
}

/// A manifest and its own checksum; the error is what is wrong with it.
///
/// # Errors
/// It cannot be read, or is not what was written.
pub fn read(path: &Path) -> Result<Manifest, String> {
    let bytes = fs::read(path).map_err(|e| format!("cannot be read: {e}"))?;
    Manifest::parse(&bytes)
}

/// Whether a live process holds this lock. No lock file is made by asking.
pub fn is_written_now(lock: &Path) -> bool {
    lock.exists() && matches!(Lock::try_exclusive(lock), Ok(Locking::Held))
}

/// A file of a cache that no manifest names.
pub fn unvouched(path: &Path) -> Damage {
    Damage::new(path, "has nothing that vouches for it: it is not used, and may be deleted")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::write_atomic;
    use crate::manifest::FileProof;

    fn entry(dir: &Path, key: &str, content: &[u8]) {
        let file = format!("{key}.bin");
        fs::write(dir.join(&file), content).unwrap();
        let files = vec![FileProof::of_bytes(&file, content)];
        let manifest = Manifest { config_hash: key.to_owned(), files, ..Manifest::default() };
        let path = dir.join(format!("{key}.json"));
        write_atomic(&path, &manifest.to_sealed().unwrap()).unwrap();
    }

    fn named(dir: &Path) -> Vec<String> {
        let found = vouched(dir, |key, manifest| manifest.config_hash == key);
        let name = |d: Damage| d.path.file_name().unwrap().to_string_lossy().into_owned();
        found.into_iter().map(name).collect()
    }

    #[test]
    fn any_flipped_byte_is_named_and_nothing_else() {
        let dir = tempfile::tempdir().unwrap();
        let dir = dir.path();
        assert_eq!(named(&dir.join("nowhere")), [""; 0]);
        entry(dir, "a", b"first");
        entry(dir, "b", b"second");
        fs::write(dir.join("a.lock"), "").unwrap();
        assert_eq!(named(dir), [""; 0]);
        for name in ["a.bin", "a.json", "b.bin", "b.json"] {
            let path = dir.join(name);
            let sound = fs::read(&path).unwrap();
            for at in 0..sound.len() {
                let mut bytes = sound.clone();
                bytes[at] ^= 1;
                fs::write(&path, bytes).unwrap();
                assert!(named(dir).contains(&name.to_owned()), "{name}, byte {at}");
            }
            fs::write(&path, sound).unwrap();
        }
        assert_eq!(named(dir), [""; 0]);
        fs::rename(dir.join("b.json"), dir.join("c.json")).unwrap();
        fs::write(dir.join("stray.bin"), "?").unwrap();
        assert_eq!(named(dir), ["b.bin", "c.json", "stray.bin"]);
        let _held = Lock::exclusive(&dir.join("c.lock")).unwrap();
        assert_eq!(named(dir), ["b.bin", "stray.bin"]);
    }
}
