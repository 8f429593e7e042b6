//! Levels, the axes that they stand on, and the product of axes.

use std::collections::BTreeSet;

use toml::Value;

use crate::layer::Setting;

/// A level of a factor, or of a `[[zip]]` group: settings that move together.
pub(super) type Level = Vec<Setting>;

/// The levels that one axis of the product runs through.
pub(super) type Axis = Vec<Level>;

/// A level as it is shown and compared: text without quotes, numbers as TOML prints them. Values
/// are canonical, so that equal values have equal text.
pub(super) fn level_text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// The axes without the keys that are fixed from outside. Levels that become alike merge; an axis
/// without keys is none.
pub(super) fn without(axes: Vec<Axis>, fixed: impl Fn(&str) -> bool) -> Vec<Axis> {
    let mut axes = axes;
    for axis in &mut axes {
        axis.iter_mut().for_each(|level| level.retain(|(key, _)| !fixed(key)));
        let mut seen = BTreeSet::new();
        axis.retain(|level| {
            seen.insert(level.iter().map(|(_, e)| level_text(&e.value)).collect::<Vec<_>>())
        });
    }
    axes.retain(|axis| axis.iter().any(|level| !level.is_empty()));
    axes
}

/// Every combination of one index per axis, the last axis fastest; one empty combination when there
/// is no axis.
pub(super) struct Combinations {
    lengths: Vec<usize>,
    next: Option<Vec<usize>>,
}

impl Combinations {
    pub(super) fn of(axes: &[Axis]) -> Combinations {
        let lengths: Vec<usize> = axes.iter().map(Vec::len).collect();
        let next = (!lengths.contains(&0)).then(|| vec![0; lengths.len()]);
        Combinations { lengths, next }
    }

    /// How many there are; `None` if nobody could count them.
    pub(super) fn count(axes: &[Axis]) -> Option<usize> {
        axes.iter().try_fold(1_usize, |product, axis| product.checked_mul(axis.len()))
    }
}

impl Iterator for Combinations {
    type Item = Vec<usize>;

    fn next(&mut self) -> Option<Vec<usize>> {
        let current = self.next.take()?;
        let mut following = current.clone();
        for axis in (0..following.len()).rev() {
            following[axis] += 1;
            if following[axis] < self.lengths[axis] {
                self.next = Some(following);
                break;
            }
            following[axis] = 0;
        }
        Some(current)
    }
}
