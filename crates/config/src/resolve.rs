//! Layers of dotted keys to one checked [`RunConfig`].

use std::path::Path;
use std::sync::Arc;

use toml::{Table, Value};

use crate::choices::{BackendKind, Norm, Precision, Source, SplitRule, Tap};
use crate::error::{ConfigError, Origin, SourceText};
use crate::layer::{self, Entry, Layer};
use crate::run::RunConfig;
use crate::schema::{Key, nearest};

impl RunConfig {
    /// Loads a run's file and applies `key=value` overrides, which go through the same checks.
    ///
    /// # Errors
    /// The file cannot be read, is not TOML, or holds an unknown key, a wrong type, a value out of
    /// range or an impossible combination. The message names file and line.
    pub fn load(path: &Path, sets: &[String]) -> Result<RunConfig, ConfigError> {
        let source = layer::read(path, "give the path of a run's configuration, see configs/")?;
        let mut layers = vec![layer_of(&source)?];
        for assignment in sets {
            layers.push(set_layer(assignment)?);
        }
        build(&layers)
    }

    /// Like [`RunConfig::load`] for a text; `name` stands for the file in messages.
    ///
    /// # Errors
    /// As [`RunConfig::load`].
    pub fn from_toml(text: &str, name: &str) -> Result<RunConfig, ConfigError> {
        let source = Arc::new(SourceText { name: name.to_owned(), text: text.to_owned() });
        build(&[layer_of(&source)?])
    }
}

/// A run's file as a checked layer.
pub(crate) fn layer_of(source: &Arc<SourceText>) -> Result<Layer, ConfigError> {
    let mut flat = Layer::new();
    layer::flatten(layer::parse(source)?.get_ref(), "", source, &mut flat)?;
    check_layer(&flat)?;
    Ok(flat)
}

/// A `--set key=value` as a checked layer.
pub(crate) fn set_layer(assignment: &str) -> Result<Layer, ConfigError> {
    let flat = layer::from_assignment("--set", assignment)?;
    check_layer(&flat)?;
    Ok(flat)
}

fn check_layer(layer: &Layer) -> Result<(), ConfigError> {
    layer.iter().try_for_each(|(path, entry)| check_entry(path, entry))
}

/// Refuses an unknown key (with the nearest known one) and a value its key does not accept.
pub(crate) fn check_entry(path: &str, entry: &Entry) -> Result<(), ConfigError> {
    let key = find_key(path, &entry.origin)?;
    key.kind.check(&entry.value).map_err(|found| {
        let help =
            key.kind.nearest_word(&entry.value).map(|word| format!("did you mean \"{word}\"?"));
        ConfigError::at(
            &entry.origin.source,
            entry.origin.value.clone(),
            format!("`{path}` cannot take this value"),
            &found,
            help,
        )
    })
}

/// The key of that name, or an error that proposes the nearest.
pub(crate) fn find_key(path: &str, origin: &Origin) -> Result<Key, ConfigError> {
    let keys = RunConfig::keys();
    if let Some(key) = keys.iter().find(|key| key.path == path) {
        return Ok(key.clone());
    }
    let help = match nearest(path, keys.iter().map(|key| key.path.as_str())) {
        Some(near) => format!("did you mean `{near}`? docs/configuration.md lists every key"),
        None => "docs/configuration.md lists every key".to_owned(),
    };
    Err(ConfigError::at(
        &origin.source,
        origin.key.clone(),
        format!("unknown key `{path}`"),
        "no such key",
        Some(help),
    ))
}

/// Merges layers (later wins), fills defaults, checks combinations.
pub(crate) fn build(layers: &[Layer]) -> Result<RunConfig, ConfigError> {
    let mut merged = Layer::new();
    for layer in layers {
        merged.extend(layer.iter().map(|(k, v)| (k.clone(), v.clone())));
    }
    let mut values: Vec<(Key, Option<Value>)> = RunConfig::keys()
        .into_iter()
        .map(|key| {
            let value = merged.get(&key.path).map(|e| e.value.clone()).or(key.default.clone());
            (key, value)
        })
        .collect();
    fill_derived(&mut values);

    let mut root = Table::new();
    for (key, value) in values {
        let (section, name) = key.path.split_once('.').expect("every key has a table");
        let value = match (&key.kind, value.expect("derived defaults are filled")) {
            // An integer is a fine way to write a real number.
            (crate::schema::Kind::Real { .. }, Value::Integer(n)) => Value::Float(n as f64),
            (_, value) => value,
        };
        let table = root.entry(section).or_insert_with(|| Value::Table(Table::new()));
        table.as_table_mut().expect("sections are tables").insert(name.to_owned(), value);
    }
    let run: RunConfig = Value::Table(root).try_into().expect("every value was checked");
    check_combinations(&run, &merged)?;
    Ok(run)
}

/// Defaults that follow from other keys: alpha from the attribute, beta and lambda from alpha.
fn fill_derived(values: &mut [(Key, Option<Value>)]) {
    let get = |values: &[(Key, Option<Value>)], path: &str| {
        values.iter().find(|(key, _)| key.path == path).and_then(|(_, value)| value.clone())
    };
    let attribute = get(values, "data.attribute");
    let global = ["young", "male"];
    let is_global = attribute.is_some_and(|a| a.as_str().is_some_and(|a| global.contains(&a)));
    let number = |value: Value| match value {
        Value::Integer(n) => n as f64,
        other => other.as_float().expect("alpha was checked"),
    };
    let alpha = get(values, "losses.alpha").map_or(if is_global { 1e-6 } else { 5e-4 }, number);
    for (path, derived) in
        [("losses.alpha", alpha), ("losses.beta", 0.1 * alpha), ("losses.lambda", alpha)]
    {
        for (_, value) in values.iter_mut().filter(|(key, v)| key.path == path && v.is_none()) {
            *value = Some(Value::Float(derived));
        }
    }
}

/// Combinations that cannot work, each refused at the key that is most likely to be changed.
fn check_combinations(run: &RunConfig, merged: &Layer) -> Result<(), ConfigError> {
    let refuse = |key: &str, title: String, label: &str, help: &str| match merged.get(key) {
        Some(entry) => Err(ConfigError::at(
            &entry.origin.source,
            entry.origin.value.clone(),
            title,
            label,
            Some(help.to_owned()),
        )),
        None => Err(ConfigError::bare(format!("{title} (`{key}` has its default)"), help)),
    };

    let (data, model, losses) = (&run.data, &run.model, &run.losses);
    if data.source != Source::Synthetic && data.root.is_empty() {
        return refuse(
            "data.source",
            format!("source \"{}\" needs `data.root`", data.source),
            "this source reads files",
            "add --set data.root=DIRECTORY",
        );
    }
    let mtfl = ["eyeglasses", "smiling", "male"];
    if data.source == Source::Mtfl && !mtfl.contains(&data.attribute.name()) {
        return refuse(
            "data.attribute",
            format!("MTFL does not label \"{}\"", data.attribute),
            "not labelled there",
            "MTFL labels eyeglasses, smiling and male",
        );
    }
    if data.split == SplitRule::Official && data.source == Source::Lfw {
        return refuse(
            "data.split",
            format!("source \"{}\" has no official partition", data.source),
            "not available for this source",
            "use split = \"paper\"",
        );
    }
    let layers = RunConfig::discriminator_layers(data.size);
    if losses.perceptual_layer > layers {
        return refuse(
            "losses.perceptual_layer",
            format!("at {0}x{0} pixels D has {layers} hidden layers", data.size),
            "no such layer",
            &format!("use a layer from 1 to {layers}, or larger images"),
        );
    }
    let bare_first = losses.perceptual_layer == 1 && !model.discriminator_first_norm;
    if losses.perceptual_tap == Tap::Norm && (model.norm == Norm::None || bare_first) {
        return refuse(
            "losses.perceptual_tap",
            "that layer of D has no normalisation to tap".to_owned(),
            "nothing here",
            "use tap \"conv\" or \"activation\", or give the layer a normalisation",
        );
    }
    if run.backend.kind == BackendKind::Flex && run.backend.precision != Precision::F32 {
        return refuse(
            "backend.precision",
            "flex computes in f32 alone".to_owned(),
            "not on flex",
            "use precision \"f32\", or backend.kind \"libtorch\" or \"wgpu\"",
        );
    }
    if losses.dual.reconstruction() && losses.lambda == 0.0 {
        return refuse(
            "losses.dual",
            "a reconstruction term with lambda = 0 trains nothing".to_owned(),
            "asks for reconstruction",
            "set losses.lambda above 0, or losses.dual = \"none\"",
        );
    }
    if !run.eval.lpips_weights.is_empty() && data.size < 32 {
        return refuse(
            "eval.lpips_weights",
            format!("LPIPS cannot see images of {0}x{0} pixels", data.size),
            "asks for LPIPS",
            "its AlexNet needs 31 pixels: set data.size to 32 or more",
        );
    }
    for (key, path) in [
        ("eval.identity_weights", &run.eval.identity_weights),
        ("eval.lpips_weights", &run.eval.lpips_weights),
    ] {
        if !path.is_empty() && !Path::new(path).is_file() {
            return refuse(
                key,
                format!("there is no file {path}"),
                "no such file",
                "give the path of a safetensors file, from the directory you run in",
            );
        }
    }
    Ok(())
}
