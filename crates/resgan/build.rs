//! Notes what the worker is built from, and lets it find libtorch where it was built against it.

use std::path::Path;
use std::process::Command;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    // `torch-sys` says where; without the feature it is not there.
    if let Some(folder) = std::env::var_os("DEP_TCH_LIBTORCH_LIB") {
        println!("cargo::rustc-link-arg-bins=-Wl,-rpath,{}", folder.to_string_lossy());
    }
    let rustc = std::env::var("RUSTC").unwrap_or_else(|_| "rustc".to_owned());
    let rustc = standard_output(Command::new(rustc).arg("--version")).unwrap_or_default();
    println!("cargo::rustc-env=RESGAN_RUSTC={rustc}");
    // Outside of a checkout (a source archive) nobody knows the commit.
    let commit = git(&["rev-parse", "HEAD"]).unwrap_or_default();
    // Front door, reports and documentation change no number; the worker is not built anew for them.
    let changed = git(&[
        "status",
        "--porcelain",
        "--",
        "..",
        "../../Cargo.lock",
        ":!../report",
        ":!../sweep",
    ]);
    let dirty = changed.is_some_and(|lines| !lines.is_empty());
    println!("cargo::rustc-env=RESGAN_COMMIT={commit}");
    println!("cargo::rustc-env=RESGAN_DIRTY={dirty}");
    for part in ["HEAD", "logs/HEAD", "packed-refs"] {
        if let Some(path) = git(&["rev-parse", "--git-path", part])
            && Path::new(&path).exists()
        {
            println!("cargo::rerun-if-changed={path}");
        }
    }
    for source in
        ["src", "../backend/src", "../config/src", "../data/src", "../ert/src", "../eval/src"]
    {
        println!("cargo::rerun-if-changed={source}");
    }
    for source in ["../losses/src", "../metrics/src", "../model/src", "../ops/src", "../train/src"]
    {
        println!("cargo::rerun-if-changed={source}");
    }
    println!("cargo::rerun-if-changed=../../Cargo.lock");
}

fn git(arguments: &[&str]) -> Option<String> {
    standard_output(Command::new("git").args(arguments))
}

fn standard_output(command: &mut Command) -> Option<String> {
    let output = command.output().ok().filter(|output| output.status.success())?;
    Some(String::from_utf8(output.stdout).ok()?.trim().to_owned())
}
