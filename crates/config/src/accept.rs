//! Keys and values that a run accepts, each refusal with its place and the nearest that would do.

use crate::error::{ConfigError, Origin};
use crate::layer::{self, Entry, Layer};
use crate::run::RunConfig;
use crate::schema::{Key, nearest};

/// A `--set key=value` as a checked layer.
pub(crate) fn set_layer(assignment: &str) -> Result<Layer, ConfigError> {
    let mut flat = layer::from_assignment("--set", assignment)?;
    accept_layer(&mut flat)?;
    Ok(flat)
}

/// [`accept`] for every key of a layer.
pub(crate) fn accept_layer(layer: &mut Layer) -> Result<(), ConfigError> {
    layer.iter_mut().try_for_each(|(path, entry)| accept(path, entry))
}

/// Refuses an unknown key (with the nearest known one) and a value its key does not accept; gives
/// an accepted value its one spelling.
pub(crate) fn accept(path: &str, entry: &mut Entry) -> Result<(), ConfigError> {
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
    })?;
    entry.value = key.kind.canonical(entry.value.clone(), entry.origin.source.home.as_deref());
    Ok(())
}

/// The key of that name, or an error that proposes the nearest.
pub(crate) fn find_key(path: &str, origin: &Origin) -> Result<&'static Key, ConfigError> {
    let keys = RunConfig::keys();
    if let Some(key) = keys.iter().find(|key| key.path == path) {
        return Ok(key);
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
