//! The one table of keys: name, kind, range, default, meaning. Checking, defaults and the
//! reference page all read it, so they cannot disagree.

use std::path::Path;

use toml::Value;

use crate::attribute::{Attribute, JudgedAttributes};

/// What a key accepts.
#[derive(Clone, Debug)]
pub enum KeyKind {
    /// A whole number within bounds, both included.
    Integer {
        /// Smallest accepted value.
        min: u64,
        /// Largest accepted value.
        max: u64,
    },
    /// One of a few whole numbers.
    OneOf(&'static [u64]),
    /// A finite real number within bounds, both included.
    Real {
        /// Smallest accepted value.
        min: f64,
        /// Largest accepted value.
        max: f64,
    },
    /// `true` or `false`.
    Bool,
    /// Any text.
    Text,
    /// The path of a file; relative to the file that names it, or to the working directory where the
    /// command line does.
    Path,
    /// One of these words.
    Word(&'static [&'static str]),
    /// This word or one of those.
    WordOr(&'static str, &'static [&'static str]),
    /// The name of an attribute.
    Attribute,
    /// `paper`, `all` or names of attributes.
    Attributes,
}

/// What a key can change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// What is trained, and so a cell's identity.
    Training,
    /// How it is judged.
    Judgement,
    /// No result.
    Cosmetic,
}

/// One key of a run's configuration.
#[derive(Clone, Debug)]
pub struct Key {
    /// Dotted path, e.g. `losses.alpha`.
    pub path: String,
    /// What it accepts.
    pub kind: KeyKind,
    /// The default; `None` when it follows from another key (the text says how).
    pub default: Option<Value>,
    /// Meaning, unit and source.
    pub doc: String,
    /// What it can change.
    pub part: Part,
    /// Whether the key came later: at its default it is left out of the identity, so that cells
    /// finished before it keep their ids.
    pub added: bool,
}

impl Part {
    pub(crate) fn of(section: &str, cosmetic: bool) -> Part {
        match (cosmetic, section) {
            (true, _) => Part::Cosmetic,
            (false, "eval") => Part::Judgement,
            (false, _) => Part::Training,
        }
    }
}

impl KeyKind {
    /// The words a person reads: type and range.
    pub fn describe(&self) -> String {
        match self {
            KeyKind::Integer { min, max } if *max == u64::MAX => format!("whole number >= {min}"),
            KeyKind::Integer { min, max } => format!("whole number, {min} to {max}"),
            KeyKind::OneOf(values) => {
                let list: Vec<String> = values.iter().map(u64::to_string).collect();
                format!("one of {}", list.join(", "))
            }
            KeyKind::Real { min, max } if *max == f64::MAX => format!("number >= {min}"),
            KeyKind::Real { min, max } => format!("number, {min} to {max}"),
            KeyKind::Bool => "true or false".to_owned(),
            KeyKind::Text => "text".to_owned(),
            KeyKind::Path => "path of a file".to_owned(),
            KeyKind::Attribute => "name of an attribute".to_owned(),
            KeyKind::Attributes => "\"paper\", \"all\" or a list of names".to_owned(),
            KeyKind::Word(words) => one_of(words.iter().copied()),
            KeyKind::WordOr(first, words) => {
                one_of(std::iter::once(*first).chain(words.iter().copied()))
            }
        }
    }

    /// The one spelling of an accepted value: an integer is a fine way to write a real number, and a path
    /// starts at `home`, the directory of whoever names it.
    pub(crate) fn canonical(&self, value: Value, home: Option<&Path>) -> Value {
        match (self, value) {
            (KeyKind::Path, Value::String(path)) if !path.is_empty() => {
                let path = home.map_or_else(|| path.clone().into(), |home| home.join(&path));
                let absolute = std::path::absolute(&path).unwrap_or(path);
                Value::String(absolute.to_string_lossy().into_owned())
            }
            (KeyKind::Real { .. }, Value::Integer(n)) => Value::Float(n as f64),
            (KeyKind::Attribute, Value::String(name)) => Value::String(Attribute::of(&name).into()),
            (KeyKind::Attributes, value) => match JudgedAttributes::try_from(value.clone()) {
                Ok(judged) => judged.into(),
                Err(_) => value,
            },
            (_, value) => value,
        }
    }

    /// Accepts or refuses a value; the error says what was expected and what was found.
    pub(crate) fn check(&self, value: &Value) -> Result<(), String> {
        let accepted = match (self, value) {
            (KeyKind::Integer { min, max }, Value::Integer(n)) => {
                u64::try_from(*n).is_ok_and(|n| (*min..=*max).contains(&n))
            }
            (KeyKind::OneOf(values), Value::Integer(n)) => {
                u64::try_from(*n).is_ok_and(|n| values.contains(&n))
            }
            (KeyKind::Real { .. }, Value::Float(x)) if x.is_nan() => {
                return Err("nan is not a number a run can use".to_owned());
            }
            (KeyKind::Real { min, max }, Value::Float(x)) => (*min..=*max).contains(x),
            (KeyKind::Real { min, max }, Value::Integer(n)) => (*min..=*max).contains(&(*n as f64)),
            (KeyKind::Bool, Value::Boolean(_)) => true,
            (KeyKind::Text | KeyKind::Path, Value::String(_)) => true,
            (KeyKind::Word(words), Value::String(word)) => words.contains(&word.as_str()),
            (KeyKind::WordOr(first, words), Value::String(word)) => {
                word == first || words.contains(&word.as_str())
            }
            (KeyKind::Attribute, Value::String(name)) => is_name(name),
            (KeyKind::Attributes, Value::String(word)) => ["paper", "all"].contains(&word.as_str()),
            (KeyKind::Attributes, Value::Array(names)) => {
                names.iter().all(|name| name.as_str().is_some_and(is_name))
            }
            _ => false,
        };
        if accepted {
            return Ok(());
        }
        Err(format!("expected {}, found {}", self.describe(), describe_value(value)))
    }

    /// The word nearest to a misspelt one, for choices.
    pub(crate) fn nearest_word(&self, value: &Value) -> Option<&'static str> {
        match (self, value) {
            (KeyKind::Word(words), Value::String(word)) => nearest(word, words.iter().copied()),
            (KeyKind::WordOr(first, words), Value::String(word)) => {
                nearest(word, std::iter::once(*first).chain(words.iter().copied()))
            }
            _ => None,
        }
    }
}

fn one_of<'w>(words: impl Iterator<Item = &'w str>) -> String {
    let quoted: Vec<String> = words.map(|word| format!("\"{word}\"")).collect();
    format!("one of {}", quoted.join(", "))
}

/// Whether a text names an attribute: something must be left of it.
fn is_name(text: &str) -> bool {
    !Attribute::of(text).name().is_empty()
}

/// Type and value as a person would say it.
pub(crate) fn describe_value(value: &Value) -> String {
    match value {
        Value::String(s) => format!("the text \"{s}\""),
        Value::Integer(n) => format!("the whole number {n}"),
        Value::Float(x) => format!("the number {x}"),
        Value::Boolean(b) => format!("{b}"),
        Value::Datetime(d) => format!("the date {d}"),
        Value::Array(_) => "a list".to_owned(),
        Value::Table(_) => "a table".to_owned(),
    }
}

/// The candidate closest to `typed`, if any is close enough to be what was meant.
pub(crate) fn nearest<'a>(
    typed: &str,
    candidates: impl Iterator<Item = &'a str>,
) -> Option<&'a str> {
    candidates
        .map(|c| (strsim::jaro_winkler(typed, c), c))
        .filter(|(score, _)| *score > 0.75)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, c)| c)
}

/// Declares one table of the configuration: the struct, its keys and their documentation at once.
///
/// `field: type, kind, default` or `field: type, kind, derived` (the default follows from other
/// keys, see `resolve`); a trailing `, cosmetic` says that the key changes no result, `, added` that it
/// came later. The keys of `[eval]` belong to the judgement, all others to the training.
macro_rules! table {
    (
        $(#[doc = $tdoc:literal])*
        $name:ident $section:literal {
            $( $(#[doc = $doc:literal])* $field:ident : $ty:ty = $default:tt, $kind:expr $(, $flag:ident)?; )+
        }
    ) => {
        $(#[doc = $tdoc])*
        #[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
        #[serde(deny_unknown_fields)]
        pub struct $name { $( $(#[doc = $doc])* pub $field: $ty, )+ }

        impl $name {
            pub(crate) const DOC: &'static str = concat!($($tdoc, "\n"),*);
            pub(crate) fn keys() -> Vec<$crate::schema::Key> {
                use $crate::schema::KeyKind;
                vec![$( $crate::schema::Key {
                    path: format!("{}.{}", $section, stringify!($field)),
                    kind: $kind,
                    default: $crate::schema::table!(@default $default),
                    doc: concat!($($doc, "\n"),*).trim().to_owned(),
                    part: $crate::schema::Part::of($section, false $( || $crate::schema::table!(@cosmetic $flag) )?),
                    added: false $( || $crate::schema::table!(@added $flag) )?,
                } ),+]
            }
            /// The value of one key of this table.
            pub(crate) fn get(&self, field: &str) -> Option<toml::Value> {
                match field {
                    $( stringify!($field) => toml::Value::try_from(&self.$field).ok(), )+
                    _ => None,
                }
            }
            /// Replaces the value of one key by one that the key accepts.
            pub(crate) fn set(&mut self, field: &str, value: toml::Value) {
                match field {
                    $( stringify!($field) => {
                        self.$field = value.try_into().expect("the value was checked");
                    } )+
                    _ => unreachable!("the key was checked"),
                }
            }
        }
    };
    (@default derived) => { None };
    (@default $value:tt) => { Some(toml::Value::try_from($value).expect("a default is plain TOML")) };
    (@cosmetic cosmetic) => { true };
    (@cosmetic added) => { false };
    (@added cosmetic) => { false };
    (@added added) => { true };
}
pub(crate) use table;
