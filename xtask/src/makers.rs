//! Which code and which judges made the finished cells of a sweep.

use std::collections::BTreeMap;
use std::iter::repeat_n;

use record::{CellState, CellStatus, Made, Mixture, PlanFile};

/// Gathers what made the finished cells, one after the other. Cells alike are counted, not kept.
pub(crate) struct Makers<'p> {
    plan: &'p PlanFile,
    /// What made it, and its factors but for the one that is compared, with the number of cells.
    counts: BTreeMap<(Option<Made>, BTreeMap<String, String>), usize>,
}

impl<'p> Makers<'p> {
    /// Nothing gathered yet.
    pub(crate) fn new(plan: &'p PlanFile) -> Makers<'p> {
        Makers { plan, counts: BTreeMap::new() }
    }

    /// Takes a cell in, if it is finished.
    pub(crate) fn add(&mut self, status: &CellStatus) {
        if status.state != CellState::Done {
            return;
        }
        let mut group = status.cell.factors.clone();
        if let Some(compare) = &self.plan.compare {
            group.remove(&compare.factor);
        }
        *self.counts.entry((status.made.clone(), group)).or_default() += 1;
    }

    /// Why these cells share no verdict, and the command that heals it.
    pub(crate) fn mixed(&self) -> Option<String> {
        let cells = self.counts.iter();
        let cells =
            cells.flat_map(|((made, group), count)| repeat_n((made.as_ref(), group), *count));
        let line = Mixture::of(cells)?.line();
        let command = self.plan.command();
        Some(format!("mixed: {line}; `{command} --remake` makes the older ones again"))
    }
}
