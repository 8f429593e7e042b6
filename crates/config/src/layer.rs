//! TOML text to dotted keys, each with its value and its place in the text.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use toml::Spanned;
use toml::Value;
use toml::de::{DeTable, DeValue};

use crate::error::{ConfigError, Origin, SourceText};

/// A value with where it stands.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) value: Value,
    pub(crate) origin: Origin,
}

/// A dotted key with its value.
pub(crate) type Setting = (String, Entry);

/// Dotted keys of one text; later layers win over earlier ones.
pub(crate) type Layer = BTreeMap<String, Entry>;

/// Reads a file; a missing one says what was looked for.
pub(crate) fn read(path: &Path, help: &str) -> Result<Arc<SourceText>, ConfigError> {
    let text = std::fs::read_to_string(path).map_err(|source| ConfigError::Read {
        path: path.to_owned(),
        source,
        help: help.to_owned(),
    })?;
    let home = path.parent().map(Path::to_owned);
    Ok(Arc::new(SourceText { name: path.display().to_string(), text, home }))
}

/// Parses a text into its top-level table.
pub(crate) fn parse(source: &SourceText) -> Result<Spanned<DeTable<'_>>, ConfigError> {
    DeTable::parse(&source.text).map_err(|error| {
        let span = error.span().unwrap_or(0..0);
        ConfigError::at(source, span, "this is not valid TOML", error.message(), None)
    })
}

/// Flattens nested tables (and keys written with dots inside quotes) to dotted keys.
pub(crate) fn flatten(
    table: &DeTable<'_>,
    prefix: &str,
    source: &Arc<SourceText>,
    out: &mut Layer,
) -> Result<(), ConfigError> {
    for (key, value) in table {
        let path = match prefix {
            "" => key.get_ref().to_string(),
            _ => format!("{prefix}.{}", key.get_ref()),
        };
        match value.get_ref() {
            DeValue::Table(inner) => flatten(inner, &path, source, out)?,
            _ => {
                let entry = entry(key.span(), value, source)?;
                if let Some(first) = out.insert(path.clone(), entry.clone()) {
                    let line = source.line(first.origin.key.start);
                    return Err(ConfigError::at(
                        source,
                        entry.origin.key,
                        format!("`{path}` is given twice"),
                        "given again here",
                        Some(format!("it was first given in line {line}; keep one")),
                    ));
                }
            }
        }
    }
    Ok(())
}

/// One value with its place.
pub(crate) fn entry(
    key: Range<usize>,
    value: &Spanned<DeValue<'_>>,
    source: &Arc<SourceText>,
) -> Result<Entry, ConfigError> {
    let origin = Origin { source: Arc::clone(source), key, value: value.span() };
    let value = convert(value.get_ref()).map_err(|message| {
        ConfigError::at(source, origin.value.clone(), message, "this value", None)
    })?;
    Ok(Entry { value, origin })
}

fn convert(value: &DeValue<'_>) -> Result<Value, String> {
    Ok(match value {
        DeValue::String(s) => Value::String(s.to_string()),
        DeValue::Integer(n) => Value::Integer(
            i64::from_str_radix(n.as_str(), n.radix())
                .map_err(|_| format!("{} does not fit a 64-bit integer", n.as_str()))?,
        ),
        DeValue::Float(x) => {
            Value::Float(x.as_str().parse().map_err(|_| format!("{} is not a number", x.as_str()))?)
        }
        DeValue::Boolean(b) => Value::Boolean(*b),
        DeValue::Datetime(d) => Value::Datetime(*d),
        DeValue::Array(items) => Value::Array(
            items.iter().map(|item| convert(item.get_ref())).collect::<Result<_, _>>()?,
        ),
        DeValue::Table(table) => Value::Table(
            table
                .iter()
                .map(|(k, v)| Ok((k.get_ref().to_string(), convert(v.get_ref())?)))
                .collect::<Result<_, String>>()?,
        ),
    })
}

/// One `key=value` of the command line. A bare word is taken as text, so that
/// `--set losses.dual=none` needs no quotes inside quotes.
pub(crate) fn from_assignment(option: &str, assignment: &str) -> Result<Layer, ConfigError> {
    let Some((key, value)) = assignment.split_once('=') else {
        return Err(ConfigError::bare(
            format!("`{option} {assignment}` has no `=`"),
            &format!("write {option} key=value, for example {option} train.steps=500"),
        ));
    };
    let (key, value) = (key.trim(), value.trim());
    let as_is = format!("{key} = {value}");
    let parses = DeTable::parse(&as_is).is_ok();
    let text = if parses { as_is } else { format!("{key} = {}", Value::String(value.to_owned())) };
    let source = Arc::new(SourceText { name: option.to_owned(), text, home: None });
    let mut layer = Layer::new();
    flatten(parse(&source)?.get_ref(), "", &source, &mut layer)?;
    Ok(layer)
}
