//! Where things stand in the workspace.

use std::path::{Path, PathBuf};

use config::stem;

use crate::failure::Failure;

/// The workspace's root.
pub(crate) fn root() -> &'static Path {
    let xtask = Path::new(env!("CARGO_MANIFEST_DIR"));
    xtask.parent().unwrap_or(xtask)
}

/// Where results go unless told otherwise.
pub(crate) fn results() -> PathBuf {
    root().join("results")
}

/// Data and judges shared by all experiments.
pub(crate) fn cache(results: &Path) -> PathBuf {
    results.join("cache")
}

/// The file of an experiment, given by path or by its name in `experiments/`.
pub(crate) fn experiment(given: &str) -> Result<PathBuf, Failure> {
    find(given, "experiments", "experiment")
}

/// As [`experiment`], if there is such a file.
pub(crate) fn experiment_file(given: &str) -> Option<PathBuf> {
    look(given, "experiments")
}

/// That neither an experiment nor one of these names, which have results, goes by this one.
pub(crate) fn no_experiment(given: &str, others: &[String]) -> Failure {
    unknown(given, "experiments", "experiment", others)
}

/// The file of a run's configuration, given by path or by its name in `configs/`.
pub(crate) fn run_config(given: &str) -> Result<PathBuf, Failure> {
    find(given, "configs", "run configuration")
}

/// The file of a Slurm profile, given by path or by its name in `configs/slurm/`.
pub(crate) fn slurm_profile(given: &str) -> Result<PathBuf, Failure> {
    find(given, "configs/slurm", "Slurm profile")
}

/// The file of a profile of the command launcher, by path or by its name in `configs/command/`.
pub(crate) fn command_profile(given: &str) -> Result<PathBuf, Failure> {
    find(given, "configs/command", "command profile")
}

fn find(given: &str, folder: &str, what: &str) -> Result<PathBuf, Failure> {
    look(given, folder).ok_or_else(|| unknown(given, folder, what, &[]))
}

/// A path as given (from the working directory, then from the root), else a bare name in `folder`.
fn look(given: &str, folder: &str) -> Option<PathBuf> {
    let home = root().join(folder);
    let named = home.join(format!("{given}.toml"));
    let candidates = [PathBuf::from(given), root().join(given), home.join(given), named];
    candidates.into_iter().find(|path| path.is_file())
}

/// The nearest of the names in `folder` and of `others`, or all of them.
fn unknown(given: &str, folder: &str, what: &str, others: &[String]) -> Failure {
    let mut names = names_in(&root().join(folder));
    names.extend_from_slice(others);
    names.sort();
    names.dedup();
    let asked = Path::new(given).file_name().unwrap_or_default().to_string_lossy();
    let asked = stem(&asked);
    let near = names
        .iter()
        .map(|name| (strsim::damerau_levenshtein(name, asked), name))
        .filter(|(distance, name)| *distance <= name.len().max(asked.len()) / 2)
        .min();
    let help = match near {
        // The name is right, the folder before it is not.
        Some((0, near)) => format!("there is one that is called `{near}`"),
        Some((_, near)) => format!("did you mean `{near}`?"),
        None => format!("{folder}/ has {}", names.join(", ")),
    };
    Failure::BadInput(format!("error: there is no {what} `{given}`\nhelp: {help}"))
}

/// Names of the TOML files in a folder.
fn names_in(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let files = entries.filter_map(|entry| entry.file_name().into_string().ok());
    files.filter(|file| file.ends_with(".toml")).map(|file| stem(&file).to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bare_name_is_looked_up_and_a_misspelt_one_proposes_the_nearest() {
        assert!(experiment("dual").unwrap().ends_with("experiments/dual.toml"));
        assert!(experiment("experiments/dual.toml").is_ok());
        assert!(run_config("quickstart").unwrap().ends_with("configs/quickstart.toml"));
        let refused = experiment("quikstart").unwrap_err();
        assert!(refused.to_string().contains("did you mean `quickstart`?"), "{refused}");
        assert_eq!(refused.exit_code(), 2);
        assert!(experiment("zzzzzzzzzzzzzz").unwrap_err().to_string().contains("landmark-gain"));
    }
}
