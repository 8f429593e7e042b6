//! Labels of a face, and which attributes a data set labels.

use std::path::PathBuf;

use config::Attribute;

use crate::DataError;
use crate::annotations::missing;

/// Attributes of a data set at most.
pub const MOST_ATTRIBUTES: usize = 128;

/// What a data set says of one face: a label per attribute, by its place among
/// [`LabelColumns::attributes`]; or nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Labels {
    known: u128,
    positive: u128,
}

impl Labels {
    /// The label at a place; `None` where the data set says nothing.
    pub fn get(&self, place: usize) -> Option<bool> {
        let bit = 1u128.checked_shl(place as u32)?;
        (self.known & bit != 0).then_some(self.positive & bit != 0)
    }

    /// Sets the label at a place below [`MOST_ATTRIBUTES`].
    pub fn set(&mut self, place: usize, label: Option<bool>) {
        let bit = 1u128 << place;
        self.known = if label.is_some() { self.known | bit } else { self.known & !bit };
        self.positive =
            if label == Some(true) { self.positive | bit } else { self.positive & !bit };
    }

    /// Whether any attribute is known.
    pub fn any(&self) -> bool {
        self.known != 0
    }
}

impl FromIterator<Option<bool>> for Labels {
    fn from_iter<I: IntoIterator<Item = Option<bool>>>(labels: I) -> Labels {
        let mut all = Labels::default();
        labels.into_iter().enumerate().for_each(|(place, label)| all.set(place, label));
        all
    }
}

/// A column that cannot be an attribute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoAttribute {
    /// What it would be.
    pub attribute: Attribute,
    /// The line that shows it.
    pub line: usize,
    /// Why.
    pub problem: String,
}

/// The attributes that a data set labels, and where it says so.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LabelColumns {
    /// In the order of the list's columns.
    pub attributes: Vec<Attribute>,
    /// The list, or the directory of a data set whose attributes are always the same.
    pub path: PathBuf,
    /// The line that names its columns.
    pub line: Option<usize>,
    /// Columns that hold something else than labels.
    pub others: Vec<NoAttribute>,
}

impl LabelColumns {
    /// An attribute's place in [`Labels`].
    pub fn place(&self, attribute: &Attribute) -> Option<usize> {
        self.attributes.iter().position(|known| known == attribute)
    }

    /// The place of an attribute that a key of the configuration asks for.
    ///
    /// # Errors
    /// The data set does not label it: the nearest attributes, and all that it labels.
    pub fn require(&self, key: &str, attribute: &Attribute) -> Result<usize, DataError> {
        if let Some(place) = self.place(attribute) {
            return Ok(place);
        }
        let names: Vec<&str> = self.attributes.iter().map(Attribute::name).collect();
        if let Some(other) = self.others.iter().find(|other| other.attribute == *attribute) {
            let problem = format!("{attribute} is no attribute: {}", other.problem);
            let remedy = format!("correct the line, or set {key} to one of {}", names.join(", "));
            return Err(DataError::annotation(&self.path, Some(other.line), problem, remedy));
        }
        let remedy = format!(
            "rename the column that means it, use the data set's own list, or set {key} to one that \
             is there ({})",
            names.join(", ")
        );
        let problem = missing(&[attribute.name()], &names);
        Err(DataError::annotation(&self.path, self.line, problem, remedy))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_is_yes_no_or_unknown_at_every_place() {
        let mut labels = Labels::default();
        assert!(!labels.any() && labels.get(0).is_none() && labels.get(200).is_none());
        labels.set(127, Some(true));
        labels.set(3, Some(false));
        assert_eq!(
            (labels.get(127), labels.get(3), labels.get(4)),
            (Some(true), Some(false), None)
        );
        labels.set(127, None);
        labels.set(3, Some(true));
        let other: Labels = [None, None, None, Some(true)].into_iter().collect();
        assert_eq!(labels, other);
    }

    #[test]
    fn a_wrong_name_lists_the_nearest_first_and_all_that_there_is() {
        let names = ["Male", "Wearing_Hat", "Bangs"].map(Attribute::of);
        let age = NoAttribute {
            attribute: Attribute::of("Age"),
            line: 7,
            problem: "'34' is not -1 or 1".to_owned(),
        };
        let columns = LabelColumns {
            attributes: names.to_vec(),
            path: "list.txt".into(),
            line: Some(2),
            others: vec![age],
        };
        let refused =
            |name: &str| columns.require("data.attribute", &Attribute::of(name)).unwrap_err();
        let text = refused("wearing-hats").to_string();
        assert!(text.contains("nearest first: 'wearing-hat', "), "{text}");
        assert!(
            text.contains("set data.attribute to one that is there (male, wearing-hat, bangs)")
        );
        let text = refused("age").to_string();
        assert!(text.contains("list.txt:7") && text.contains("'34' is not"), "{text}");
        assert_eq!(columns.require("data.attribute", &Attribute::of("Bangs")).unwrap(), 2);
    }
}
