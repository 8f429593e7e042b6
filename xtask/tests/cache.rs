//! `verify` reads what experiments share, too.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test that cannot set up its files should fail")]

mod common;

use std::fs;
use std::path::{Path, PathBuf};

use common::{Home, code, err, out};
use config::RunConfig;
use record::{FileProof, Manifest};

/// A judge as the worker keeps it.
fn judge(dir: &Path, name: &str, weights: &[u8]) {
    fs::create_dir_all(dir).unwrap();
    let hash = blake3::hash(name.as_bytes()).to_hex();
    let stem = format!("{name}-{}", &hash[..16]);
    let file = format!("{stem}.safetensors");
    fs::write(dir.join(&file), weights).unwrap();
    let manifest = Manifest {
        config_hash: hash.to_string(),
        files: vec![FileProof::of_bytes(&file, weights)],
        ..Manifest::default()
    };
    fs::write(dir.join(format!("{stem}.json")), manifest.to_sealed().unwrap()).unwrap();
    fs::write(dir.join(format!("{stem}.lock")), "").unwrap();
}

fn files(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for path in fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()) {
        match path.is_dir() {
            true => found.extend(files(&path)),
            false => found.push(path),
        }
    }
    found
}

#[test]
fn a_flipped_byte_in_any_file_of_the_cache_is_named() {
    let home = Home::with(&["study.toml"]);
    assert_eq!(code(&home.run(&["study.toml"])), 0);
    let cache = home.path("results/cache");
    let run = home.path("run.toml");
    fs::write(&run, "[data]\nsize = 32\nsynthetic_count = 60\n").unwrap();
    let run = RunConfig::load(&run, &[]).unwrap();
    data::prepare(&run.data, run.eval.part, &cache, &|_, _| {}).unwrap();
    judge(&cache.join("judges"), "classifier", b"weights");
    judge(&cache.join("judges"), "ert-mixed", b"trees");
    let verify = || home.xtask(&["verify", "study.toml"]);
    assert_eq!(code(&verify()), 0, "{}", err(&verify()));
    assert!(out(&verify()).contains("those of the cache too"));

    let folders = ["images", "judges", "synthetic"].map(|name| files(&cache.join(name)));
    assert!(folders.iter().all(|folder| !folder.is_empty()));
    for path in folders.concat() {
        let sound = fs::read(&path).unwrap();
        // A lock holds nothing.
        let Some(last) = sound.len().checked_sub(1) else { continue };
        let mut bytes = sound.clone();
        bytes[last / 2] ^= 1;
        fs::write(&path, bytes).unwrap();
        let said = verify();
        let named = err(&said).lines().any(|line| line.contains(&*path.to_string_lossy()));
        assert!(code(&said) == 1 && named, "{}: {}", path.display(), err(&said));
        fs::write(&path, sound).unwrap();
    }
    assert_eq!(code(&verify()), 0, "{}", err(&verify()));

    // What is damaged is made again, and that is said.
    let images = files(&cache.join("images"));
    let image = images.iter().find(|path| path.extension().is_some_and(|e| e == "rgb")).unwrap();
    fs::write(image, "not what was written").unwrap();
    let prepare = home.xtask(&["data", "prepare", "run.toml"]);
    assert_eq!(code(&prepare), 0, "{}", err(&prepare));
    assert!(err(&prepare).contains("the images are decoded again"), "{}", err(&prepare));
    assert_eq!(code(&verify()), 0, "{}", err(&verify()));

    fs::write(cache.join("judges/mine.safetensors"), "?").unwrap();
    let said = err(&verify());
    assert!(said.contains("mine.safetensors has nothing that vouches for it"), "{said}");
}
