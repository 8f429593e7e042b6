//! Cells that an edited experiment has left behind.

use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use config::RunConfig;
use record::{
    Cell, CellState, Lock, Locking, Manifest, PlanFile, cell_dir, glance_cell, is_id, own,
};

use crate::belonging::confirm;
use crate::error::SweepError;
use crate::estimate::size_mib;

/// In the name of a directory that is being removed; never the name of a cell.
const TRASH: &str = ".tmp-removed-";

/// A cell's directory that the plan does not list.
#[derive(Clone, Debug)]
pub struct Orphan {
    /// The cell's id.
    pub id: String,
    /// The plan's factors with the levels that its configuration has; `None` if that cannot be read.
    pub factors: Option<BTreeMap<String, String>>,
    /// Its seed, if its configuration can be read.
    pub seed: Option<u64>,
    /// What became of it.
    pub state: CellState,
    /// MiB on the disk.
    pub size_mib: f64,
    /// Files in it that the program did not write.
    pub foreign: Vec<PathBuf>,
}

/// What became of a directory that was to be removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Removal {
    /// It is gone.
    Removed,
    /// A process works on it: it was left alone.
    Busy,
    /// A plan that was written meanwhile lists it: it was left alone.
    Planned,
    /// Somebody keeps files of their own in it: it was left alone.
    Foreign,
}

/// Ids of the cells whose directories lie in `dir` and that are not among the plan's, sorted.
pub fn orphan_ids<'a>(dir: &Path, planned: impl Iterator<Item = &'a str>) -> Vec<String> {
    let planned: HashSet<&str> = planned.collect();
    let mut ids = names(dir);
    let is_left = |name: &String| {
        is_id(name) && !planned.contains(name.as_str()) && own::is_cell(&cell_dir(dir, name))
    };
    ids.retain(is_left);
    ids.sort();
    ids
}

fn names(dir: &Path) -> Vec<String> {
    let entries = fs::read_dir(dir.join("cells")).into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.file_name().into_string().ok()).collect()
}

/// Whether a directory was named so by [`remove_orphan`].
fn is_trash(name: &str) -> bool {
    name.split_once(TRASH).is_some_and(|(id, process)| is_id(id) && process.parse::<u32>().is_ok())
}

/// Looks at the directories that [`orphan_ids`] finds.
///
/// # Errors
/// The plan is not that of this directory: it says nothing about what is left over here.
pub fn orphans(dir: &Path, plan: &PlanFile) -> Result<Vec<Orphan>, SweepError> {
    confirm(dir, plan)?;
    let ids = orphan_ids(dir, plan.cells.iter().map(|cell| cell.id.as_str()));
    Ok(ids.into_iter().map(|id| orphan(dir, plan, id)).collect())
}

fn orphan(dir: &Path, plan: &PlanFile, id: String) -> Orphan {
    let home = cell_dir(dir, &id);
    let run = RunConfig::load(&home.join("config.toml"), &[]).ok();
    let level = |run: &RunConfig, key: &str| {
        let value = run.get(key)?;
        Some(value.as_str().map_or_else(|| value.to_string(), str::to_owned))
    };
    let factors = run.as_ref().map(|run| {
        let keys = plan.factors.iter().map(|(key, _)| key);
        keys.filter_map(|key| Some((key.clone(), level(run, key)?))).collect()
    });
    let done = fs::read(home.join("done.json")).unwrap_or_default();
    // Its own proof says whose it is: no plan does any more.
    let hash = Manifest::parse(&done).map(|m| m.config_hash).ok();
    let hash = hash.filter(|hash| hash.starts_with(&id)).unwrap_or_else(|| id.clone());
    let seed = run.map(|run| run.train.seed);
    let cell = Cell { id: id.clone(), hash, seed: seed.unwrap_or_default(), ..Cell::default() };
    let state = glance_cell(dir, &cell, false).state;
    let foreign = own::foreign(&home);
    Orphan { id, factors, seed, state, size_mib: size_mib(&home), foreign }
}

/// Removes a cell's directory, unless a process works on it or the plan, which is read once more, lists
/// it by now. It is renamed first: nothing half-removed bears a cell's name.
///
/// # Errors
/// The plan cannot be read or is not that of this directory; the cell's directory cannot be renamed or
/// removed.
pub fn remove_orphan(dir: &Path, orphan: &Orphan) -> Result<Removal, SweepError> {
    let home = cell_dir(dir, &orphan.id);
    let fail = SweepError::io("remove", &home);
    if orphan.state == CellState::Running {
        return Ok(Removal::Busy);
    }
    // Held until the directory is gone: no worker can begin in it.
    let _lock = match Lock::try_exclusive(&home.join("lock")) {
        Ok(Locking::Held) => return Ok(Removal::Busy),
        Ok(got) => got,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Removal::Removed),
        Err(e) => return Err(fail(e)),
    };
    // Nobody can begin in the cell from here on, so that what the plan says now is what counts.
    let plan = PlanFile::read(dir)?;
    confirm(dir, &plan)?;
    if !is_id(&orphan.id) || plan.cells.iter().any(|cell| cell.id == orphan.id) {
        return Ok(Removal::Planned);
    }
    if !own::foreign(&home).is_empty() {
        return Ok(Removal::Foreign);
    }
    let trash = dir.join("cells").join(format!("{}{TRASH}{}", orphan.id, std::process::id()));
    let removed = fs::rename(&home, &trash).and_then(|()| fs::remove_dir_all(&trash));
    removed.map(|()| Removal::Removed).map_err(fail)
}

/// Removes what removals that were cut off have left; gives the directories.
///
/// # Errors
/// One of them cannot be removed.
pub fn remove_trash(dir: &Path) -> Result<Vec<PathBuf>, SweepError> {
    let left = names(dir).into_iter().filter(|name| is_trash(name));
    let paths: Vec<PathBuf> = left.map(|name| dir.join("cells").join(name)).collect();
    for path in &paths {
        fs::remove_dir_all(path).map_err(SweepError::io("remove", path))?;
    }
    Ok(paths)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_cells_are_orphans() {
        let dir = tempfile::tempdir().unwrap();
        let all = [
            "0123456789ab",
            "abcdefabcdef",
            "0123456789ab.tmp-removed-7",
            "notes",
            "0123",
            "notes.tmp-removed-7",
            "0123456789ab.tmp-removed-by-me",
        ];
        for name in all {
            let home = dir.path().join("cells").join(name);
            fs::create_dir_all(&home).unwrap();
            fs::write(home.join("config.toml"), "").unwrap();
        }
        assert_eq!(orphan_ids(dir.path(), ["abcdefabcdef"].into_iter()), ["0123456789ab"]);
        assert_eq!(remove_trash(dir.path()).unwrap().len(), 1);
        assert_eq!(names(dir.path()).len(), all.len() - 1);
    }
}
