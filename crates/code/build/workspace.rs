//! The hashes of a whole workspace.

use std::path::Path;

use crate::hash::{Lock, dependencies, hash_of};
use crate::parts::{CRATES, PARTS};

/// What the sources below a workspace's root come to.
pub(crate) struct Hashes {
    /// The parts' names, as in [`PARTS`], with their hashes.
    pub(crate) parts: Vec<(&'static str, String)>,
    /// Version of burn.
    pub(crate) burn: String,
}

/// Reads the lock file, the manifests of [`CRATES`] and every source of [`PARTS`].
pub(crate) fn hashes(root: &Path) -> Result<Hashes, String> {
    let read =
        |path: &str| std::fs::read_to_string(root.join(path)).map_err(|e| format!("{path}: {e}"));
    let lock = Lock::parse(&read("Cargo.lock")?)?;
    let mut names = Vec::new();
    for name in CRATES {
        names.extend(dependencies(&read(&format!("crates/{name}/Cargo.toml"))?)?);
    }
    let libraries = lock.closure(names.into_iter());
    let hash =
        |part: &crate::parts::Part| Ok((part.name, hash_of(root, &part.files(root), &libraries)?));
    Ok(Hashes {
        parts: PARTS.iter().map(hash).collect::<Result<_, String>>()?,
        burn: lock.version("burn").ok_or("Cargo.lock has no single version of burn")?.to_owned(),
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::fs;

    use super::*;

    /// This workspace's sources and manifests, without anything else.
    fn copy(to: &Path) {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let mut files = vec![root.join("Cargo.lock"), root.join("README.md")];
        files.extend(CRATES.map(|name| root.join(format!("crates/{name}/Cargo.toml"))));
        files.extend(PARTS.iter().flat_map(|part| part.files(&root)));
        for file in files {
            let place = to.join(file.strip_prefix(&root).unwrap());
            fs::create_dir_all(place.parent().unwrap()).unwrap();
            fs::copy(file, place).unwrap();
        }
    }

    /// Changes a file and says which parts have another hash then.
    fn changed(root: &Path, file: &str, change: impl Fn(String) -> String) -> Vec<&'static str> {
        let before = hashes(root).unwrap().parts;
        let text = fs::read_to_string(root.join(file)).unwrap();
        let other = change(text.clone());
        assert_ne!(text, other, "{file} has no such line any more");
        fs::write(root.join(file), other).unwrap();
        let after = hashes(root).unwrap().parts;
        fs::write(root.join(file), text).unwrap();
        let differ = before.into_iter().zip(after).filter(|(before, after)| before != after);
        differ.map(|(before, _)| before.0).collect()
    }

    #[test]
    fn a_line_of_the_training_step_changes_trainings_alone_and_a_page_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path();
        copy(root);
        assert_eq!(hashes(root).unwrap().burn, crate::BURN);
        let step = "crates/train/src/step.rs";
        let all = ["CODE_TRAINING", "CODE_JUDGES", "CODE_JUDGING"];
        assert_eq!(changed(root, step, |text| text + "\nconst ONE_LINE: u8 = 1;\n"), [all[0]]);
        assert_eq!(changed(root, step, |text| text + "\n// One line.\n"), [""; 0]);
        assert_eq!(changed(root, "README.md", |text| text + "\nOne line.\n"), [""; 0]);
        let judge = "crates/eval/src/augment.rs";
        assert_eq!(changed(root, judge, |text| text + "\nconst X: u8 = 1;\n"), all[1..]);
        let metric = "crates/metrics/src/lib.rs";
        assert_eq!(changed(root, metric, |text| text + "\nconst X: u8 = 1;\n"), [all[2]]);
        let flex = "name = \"burn-flex\"\nversion = \"";
        let library = |text: String| text.replace(flex, &format!("{flex}1"));
        assert_eq!(changed(root, "Cargo.lock", library), all);
    }
}
