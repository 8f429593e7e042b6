//! An experiment's file, read and checked as it stands, before the command line has its say.

use std::path::Path;
use std::sync::Arc;

use toml::de::{DeTable, DeValue};

use crate::base;
use crate::error::{ConfigError, SourceText};
use crate::layer::{self, Layer};
use crate::schema::nearest;

use super::axes::{Axis, Level};
use super::compare::CompareTable;
use super::reader::Reader;

const KEYS: [&str; 9] =
    ["question", "base", "seeds", "set", "factors", "zip", "exclude", "include", "compare"];

/// The tables of an experiment.
pub(super) struct File {
    pub(super) question: String,
    /// The base with its bases, and `[set]` over it.
    pub(super) base: Layer,
    pub(super) seeds: Vec<u64>,
    /// `[factors]`, then `[[zip]]`.
    pub(super) axes: Vec<Axis>,
    pub(super) includes: Vec<Level>,
    pub(super) excludes: Vec<Level>,
    pub(super) compare: Option<CompareTable>,
}

impl File {
    /// Reads an experiment's text; `path` is where its base is looked for.
    pub(super) fn read(source: &Arc<SourceText>, path: &Path) -> Result<File, ConfigError> {
        let reader = Reader { source };
        let document = layer::parse(source)?;
        let table = document.get_ref();
        reader.refuse_unknown(table)?;
        let question = reader.text(table, "question")?.map_or_else(String::new, |(text, _)| text);
        let Some(named) = base::of(source, table.get("base"))? else {
            let help = "add base = \"../configs/quickstart.toml\"";
            return Err(reader.at(0..0, "an experiment needs a `base`", "missing here", help));
        };
        let mut base = base::load_named(source, path, &named)?;
        base.extend(reader.set(table)?);
        let mut axes = reader.factors(table)?;
        axes.extend(reader.zips(table)?);
        reader.refuse_twice(&axes)?;
        let includes = reader.levels(table, "include")?;
        let excludes = reader.excludes(table, &axes)?;
        let varied = |key: &str| {
            let levels = axes.iter().flatten().chain(&includes);
            levels.flatten().any(|(path, _)| path == key)
        };
        let compare = reader.compare(table, varied)?;
        let seeds = reader.seeds(table)?;
        Ok(File { question, base, seeds, axes, includes, excludes, compare })
    }
}

impl Reader<'_> {
    fn refuse_unknown(&self, table: &DeTable<'_>) -> Result<(), ConfigError> {
        let unknown = table.keys().find(|key| !KEYS.contains(&key.get_ref().as_ref()));
        let Some(key) = unknown else { return Ok(()) };
        let help = match nearest(key.get_ref(), KEYS.into_iter()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("an experiment has {}", KEYS.join(", ")),
        };
        let title = format!("unknown key `{}` in an experiment", key.get_ref());
        Err(self.at(key.span(), &title, "no such key", &help))
    }

    /// `[set]`: keys with one value for every cell that does not vary them.
    fn set(&self, table: &DeTable<'_>) -> Result<Layer, ConfigError> {
        let Some(value) = table.get("set") else { return Ok(Layer::new()) };
        match value.get_ref() {
            DeValue::Table(set) => self.settings(set),
            _ => {
                let help = "write [set] and below it \"train.steps\" = 500";
                Err(self.at(value.span(), "`set` must be a table", "not a table", help))
            }
        }
    }

    fn refuse_twice(&self, axes: &[Axis]) -> Result<(), ConfigError> {
        let columns: Vec<_> = axes.iter().filter_map(|axis| axis.first()).flatten().collect();
        for (i, (key, entry)) in columns.iter().enumerate() {
            let earlier = columns[..i].iter().find(|(path, _)| path == key);
            if let Some((_, first)) = earlier {
                let line = self.source.line(first.origin.key.start);
                let title = format!("`{key}` is varied twice");
                let help = format!("line {line} varies it already; keep one");
                return Err(self.at(entry.origin.key.clone(), &title, "varied again here", &help));
            }
        }
        Ok(())
    }
}
