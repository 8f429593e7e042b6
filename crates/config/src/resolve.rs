//! Layers of dotted keys to one checked [`RunConfig`].

use std::path::Path;
use std::sync::{Arc, LazyLock};

use toml::{Table, Value};

use crate::accept::set_layer;
use crate::base;
use crate::combinations;
use crate::error::{ConfigError, SourceText};
use crate::layer::{Layer, Setting};
use crate::run::RunConfig;

impl RunConfig {
    /// Loads a run's file with the files it builds on (`base = "other.toml"` at its top, relative to
    /// the file; a file's own keys win) and applies `key=value` overrides, which go through the same
    /// checks.
    ///
    /// # Errors
    /// A file cannot be read, is not TOML, builds on itself, or holds an unknown key, a wrong type, a
    /// value out of range or an impossible combination. The message names file and line.
    pub fn load(path: &Path, sets: &[String]) -> Result<RunConfig, ConfigError> {
        finish(base::load(path, "give the path of a run's configuration, see configs/")?, sets)
    }

    /// Like [`RunConfig::load`] for a text, which can have no `base`; `name` stands for the file in
    /// messages.
    ///
    /// # Errors
    /// As [`RunConfig::load`].
    pub fn from_toml(text: &str, name: &str) -> Result<RunConfig, ConfigError> {
        RunConfig::from_toml_with(text, name, &[])
    }

    /// [`RunConfig::from_toml`] with `key=value` overrides.
    ///
    /// # Errors
    /// As [`RunConfig::load`].
    pub fn from_toml_with(
        text: &str,
        name: &str,
        sets: &[String],
    ) -> Result<RunConfig, ConfigError> {
        let source =
            Arc::new(SourceText { name: name.to_owned(), text: text.to_owned(), home: None });
        match base::keys_of(&source)? {
            (_, Some(named)) => Err(base::refuse(&source, named)),
            (layer, None) => finish(layer, sets),
        }
    }
}

/// The run of a file's layer and the command line's overrides.
fn finish(mut layer: Layer, sets: &[String]) -> Result<RunConfig, ConfigError> {
    for assignment in sets {
        layer.extend(set_layer(assignment)?);
    }
    SharedRun::new(layer).build(&[])
}

/// Every key at its default; those that follow from other keys are still to be derived.
static DEFAULTS: LazyLock<RunConfig> = LazyLock::new(|| {
    let mut root = Table::new();
    for key in RunConfig::keys() {
        let (section, name) = key.path.split_once('.').expect("every key has a table");
        let table = root.entry(section).or_insert_with(|| Value::Table(Table::new()));
        let value = key.default.clone().unwrap_or(Value::Float(0.0));
        table.as_table_mut().expect("sections are tables").insert(name.to_owned(), value);
    }
    Value::Table(root).try_into().expect("every default fits its key")
});

/// What several runs share: typed once, then completed once per run.
pub(crate) struct SharedRun {
    layer: Layer,
    run: RunConfig,
}

impl SharedRun {
    /// The shared part: the keys in an accepted layer and of the defaults.
    pub(crate) fn new(layer: Layer) -> SharedRun {
        let mut run = DEFAULTS.clone();
        layer.iter().for_each(|(key, entry)| run.set(key, entry.value.clone()));
        SharedRun { layer, run }
    }

    /// The run with `values` in the place of the shared ones: derives what nobody gave and checks
    /// combinations.
    pub(crate) fn build(&self, values: &[&Setting]) -> Result<RunConfig, ConfigError> {
        let mut run = self.run.clone();
        values.iter().for_each(|(key, entry)| run.set(key, entry.value.clone()));
        let given = |key: &str| {
            let value = values.iter().rev().find(|(path, _)| path == key);
            value.map(|(_, entry)| entry).or_else(|| self.layer.get(key))
        };
        derive(&mut run, |key| given(key).is_some());
        combinations::check(&run, &given)?;
        Ok(run)
    }
}

/// Defaults that follow from other keys: alpha from the attribute, beta and lambda from alpha.
fn derive(run: &mut RunConfig, given: impl Fn(&str) -> bool) {
    let losses = &mut run.losses;
    if !given("losses.alpha") {
        losses.alpha = if run.data.attribute.is_local() { 5e-4 } else { 1e-6 };
    }
    if !given("losses.beta") {
        losses.beta = 0.1 * losses.alpha;
    }
    if !given("losses.lambda") {
        losses.lambda = losses.alpha;
    }
}
