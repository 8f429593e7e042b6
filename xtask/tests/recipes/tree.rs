//! A copy of this tree, and a target directory in which libraries of others are compiled already.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The workspace's root.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().unwrap()
}

/// Copies what git knows of and what it would take, unless this is no checkout.
pub(crate) fn copy(to: &Path) -> Option<()> {
    let mut git = Command::new("git");
    git.args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]);
    let output = git.current_dir(root()).output().ok().filter(|output| output.status.success())?;
    for name in
        String::from_utf8(output.stdout).unwrap().split('\0').filter(|name| !name.is_empty())
    {
        let from = root().join(name);
        // Removed and not committed yet.
        if from.is_file() {
            let place = to.join(name);
            fs::create_dir_all(place.parent().unwrap()).unwrap();
            fs::copy(from, place).unwrap();
        }
    }
    Some(())
}

/// Copies what this test's own build compiled of other people's libraries: they are the same wherever the
/// workspace lies, and burn takes minutes.
pub(crate) fn seed(target: &Path) {
    let own = std::env::current_exe().unwrap();
    let debug = own.parent().and_then(Path::parent).unwrap();
    let ours = crates();
    for folder in ["deps", "build", ".fingerprint"] {
        let to = target.join("debug").join(folder);
        fs::create_dir_all(&to).unwrap();
        let entries = fs::read_dir(debug.join(folder)).unwrap().map(|entry| entry.unwrap());
        let foreign = entries.filter(|entry| {
            let name = entry.file_name().into_string().unwrap_or_default();
            let stem = name.split('.').next().unwrap_or_default();
            // NAME-HASH or libNAME-HASH.
            let Some((name, _)) = stem.rsplit_once('-') else { return false };
            let name = name.replace('-', "_");
            !ours.contains(&name) && !name.strip_prefix("lib").is_some_and(|n| ours.contains(n))
        });
        let paths: Vec<PathBuf> = foreign.map(|entry| entry.path()).collect();
        for some in paths.chunks(500) {
            // With their times: cargo compares them.
            let mut copy = Command::new("cp");
            copy.args(["-a", "-t"]).arg(&to).args(some);
            assert!(copy.status().unwrap().success());
        }
    }
}

/// Names of everything that this workspace's packages compile to.
fn crates() -> BTreeSet<String> {
    let folders = fs::read_dir(root().join("crates")).unwrap().map(|entry| entry.unwrap().path());
    let mut names = BTreeSet::new();
    for folder in folders.chain([root().join("xtask")]) {
        names.insert(folder.file_name().unwrap().to_str().unwrap().to_owned());
        // Tests, examples and benches are programs of their own names.
        for kind in ["tests", "examples", "benches"] {
            let inside = fs::read_dir(folder.join(kind)).into_iter().flatten().flatten();
            names.extend(inside.filter_map(|e| Some(e.path().file_stem()?.to_str()?.to_owned())));
        }
    }
    names.into_iter().map(|name| name.replace('-', "_")).collect()
}
