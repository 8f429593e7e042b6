//! `[[exclude]]`: combinations of levels that the product leaves out.

use std::collections::BTreeSet;

use toml::de::DeTable;

use crate::error::ConfigError;
use crate::layer::{Entry, Setting};
use crate::schema::nearest;

use super::axes::{Axis, Level, level_text};
use super::reader::Reader;

/// Per exclude, the levels of each axis that it names, by index.
pub(super) struct Excluded(Vec<Vec<BTreeSet<usize>>>);

impl Excluded {
    pub(super) fn new(axes: &[Axis], excludes: &[Level]) -> Excluded {
        let named = |exclude: &Level| axes.iter().map(|axis| named_by(exclude, axis)).collect();
        Excluded(excludes.iter().map(named).collect())
    }

    /// Whether an exclude names the level of every axis.
    pub(super) fn contains(&self, indices: &[usize]) -> bool {
        self.0.iter().any(|axes| axes.iter().zip(indices).all(|(named, i)| named.contains(i)))
    }
}

/// The levels of an axis that do not contradict an exclude.
fn named_by(exclude: &Level, axis: &Axis) -> BTreeSet<usize> {
    let agrees = |(key, entry): &Setting| {
        exclude.iter().all(|(path, wanted)| path != key || wanted.value == entry.value)
    };
    (0..axis.len()).filter(|&i| axis[i].iter().all(agrees)).collect()
}

impl Reader<'_> {
    /// `[[exclude]]`. One that no cell of the file's own product can match is refused: it would
    /// leave in what it was written to leave out.
    pub(super) fn excludes(
        &self,
        table: &DeTable<'_>,
        axes: &[Axis],
    ) -> Result<Vec<Level>, ConfigError> {
        let mut excludes = Vec::new();
        for exclude in self.levels(table, "exclude")? {
            for (key, entry) in &exclude {
                let levels = levels_of(key, axes);
                if levels.is_empty() {
                    return Err(self.no_factor(key, entry, axes));
                }
                if !levels.contains(&level_text(&entry.value)) {
                    return Err(self.no_level(key, entry, &levels));
                }
            }
            if axes.iter().any(|axis| named_by(&exclude, axis).is_empty()) {
                let title = "no cell has these levels together";
                let help = "the keys of one [[zip]] move together: name levels of one position";
                return Err(self.at(
                    exclude[0].1.origin.key.clone(),
                    title,
                    "excludes nothing",
                    help,
                ));
            }
            excludes.push(exclude);
        }
        Ok(excludes)
    }

    fn no_factor(&self, key: &str, entry: &Entry, axes: &[Axis]) -> ConfigError {
        let factors: BTreeSet<&str> =
            axes.iter().flatten().flatten().map(|(key, _)| key.as_str()).collect();
        let help = match nearest(key, factors.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None if factors.is_empty() => "there is no product without [factors]".to_owned(),
            None => {
                let factors: Vec<&str> = factors.into_iter().collect();
                format!("the factors of the product are {}", factors.join(", "))
            }
        };
        let title = format!("`{key}` is no factor in [factors] or [[zip]]");
        self.at(entry.origin.key.clone(), &title, "excludes nothing", &help)
    }

    fn no_level(&self, key: &str, entry: &Entry, levels: &[String]) -> ConfigError {
        let text = level_text(&entry.value);
        let help = match nearest(&text, levels.iter().map(String::as_str)) {
            Some(near) if near.parse::<f64>().is_err() => format!("did you mean \"{near}\"?"),
            _ => format!("its levels are {}", levels.join(", ")),
        };
        let title = format!("`{key}` has no level {text}");
        self.at(entry.origin.value.clone(), &title, "excludes nothing", &help)
    }
}

fn levels_of(key: &str, axes: &[Axis]) -> Vec<String> {
    let settings = axes.iter().flatten().flatten();
    settings.filter(|(k, _)| k == key).map(|(_, entry)| level_text(&entry.value)).collect()
}
