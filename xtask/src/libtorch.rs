//! Where libtorch is, and what a build or a Python process needs to find it.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use sweep::Machine;

use crate::places;

/// The release of PyTorch that burn 0.22 is made for, and the torchvision of the same day.
pub(crate) const TORCH: &str = "2.9.0";
pub(crate) const TORCHVISION: &str = "0.24.0";

/// The project's own Python packages, which `cargo xtask setup libtorch` makes.
pub(crate) fn packages() -> PathBuf {
    places::root().join(".libtorch")
}

/// The libtorch in use: that of `LIBTORCH`, else the project's own.
pub(crate) fn home() -> Option<PathBuf> {
    let given = std::env::var_os("LIBTORCH").map(PathBuf::from);
    let candidates = [given, Some(packages().join("torch"))];
    candidates.into_iter().flatten().find(|home| library(home).exists())
}

fn library(home: &Path) -> PathBuf {
    home.join("lib").join(if cfg!(target_os = "macos") { "libtorch.dylib" } else { "libtorch.so" })
}

/// The release, read without starting Python; `None` if it cannot be told.
pub(crate) fn version(home: &Path) -> Option<String> {
    let of_python = std::fs::read_to_string(home.join("version.py")).unwrap_or_default();
    let line = of_python.lines().find_map(|line| line.strip_prefix("__version__ = "));
    let plain = std::fs::read_to_string(home.join("build-version")).ok();
    line.map(|quoted| quoted.trim_matches(['\'', '"']).to_owned())
        .or_else(|| plain.map(|text| text.trim().to_owned()))
}

/// Whether cells of libtorch compute on CUDA devices here.
pub(crate) fn uses_cuda() -> bool {
    home().is_some_and(|home| sweep::uses_cuda(&home))
}

/// This machine, as cells meet it.
pub(crate) fn machine() -> Machine {
    Machine { cuda: uses_cuda(), ..Machine::this() }
}

/// Lets cargo build against libtorch, and what it starts find it.
pub(crate) fn lend(command: &mut Command) {
    let Some(home) = home() else { return };
    let mut folders = vec![home.join("lib")];
    let inherited = std::env::var_os("LD_LIBRARY_PATH").unwrap_or_default();
    folders.extend(std::env::split_paths(&inherited).filter(|p| !p.as_os_str().is_empty()));
    let joined: OsString = std::env::join_paths(folders).unwrap_or(inherited);
    command.env("LIBTORCH", &home).env("LD_LIBRARY_PATH", joined);
}

/// A Python that has PyTorch, if there is one.
pub(crate) fn python() -> Option<Command> {
    let packages = home()?.parent()?.to_owned();
    let mut command = Command::new("python3");
    command.env("PYTHONPATH", packages);
    Some(command)
}
