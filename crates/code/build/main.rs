//! Hashes the sources that can change a number; see `src/lib.rs`.

mod hash;
mod parts;

use std::path::Path;

fn main() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    if let Err(why) = run(&root) {
        println!("cargo::error={why}");
    }
}

fn run(root: &Path) -> Result<(), String> {
    let read = |path: &str| {
        println!("cargo::rerun-if-changed={}", root.join(path).display());
        std::fs::read_to_string(root.join(path)).map_err(|e| format!("{path}: {e}"))
    };
    println!("cargo::rerun-if-changed=build");
    let lock = hash::Lock::parse(&read("Cargo.lock")?)?;
    let mut names = Vec::new();
    for name in parts::CRATES {
        names.extend(hash::dependencies(&read(&format!("crates/{name}/Cargo.toml"))?)?);
    }
    let libraries = lock.closure(names.into_iter());
    for part in parts::PARTS {
        for source in part.sources {
            println!("cargo::rerun-if-changed={}", root.join(source).display());
        }
        let hash = hash::hash_of(root, &part.files(root), &libraries)?;
        println!("cargo::rustc-env={}={hash}", part.name);
    }
    let burn = lock.version("burn").ok_or("Cargo.lock has no single version of burn")?;
    println!("cargo::rustc-env=CODE_BURN={burn}");
    Ok(())
}
