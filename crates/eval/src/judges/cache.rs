//! Judges on disk: one file each, named by everything that shapes it, shared by all processes.

use std::fs::{self, File};
use std::path::Path;

use burn::module::Module;
use burn::tensor::Device;
use config::RunConfig;
use data::Prepared;
use model::weights;

use super::JudgeError;

/// Raised whenever the way judges are trained changes, so that results never mix two of them.
const VERSION: u32 = 2;

/// What a judge depends on, hashed: the data, the faces it learns from, its settings. Neither the
/// arm nor the seed of a cell, nor its backend: all are measured with one yardstick.
pub(crate) struct Key(blake3::Hasher);

impl Key {
    /// Starts with what every judge depends on.
    pub(crate) fn new(run: &RunConfig, data: &Prepared) -> Key {
        let mut hasher = blake3::Hasher::new();
        let (size, flip, seed) = (run.data.size, run.data.flip, run.eval.judge_seed);
        let text = format!("judge {VERSION}|{}|{size}|{flip}|{seed}", data.fingerprint);
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

    fn digits(&self) -> String {
        self.0.finalize().to_hex()[..16].to_owned()
    }
}

/// The judge `cache/judges/<name>-<key>.<extension>`, trained and written first if it is not there.
/// Processes that ask at the same time wait for the one that trains.
///
/// What was trained is read back like what was found, so that the first process sees the very judge
/// of all others.
pub(crate) fn cached<T>(
    cache: &Path,
    (name, extension): (&str, &str),
    key: &Key,
    read: impl FnOnce(&Path) -> Result<T, String>,
    train: impl FnOnce() -> Result<Vec<u8>, JudgeError>,
) -> Result<T, JudgeError> {
    let io = |path: &Path| {
        let path = path.to_owned();
        move |source| JudgeError::Cache { path, source }
    };
    let dir = cache.join("judges");
    fs::create_dir_all(&dir).map_err(io(&dir))?;
    let stem = format!("{name}-{}", key.digits());
    let lock_path = dir.join(format!("{stem}.lock"));
    let lock = File::create(&lock_path).map_err(io(&lock_path))?;
    lock.lock().map_err(io(&lock_path))?;
    let path = dir.join(format!("{stem}.{extension}"));
    if !path.exists() {
        record::write_atomic(&path, &train()?).map_err(io(&path))?;
    }
    read(&path).map_err(|reason| JudgeError::Damaged { path, reason })
}

/// A network from the cache, on the plain device, drawn and trained first if it is not there.
pub(crate) fn cached_network<M: Module>(
    cache: &Path,
    name: &str,
    key: &Key,
    device: &Device,
    draw: impl Fn(&Device) -> M,
    train: impl FnOnce(M) -> M,
) -> Result<M, JudgeError> {
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
            cached(dir.path(), ("judge", "bin"), &key("a"), read, train).unwrap()
        };
        std::thread::scope(|scope| {
            let all: Vec<_> = (0..6).map(|_| scope.spawn(ask)).collect();
            assert!(all.into_iter().all(|thread| thread.join().unwrap() == [7]));
        });
        assert_eq!(trained.load(Ordering::SeqCst), 1);
    }

    #[test]
    fn other_settings_are_another_judge_and_a_damaged_one_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let ask = |text: &str, bytes: Vec<u8>| {
            cached(dir.path(), ("judge", "bin"), &key(text), read, || Ok(bytes))
        };
        assert_eq!(ask("a", vec![1]).unwrap(), [1]);
        assert_eq!(ask("b", vec![2]).unwrap(), [2]);
        assert_eq!(ask("a", vec![3]).unwrap(), [1]);
        let error = ask("c", vec![]).unwrap_err().to_string();
        assert!(error.contains("judge-") && error.contains("remove it"), "{error}");
    }
}
