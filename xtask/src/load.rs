//! An experiment as the command line wants it: checked first of all, before anything is touched.

use std::path::{Path, PathBuf};

use config::{ConfigError, Data, Experiment, Overrides, Source};

use crate::failure::Failure;

/// Stands for `data.root` in a dry run that was given none.
const NO_ROOT: &str = "(data.root is not set)";

/// Loads an experiment; the roots of its data sets become absolute, so that a cell's configuration
/// runs again from anywhere.
pub(crate) fn experiment(path: &Path, overrides: &Overrides) -> Result<Experiment, Failure> {
    let mut experiment = Experiment::load(path, overrides)?;
    for cell in &mut experiment.cells {
        let data = &mut cell.config.data;
        if data.source != Source::Synthetic && data.root != NO_ROOT {
            let root = std::path::absolute(&data.root).unwrap_or(PathBuf::from(&data.root));
            data.root = root.to_string_lossy().into_owned();
        }
    }
    Ok(experiment)
}

/// Like [`experiment`] for a look ahead, which needs no data: a missing `data.root` is no error.
pub(crate) fn experiment_without_data(
    path: &Path,
    overrides: &Overrides,
) -> Result<Experiment, Failure> {
    match Experiment::load(path, overrides) {
        Err(ConfigError::Invalid { title, .. }) if title.ends_with("needs `data.root`") => {
            let mut overrides = overrides.clone();
            overrides.set.push(format!("data.root={NO_ROOT}"));
            experiment(path, &overrides)
        }
        _ => experiment(path, overrides),
    }
}

/// The fingerprint of a run's data; the error is one sentence with the remedy.
pub(crate) fn fingerprint(data: &Data, cache: &Path) -> Result<String, String> {
    if data.source != Source::Synthetic && !Path::new(&data.root).is_dir() {
        return Err(format!(
            "data not found: {}; give the directory of \"{}\" with --set data.root=DIRECTORY",
            data.root, data.source
        ));
    }
    data::fingerprint(data, cache).map_err(|error| error.to_string())
}
