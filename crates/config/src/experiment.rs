//! A sweep: a base run, factors, seeds; expanded into cells.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use toml::Value;
use toml::de::{DeTable, DeValue};

use crate::choices::BackendKind;
use crate::error::{ConfigError, SourceText};
use crate::layer::{self, Entry, Layer};
use crate::resolve::{build, check_entry, find_key, layer_of, set_layer};
use crate::run::RunConfig;
use crate::schema::nearest;

/// What the command line adds to an experiment's file.
#[derive(Clone, Debug, Default)]
pub struct Overrides {
    /// `key=value`, applied to every cell after its factors.
    pub set: Vec<String>,
    /// Seeds instead of the file's.
    pub seeds: Option<Vec<u64>>,
    /// Backends; more than one makes `backend.kind` a factor.
    pub backends: Vec<String>,
}

/// The question's factor and the level everything is compared with.
#[derive(Clone, Debug, PartialEq)]
pub struct Compare {
    /// Dotted key of the factor.
    pub factor: String,
    /// Level that is the baseline, as text.
    pub baseline: String,
}

/// One cell before it has an id: a resolved run and what makes it special.
#[derive(Clone, Debug)]
pub struct CellSpec {
    /// Factor key to level, as text.
    pub factors: BTreeMap<String, String>,
    /// `train.seed`.
    pub seed: u64,
    /// The resolved run.
    pub config: RunConfig,
}

/// A sweep, expanded.
#[derive(Clone, Debug)]
pub struct Experiment {
    /// File name without extension; names the directory under `results/`.
    pub name: String,
    /// Where it was read.
    pub path: PathBuf,
    /// What the sweep asks.
    pub question: String,
    /// Factor keys with their levels as text, in the file's order of levels.
    pub factors: Vec<(String, Vec<String>)>,
    /// Seeds.
    pub seeds: Vec<u64>,
    /// What `compare` compares unless told otherwise.
    pub compare: Option<Compare>,
    /// Every cell: the product of factors and seeds without the excluded ones.
    pub cells: Vec<CellSpec>,
}

const KEYS: [&str; 8] =
    ["question", "base", "seeds", "set", "factors", "zip", "exclude", "compare"];

/// A level of a factor (or of a zip group: several keys that move together).
type Level = Vec<(String, Entry)>;

impl Experiment {
    /// Loads an experiment, its base, and the command line's overrides; expands the product.
    ///
    /// # Errors
    /// Anything [`RunConfig::load`] refuses, in any cell; unknown keys; an empty product.
    pub fn load(path: &Path, overrides: &Overrides) -> Result<Experiment, ConfigError> {
        let source = layer::read(path, "give an experiment's path, or its name in experiments/")?;
        Reader { source: &source, path }.read(overrides)
    }
}

struct Reader<'a> {
    source: &'a Arc<SourceText>,
    path: &'a Path,
}

impl Reader<'_> {
    fn at(&self, span: Range<usize>, title: &str, label: &str, help: &str) -> ConfigError {
        ConfigError::at(self.source, span, title, label, Some(help.to_owned()))
    }

    fn read(&self, overrides: &Overrides) -> Result<Experiment, ConfigError> {
        let document = layer::parse(self.source)?;
        let table = document.get_ref();
        for key in table.keys() {
            if !KEYS.contains(&key.get_ref().as_ref()) {
                let help = match nearest(key.get_ref(), KEYS.into_iter()) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("an experiment has {}", KEYS.join(", ")),
                };
                let title = format!("unknown key `{}` in an experiment", key.get_ref());
                return Err(self.at(key.span(), &title, "no such key", &help));
            }
        }
        let question = self.text(table, "question")?.map_or_else(String::new, |(text, _)| text);
        let Some((base, base_span)) = self.text(table, "base")? else {
            let help = "add base = \"../configs/quickstart.toml\"";
            return Err(self.at(0..0, "an experiment needs a `base`", "missing here", help));
        };
        let base_path = self.path.parent().unwrap_or(Path::new("")).join(&base);
        let base_source = layer::read(&base_path, "the path is relative to the experiment's file")
            .map_err(|error| {
                let help = "the path is relative to the experiment's file";
                let title = error.to_string().lines().next().unwrap_or_default().to_owned();
                let title = title.trim_start_matches("error: ");
                self.at(base_span, title, "named here", help)
            })?;
        let base = layer_of(&base_source)?;

        let mut fixed = Layer::new();
        if let Some(DeValue::Table(set)) = table.get("set").map(|v| v.get_ref()) {
            layer::flatten(set, "", self.source, &mut fixed)?;
            fixed.iter().try_for_each(|(key, entry)| check_entry(key, entry))?;
        }
        let mut axes = self.factors(table)?;
        axes.extend(self.zips(table)?);
        let mut overlays = Vec::new();
        for assignment in &overrides.set {
            let layer = set_layer(assignment)?;
            // A key fixed from outside is no factor any more: its other levels would be the same run.
            for key in layer.keys() {
                axes.iter_mut().for_each(|axis| {
                    axis.iter_mut().for_each(|level| level.retain(|(k, _)| k != key));
                });
            }
            overlays.push(layer);
        }
        self.add_backends(&overrides.backends, &mut axes, &mut overlays)?;
        axes.retain(|axis| axis.iter().any(|level| !level.is_empty()));

        let seeds = match &overrides.seeds {
            Some(seeds) => seeds.clone(),
            None => self.seeds(table)?,
        };
        let excluded = self.excludes(table)?;
        let mut cells = Vec::new();
        for levels in product(&axes) {
            let factors: BTreeMap<String, String> =
                levels.iter().map(|(key, entry)| (key.clone(), level_text(&entry.value))).collect();
            if excluded.iter().any(|e| e.iter().all(|(k, v)| factors.get(k) == Some(v))) {
                continue;
            }
            for seed in &seeds {
                let mut layers =
                    vec![base.clone(), fixed.clone(), levels.iter().cloned().collect()];
                layers.extend(overlays.iter().cloned());
                layers.push(set_layer(&format!("train.seed={seed}"))?);
                let config = build(&layers)?;
                cells.push(CellSpec { factors: factors.clone(), seed: *seed, config });
            }
        }
        if cells.is_empty() {
            let help = "give at least one seed, and exclude fewer combinations";
            return Err(self.at(0..0, "this experiment has no cells", "", help));
        }
        let factors = axis_levels(&axes);
        let compare = self.compare(table, &factors)?;
        let name = self.path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let path = self.path.to_owned();
        Ok(Experiment { name, path, question, factors, seeds, compare, cells })
    }

    fn text(
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

    fn seeds(&self, table: &DeTable<'_>) -> Result<Vec<u64>, ConfigError> {
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

    /// `[factors]`: every key becomes one axis.
    fn factors(&self, table: &DeTable<'_>) -> Result<Vec<Vec<Level>>, ConfigError> {
        let Some(value) = table.get("factors") else { return Ok(Vec::new()) };
        let DeValue::Table(factors) = value.get_ref() else {
            let help = "write [factors] and below it \"losses.dual\" = [\"adversarial\", \"none\"]";
            return Err(self.at(value.span(), "`factors` must be a table", "not a table", help));
        };
        let columns = self.columns(factors)?;
        Ok(columns
            .into_iter()
            .map(|column| column.into_iter().map(|l| vec![l]).collect())
            .collect())
    }

    /// `[[zip]]`: the keys of one group move together and make one axis.
    fn zips(&self, table: &DeTable<'_>) -> Result<Vec<Vec<Level>>, ConfigError> {
        let Some(value) = table.get("zip") else { return Ok(Vec::new()) };
        let mut axes = Vec::new();
        for (group, span) in self.tables(value, "zip")? {
            let columns = self.columns(group)?;
            let length = columns.first().map_or(0, Vec::len);
            if columns.iter().any(|column| column.len() != length) {
                let help = "the keys of one [[zip]] move together: give each as many values";
                return Err(self.at(span, "lists of different lengths", "in this group", help));
            }
            axes.push(
                (0..length).map(|i| columns.iter().map(|c| c[i].clone()).collect()).collect(),
            );
        }
        Ok(axes)
    }

    fn tables<'t, 'd>(
        &self,
        value: &'t toml::Spanned<DeValue<'d>>,
        key: &str,
    ) -> Result<Vec<(&'t DeTable<'d>, Range<usize>)>, ConfigError> {
        let wrong = |span| {
            let title = format!("`{key}` must be a list of tables");
            self.at(span, &title, "not a table", &format!("write [[{key}]]"))
        };
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
    fn columns(&self, table: &DeTable<'_>) -> Result<Vec<Vec<(String, Entry)>>, ConfigError> {
        let mut lists = Vec::new();
        dotted(table, "", &mut lists);
        let mut columns = Vec::new();
        for (path, key_span, value) in lists {
            let list = layer::entry(key_span.clone(), value, self.source)?;
            find_key(&path, &list.origin)?;
            let DeValue::Array(items) = value.get_ref() else {
                let help = "write the levels as a list, for example [\"adversarial\", \"none\"]";
                return Err(self.at(value.span(), "a factor needs levels", "not a list", help));
            };
            let mut column: Vec<(String, Entry)> = Vec::new();
            for item in items {
                let entry = layer::entry(key_span.clone(), item, self.source)?;
                check_entry(&path, &entry)?;
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

    fn excludes(&self, table: &DeTable<'_>) -> Result<Vec<BTreeMap<String, String>>, ConfigError> {
        let Some(value) = table.get("exclude") else { return Ok(Vec::new()) };
        let mut excludes = Vec::new();
        for (group, _) in self.tables(value, "exclude")? {
            let mut flat = Layer::new();
            layer::flatten(group, "", self.source, &mut flat)?;
            flat.iter().try_for_each(|(key, entry)| check_entry(key, entry))?;
            excludes.push(flat.into_iter().map(|(k, e)| (k, level_text(&e.value))).collect());
        }
        Ok(excludes)
    }

    fn compare(
        &self,
        table: &DeTable<'_>,
        factors: &[(String, Vec<String>)],
    ) -> Result<Option<Compare>, ConfigError> {
        let Some(value) = table.get("compare") else { return Ok(None) };
        let help = "write [compare] with factor = \"losses.dual\" and baseline = \"none\"";
        let DeValue::Table(inner) = value.get_ref() else {
            return Err(self.at(value.span(), "`compare` must be a table", "not a table", help));
        };
        let known = ["factor", "baseline"];
        if let Some(key) = inner.keys().find(|k| !known.contains(&k.get_ref().as_ref())) {
            return Err(self.at(key.span(), "unknown key in [compare]", "no such key", help));
        }
        let Some((factor, factor_span)) = self.text(inner, "factor")? else {
            return Err(self.at(value.span(), "[compare] needs `factor`", "missing here", help));
        };
        let baseline = match inner.get("baseline") {
            Some(value) => {
                (level_text(&layer::entry(0..0, value, self.source)?.value), value.span())
            }
            None => {
                return Err(self.at(value.span(), "[compare] needs `baseline`", "missing", help));
            }
        };
        // A factor fixed by --set is gone; then there is nothing left to compare.
        let Some((_, levels)) = factors.iter().find(|(key, _)| *key == factor) else {
            let in_file = self.source.text.matches(&factor).count() > 1;
            if in_file {
                return Ok(None);
            }
            let help = "name one of the keys under [factors] or [[zip]]";
            return Err(self.at(factor_span, "this is no factor here", "not varied", help));
        };
        if !levels.contains(&baseline.0) {
            let help = format!("its levels are {}", levels.join(", "));
            return Err(self.at(baseline.1, "the baseline is no level", "not a level", &help));
        }
        Ok(Some(Compare { factor, baseline: baseline.0 }))
    }

    fn add_backends(
        &self,
        backends: &[String],
        axes: &mut Vec<Vec<Level>>,
        overlays: &mut Vec<Layer>,
    ) -> Result<(), ConfigError> {
        let layers = backends
            .iter()
            .map(|name| {
                let flat = layer::from_assignment("--backend", &format!("backend.kind={name}"))?;
                flat.iter().try_for_each(|(key, entry)| check_entry(key, entry))?;
                Ok(flat)
            })
            .collect::<Result<Vec<Layer>, ConfigError>>()?;
        debug_assert!(backends.len() == layers.len() && BackendKind::ALL.len() == 3);
        for axis in axes.iter_mut().filter(|_| !backends.is_empty()) {
            axis.iter_mut().for_each(|level| level.retain(|(key, _)| key != "backend.kind"));
        }
        match layers.len() {
            0 => {}
            1 => overlays.extend(layers),
            _ => axes.push(layers.into_iter().map(|layer| layer.into_iter().collect()).collect()),
        }
        Ok(())
    }
}

/// Keys below nested tables, joined with dots.
fn dotted<'t, 'd>(
    table: &'t DeTable<'d>,
    prefix: &str,
    out: &mut Vec<(String, Range<usize>, &'t toml::Spanned<DeValue<'d>>)>,
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

/// A level as it is shown and compared: text without quotes, numbers as TOML prints them.
fn level_text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn axis_levels(axes: &[Vec<Level>]) -> Vec<(String, Vec<String>)> {
    let mut factors: Vec<(String, Vec<String>)> = Vec::new();
    for (key, entry) in axes.iter().flatten().flatten() {
        let text = level_text(&entry.value);
        match factors.iter_mut().find(|(k, _)| k == key) {
            Some((_, levels)) if levels.contains(&text) => {}
            Some((_, levels)) => levels.push(text),
            None => factors.push((key.clone(), vec![text])),
        }
    }
    factors
}

/// Every combination of one level per axis; one empty combination when there is no axis.
fn product(axes: &[Vec<Level>]) -> Vec<Level> {
    axes.iter().fold(vec![Vec::new()], |combinations, axis| {
        // Levels emptied by --set would repeat the same run.
        let mut seen = Vec::new();
        for combination in &combinations {
            for level in axis {
                let mut next = combination.clone();
                next.extend(level.iter().cloned());
                let key: Vec<(String, String)> =
                    next.iter().map(|(k, e)| (k.clone(), level_text(&e.value))).collect();
                if !seen.iter().any(|(k, _)| *k == key) {
                    seen.push((key, next));
                }
            }
        }
        seen.into_iter().map(|(_, level)| level).collect()
    })
}
