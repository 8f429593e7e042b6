//! Hashes the sources that can change a number; see `src/lib.rs`.

#![allow(clippy::print_stdout, reason = "a build script speaks to cargo")]

mod hash;
mod parts;
mod workspace;

use std::path::Path;

fn main() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    if let Err(why) = run(&root) {
        println!("cargo::error={why}");
    }
}

fn run(root: &Path) -> Result<(), String> {
    let sources = parts::PARTS.iter().flat_map(|part| part.sources.iter().copied());
    let manifests = parts::CRATES.map(|name| format!("crates/{name}/Cargo.toml"));
    println!("cargo::rerun-if-changed=build");
    for path in sources.chain(manifests.iter().map(String::as_str)).chain(["Cargo.lock"]) {
        println!("cargo::rerun-if-changed={}", root.join(path).display());
    }
    let hashes = workspace::hashes(root)?;
    for (name, hash) in hashes.parts {
        println!("cargo::rustc-env={name}={hash}");
    }
    println!("cargo::rustc-env=CODE_BURN={}", hashes.burn);
    Ok(())
}
