//! A run's file and the files it builds on, as one layer.

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use toml::de::DeValue;

use crate::accept::accept_layer;
use crate::error::{ConfigError, SourceText};
use crate::layer::{self, Layer};

/// The key that names the file a file builds on.
const BASE: &str = "base";
const RELATIVE: &str = "the path is relative to the file that names it";

/// `base = "..."` as it stands in a text.
pub(crate) struct Base {
    name: String,
    span: Range<usize>,
}

/// Reads a run's file and, from file to file, what it builds on. A nearer file wins.
///
/// # Errors
/// A file cannot be read, is not TOML, holds what a run has not, or builds on itself.
pub(crate) fn load(path: &Path, help: &str) -> Result<Layer, ConfigError> {
    let source = layer::read(path, help)?;
    Chain { files: vec![(path.to_owned(), source)] }.load()
}

/// Like [`load`] for the file that a `base` in `source` names; `path` is where `source` was read.
pub(crate) fn load_named(
    source: &Arc<SourceText>,
    path: &Path,
    base: &Base,
) -> Result<Layer, ConfigError> {
    let (path, source) = open(source, path, base)?;
    Chain { files: vec![(path, source)] }.load()
}

/// The `base` of a table, if it has one.
pub(crate) fn of(
    source: &SourceText,
    value: Option<&toml::Spanned<DeValue<'_>>>,
) -> Result<Option<Base>, ConfigError> {
    let Some(value) = value else { return Ok(None) };
    match value.get_ref() {
        DeValue::String(name) => Ok(Some(Base { name: name.to_string(), span: value.span() })),
        _ => {
            let help = format!("write base = \"other.toml\"; {RELATIVE}");
            let title = "`base` must be text: the path of a file";
            Err(ConfigError::at(source, value.span(), title, "not text", Some(help)))
        }
    }
}

/// The keys of one run's text, without those of the file it builds on.
pub(crate) fn keys_of(source: &Arc<SourceText>) -> Result<(Layer, Option<Base>), ConfigError> {
    let mut document = layer::parse(source)?;
    let base = of(source, document.get_mut().remove(BASE).as_ref())?;
    let mut flat = Layer::new();
    layer::flatten(document.get_ref(), "", source, &mut flat)?;
    accept_layer(&mut flat)?;
    Ok((flat, base))
}

/// A text without a file can have no base.
pub(crate) fn refuse(source: &SourceText, base: Base) -> ConfigError {
    let help = "write the keys of that file here, or load a file".to_owned();
    ConfigError::at(source, base.span, "a `base` needs a file", "relative to which?", Some(help))
}

fn open(
    source: &SourceText,
    path: &Path,
    base: &Base,
) -> Result<(PathBuf, Arc<SourceText>), ConfigError> {
    let path = path.parent().unwrap_or(Path::new("")).join(&base.name);
    match layer::read(&path, RELATIVE) {
        Ok(text) => Ok((path, text)),
        Err(error) => {
            let title = error.to_string().lines().next().unwrap_or_default().to_owned();
            let title = title.trim_start_matches("error: ");
            let help = Some(RELATIVE.to_owned());
            Err(ConfigError::at(source, base.span.clone(), title, "named here", help))
        }
    }
}

/// The files from the first to the one being read, each the base of the one before.
struct Chain {
    files: Vec<(PathBuf, Arc<SourceText>)>,
}

impl Chain {
    fn load(mut self) -> Result<Layer, ConfigError> {
        let mut merged = Layer::new();
        while let Some((path, source)) = self.files.last() {
            let (keys, base) = keys_of(source)?;
            for (key, entry) in keys {
                merged.entry(key).or_insert(entry);
            }
            let Some(base) = base else { break };
            let next = open(source, path, &base)?;
            self.refuse_circle(&next.0, &base)?;
            self.files.push(next);
        }
        Ok(merged)
    }

    fn refuse_circle(&self, next: &Path, base: &Base) -> Result<(), ConfigError> {
        let same = |path: &Path| path.canonicalize().ok();
        let target = same(next);
        let first = self.files.iter().position(|(path, _)| same(path) == target);
        let (Some(first), Some((_, source))) = (first, self.files.last()) else { return Ok(()) };
        let mut names: Vec<&str> =
            self.files[first..].iter().map(|(_, source)| source.name.as_str()).collect();
        names.push(names[0]);
        let title = format!("{} builds on itself", names[0]);
        let help = format!("{}: remove one of these `base` lines", names.join(" -> "));
        Err(ConfigError::at(source, base.span.clone(), title, "closes the circle", Some(help)))
    }
}
