//! The table of a folder of images: which file each row is about, and what the other columns hold. Nothing
//! but the names and values of its columns says so.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use config::Attribute;
use serde::Serialize;

use super::celeba::part;
use super::columns::{LOCATED, PART, PERSON, is_one_of};
use super::dialect::Separator;
use super::label::{Column, is_unknown};
use super::points::PointColumns;
use super::reading::Reading;
use super::table::{CORRECT, Table, is_index};
use super::text::{Text, excerpt};
use crate::DataError;
use crate::face::{Landmarks, Part};
use crate::labels::{LabelColumns, Labels};

/// One row.
#[derive(Clone, Debug, PartialEq)]
pub struct FolderRow {
    /// Its line, from 1.
    pub line: usize,
    /// The file as the table writes it: a name, or a path with either slash.
    pub file: String,
    /// By the places of [`FolderTable::columns`].
    pub labels: Labels,
    /// Who is shown, where the table says so.
    pub person: Option<String>,
    /// The part that it belongs to, where the table says so.
    pub part: Part,
    /// Five points, as they stand there; not checked against any frame.
    pub points: Option<Landmarks>,
}

/// What a column is taken for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// The image file.
    File,
    /// Labels of this attribute.
    Attribute(Attribute),
    /// Who is shown.
    Person,
    /// Training, validation or test image.
    Part,
    /// A coordinate of one of five points.
    Point,
    /// Nothing that is used.
    Nothing,
}

/// How a column was understood.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Understood {
    /// Its name in the table.
    pub column: String,
    /// What it is taken for.
    pub role: Role,
    /// Its values in a few words; of a column that is not used, why.
    pub values: String,
}

/// A table, read.
#[derive(Clone, Debug, PartialEq)]
pub struct FolderTable {
    /// In the order of the table.
    pub rows: Vec<FolderRow>,
    /// The attributes.
    pub columns: LabelColumns,
    /// Every column, in the order of the table.
    pub understood: Vec<Understood>,
    /// What stands between fields, in a word.
    pub separator: &'static str,
    /// One sentence each.
    pub notes: Vec<String>,
}

impl FolderTable {
    /// The column with this role, if there is one.
    pub(crate) fn has(&self, role: &Role) -> bool {
        self.understood.iter().any(|column| column.role == *role)
    }
}

/// Which columns have a role by their names.
struct Named {
    person: Option<usize>,
    part: Option<usize>,
    points: Option<PointColumns>,
}

impl Named {
    fn find(table: &Table<'_>) -> Result<Named, DataError> {
        let first = |names: &[&str]| {
            for name in names {
                if let Some(place) = table.column(name)?.filter(|place| *place != table.image) {
                    return Ok::<_, DataError>(Some(place));
                }
            }
            Ok(None)
        };
        let points = PointColumns::find(table)?;
        Ok(Named { person: first(&PERSON)?, part: first(&PART)?, points })
    }

    fn takes(&self, place: usize) -> bool {
        let points = self.points.as_ref();
        [self.person, self.part].contains(&Some(place))
            || points.is_some_and(|points| points.meaning(place).is_some())
    }
}

/// The part column as it is read: a value that names no part shows that it is none.
#[derive(Default)]
struct Parts {
    counts: BTreeMap<Part, usize>,
    refuted: Option<String>,
}

impl Parts {
    fn read(&mut self, field: &str, separator: Separator, line: usize) -> Part {
        if self.refuted.is_some() {
            return Part::Unassigned;
        }
        let found = if is_unknown(field) { Ok(Part::Unassigned) } else { part(field, separator) };
        let found = found.unwrap_or_else(|problem| {
            self.refuted = Some(format!("line {line}: {problem}"));
            Part::Unassigned
        });
        *self.counts.entry(found).or_default() += 1;
        found
    }

    fn words(&self) -> String {
        let word = |part: &Part| match part {
            Part::Unassigned => "none",
            Part::Train => "train",
            Part::Validation => "validation",
            Part::Test => "test",
        };
        let counts = self.counts.iter().map(|(part, count)| format!("{} {count}", word(part)));
        counts.collect::<Vec<_>>().join(", ")
    }
}

/// Reads a table of images: CSV, TSV, semicolons, as pandas and spreadsheets write them, with the names of the
/// columns in the first line.
///
/// A column of files is found by its name (`file_name`, `image`, `path`, ...) or by its values. `person`,
/// `split` and their synonyms, and ten columns of points have their roles by name. Every other column is an
/// attribute if it holds labels in one convention, or else it is told why it is none.
///
/// # Errors
/// A sentence with file, line and remedy; see [`DataError::Annotation`].
pub fn table(path: &Path, bytes: &[u8]) -> Result<FolderTable, DataError> {
    let mut table = Table::with_names(Text::new(path, bytes)?)?;
    let (header, separator, all) = (table.header, table.separator, table.columns.clone());
    let named = Named::find(&table)?;
    let others: Vec<(usize, &str)> = table
        .named_fields()
        .filter(|(place, name)| !named.takes(*place) && !is_one_of(&LOCATED, name))
        .filter(|(_, name)| !Attribute::of(name).name().is_empty())
        .collect();
    let mut reading = Reading::new(others.into_iter(), Attribute::of)
        .map_err(|problem| table.text.error(header, problem, "delete one of them"))?;

    let (mut rows, mut labelled, mut parts) = (Vec::new(), Vec::new(), Parts::default());
    let mut fields = Vec::new();
    while let Some(row) = table.next(&mut fields)? {
        let (line, fields) = (row.line, row.fields);
        let refuse = |problem| table.text.error(line, problem, CORRECT);
        let label = |told: &mut Column, field: &str| told.read(field, separator, line);
        let labels = reading.row(fields, line, &label).map_err(refuse)?;
        let points = match &named.points {
            Some(points) => points.read(fields, separator).map_err(refuse)?,
            None => None,
        };
        let file = fields[table.image].to_owned();
        rows.push(FolderRow {
            line,
            file: file.clone(),
            labels: Labels::default(),
            person: named.person.and_then(|place| person(fields[place], separator)),
            part: named.part.map_or(Part::Unassigned, |at| parts.read(fields[at], separator, line)),
            points,
        });
        labelled.push((file, labels));
    }
    let kinds: BTreeMap<usize, &str> = reading.kinds().collect();
    let mut notes: Vec<String> = table.count_note().into_iter().collect();
    let image = table.image;
    let (labels, empty) = reading.finish((path, header), &mut labelled);
    notes.extend(empty);
    for (row, (_, labels)) in rows.iter_mut().zip(labelled) {
        row.labels = labels;
        if parts.refuted.is_some() {
            row.part = Part::Unassigned;
        }
    }
    if let Some(points) = rows.iter().filter_map(|row| row.points).reduce(|sum, points| {
        std::array::from_fn(|k| [sum[k][0] + points[k][0], sum[k][1] + points[k][1]])
    }) && points[0][0] > points[1][0]
    {
        let problem = "on average the left eye lies right of the right eye; \"left\" means the left side of \
                       the picture, not the person's";
        let remedy = "exchange the names of the left and right columns";
        return Err(DataError::annotation(path, header, problem, remedy));
    }
    let understood = all.iter().enumerate().map(|(place, name)| {
        let (role, values) = match () {
            () if place == image => {
                (Role::File, format!("the first is {}", excerpt(&rows[0].file)))
            }
            () if named.person == Some(place) => (Role::Person, people(&rows)),
            () if named.part == Some(place) => match &parts.refuted {
                None => (Role::Part, parts.words()),
                Some(problem) => (Role::Nothing, problem.clone()),
            },
            () => match named.points.as_ref().and_then(|points| points.meaning(place)) {
                Some(meaning) => (Role::Point, meaning),
                None => other(place, name, &kinds, &labels),
            },
        };
        Understood { column: printable(name), role, values }
    });
    let understood = understood.collect();
    Ok(FolderTable { rows, columns: labels, understood, separator: separator.name(), notes })
}

/// An attribute, or why a column is none.
fn other(
    place: usize,
    name: &str,
    kinds: &BTreeMap<usize, &str>,
    labels: &LabelColumns,
) -> (Role, String) {
    let attribute = Attribute::of(name);
    if let Some(kind) = kinds.get(&place) {
        return (Role::Attribute(attribute), (*kind).to_owned());
    }
    let why = match labels.others.iter().find(|other| other.attribute == attribute) {
        Some(other) => format!("line {}: {}", other.line, other.problem),
        None if is_index(name) => "an index".to_owned(),
        None if is_one_of(&LOCATED, name) => "what `data locate` says of the image".to_owned(),
        None => "its name has no letter".to_owned(),
    };
    (Role::Nothing, why)
}

/// A name as it can stand on a terminal.
fn printable(name: &str) -> String {
    match name.contains(char::is_control) {
        true => name.escape_debug().to_string(),
        false => name.to_owned(),
    }
}

/// A number however it is written, or a name.
fn person(field: &str, separator: Separator) -> Option<String> {
    let known = (!is_unknown(field)).then_some(field)?;
    Some(separator.whole(known).map_or_else(|| known.to_owned(), |number| number.to_string()))
}

fn people(rows: &[FolderRow]) -> String {
    let people: BTreeSet<&str> = rows.iter().filter_map(|row| row.person.as_deref()).collect();
    let unknown = rows.iter().filter(|row| row.person.is_none()).count();
    let unknown = if unknown > 0 { format!(", {unknown} rows without") } else { String::new() };
    format!("{} different{unknown}", people.len())
}
