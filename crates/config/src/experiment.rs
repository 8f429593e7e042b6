//! A sweep: a base run, factors, seeds; expanded into cells.

mod axes;
mod cells;
mod command_line;
mod compare;
mod exclude;
mod file;
mod reader;
mod types;

use std::path::{Path, PathBuf};

use crate::error::ConfigError;
use crate::layer;
use crate::name::experiment_name;
use crate::resolve::SharedRun;

use cells::Cells;
use command_line::CommandLine;
use file::File;
pub use types::{CellSpec, Compare, Overrides};

/// A sweep, expanded.
#[derive(Clone, Debug)]
pub struct Experiment {
    /// [`experiment_name`] of its file; names the directory under `results/`.
    pub name: String,
    /// Where it was read.
    pub path: PathBuf,
    /// What the sweep asks.
    pub question: String,
    /// Factor keys (of `[factors]`, `[[zip]]` and `[[include]]`) with their levels as text: in the
    /// file's order, then those that other cells have.
    pub factors: Vec<(String, Vec<String>)>,
    /// Seeds.
    pub seeds: Vec<u64>,
    /// What `compare` compares unless told otherwise.
    pub compare: Option<Compare>,
    /// Every cell, no two alike: the product of factors without the excluded combinations, then the
    /// included ones, each with every seed.
    pub cells: Vec<CellSpec>,
}

impl Experiment {
    /// Loads an experiment, its base, and the command line's overrides; expands the product.
    ///
    /// A level is compared by its value, not by its spelling: `2e-4` and `0.0002` are one level, and
    /// so are `1` and `1.0` of a real key. A key that the command line fixes is no factor any more,
    /// and an `[[exclude]]` that names it does not apply.
    ///
    /// # Errors
    /// A file whose name no results can have; anything [`RunConfig::load`](crate::RunConfig::load) refuses, in any cell;
    /// unknown keys; a key varied twice; an `[[exclude]]` that no cell can match; an empty product or
    /// one of more than 100,000 cells.
    pub fn load(path: &Path, overrides: &Overrides) -> Result<Experiment, ConfigError> {
        let name = experiment_name(path)?;
        let source = layer::read(path, "give an experiment's path, or its name in experiments/")?;
        let mut file = File::read(&source, path)?;
        let command_line = CommandLine::new(overrides)?;
        command_line.narrow(&mut file.axes, &mut file.includes, &mut file.excludes);

        let seeds = command_line.seeds.clone().unwrap_or(file.seeds);
        let mut layer = file.base;
        layer.extend(command_line.layer.clone());
        let shared = SharedRun::new(layer);
        let cells = Cells { shared, axes: &file.axes, seeds: &seeds };
        let (factors, cells) = cells.expand(&source, &file.includes, &file.excludes)?;
        let compare = match file.compare {
            Some(asked) => asked.among(&source, &factors, &command_line)?,
            None => None,
        };
        let (path, question) = (path.to_owned(), file.question);
        Ok(Experiment { name, path, question, factors, seeds, compare, cells })
    }
}
