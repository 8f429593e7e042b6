//! What every table of an experiment's file is read with.

use std::ops::Range;
use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::accept::{accept, accept_layer, find_key};
use crate::error::{ConfigError, Origin, SourceText};
use crate::layer::{self, Layer};
use crate::schema::Part;

use super::axes::{Axis, Level};

/// A text whose places errors point at.
pub(super) struct Reader<'a> {
    pub(super) source: &'a Arc<SourceText>,
}

/// A table with its place.
type Placed<'t, 'd> = (&'t DeTable<'d>, Range<usize>);

impl Reader<'_> {
    pub(super) fn at(
        &self,
        span: Range<usize>,
        title: &str,
        label: &str,
        help: &str,
    ) -> ConfigError {
        ConfigError::at(self.source, span, title, label, Some(help.to_owned()))
    }

    pub(super) fn text(
        &self,
        table: &DeTable<'_>,
        key: &str,
    ) -> Result<Option<(String, Range<usize>)>, ConfigError> {
        match table.get(key) {
            None => Ok(None),
            Some(value) => match value.get_ref() {
                DeValue::String(text) => Ok(Some((text.to_string(), value.span()))),
                _ => {
                    let title = format!("`{key}` must be text");
                    Err(self.at(value.span(), &title, "not text", "put it in quotes"))
                }
            },
        }
    }

    pub(super) fn seeds(&self, table: &DeTable<'_>) -> Result<Vec<u64>, ConfigError> {
        let Some(value) = table.get("seeds") else { return Ok(vec![1]) };
        let help = "write seeds = [1, 2, 3]";
        let DeValue::Array(items) = value.get_ref() else {
            return Err(self.at(value.span(), "`seeds` must be a list", "not a list", help));
        };
        let mut seeds = Vec::new();
        for item in items {
            let seed = match item.get_ref() {
                DeValue::Integer(n) => u64::from_str_radix(n.as_str(), n.radix()).ok(),
                _ => None,
            };
            match seed {
                Some(seed) if seed > i64::MAX as u64 => {
                    return Err(self.at(item.span(), "this seed is too large", "over 2^63", help));
                }
                Some(seed) if seeds.contains(&seed) => {
                    return Err(self.at(item.span(), "a seed stands twice", "again here", help));
                }
                Some(seed) => seeds.push(seed),
                None => {
                    let title = "a seed is a whole number, 0 or more";
                    return Err(self.at(item.span(), title, "not a seed", help));
                }
            }
        }
        Ok(seeds)
    }

    /// A table of run keys, each with one value.
    pub(super) fn settings(&self, table: &DeTable<'_>) -> Result<Layer, ConfigError> {
        let mut flat = Layer::new();
        layer::flatten(table, "", self.source, &mut flat)?;
        accept_layer(&mut flat)?;
        flat.iter().try_for_each(|(key, entry)| refuse_seed(key, &entry.origin))?;
        Ok(flat)
    }

    /// `[[key]]` tables of settings, none of them empty.
    pub(super) fn levels(&self, table: &DeTable<'_>, key: &str) -> Result<Vec<Level>, ConfigError> {
        let mut levels = Vec::new();
        for (inner, span) in self.tables(table.get(key), key)? {
            let level: Level = self.settings(inner)?.into_iter().collect();
            level.iter().try_for_each(|(key, entry)| refuse_judgement(key, &entry.origin))?;
            if level.is_empty() {
                return Err(self.without_keys(span, key));
            }
            levels.push(level);
        }
        Ok(levels)
    }

    /// `[factors]`: every key becomes one axis.
    pub(super) fn factors(&self, table: &DeTable<'_>) -> Result<Vec<Axis>, ConfigError> {
        let Some(value) = table.get("factors") else { return Ok(Vec::new()) };
        let DeValue::Table(factors) = value.get_ref() else {
            let help = "write [factors] and below it \"losses.dual\" = [\"adversarial\", \"none\"]";
            return Err(self.at(value.span(), "`factors` must be a table", "not a table", help));
        };
        let axis = |column: Level| column.into_iter().map(|setting| vec![setting]).collect();
        Ok(self.columns(factors)?.into_iter().map(axis).collect())
    }

    /// `[[zip]]`: the keys of one group move together and make one axis.
    pub(super) fn zips(&self, table: &DeTable<'_>) -> Result<Vec<Axis>, ConfigError> {
        let mut axes = Vec::new();
        for (group, span) in self.tables(table.get("zip"), "zip")? {
            let columns = self.columns(group)?;
            let Some(length) = columns.first().map(Vec::len) else {
                return Err(self.without_keys(span, "zip"));
            };
            if columns.iter().any(|column| column.len() != length) {
                let help = "the keys of one [[zip]] move together: give each as many values";
                return Err(self.at(span, "lists of different lengths", "in this group", help));
            }
            let level = |i: usize| columns.iter().map(|column| column[i].clone()).collect();
            axes.push((0..length).map(level).collect());
        }
        Ok(axes)
    }

    fn without_keys(&self, span: Range<usize>, key: &str) -> ConfigError {
        let help = "write \"losses.dual\" = ... below it, or remove it";
        self.at(span, &format!("a [[{key}]] without keys"), "empty", help)
    }

    fn tables<'t, 'd>(
        &self,
        value: Option<&'t Spanned<DeValue<'d>>>,
        key: &str,
    ) -> Result<Vec<Placed<'t, 'd>>, ConfigError> {
        let wrong = |span| {
            let title = format!("`{key}` must be a list of tables");
            self.at(span, &title, "not a table", &format!("write [[{key}]]"))
        };
        let Some(value) = value else { return Ok(Vec::new()) };
        let DeValue::Array(items) = value.get_ref() else { return Err(wrong(value.span())) };
        items
            .iter()
            .map(|item| match item.get_ref() {
                DeValue::Table(table) => Ok((table, item.span())),
                _ => Err(wrong(item.span())),
            })
            .collect()
    }

    /// Keys with lists of values, each value checked as the run's own key.
    fn columns(&self, table: &DeTable<'_>) -> Result<Vec<Level>, ConfigError> {
        let mut lists = Vec::new();
        dotted(table, "", &mut lists);
        let mut columns = Vec::new();
        for (path, key_span, value) in lists {
            let list = layer::entry(key_span.clone(), value, self.source)?;
            find_key(&path, &list.origin)?;
            refuse_seed(&path, &list.origin)?;
            refuse_judgement(&path, &list.origin)?;
            let DeValue::Array(items) = value.get_ref() else {
                let help = "write the levels as a list, for example [\"adversarial\", \"none\"]";
                return Err(self.at(value.span(), "a factor needs levels", "not a list", help));
            };
            let mut column = Level::new();
            for item in items {
                let mut entry = layer::entry(key_span.clone(), item, self.source)?;
                accept(&path, &mut entry)?;
                column.push((path.clone(), entry));
            }
            if column.is_empty() {
                let help = "give at least one level, or remove the key";
                return Err(self.at(value.span(), "a factor without levels", "empty", help));
            }
            columns.push(column);
        }
        Ok(columns)
    }
}

/// Every cell gets its `train.seed` from the experiment's seeds; a value elsewhere would be lost.
pub(super) fn refuse_seed(key: &str, origin: &Origin) -> Result<(), ConfigError> {
    if key != "train.seed" {
        return Ok(());
    }
    let title = "an experiment sets `train.seed` by its seeds";
    let help = "write seeds = [1, 2, 3] in the experiment, or give --seeds 1,2,3";
    let span = origin.key.clone();
    Err(ConfigError::at(&origin.source, span, title, "not here", Some(help.to_owned())))
}

/// What is judged in two ways is still trained once: arms differ in their training.
fn refuse_judgement(key: &str, origin: &Origin) -> Result<(), ConfigError> {
    if find_key(key, origin)?.part != Part::Judgement {
        return Ok(());
    }
    let title = format!("`{key}` cannot vary inside an experiment");
    let help = "keys of [eval] belong to the judgement: write the key below [set], or judge finished \
                cells again with `cargo xtask run EXPERIMENT --set KEY=VALUE`";
    let span = origin.key.clone();
    Err(ConfigError::at(
        &origin.source,
        span,
        title,
        "part of the judgement",
        Some(help.to_owned()),
    ))
}

/// Keys below nested tables, joined with dots.
fn dotted<'t, 'd>(
    table: &'t DeTable<'d>,
    prefix: &str,
    out: &mut Vec<(String, Range<usize>, &'t Spanned<DeValue<'d>>)>,
) {
    for (key, value) in table {
        let path = match prefix {
            "" => key.get_ref().to_string(),
            _ => format!("{prefix}.{}", key.get_ref()),
        };
        match value.get_ref() {
            DeValue::Table(inner) => dotted(inner, &path, out),
            _ => out.push((path, key.span(), value)),
        }
    }
}
