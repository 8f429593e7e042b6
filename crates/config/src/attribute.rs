//! What an attribute is called, where it lives in a face, and which attributes judges learn.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use toml::Value;

use crate::known_attributes::{KNOWN, KnownAttribute};

/// The attributes of the paper.
const PAPER: [&str; 6] =
    ["eyeglasses", "mouth-slightly-open", "smiling", "no-beard", "young", "male"];

/// The name of an attribute that a data set labels: its column in small letters, with a hyphen wherever
/// the column has something else than letters and digits. `Mouth_Slightly_Open` and `Mouth Slightly
/// Open` are both `mouth-slightly-open`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct Attribute(Arc<str>);

impl Attribute {
    /// The attribute that a column of this name labels.
    pub fn of(column: &str) -> Attribute {
        let mut name = String::with_capacity(column.len());
        // An apostrophe joins: "5 o' Clock Shadow" is CelebA's "5_o_Clock_Shadow".
        for c in column.chars().filter(|c| !matches!(c, '\'' | '’')) {
            match c.is_alphanumeric() {
                true => name.extend(c.to_lowercase().filter(|c| c.is_alphanumeric())),
                false if name.is_empty() || name.ends_with('-') => {}
                false => name.push('-'),
            }
        }
        name.truncate(name.trim_end_matches('-').len());
        // "NoBeard" and "Eye_Glasses" are names of what is known, too.
        let plain = |name: &str| name.replace('-', "");
        let squeezed = plain(&name);
        let known = KNOWN.iter().find(|known| plain(known.name) == squeezed);
        Attribute(known.map_or(name.as_str(), |known| known.name).into())
    }

    /// The paper's six.
    pub fn of_the_paper() -> impl Iterator<Item = Attribute> {
        PAPER.iter().map(|name| Attribute((*name).into()))
    }

    /// The name, as written in TOML.
    pub fn name(&self) -> &str {
        &self.0
    }

    /// What is known about it.
    pub fn known(&self) -> Option<&'static KnownAttribute> {
        KNOWN.iter().find(|known| known.name == self.name())
    }

    /// A number of its own, which a draw depends on.
    pub fn number(&self) -> u64 {
        // The paper's six had theirs before there were others.
        if let Some(place) = PAPER.iter().position(|name| *name == self.name()) {
            return place as u64;
        }
        let hash = blake3::hash(self.name().as_bytes());
        let bytes = hash.as_bytes().first_chunk().expect("a hash has 32 bytes");
        u64::from_le_bytes(*bytes) | 1 << 63
    }

    /// Whether it can honestly be drawn on a photograph. Glasses are put on; a beard or an open mouth
    /// would have to be invented.
    pub fn can_be_drawn(&self) -> bool {
        self.name() == "eyeglasses"
    }

    /// Local attributes change a small region and get the paper's larger `alpha`; `young` and `male`
    /// change the whole face. What is not known is taken as local: edits should be sparse.
    pub fn is_local(&self) -> bool {
        self.known().is_none_or(|known| known.local)
    }
}

impl From<String> for Attribute {
    fn from(name: String) -> Attribute {
        Attribute::of(&name)
    }
}

impl From<Attribute> for String {
    fn from(attribute: Attribute) -> String {
        attribute.name().to_owned()
    }
}

impl fmt::Display for Attribute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// `eval.attributes`: what the attribute judge learns beside the edited attribute.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Value", into = "Value")]
pub enum JudgedAttributes {
    /// The paper's six, as far as the data label them.
    Paper,
    /// Every attribute that the data label.
    All,
    /// These, each of which the data must label.
    Listed(Vec<Attribute>),
}

impl TryFrom<Value> for JudgedAttributes {
    type Error = String;

    fn try_from(value: Value) -> Result<JudgedAttributes, String> {
        match value {
            Value::String(word) if word == "paper" => Ok(JudgedAttributes::Paper),
            Value::String(word) if word == "all" => Ok(JudgedAttributes::All),
            Value::Array(names) => {
                let name = |value: Value| match value {
                    Value::String(name) => Ok(Attribute::of(&name)),
                    other => Err(format!("{other} is no attribute's name")),
                };
                names.into_iter().map(name).collect::<Result<_, _>>().map(JudgedAttributes::Listed)
            }
            other => Err(format!("{other} is neither \"paper\", \"all\" nor a list of names")),
        }
    }
}

impl From<JudgedAttributes> for Value {
    fn from(judged: JudgedAttributes) -> Value {
        match judged {
            JudgedAttributes::Paper => Value::String("paper".to_owned()),
            JudgedAttributes::All => Value::String("all".to_owned()),
            JudgedAttributes::Listed(names) => {
                Value::Array(names.into_iter().map(|name| Value::String(name.into())).collect())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_is_one_attribute_however_its_list_writes_it() {
        for (column, name) in [
            ("Mouth_Slightly_Open", "mouth-slightly-open"),
            ("Mouth Slightly Open", "mouth-slightly-open"),
            ("5_o_Clock_Shadow", "5-o-clock-shadow"),
            ("5 o' Clock Shadow", "5-o-clock-shadow"),
            ("Strong Nose-Mouth Lines", "strong-nose-mouth-lines"),
            (" eyeglasses ", "eyeglasses"),
            ("Eye_Glasses", "eyeglasses"),
            ("NoBeard", "no-beard"),
            ("Brille (ja/nein)", "brille-ja-nein"),
            ("ÄLTER", "älter"),
            // In small letters it has a dot of its own, which is no letter.
            ("İ", "i"),
        ] {
            assert_eq!(Attribute::of(column).name(), name);
        }
    }

    #[test]
    fn numbers_of_the_papers_six_are_their_places_and_no_others() {
        let numbers: Vec<u64> = Attribute::of_the_paper().map(|a| a.number()).collect();
        assert_eq!(numbers, [0, 1, 2, 3, 4, 5]);
        let (bangs, bald) = (Attribute::of("Bangs").number(), Attribute::of("Bald").number());
        assert!(bangs > 5 && bald > 5 && bangs != bald);
    }

    #[test]
    fn judged_attributes_are_a_word_or_names() {
        let list = Value::from(vec!["Wearing_Hat", "male"]);
        let judged = JudgedAttributes::try_from(list).unwrap();
        assert_eq!(Value::from(judged), Value::from(vec!["wearing-hat", "male"]));
        assert!(JudgedAttributes::try_from(Value::from("most")).is_err());
        assert!(JudgedAttributes::try_from(Value::from(vec![1])).is_err());
    }
}
