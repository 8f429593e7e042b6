//! Which experiment's file a directory of results belongs to.
//!
//! The directory bears the file's name, and two files may have the same one. `plan.json` says by which
//! file it was made: by its path, and by the way from the directory to the file, which stays the same
//! when a checkout is copied or seen under another path.

use std::ffi::OsStr;
use std::path::{Component, Path, PathBuf};

use config::experiment_name;
use record::{Origin, PlanFile};

use crate::error::SweepError;

/// How a directory of results stands to an experiment's file of its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Belonging {
    /// It is the file's own, or does not say whose it is.
    Own,
    /// The file that it belonged to is gone, so that this one may be the same, moved.
    Moved {
        /// Where that file was.
        from: PathBuf,
    },
    /// It belongs to another file, which is still there.
    Foreign {
        /// That file.
        owner: PathBuf,
    },
}

/// Whether the results in `dir`, whose plan this is, are those of `file`.
pub fn belonging(dir: &Path, plan: &PlanFile, file: &Path) -> Belonging {
    let Some(origin) = &plan.made else { return Belonging::Own };
    let same = settled(&origin.experiment) == settled(file);
    let moved_along = origin.from_results.as_deref().is_some_and(|way| way == seen_from(dir, file));
    if same || moved_along {
        return Belonging::Own;
    }
    let owner = origin.experiment.clone();
    match owner.try_exists() {
        Ok(false) => Belonging::Moved { from: owner },
        // What cannot be looked at may well be there.
        _ => Belonging::Foreign { owner },
    }
}

/// The experiment's file that the results in `dir` were made by, where it is now.
pub fn home_file(dir: &Path, origin: &Origin) -> PathBuf {
    let along = origin.from_results.as_ref().map(|way| dir.join(way));
    let along = along.and_then(|path| path.canonicalize().ok()).filter(|path| path.is_file());
    along.unwrap_or_else(|| origin.experiment.clone())
}

/// Refuses a plan that is not that of the directory it lies in: one that was copied, or left by another
/// experiment's results. Asked by whatever removes.
pub(crate) fn confirm(dir: &Path, plan: &PlanFile) -> Result<(), SweepError> {
    let refuse =
        |reason: String| Err(SweepError::Foreign { path: dir.join(PlanFile::FILE), reason });
    let name = dir.file_name().unwrap_or_default();
    if name != OsStr::new(&plan.experiment) {
        let reason =
            format!("it is the plan of `{}`, not of `{}`", plan.experiment, name.display());
        return refuse(reason);
    }
    match &plan.made {
        Some(origin)
            if experiment_name(&origin.experiment).ok().as_ref() != Some(&plan.experiment) =>
        {
            let reason = format!(
                "it is the plan of `{}` but was made by {}",
                plan.experiment,
                origin.experiment.display()
            );
            refuse(reason)
        }
        _ => Ok(()),
    }
}

/// The way from a directory to a file, both with symbolic links resolved.
pub(crate) fn seen_from(dir: &Path, file: &Path) -> PathBuf {
    let (dir, file) = (settled(dir), settled(file));
    let mut from = dir.components().peekable();
    let mut to = file.components().peekable();
    while from.peek().is_some() && from.peek() == to.peek() {
        from.next();
        to.next();
    }
    from.map(|_| Component::ParentDir).chain(to).collect()
}

/// A path without symbolic links, as far as it exists.
fn settled(path: &Path) -> PathBuf {
    let whole = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    for known in whole.ancestors() {
        if let (Ok(real), Ok(rest)) = (known.canonicalize(), whole.strip_prefix(known)) {
            return if rest.as_os_str().is_empty() { real } else { real.join(rest) };
        }
    }
    whole
}

#[cfg(test)]
mod tests {
    use std::fs;

    use config::Overrides;

    use super::*;

    /// A tree with `alice/study.toml` and `bob/study.toml`; the plan of what Alice's made.
    fn plan_of_alice(root: &Path) -> PlanFile {
        for name in ["alice", "bob"] {
            fs::create_dir_all(root.join(name)).unwrap();
            fs::write(root.join(name).join("study.toml"), "").unwrap();
        }
        let file = root.join("alice/study.toml");
        let origin = crate::plan::origin(&file, &Overrides::default());
        let from_results = Some(seen_from(&root.join("results/study"), &file));
        PlanFile {
            experiment: "study".to_owned(),
            question: String::new(),
            factors: Vec::new(),
            seeds: Vec::new(),
            compare: None,
            worker: None,
            made: Some(Origin { from_results, ..origin }),
            steps: None,
            cells: Vec::new(),
        }
    }

    #[test]
    fn another_file_of_the_same_name_is_foreign_as_long_as_the_first_is_there() {
        let root = tempfile::tempdir().unwrap();
        let plan = plan_of_alice(root.path());
        let dir = root.path().join("results/study");
        let (alice, bob) =
            (root.path().join("alice/study.toml"), root.path().join("bob/study.toml"));
        assert_eq!(belonging(&dir, &plan, &alice), Belonging::Own);
        assert_eq!(belonging(&dir, &plan, &bob), Belonging::Foreign { owner: alice.clone() });
        fs::remove_file(&alice).unwrap();
        assert_eq!(belonging(&dir, &plan, &bob), Belonging::Moved { from: alice });
    }

    #[test]
    #[cfg(unix)]
    fn the_same_file_is_known_by_every_path_to_it() {
        let root = tempfile::tempdir().unwrap();
        let plan = plan_of_alice(root.path());
        std::os::unix::fs::symlink(root.path().join("alice"), root.path().join("home")).unwrap();
        let dir = root.path().join("results/study");
        for path in ["home/study.toml", "bob/../alice/study.toml", "./alice/study.toml"] {
            assert_eq!(belonging(&dir, &plan, &root.path().join(path)), Belonging::Own, "{path}");
        }
    }

    #[test]
    fn a_copied_tree_keeps_its_results_though_the_first_one_still_stands() {
        let (root, copy) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let plan = plan_of_alice(root.path());
        plan_of_alice(copy.path());
        let dir = copy.path().join("results/study");
        let alice = copy.path().join("alice/study.toml");
        assert_eq!(belonging(&dir, &plan, &alice), Belonging::Own);
        let bob = copy.path().join("bob/study.toml");
        assert!(matches!(belonging(&dir, &plan, &bob), Belonging::Foreign { .. }));
        // What is taken up again is the copy's own file.
        fs::create_dir_all(&dir).unwrap();
        let found = home_file(&dir, plan.made.as_ref().unwrap());
        assert_eq!(found, alice.canonicalize().unwrap());
        fs::remove_file(&alice).unwrap();
        let found = home_file(&dir, plan.made.as_ref().unwrap());
        assert_eq!(found, root.path().join("alice/study.toml"));
    }

    #[test]
    fn a_plan_of_another_directory_allows_no_removal() {
        let root = tempfile::tempdir().unwrap();
        let plan = plan_of_alice(root.path());
        let confirmed = |dir: &str, plan: &PlanFile| confirm(&root.path().join(dir), plan);
        assert!(confirmed("results/study", &plan).is_ok());
        assert!(confirmed("results/study.v2", &plan).unwrap_err().is_bad_input());
        // As results of `study.v2.toml` were once kept: below the name of another experiment.
        let mut older = plan.clone();
        older.made.as_mut().unwrap().experiment = root.path().join("alice/study.v2.toml");
        let refused = confirmed("results/study", &older).unwrap_err().to_string();
        assert!(refused.contains("study.v2.toml") && refused.contains("nothing was removed"));
    }

    #[test]
    fn the_way_to_a_file_does_not_depend_on_what_is_there_already() {
        let root = tempfile::tempdir().unwrap();
        let way = seen_from(&root.path().join("results/a"), &root.path().join("x/a.toml"));
        assert_eq!(way, Path::new("../../x/a.toml"));
        fs::create_dir_all(root.path().join("results/a")).unwrap();
        assert_eq!(seen_from(&root.path().join("results/a"), &root.path().join("x/a.toml")), way);
    }
}
