//! Why a cell of an edited experiment is another one than before.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use config::RunConfig;
use record::{Cell, PlanFile, cell_dir};

/// The plan before this one, looked up by what a cell is called.
pub struct Earlier {
    dir: PathBuf,
    /// Factors and seed to the cell's id.
    ids: HashMap<(BTreeMap<String, String>, u64), String>,
}

impl Earlier {
    /// Reads the plan that ran last in `results/<experiment>`; without one nothing was earlier.
    pub fn read(dir: &Path) -> Earlier {
        let cells = PlanFile::read(dir).map(|plan| plan.cells).unwrap_or_default();
        let ids = cells.into_iter().map(|cell| ((cell.factors, cell.seed), cell.id)).collect();
        Earlier { dir: dir.to_owned(), ids }
    }

    /// Why a cell that never ran is there: new, or what sets it apart from the cell that had the same
    /// factors and seed in the last plan, such as `train.steps 600 -> 300`.
    pub fn reason(&self, cell: &Cell, run: &RunConfig) -> String {
        match self.ids.get(&(cell.factors.clone(), cell.seed)) {
            Some(id) if *id != cell.id => format!("new: {}", self.difference(id, run)),
            _ => "new: never ran".to_owned(),
        }
    }

    fn difference(&self, id: &str, run: &RunConfig) -> String {
        let path = cell_dir(&self.dir, id).join("config.toml");
        let Ok(old) = RunConfig::load(&path, &[]) else {
            return format!("the configuration or the data changed; {id} before");
        };
        let changes = changes(&old.id_payload(), &run.id_payload());
        match changes.is_empty() {
            true => format!("the data changed; {id} before"),
            false => format!("{}; {id} before", changes.join(", ")),
        }
    }
}

/// Keys whose values differ, with both.
fn changes(old: &str, new: &str) -> Vec<String> {
    let (old, new) = (lines(old), lines(new));
    let mut keys: Vec<&str> = old.keys().chain(new.keys()).copied().collect();
    keys.sort_unstable();
    keys.dedup();
    // A key that came to the schema later is left out while it has its default.
    let value = |of: &BTreeMap<&str, &str>, key| {
        of.get(key).map_or_else(|| "default".to_owned(), |value| value.trim_matches('"').to_owned())
    };
    let differing = keys.into_iter().filter(|key| old.get(key) != new.get(key));
    differing.map(|key| format!("{key} {} -> {}", value(&old, key), value(&new, key))).collect()
}

fn lines(payload: &str) -> BTreeMap<&str, &str> {
    payload.lines().filter_map(|line| line.split_once(" = ")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_keys_that_differ_are_named() {
        let old = "losses.dual = \"none\"\ntrain.lr = 0.1\ntrain.steps = 600";
        let new = "backend.precision = \"bf16\"\nlosses.dual = \"none\"\ntrain.lr = 0.1\n\
                   train.steps = 300";
        let wanted = ["backend.precision default -> bf16", "train.steps 600 -> 300"];
        assert_eq!(changes(old, new), wanted);
        assert!(changes(old, old).is_empty());
    }
}
