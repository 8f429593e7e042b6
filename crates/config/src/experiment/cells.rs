//! Axes, included and excluded levels to cells.

use std::collections::{BTreeMap, BTreeSet};

use crate::error::{ConfigError, SourceText};
use crate::layer::Setting;
use crate::resolve::SharedRun;
use crate::run::RunConfig;

use super::axes::{Axis, Combinations, Level, level_text};
use super::exclude::Excluded;
use super::types::CellSpec;

/// More cells than this are a slip: each is a process and a directory.
const MOST_CELLS: usize = 100_000;

/// Factor keys with their levels as text.
pub(super) type Factors = Vec<(String, Vec<String>)>;

/// What the cells of a sweep are made from.
pub(super) struct Cells<'a> {
    pub(super) shared: SharedRun,
    pub(super) axes: &'a [Axis],
    pub(super) seeds: &'a [u64],
}

impl Cells<'_> {
    /// Every cell, and every factor with the levels that it has in the file or in a cell.
    pub(super) fn expand(
        &self,
        source: &SourceText,
        includes: &[Level],
        excludes: &[Level],
    ) -> Result<(Factors, Vec<CellSpec>), ConfigError> {
        let refuse = |title: &str, help: &str| {
            Err(ConfigError::at(source, 0..0, title, "", Some(help.to_owned())))
        };
        let arms = Combinations::count(self.axes).and_then(|n| n.checked_add(includes.len()));
        let planned = arms.and_then(|n| n.checked_mul(self.seeds.len()));
        if planned.is_none_or(|cells| cells > MOST_CELLS) {
            let title = format!("this experiment has more than {MOST_CELLS} cells");
            return refuse(&title, "give fewer levels or seeds, or make it several experiments");
        }

        let excluded = Excluded::new(self.axes, excludes);
        let mut table = Table::new(self.axes, includes);
        let mut cells = Vec::new();
        for indices in Combinations::of(self.axes).filter(|indices| !excluded.contains(indices)) {
            let levels = self.axes.iter().zip(indices).flat_map(|(axis, i)| &axis[i]);
            self.add(&levels.collect::<Vec<_>>(), &mut table, &mut cells)?;
        }
        for include in includes {
            self.add(&include.iter().collect::<Vec<_>>(), &mut table, &mut cells)?;
        }
        if cells.is_empty() {
            let help = "give at least one seed, and exclude fewer combinations";
            return refuse("this experiment has no cells", help);
        }
        Ok((table.factors(), cells))
    }

    /// One combination with every seed, unless it is there already.
    fn add(
        &self,
        settings: &[&Setting],
        table: &mut Table,
        cells: &mut Vec<CellSpec>,
    ) -> Result<(), ConfigError> {
        let run = self.shared.build(settings)?;
        let Some(factors) = table.add(&run) else { return Ok(()) };
        cells.extend(self.seeds.iter().map(|&seed| {
            let mut config = run.clone();
            config.train.seed = seed;
            CellSpec { factors: factors.clone(), seed, config }
        }));
        Ok(())
    }
}

/// The levels of every factor, and the combinations of levels seen so far.
struct Table {
    columns: Vec<Column>,
    seen: BTreeSet<Vec<String>>,
}

/// One factor: its levels in order, each once.
struct Column {
    key: String,
    levels: Vec<String>,
    known: BTreeSet<String>,
}

impl Table {
    /// Every key that an axis or an included cell sets, with the axes' levels.
    fn new(axes: &[Axis], includes: &[Level]) -> Table {
        let mut table = Table { columns: Vec::new(), seen: BTreeSet::new() };
        for (key, entry) in axes.iter().flatten().flatten() {
            table.column(key).add(&level_text(&entry.value));
        }
        for (key, _) in includes.iter().flatten() {
            table.column(key);
        }
        table
    }

    fn column(&mut self, key: &str) -> &mut Column {
        let place = self.columns.iter().position(|column| column.key == key);
        let place = place.unwrap_or_else(|| {
            let key = key.to_owned();
            self.columns.push(Column { key, levels: Vec::new(), known: BTreeSet::new() });
            self.columns.len() - 1
        });
        &mut self.columns[place]
    }

    /// A run's level of every factor; `None` when an earlier run has the same ones. Such runs are
    /// equal, since nothing but factors tells the runs of a sweep apart.
    fn add(&mut self, run: &RunConfig) -> Option<BTreeMap<String, String>> {
        let level = |column: &Column| run.get(&column.key).as_ref().map(level_text);
        let levels: Vec<String> = self.columns.iter().filter_map(level).collect();
        if !self.seen.insert(levels.clone()) {
            return None;
        }
        let columns = self.columns.iter_mut().zip(levels);
        let factor = |(column, level): (&mut Column, String)| {
            column.add(&level);
            (column.key.clone(), level)
        };
        Some(columns.map(factor).collect())
    }

    fn factors(self) -> Factors {
        self.columns.into_iter().map(|column| (column.key, column.levels)).collect()
    }
}

impl Column {
    fn add(&mut self, level: &str) {
        if !self.known.contains(level) {
            self.known.insert(level.to_owned());
            self.levels.push(level.to_owned());
        }
    }
}
