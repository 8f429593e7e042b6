//! What edits do to every attribute, the edited one and the others.

use crate::load::{Cell, Flips, Results};
use crate::render::{field, into_text};

/// One judged attribute under the edits of one arm and direction. Shares are means over seeds.
pub(crate) struct Effect {
    pub(crate) arm: String,
    /// The attribute that was edited.
    pub(crate) edited: String,
    pub(crate) direction: String,
    /// The attribute that is judged.
    pub(crate) judged: String,
    pub(crate) images: usize,
    pub(crate) seeds: usize,
    /// Share of images whose verdict changed.
    pub(crate) changed: f64,
    pub(crate) changed_sd: Option<f64>,
    pub(crate) appeared: f64,
    pub(crate) vanished: f64,
    /// Mean change of the judge's probability.
    pub(crate) score_change: f64,
    pub(crate) score_change_sd: Option<f64>,
    /// Runs of the arm that diverged; nothing is known of them.
    pub(crate) diverged: usize,
}

/// Every effect, by arm in the plan's order, then direction, then judged attribute.
pub(crate) fn effects(results: &Results) -> Vec<Effect> {
    let mut effects = Vec::new();
    for arm in results.arms() {
        let own = |cell: &&Cell| results.arm(cell) == arm && !cell.attributes.is_empty();
        let cells: Vec<&Cell> = results.cells.iter().filter(own).collect();
        let diverged =
            Results::diverged(results.cells.iter().filter(|cell| results.arm(cell) == arm));
        let edited = cells.iter().find_map(|cell| Some(cell.judge.as_ref()?.attribute.clone()));
        let edited = edited.unwrap_or_default();
        let mut keys: Vec<(&str, &str)> = cells
            .iter()
            .flat_map(|cell| &cell.attributes)
            .map(|flips| (flips.direction.as_str(), flips.attribute.as_str()))
            .collect();
        keys.sort_unstable();
        keys.dedup();
        for (direction, judged) in keys {
            let same = |flips: &&Flips| flips.direction == direction && flips.attribute == judged;
            let seeds: Vec<&Flips> =
                cells.iter().filter_map(|cell| cell.attributes.iter().find(same)).collect();
            effects
                .extend(effect(&arm, &edited, &seeds).map(|effect| Effect { diverged, ..effect }));
        }
    }
    effects
}

fn effect(arm: &str, edited: &str, seeds: &[&Flips]) -> Option<Effect> {
    let each = |value: fn(&Flips) -> f64| -> Vec<f64> { seeds.iter().map(|f| value(f)).collect() };
    let first = seeds.first()?;
    let (changed, score_change) = (each(Flips::changed), each(|flips| flips.score_change));
    Some(Effect {
        arm: arm.to_owned(),
        edited: edited.to_owned(),
        direction: first.direction.clone(),
        judged: first.attribute.clone(),
        images: seeds.iter().map(|flips| flips.images).max()?,
        seeds: seeds.len(),
        changed: stats::mean(&changed)?,
        changed_sd: stats::sample_sd(&changed),
        appeared: stats::mean(&each(|flips| flips.appeared))?,
        vanished: stats::mean(&each(|flips| flips.vanished))?,
        score_change: stats::mean(&score_change)?,
        score_change_sd: stats::sample_sd(&score_change),
        diverged: 0,
    })
}

/// `tables/attributes.csv`: a line per arm, direction and judged attribute.
pub(crate) fn csv(effects: &[Effect]) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let header = [
        "arm",
        "edited",
        "direction",
        "judged",
        "images",
        "seeds",
        "changed",
        "changed_sd",
        "appeared",
        "vanished",
        "score_change",
        "score_change_sd",
        "diverged",
    ];
    writer.write_record(header).expect("memory takes every record");
    for effect in effects {
        let mut record = vec![
            effect.arm.clone(),
            effect.edited.clone(),
            effect.direction.clone(),
            effect.judged.clone(),
            effect.images.to_string(),
            effect.seeds.to_string(),
        ];
        let numbers = [
            Some(effect.changed),
            effect.changed_sd,
            Some(effect.appeared),
            Some(effect.vanished),
            Some(effect.score_change),
            effect.score_change_sd,
        ];
        record.extend(numbers.map(field));
        record.push(effect.diverged.to_string());
        writer.write_record(record).expect("memory takes every record");
    }
    into_text(writer)
}
