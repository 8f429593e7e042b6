//! Which experiment is meant, and whether the results of its name are its own.

use std::path::{Path, PathBuf};

use clap::Args;
use config::experiment_name;
use record::{PlanError, PlanFile};
use sweep::{Belonging, belonging};

use crate::failure::Failure;
use crate::places;

/// Which experiment's results.
#[derive(Args)]
pub(crate) struct Which {
    /// Experiment: a path, or a name in experiments/ or among the results
    #[arg(default_value = "quickstart")]
    pub(crate) experiment: String,
}

/// An experiment's results.
pub(crate) struct Found {
    /// The directory.
    pub(crate) dir: PathBuf,
    /// The experiment's file, if what was asked for leads to one.
    pub(crate) file: Option<PathBuf>,
    /// Whether they are those of that file, or of one that is gone and may be this one, moved.
    pub(crate) belonging: Belonging,
}

impl Which {
    /// The directory of the experiment's results.
    ///
    /// # Errors
    /// As [`Which::find`].
    pub(crate) fn dir(&self, results: &Path) -> Result<PathBuf, Failure> {
        Ok(self.find(results)?.dir)
    }

    /// The experiment's results, whether or not there are any yet. What is asked for means what it
    /// means to `run`: a file, by path or by name. Where no file goes by it, a bare name may be that of
    /// results, and a path that of the file that made them and is gone.
    ///
    /// # Errors
    /// Neither a file nor results go by this name, which is answered with the nearest one; or the
    /// results belong to another file.
    pub(crate) fn find(&self, results: &Path) -> Result<Found, Failure> {
        let given = Path::new(&self.experiment);
        let dir = results.join(experiment_name(given)?);
        if let Some(file) = places::experiment_file(&self.experiment) {
            let belonging = owned(&dir, &file)?;
            return Ok(Found { dir, file: Some(file), belonging });
        }
        let bare = given.components().count() == 1;
        let known = match PlanFile::read(&dir) {
            Ok(plan) => bare || plan.made.is_some_and(|made| is_same(&made.experiment, given)),
            // A plan that is damaged is still one: the command that reads it says so.
            Err(PlanError::Absent { .. }) => false,
            Err(_) => bare,
        };
        match known {
            true => Ok(Found { dir, file: None, belonging: Belonging::Own }),
            false => Err(places::no_experiment(&self.experiment, &names(results))),
        }
    }
}

fn is_same(file: &Path, given: &Path) -> bool {
    std::path::absolute(given).is_ok_and(|given| given == file)
}

/// Experiments that have results, by name.
fn names(results: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(results).into_iter().flatten().flatten();
    let run = entries.filter(|entry| entry.path().join("plan.json").is_file());
    run.filter_map(|entry| entry.file_name().into_string().ok()).collect()
}

/// Refuses results that belong to another file than this one. Those of a file that is gone pass: it may
/// be this one, moved.
fn owned(dir: &Path, file: &Path) -> Result<Belonging, Failure> {
    // No plan belongs to nobody, and one that cannot be read does not say to whom.
    let Ok(plan) = PlanFile::read(dir) else { return Ok(Belonging::Own) };
    match belonging(dir, &plan, file) {
        Belonging::Foreign { owner } => Err(Failure::BadInput(format!(
            "error: {} holds the results of {}, not those of {}\n\
             help: rename one of the two files, or keep these results elsewhere with --results \
             DIRECTORY; if it is the same experiment, `cargo xtask run FILE --adopt` makes the results \
             this file's",
            dir.display(),
            owner.display(),
            absolute(file).display(),
        ))),
        belonging => Ok(belonging),
    }
}

/// What [`Which::find`] asks of results, for a run that will write there. `adopt` makes them this
/// file's, whosever they were. What changes hands is said.
///
/// # Errors
/// The results belong to another file.
pub(crate) fn take(dir: &Path, file: &Path, adopt: bool) -> Result<(), Failure> {
    if let Some(path) = of_somebody(dir) {
        return Err(Failure::BadInput(format!(
            "error: {} was not written by a run and would be overwritten\n\
             help: move it, rename the experiment's file, or keep its results elsewhere with --results \
             DIRECTORY",
            path.display()
        )));
    }
    let former = match owned(dir, file) {
        Ok(Belonging::Moved { from }) => Some(format!("{}, which is gone", from.display())),
        Ok(_) => None,
        Err(_) if adopt => {
            let made = PlanFile::read(dir).ok().and_then(|plan| plan.made);
            made.map(|made| made.experiment.display().to_string())
        }
        Err(refused) => return Err(refused),
    };
    if let Some(former) = former {
        eprintln!(
            "{} held the results of {former}; from now on they are those of {}",
            dir.display(),
            absolute(file).display()
        );
    }
    Ok(())
}

/// A file under a name of ours in a directory that no run has written to: it has no cells, and no plan that
/// can be read.
fn of_somebody(dir: &Path) -> Option<PathBuf> {
    if PlanFile::read(dir).is_ok() || dir.join("cells").exists() {
        return None;
    }
    let ours = [PlanFile::FILE, "tables", "figures", "report.html", "outputs.json"];
    ours.map(|name| dir.join(name)).into_iter().find(|path| path.symlink_metadata().is_ok())
}

fn absolute(file: &Path) -> PathBuf {
    std::path::absolute(file).unwrap_or_else(|_| file.to_owned())
}
