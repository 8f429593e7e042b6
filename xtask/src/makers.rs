//! Which code and which judges made the finished cells of a sweep.

use std::collections::{BTreeMap, BTreeSet};
use std::iter::repeat_n;

use record::{CellState, CellStatus, Made, Mixture, PlanFile};

/// Gathers what made the finished cells, one after the other. Cells alike are counted, not kept.
pub(crate) struct Makers<'p> {
    plan: &'p PlanFile,
    /// What made it, and its levels, with the number of cells.
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
        let key = (status.made.clone(), status.cell.factors.clone());
        *self.counts.entry(key).or_default() += 1;
    }

    /// The part of the data that these cells were judged on, as far as they say so: `test`,
    /// `validation`, or both words.
    pub(crate) fn judged_on(&self) -> Option<String> {
        let made = self.counts.keys().filter_map(|(made, _)| made.as_ref());
        let parts: BTreeSet<&str> = made.map(|made| Made::judged_on(Some(made))).collect();
        (!parts.is_empty()).then(|| parts.into_iter().collect::<Vec<_>>().join(" and "))
    }

    /// Why these cells share no verdict, and the command that heals it.
    pub(crate) fn mixed(&self) -> Option<String> {
        let cells = self.counts.iter();
        let cells =
            cells.flat_map(|((made, levels), count)| repeat_n((made.as_ref(), levels), *count));
        let factor = self.plan.compare.as_ref().map(|compare| compare.factor.as_str());
        let mixture = Mixture::along(factor, cells)?;
        let remedy = match mixture.heals() {
            true => format!("; `{} --remake` makes the older ones again", self.plan.command()),
            false => String::new(),
        };
        Some(format!("mixed: {}{remedy}", mixture.line()))
    }
}
