//! CelebA's four lists, as text or as the tables in circulation.

use std::collections::HashMap;
use std::path::Path;

use config::Attribute;

use super::dialect::Separator;
use super::label::Column;
use super::reading::Reading;
use super::table::{CORRECT, Row, Table};
use super::text::{Text, excerpt};
use crate::face::{Landmarks, Part};
use crate::labels::{LabelColumns, Labels};
use crate::{DataError, frame};

/// What a list says about each image, in the order of the file, and what was odd about the list.
#[derive(Clone, Debug, PartialEq)]
pub struct List<T> {
    /// Image name and value.
    pub rows: Vec<(String, T)>,
    /// One sentence each.
    pub notes: Vec<String>,
}

impl<T> List<T> {
    /// The values by image name without its extension (PNG copies keep the `.jpg` of the lists).
    pub(crate) fn by_stem(self) -> HashMap<String, T> {
        self.rows.into_iter().map(|(image, value)| (stem(&image).to_owned(), value)).collect()
    }
}

/// An image's name without its extension.
pub(crate) fn stem(image: &str) -> &str {
    image.rsplit_once('.').map_or(image, |(stem, _)| stem)
}

/// A list of labels.
#[derive(Clone, Debug, PartialEq)]
pub struct LabelList {
    /// Image name and labels.
    pub rows: Vec<(String, Labels)>,
    /// The attributes.
    pub columns: LabelColumns,
    /// One sentence each.
    pub notes: Vec<String>,
}

/// `list_attr_celeba`: a column of labels for each attribute; -1, 0 or False absent, 1 or True present,
/// each column in one convention. An empty field leaves its label unknown, and an unknown column that
/// holds something else is no attribute.
///
/// # Errors
/// A sentence with file, line and remedy; see [`DataError::Annotation`].
pub fn attributes(path: &Path, bytes: &[u8]) -> Result<LabelList, DataError> {
    let table = Table::with_names(Text::new(path, bytes)?)?;
    let (header, separator) = (table.header, table.separator);
    let refuse = |problem: String, remedy: &str| table.text.error(header, problem, remedy);
    let names: Vec<(usize, &str)> = table.named_fields().collect();
    let mut reading = Reading::new(names.into_iter(), Attribute::of)
        .map_err(|problem| refuse(problem, "delete one of them"))?;
    let List { mut rows, mut notes } = read(table, |row| {
        let label = |told: &mut Column, field: &str| told.read(field, separator, row.line);
        reading.row(row.fields, row.line, &label)
    })?;
    let (columns, empty) = reading.finish((path, header), &mut rows);
    if columns.attributes.is_empty() {
        let problem = "has no column of labels";
        let remedy = "use CelebA's own list_attr_celeba";
        return Err(DataError::annotation(path, header, problem, remedy));
    }
    notes.extend(empty);
    Ok(LabelList { rows, columns, notes })
}

/// `list_eval_partition`: 0 train, 1 validation, 2 test, or these words.
///
/// # Errors
/// As [`attributes`].
pub fn partition(path: &Path, bytes: &[u8]) -> Result<List<Part>, DataError> {
    let names = ["partition", "split", "part", "set", "subset"];
    let (table, value) = Table::with_value(Text::new(path, bytes)?, &names)?;
    let separator = table.separator;
    read(table, |row| part(row.fields[value], separator))
}

/// The part that a field names.
pub(super) fn part(field: &str, separator: Separator) -> Result<Part, String> {
    match (separator.whole(field), field.to_ascii_lowercase().as_str()) {
        (Some(0), _) | (_, "train" | "training") => Ok(Part::Train),
        (Some(1), _) | (_, "val" | "valid" | "validation") => Ok(Part::Validation),
        (Some(2), _) | (_, "test" | "testing") => Ok(Part::Test),
        _ => Err(format!("{} is not 0 (train), 1 (validation) or 2 (test)", excerpt(field))),
    }
}

/// `identity_CelebA`: who is shown.
///
/// # Errors
/// As [`attributes`].
pub fn identities(path: &Path, bytes: &[u8]) -> Result<List<String>, DataError> {
    let names = ["identity", "identity_id", "celeb_id", "person_id", "person", "id", "label"];
    let (table, value) = Table::with_value(Text::new(path, bytes)?, &names)?;
    let separator = table.separator;
    read(table, |row| match separator.whole(row.fields[value]) {
        Some(identity) => Ok(identity.to_string()),
        None => Err(format!("{} is not a whole number", excerpt(row.fields[value]))),
    })
}

/// `list_landmarks_align_celeba`: five points in pixels of the 178 x 218 frame. Points outside that
/// frame or with both eyes in one place are dropped (`None`) and counted in the notes.
///
/// # Errors
/// As [`attributes`].
pub fn landmarks(path: &Path, bytes: &[u8]) -> Result<List<Option<Landmarks>>, DataError> {
    const NAMES: [&str; 10] = [
        "lefteye_x",
        "lefteye_y",
        "righteye_x",
        "righteye_y",
        "nose_x",
        "nose_y",
        "leftmouth_x",
        "leftmouth_y",
        "rightmouth_x",
        "rightmouth_y",
    ];
    let table = Table::with_names(Text::new(path, bytes)?)?;
    let mut columns = [0; 10];
    for (column, name) in columns.iter_mut().zip(NAMES) {
        *column = table.column(name)?.ok_or_else(|| {
            let remedy = "use CelebA's own list_landmarks_align_celeba";
            table.text.error(table.header, table.missing(&[name]), remedy)
        })?;
    }
    let separator = table.separator;
    let mut dropped = 0;
    let mut list = read(table, |row| {
        let mut values = [0f32; 10];
        for (value, column) in values.iter_mut().zip(columns) {
            let field = row.fields[column];
            // An empty field: pandas' way to write a number that is not there.
            let number = if field.is_empty() { Some(f64::NAN) } else { separator.number(field) };
            *value = number.ok_or_else(|| format!("{} is not a number", excerpt(field)))? as f32;
        }
        let points: Landmarks = std::array::from_fn(|k| [values[2 * k], values[2 * k + 1]]);
        let usable = frame::usable(&points, frame::WIDTH, frame::HEIGHT);
        dropped += usize::from(!usable);
        Ok(usable.then_some(points))
    })?;
    if dropped > 0 {
        list.notes.push(format!(
            "{}: {dropped} face(s) have landmarks outside the 178 x 218 frame or both eyes in one \
             place; the faces are kept, their landmarks are not",
            path.display()
        ));
    }
    Ok(list)
}

/// Every row through `value`; an image listed twice is refused, whatever its extension (images are
/// found without it).
fn read<T: PartialEq>(
    mut table: Table<'_>,
    mut value: impl FnMut(&Row<'_, '_>) -> Result<T, String>,
) -> Result<List<T>, DataError> {
    let mut rows: Vec<(String, T)> = Vec::new();
    let mut seen = HashMap::new();
    let mut fields = Vec::new();
    while let Some(row) = table.next(&mut fields)? {
        let (line, image) = (row.line, row.image);
        let value = value(&row).map_err(|problem| table.text.error(line, problem, CORRECT))?;
        if let Some((first, at)) = seen.insert(stem(image), (line, rows.len())) {
            let (other, before) = &rows[at];
            let same =
                if other == image { String::new() } else { format!(" as {}", excerpt(other)) };
            let contradiction = if *before == value { "" } else { " and contradicts it" };
            let problem = format!(
                "{} is listed twice, first on line {first}{same}{contradiction}",
                excerpt(image)
            );
            return Err(table.text.error(line, problem, "delete the line that is wrong"));
        }
        rows.push((image.to_owned(), value));
    }
    Ok(List { rows, notes: table.count_note().into_iter().collect() })
}
