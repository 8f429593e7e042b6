//! An experiment as the command line wants it: checked first of all, before anything is touched.

use std::path::{Path, PathBuf};

use config::{ConfigError, Data, Experiment, Overrides, Source};

use crate::failure::Failure;

/// Stands for a root in a dry run that was given none.
const NO_ROOT: &str = "(no root is set)";
/// The keys that need one, of some sources.
const ROOTS: [&str; 2] = ["data.root", "eval.root"];

/// Loads an experiment; the roots of its data sets and a table outside of them become absolute, so that a cell's configuration
/// runs again from anywhere.
pub(crate) fn experiment(path: &Path, overrides: &Overrides) -> Result<Experiment, Failure> {
    let mut experiment = Experiment::load(path, overrides)?;
    for cell in &mut experiment.cells {
        let (data, eval) = (&mut cell.config.data, &mut cell.config.eval);
        let read = |source: Source| source.row().reads_files;
        absolute(&mut data.root, read(data.source));
        // A table that does not lie below the root counts from the working directory.
        let below = Path::new(&data.root).join(&data.table).is_file();
        let outside = !below && Path::new(&data.table).is_file();
        absolute(&mut data.table, outside);
        absolute(&mut eval.root, eval.source.0.is_some_and(read));
    }
    Ok(experiment)
}

fn absolute(root: &mut String, read: bool) {
    if read && root != NO_ROOT {
        let path = std::path::absolute(&*root).unwrap_or(PathBuf::from(&*root));
        *root = path.to_string_lossy().into_owned();
    }
}

/// Like [`experiment`] for a look ahead, which needs no data: a missing root is no error.
pub(crate) fn experiment_without_data(
    path: &Path,
    overrides: &Overrides,
) -> Result<Experiment, Failure> {
    let mut overrides = overrides.clone();
    for root in ROOTS {
        if let Err(ConfigError::Invalid { title, .. }) = Experiment::load(path, &overrides)
            && title.ends_with(&format!("needs `{root}`"))
        {
            overrides.set.push(format!("{root}={NO_ROOT}"));
        }
    }
    experiment(path, &overrides)
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
