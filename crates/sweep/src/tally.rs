//! How many cells are in which state, and how long the rest will take.

use std::collections::BTreeMap;

use record::{CellState, CellStatus, PlanFile};

/// Counts over cells, one after the other.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tally {
    counts: BTreeMap<CellState, usize>,
    /// Cells that a run would take up.
    ahead: usize,
    /// Training steps that lie ahead; `None` as soon as a cell's are unknown.
    steps: Option<usize>,
    rates: Vec<f64>,
    longest: f64,
}

impl Tally {
    /// Nothing counted yet.
    pub fn new() -> Tally {
        Tally { steps: Some(0), ..Tally::default() }
    }

    /// Counts a cell of the plan.
    pub fn add(&mut self, status: &CellStatus, plan: &PlanFile) {
        *self.counts.entry(status.state).or_default() += 1;
        self.ahead += usize::from(status.will_run);
        let running = status.state == CellState::Running;
        if !running && !status.will_run {
            return;
        }
        let snapshot = status.snapshot.as_ref();
        let all = snapshot.map(|s| s.steps).filter(|steps| *steps > 0);
        let all = all.or_else(|| plan.steps_of(&status.cell));
        // What is run again from its beginning has no steps behind it.
        let resumes = running || status.state == CellState::Interrupted;
        let behind = snapshot.filter(|_| resumes).map_or(0, |s| s.step);
        self.steps = self.steps.zip(all).map(|(sum, all)| sum + all.saturating_sub(behind));
        if let Some(snapshot) = snapshot.filter(|s| running && s.rate > 0.0) {
            self.rates.push(snapshot.rate);
            self.longest = self.longest.max(snapshot.eta_s);
        }
    }

    /// Cells in a state.
    pub fn count(&self, state: CellState) -> usize {
        self.counts.get(&state).copied().unwrap_or_default()
    }

    /// All cells.
    pub fn total(&self) -> usize {
        self.counts.values().sum()
    }

    /// States that cells are in, with how many; in the order of [`CellState::ALL`].
    pub fn states(&self) -> impl Iterator<Item = (CellState, usize)> {
        self.counts.iter().map(|(state, count)| (*state, *count))
    }

    /// Whether no cell runs and none would be taken up by a run.
    pub fn settled(&self) -> bool {
        self.ahead == 0 && self.count(CellState::Running) == 0
    }

    /// Seconds of training that lie ahead with as many cells at a time as run now, at their mean rate;
    /// `None` while no running cell knows its rate. Judging is not counted.
    pub fn eta_s(&self) -> Option<f64> {
        let sum: f64 = self.rates.iter().sum();
        let mean = sum / self.rates.len() as f64;
        let at_once = self.count(CellState::Running) as f64;
        let steps = self.steps? as f64;
        (sum > 0.0).then(|| (steps / (mean * at_once)).max(self.longest))
    }

    /// The counts in words: `12 done, 2 running`.
    pub fn words(&self) -> String {
        let parts: Vec<String> =
            self.states().map(|(state, count)| format!("{count} {}", state.name())).collect();
        parts.join(", ")
    }
}
