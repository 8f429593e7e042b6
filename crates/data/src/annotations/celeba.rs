//! CelebA's four lists, as text or as the CSV variants in circulation.

use std::collections::HashMap;
use std::path::Path;

use config::Attribute;

use super::table::{Row, Table};
use super::text::{Text, excerpt};
use crate::face::{Labels, Landmarks, Part};
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

/// `list_attr_celeba`: the labels of the six attributes; -1 or 0 absent, 1 present. A column that
/// the file does not have leaves its labels unknown.
///
/// # Errors
/// A sentence with file, line and remedy; see [`DataError::Annotation`].
pub fn attributes(path: &Path, bytes: &[u8]) -> Result<List<Labels>, DataError> {
    let table = Table::with_names(Text::new(path, bytes)?)?;
    let columns: Vec<Option<usize>> =
        Attribute::ALL.iter().map(|attribute| table.column(attribute.celeba())).collect();
    let names: Vec<&str> = Attribute::ALL.iter().map(|attribute| attribute.celeba()).collect();
    if columns.iter().all(Option::is_none) {
        let problem = format!("none of the columns {} is there", names.join(", "));
        return Err(table.text.error(None, problem, "use CelebA's own list_attr_celeba"));
    }
    let absent: Vec<&str> =
        names.iter().zip(&columns).filter(|(_, c)| c.is_none()).map(|(name, _)| *name).collect();
    let mut list = read(table, |row| {
        let mut labels = [None; 6];
        for (label, column) in labels.iter_mut().zip(&columns) {
            let Some(column) = *column else { continue };
            *label = Some(match row.fields[column] {
                "1" | "+1" | "1.0" => true,
                "-1" | "0" | "-1.0" | "0.0" => false,
                other => return Err(format!("{} is not -1 or 1", excerpt(other))),
            });
        }
        Ok(labels)
    })?;
    if !absent.is_empty() {
        let note = format!("{}: no column {}", path.display(), absent.join(", "));
        list.notes.push(note);
    }
    Ok(list)
}

/// `list_eval_partition`: 0 train, 1 validation, 2 test.
///
/// # Errors
/// As [`attributes`].
pub fn partition(path: &Path, bytes: &[u8]) -> Result<List<Part>, DataError> {
    let table = Table::with_value(Text::new(path, bytes)?, "partition");
    read(table, |row| match row.fields[1] {
        "0" => Ok(Part::Train),
        "1" => Ok(Part::Validation),
        "2" => Ok(Part::Test),
        other => Err(format!("{} is not 0 (train), 1 (validation) or 2 (test)", excerpt(other))),
    })
}

/// `identity_CelebA`: who is shown.
///
/// # Errors
/// As [`attributes`].
pub fn identities(path: &Path, bytes: &[u8]) -> Result<List<String>, DataError> {
    let table = Table::with_value(Text::new(path, bytes)?, "identity");
    read(table, |row| match row.fields[1].parse::<u64>() {
        Ok(identity) => Ok(identity.to_string()),
        Err(_) => Err(format!("{} is not a whole number", excerpt(row.fields[1]))),
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
        *column = table.column(name).ok_or_else(|| {
            let remedy = "use CelebA's own list_landmarks_align_celeba";
            table.text.error(None, format!("the column {name} is missing"), remedy)
        })?;
    }
    let mut dropped = 0;
    let mut list = read(table, |row| {
        let mut values = [0f32; 10];
        for (value, column) in values.iter_mut().zip(columns) {
            let field = row.fields[column];
            *value = field.parse().map_err(|_| format!("{} is not a number", excerpt(field)))?;
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

/// Every row through `value`; an image listed twice is refused.
fn read<T>(
    mut table: Table<'_>,
    mut value: impl FnMut(&Row<'_, '_>) -> Result<T, String>,
) -> Result<List<T>, DataError> {
    let mut rows = Vec::new();
    let mut seen = HashMap::new();
    let mut fields = Vec::new();
    while let Some(row) = table.next(&mut fields)? {
        let (line, image) = (row.line, row.image);
        let value = value(&row).map_err(|problem| {
            table.text.error(line, problem, "correct the line or download the file again")
        })?;
        if let Some(first) = seen.insert(image, line) {
            let problem = format!("{} is listed twice, first on line {first}", excerpt(image));
            return Err(table.text.error(line, problem, "delete one of the two lines"));
        }
        rows.push((image.to_owned(), value));
    }
    Ok(List { rows, notes: table.count_note().into_iter().collect() })
}
