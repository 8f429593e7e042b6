//! Columns of labels as they are read: those that hold something else are found out on the way.

use std::path::Path;

use config::Attribute;

use super::label::Column;
use crate::labels::{LabelColumns, Labels, MOST_ATTRIBUTES, NoAttribute};

/// Makes a label of a field, or says why it is none.
type Read<'r> = &'r dyn Fn(&mut Column, &str) -> Result<Option<bool>, String>;

/// A column that may be an attribute.
struct Candidate<'a> {
    /// Its place in a row of the list.
    field: usize,
    name: &'a str,
    attribute: Attribute,
    told: Column,
    /// What shows that it is none.
    refuted: Option<NoAttribute>,
}

/// The columns of one list.
pub(crate) struct Reading<'a> {
    columns: Vec<Candidate<'a>>,
    /// What the first row refuted: no place is kept for it.
    others: Vec<NoAttribute>,
    begun: bool,
}

impl<'a> Reading<'a> {
    /// The named columns, `(place in a row, name)`; `of` says what a name means.
    ///
    /// # Errors
    /// Two columns mean the same attribute: the name of one.
    pub(crate) fn new(
        names: impl Iterator<Item = (usize, &'a str)>,
        of: impl Fn(&str) -> Attribute,
    ) -> Result<Self, String> {
        let mut columns: Vec<Candidate<'a>> = Vec::new();
        for (field, name) in names {
            let attribute = of(name);
            if let Some(first) = columns.iter().find(|column| column.attribute == attribute) {
                return Err(format!("two columns are called {}", first.name));
            }
            let told = Column::default();
            columns.push(Candidate { field, name, attribute, told, refuted: None });
        }
        Ok(Reading { columns, others: Vec::new(), begun: false })
    }

    /// The labels of one row.
    ///
    /// # Errors
    /// A known attribute holds no label, or there are too many columns of labels.
    pub(crate) fn row(
        &mut self,
        fields: &[&str],
        line: usize,
        read: Read<'_>,
    ) -> Result<Labels, String> {
        if !self.begun {
            self.begin(fields, line, read)?;
        }
        let mut labels = Labels::default();
        for (place, column) in self.columns.iter_mut().enumerate() {
            if column.refuted.is_some() {
                continue;
            }
            match read(&mut column.told, fields[column.field]) {
                Ok(label) => labels.set(place, label),
                Err(problem) if column.attribute.known().is_some() => {
                    return Err(format!("{}: {problem}", column.name));
                }
                Err(problem) => {
                    let attribute = column.attribute.clone();
                    column.refuted = Some(NoAttribute { attribute, line, problem });
                }
            }
        }
        Ok(labels)
    }

    /// Sets columns of numbers and names apart before places are given out.
    fn begin(&mut self, fields: &[&str], line: usize, read: Read<'_>) -> Result<(), String> {
        self.begun = true;
        let others = &mut self.others;
        self.columns.retain(|Candidate { field, attribute, .. }| {
            if attribute.known().is_some() {
                return true;
            }
            let problem = read(&mut Column::default(), fields[*field]).err();
            let is_label = problem.is_none();
            let other = |problem| NoAttribute { attribute: attribute.clone(), line, problem };
            others.extend(problem.map(other));
            is_label
        });
        match self.columns.len() {
            count if count > MOST_ATTRIBUTES => {
                Err(format!("{count} columns hold labels, {MOST_ATTRIBUTES} are the most"))
            }
            _ => Ok(()),
        }
    }

    /// Each column that may be an attribute still: its place in a row, and how it writes its labels.
    pub(crate) fn kinds(&self) -> impl Iterator<Item = (usize, &'static str)> {
        let kept = self.columns.iter().filter(|column| column.refuted.is_none());
        kept.map(|column| (column.field, column.told.kind()))
    }

    /// What the list labels, once every row is read; labels of columns that are none are taken out of the
    /// rows. And a sentence on each column with empty fields.
    pub(crate) fn finish(
        self,
        (path, line): (&Path, Option<usize>),
        rows: &mut [(String, Labels)],
    ) -> (LabelColumns, Vec<String>) {
        let Reading { columns, mut others, .. } = self;
        let list = path.display();
        let is_kept = |place: &usize| columns[*place].refuted.is_none();
        let kept: Vec<usize> = (0..columns.len()).filter(is_kept).collect();
        if kept.len() < columns.len() {
            for (_, labels) in rows {
                *labels = kept.iter().map(|place| labels.get(*place)).collect();
            }
        }
        let (mut attributes, mut notes) = (Vec::new(), Vec::new());
        for column in columns {
            let (empty, name) = (column.told.empty, column.name);
            match column.refuted {
                Some(other) => others.push(other),
                None => {
                    if empty > 0 {
                        let what = format!("{list}: {empty} empty field(s) of {name}");
                        notes.push(format!("{what} are taken as unknown"));
                    }
                    attributes.push(column.attribute);
                }
            }
        }
        (LabelColumns { attributes, path: path.to_owned(), line, others }, notes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::annotations::dialect::Separator;

    fn read(names: &[&'static str], rows: &[&[&str]]) -> (LabelColumns, Vec<Labels>) {
        let named = names.iter().copied().enumerate();
        let mut reading = Reading::new(named, Attribute::of).unwrap();
        let mut labels = Vec::new();
        for (row, line) in rows.iter().zip(2..) {
            let read = |told: &mut Column, field: &str| told.read(field, Separator::Comma, line);
            labels.push((String::new(), reading.row(row, line, &read).unwrap()));
        }
        let (columns, _) = reading.finish((Path::new("list"), Some(1)), &mut labels);
        (columns, labels.into_iter().map(|(_, labels)| labels).collect())
    }

    #[test]
    fn columns_that_hold_something_else_are_no_attributes_whenever_they_show_it() {
        let rows: [&[&str]; 3] =
            [&["1", "Ann", "1", "0"], &["0", "Bo", "1", "1"], &["1", "Cy", "34", "0"]];
        let (columns, labels) = read(&["Hat", "person", "age", "Beret"], &rows);
        assert_eq!(columns.attributes, ["Hat", "Beret"].map(Attribute::of));
        let others: Vec<(&str, usize)> =
            columns.others.iter().map(|other| (other.attribute.name(), other.line)).collect();
        assert_eq!(others, [("person", 2), ("age", 4)]);
        let second = [0, 1, 2].map(|place| labels[1].get(place));
        assert_eq!(second, [Some(false), Some(true), None]);
    }

    #[test]
    fn what_is_known_must_hold_labels_and_a_name_means_one_column() {
        let mut reading = Reading::new([(0, "Male")].into_iter(), Attribute::of).unwrap();
        let read = |told: &mut Column, field: &str| told.read(field, Separator::Comma, 2);
        assert!(reading.row(&["m"], 2, &read).unwrap_err().starts_with("Male: 'm' is not"));
        let twice = [(0, "Wearing_Hat"), (1, "wearing hat")].into_iter();
        assert!(Reading::new(twice, Attribute::of).is_err());
    }
}
