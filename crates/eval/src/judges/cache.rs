//! Judges on disk: one file each and a sealed manifest beside it, named by everything that shapes the
//! judge, shared by all processes.

use std::fs;
use std::path::Path;

use burn::module::Module;
use burn::tensor::Device;
use config::RunConfig;
use data::Prepared;
use model::weights;
use record::{FileProof, JudgeId, Lock, Manifest, Proof};

use super::error::JudgeError;

/// Raised whenever something that no source shows changes how judges are trained.
const VERSION: u32 = 3;

/// What a judge depends on, hashed: the code that trains it, the backend and threads that it is trained
/// with, the data, the faces it learns from, its settings. Neither the arm nor the seed of a cell: all
/// are measured with one yardstick.
pub(crate) struct Key(blake3::Hasher);

impl Key {
    /// Starts with what every judge depends on.
    pub(crate) fn new(run: &RunConfig, data: &Prepared) -> Key {
        let mut hasher = blake3::Hasher::new();
        let (size, flip, seed) = (run.data.size, run.data.flip, run.eval.judge_seed);
        let backend = run.judging();
        let text = format!(
            "judge {VERSION}|{}|{}|{}|{}|{size}|{flip}|{seed}",
            code::JUDGES,
            backend.kind,
            backend.threads,
            data.fingerprint
        );
        hasher.update(text.as_bytes());
        Key(hasher)
    }

    /// Adds the faces that it learns from.
    pub(crate) fn faces(mut self, data: &Prepared, faces: &[usize]) -> Key {
        self.0.update(&(faces.len() as u64).to_le_bytes());
        for face in faces {
            self.0.update(data.faces[*face].id.as_bytes()).update(&[0]);
        }
        self
    }

    /// Adds settings as text.
    pub(crate) fn settings(mut self, text: &str) -> Key {
        self.0.update(text.as_bytes()).update(&[0]);
        self
    }

    fn hash(&self) -> String {
        self.0.finalize().to_hex().to_string()
    }
}

/// A judge with its identity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known<J> {
    /// The judge.
    pub judge: J,
    /// Its name and the hash of its weights.
    pub id: JudgeId,
}

impl<J> Known<J> {
    /// The same identity for what a judge is turned into.
    pub(crate) fn map<K>(self, turn: impl FnOnce(J) -> K) -> Known<K> {
        Known { judge: turn(self.judge), id: self.id }
    }
}

/// The judge `cache/judges/<name>-<key>.<extension>`, trained and written first if it is not there or not
/// what was written, as `<name>-<key>.json` says. Processes that ask at the same time wait for the one
/// that trains; on a file system without locks each trains, and all write the same.
///
/// What was trained is read back like what was found, so that the first process sees the very judge
/// of all others.
pub(crate) fn cached<T>(
    cache: &Path,
    (name, extension): (&str, &str),
    key: &Key,
    read: impl FnOnce(&Path) -> Result<T, String>,
    train: impl FnOnce() -> Result<Vec<u8>, JudgeError>,
) -> Result<Known<T>, JudgeError> {
    let io = |path: &Path| {
        let path = path.to_owned();
        move |source| JudgeError::Cache { path, source }
    };
    let dir = cache.join("judges");
    fs::create_dir_all(&dir).map_err(io(&dir))?;
    let hash = key.hash();
    let stem = format!("{name}-{}", &hash[..16]);
    let lock_path = dir.join(format!("{stem}.lock"));
    let waiting = || tracing::info!("another process makes judge {stem}; waiting for it");
    let _lock = Lock::exclusive_saying(&lock_path, waiting).map_err(io(&lock_path))?;
    let (file, manifest) = (format!("{stem}.{extension}"), format!("{stem}.json"));
    let path = dir.join(&file);
    let proof = match Proof::with_manifest(&dir, &manifest, &hash, true) {
        (Proof::Sound, Some(found)) => found.files.into_iter().next(),
        (Proof::Damaged(damages), _) => {
            let damages: Vec<String> = damages.iter().map(ToString::to_string).collect();
            tracing::warn!("{}; the judge is trained again", damages.join(", "));
            None
        }
        _ => None,
    };
    let proof = match proof.filter(|proof| proof.path == file) {
        Some(proof) => proof,
        None => {
            let bytes = train()?;
            let proof = FileProof::of_bytes(&file, &bytes);
            record::write_atomic(&path, &bytes).map_err(io(&path))?;
            let text = Manifest {
                config_hash: hash,
                program: format!("judges {}, burn {}", code::JUDGES, code::BURN),
                files: vec![proof.clone()],
                ..Manifest::default()
            };
            let path = dir.join(&manifest);
            text.to_sealed()
                .and_then(|text| record::write_atomic(&path, &text))
                .map_err(io(&path))?;
            proof
        }
    };
    let judge = read(&path).map_err(|reason| JudgeError::Damaged { path, reason })?;
    Ok(Known { judge, id: JudgeId { name: name.to_owned(), weights: proof.blake3 } })
}

/// The identity of weights that a key of the configuration names.
pub(crate) fn foreign(key: &'static str, name: &str, path: &Path) -> Result<JudgeId, JudgeError> {
    let dir = path.parent().unwrap_or(Path::new("."));
    let file = path.file_name().unwrap_or_default().to_string_lossy();
    let proof = FileProof::of(dir, &file).map_err(|source| JudgeError::Unreadable {
        key,
        path: path.to_owned(),
        source,
    })?;
    Ok(JudgeId { name: name.to_owned(), weights: proof.blake3 })
}

/// A network from the cache, on the plain device, drawn and trained first if it is not there.
pub(crate) fn cached_network<M: Module>(
    cache: &Path,
    name: &str,
    key: &Key,
    device: &Device,
    draw: impl Fn(&Device) -> M,
    train: impl FnOnce(M) -> M,
) -> Result<Known<M>, JudgeError> {
    let read = |path: &Path| {
        let arrays = weights::read(path).map_err(|e| e.to_string())?;
        weights::assign(draw(device), &arrays).map_err(|e| e.to_string())
    };
    cached(cache, (name, "safetensors"), key, read, || {
        let network = train(draw(&device.clone().autodiff()));
        Ok(weights::to_bytes(&weights::collect(&network)))
    })
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    fn key(text: &str) -> Key {
        Key(blake3::Hasher::new()).settings(text)
    }

    fn read(path: &Path) -> Result<Vec<u8>, String> {
        let bytes = fs::read(path).map_err(|e| e.to_string())?;
        if bytes.is_empty() { Err("it is empty".to_owned()) } else { Ok(bytes) }
    }

    #[test]
    fn many_who_ask_at_once_train_once() {
        let dir = tempfile::tempdir().unwrap();
        let trained = AtomicUsize::new(0);
        let ask = || {
            let train = || {
                trained.fetch_add(1, Ordering::SeqCst);
                std::thread::sleep(std::time::Duration::from_millis(30));
                Ok(vec![7])
            };
            cached(dir.path(), ("judge", "bin"), &key("a"), read, train).unwrap().judge
        };
        std::thread::scope(|scope| {
            let all: Vec<_> = (0..6).map(|_| scope.spawn(ask)).collect();
            assert!(all.into_iter().all(|thread| thread.join().unwrap() == [7]));
        });
        assert_eq!(trained.load(Ordering::SeqCst), 1);
    }

    #[test]
    fn other_settings_are_another_judge_and_what_was_not_written_is_trained_again() {
        let dir = tempfile::tempdir().unwrap();
        let ask = |text: &str, bytes: Vec<u8>| {
            cached(dir.path(), ("judge", "bin"), &key(text), read, || Ok(bytes))
        };
        let first = ask("a", vec![1]).unwrap();
        assert_eq!((first.judge.as_slice(), first.id.name.as_str()), (&[1][..], "judge"));
        assert_eq!(first.id.weights, blake3::hash(&[1]).to_hex().as_str());
        assert_eq!(ask("b", vec![2]).unwrap().judge, [2]);
        assert_eq!(ask("a", vec![3]).unwrap(), first);
        let error = ask("c", vec![]).unwrap_err().to_string();
        assert!(error.contains("judge-") && error.contains("remove it"), "{error}");
        // A flipped byte in the judge or in its manifest: neither is believed.
        let stem = format!("judge-{}", &key("a").hash()[..16]);
        for name in [format!("{stem}.bin"), format!("{stem}.json")] {
            let path = dir.path().join("judges").join(name);
            let mut bytes = fs::read(&path).unwrap();
            bytes[0] ^= 1;
            fs::write(&path, bytes).unwrap();
            assert_eq!(ask("a", vec![1]).unwrap(), first);
            assert_eq!(ask("a", vec![9]).unwrap(), first, "it was not mended");
        }
    }
}
