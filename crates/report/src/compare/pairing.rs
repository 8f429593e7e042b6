//! Twins: cells that differ in one factor alone.

use std::collections::BTreeSet;

use crate::level::quoted_level;
use crate::load::{Cell, Images, Results};

/// Cells by pairs, and those left alone.
pub(super) struct Pairing<'r> {
    /// Group and level to pairs, in the plan's order.
    pub(super) arms: Vec<((String, String), Pairs<'r>)>,
    pub(super) alone: Vec<(&'r Cell, String)>,
}

/// Baseline and level, a pair per seed.
pub(super) struct Pairs<'r>(pub(super) Vec<(&'r Cell, &'r Cell)>);

impl<'r> Pairing<'r> {
    pub(super) fn of(results: &'r Results, factor: &str, baseline: &str) -> Pairing<'r> {
        let mut pairing = Pairing { arms: Vec::new(), alone: Vec::new() };
        let mut paired: BTreeSet<&str> = BTreeSet::new();
        let is_baseline =
            |cell: &Cell| cell.factors.get(factor).is_some_and(|level| level == baseline);
        for cell in results.cells.iter().filter(|cell| cell.is_complete() && !is_baseline(cell)) {
            let twins = results.cells.iter().filter(|twin| is_baseline(twin));
            match complete_twin(twins, cell, factor) {
                Ok(twin) => {
                    paired.extend([cell.id.as_str(), twin.id.as_str()]);
                    let level = cell.factors.get(factor).cloned().unwrap_or_default();
                    pairing.push((group_of(results, cell, factor), level), (twin, cell));
                }
                Err(None) => {
                    let reason = format!("no other cell differs in {factor} = {baseline} alone");
                    pairing.alone.push((cell, reason));
                }
                Err(Some(twin)) => pairing.alone.push((cell, twin_state(twin))),
            }
        }
        for cell in results.cells.iter().filter(|cell| cell.is_complete() && is_baseline(cell)) {
            if !paired.contains(cell.id.as_str()) {
                let twins = results.cells.iter().filter(|twin| !is_baseline(twin));
                let reason = match complete_twin(twins, cell, factor) {
                    Err(Some(twin)) => twin_state(twin),
                    _ => format!("no other cell differs in {factor} alone"),
                };
                pairing.alone.push((cell, reason));
            }
        }
        pairing
    }

    fn push(&mut self, arm: (String, String), pair: (&'r Cell, &'r Cell)) {
        match self.arms.iter_mut().find(|(known, _)| *known == arm) {
            Some((_, pairs)) => pairs.0.push(pair),
            None => self.arms.push((arm, Pairs(vec![pair]))),
        }
    }
}

fn twin_state(twin: &Cell) -> String {
    format!("its twin {} is {}", twin.id, twin.state.name())
}

/// The complete twin, else an incomplete one, else nothing.
fn complete_twin<'r>(
    candidates: impl Iterator<Item = &'r Cell>,
    cell: &Cell,
    factor: &str,
) -> Result<&'r Cell, Option<&'r Cell>> {
    let others = |cell: &Cell| {
        let mut factors = cell.factors.clone();
        factors.remove(factor);
        (cell.seed, factors)
    };
    let wanted = others(cell);
    let twins: Vec<&Cell> = candidates.filter(|twin| others(twin) == wanted).collect();
    let complete = twins.iter().find(|twin| twin.is_complete());
    complete.copied().ok_or(twins.first().copied())
}

/// The other factors' levels, in the plan's order.
pub(crate) fn group_of(results: &Results, cell: &Cell, factor: &str) -> String {
    let others = results.factors.iter().filter(|(key, _)| key != factor);
    let parts = others.filter_map(|(key, _)| {
        let level = cell.factors.get(key)?;
        Some(format!("{key}={}", quoted_level(level)))
    });
    parts.collect::<Vec<_>>().join(", ")
}

impl Pairs<'_> {
    /// Pairs whose cells were judged on different images in some direction.
    pub(super) fn on_different_images(&self) -> usize {
        let differ = |a: &Cell, b: &Cell| match (&a.images, &b.images) {
            (Some(a), Some(b)) => {
                let mut directions = a.directions();
                directions.extend(b.directions());
                let names = |images: &Images, direction: &str| -> Vec<String> {
                    images.names(direction).into_iter().map(|(name, _)| name.to_owned()).collect()
                };
                directions.iter().any(|direction| names(a, direction) != names(b, direction))
            }
            _ => false,
        };
        self.0.iter().filter(|(a, b)| differ(a, b)).count()
    }
}
