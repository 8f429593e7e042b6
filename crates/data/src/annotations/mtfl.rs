//! MTFL's `training.txt` and `testing.txt`.

use std::path::Path;

use super::dialect::{Separator, is_image_name};
use super::table::CORRECT;
use super::text::{Text, excerpt};
use crate::DataError;
use crate::face::Landmarks;
use crate::labels::Labels;

/// One row of MTFL.
#[derive(Clone, Debug, PartialEq)]
pub struct MtflRow {
    /// Path inside the data set, with `/`: `lfw_5590/Aaron_Eckhart_0001.jpg`.
    pub image: String,
    /// Five points, pixels of the image. Not checked against its size.
    pub landmarks: Landmarks,
    /// In the order of [`ATTRIBUTES`].
    pub labels: Labels,
    /// Head pose, 1 left profile .. 3 frontal .. 5 right profile.
    pub pose: u8,
}

/// What MTFL labels, in the order of its columns, which call them gender, smile and glasses.
pub const ATTRIBUTES: [&str; 3] = ["male", "smiling", "eyeglasses"];

/// Path, ten coordinates, four labels.
const FIELDS: usize = 15;

/// Rows `path x1..x5 y1..y5 gender smile glasses pose`: backslash or slash, CRLF or LF, a leading
/// blank or none; a line of names, an index in front, and commas, semicolons or TABs between the fields
/// where pandas or a spreadsheet wrote them. Gender 1 is male; smile and glasses 1 yes, 2 no.
///
/// # Errors
/// A sentence with file, line and remedy; see [`DataError::Annotation`].
pub fn rows(path: &Path, bytes: &[u8]) -> Result<Vec<MtflRow>, DataError> {
    Ok(numbered(path, bytes)?.into_iter().map(|(_, row)| row).collect())
}

/// [`rows`], each with its line from 1.
pub(crate) fn numbered(path: &Path, bytes: &[u8]) -> Result<Vec<(usize, MtflRow)>, DataError> {
    let text = Text::new(path, bytes)?;
    let mut rows: Vec<(usize, MtflRow)> = Vec::new();
    let mut seen = std::collections::HashMap::new();
    let mut separator = None;
    let mut fields: Vec<&str> = Vec::new();
    for (i, (line, content)) in text.lines().enumerate() {
        let refuse = |problem: String| Err(text.error(line, problem, CORRECT));
        let separator = *separator.get_or_insert_with(|| Separator::of(content));
        if let Err(problem) = separator.split(content, &mut fields) {
            return refuse(problem.to_owned());
        }
        // The blank in front of MTFL's own rows, TABs instead of blanks, a spreadsheet's blank row.
        fields.retain(|field| !field.is_empty());
        let named = |field: &&str| separator.number(field).is_none() && !is_image_name(field);
        if fields.is_empty() || i == 0 && fields.len() > 1 && fields.iter().all(named) {
            continue;
        }
        if fields.len() == FIELDS + 1 && is_image_name(fields[1]) {
            fields.remove(0);
        }
        if fields.len() != FIELDS {
            let problem = format!(
                "{} fields where {FIELDS} belong, with {} between them: {}",
                fields.len(),
                separator.name(),
                excerpt(content)
            );
            return if fields.len() < FIELDS && text.is_open_end(line) {
                let problem = format!("{problem}; the file ends inside this line, it was cut off");
                Err(text.error(line, problem, "download it again"))
            } else {
                refuse(problem)
            };
        }
        let row = row(&text, line, &fields, separator)?;
        if let Some(at) = seen.insert(row.image.clone(), rows.len()) {
            let (image, (first, before)) = (excerpt(&row.image), &rows[at]);
            let contradiction = if *before == row { "" } else { " and contradicts it" };
            return refuse(format!(
                "{image} is listed twice, first on line {first}{contradiction}"
            ));
        }
        rows.push((line, row));
    }
    if rows.is_empty() {
        return Err(text.error(None, "has no rows", "download the file again"));
    }
    Ok(rows)
}

/// The row that a line's fields say.
fn row(
    text: &Text<'_>,
    line: usize,
    fields: &[&str],
    separator: Separator,
) -> Result<MtflRow, DataError> {
    let refuse = |problem: String| Err(text.error(line, problem, CORRECT));
    let mut numbers = [0f32; 14];
    for (number, field) in numbers.iter_mut().zip(&fields[1..]) {
        match separator.number(field).map(|value| value as f32) {
            Some(value) if value.is_finite() => *number = value,
            _ => return refuse(format!("{} is not a number", excerpt(field))),
        }
    }
    let (points, labels) = numbers.split_at(10);
    let yes = |value: f32, name: &str| match value {
        1.0 => Ok(Some(true)),
        2.0 => Ok(Some(false)),
        other => Err(text.error(line, format!("{name} is {other}, not 1 or 2"), CORRECT)),
    };
    let (gender, smile) = (yes(labels[0], "gender")?, yes(labels[1], "smile")?);
    let glasses = yes(labels[2], "glasses")?;
    if ![1.0, 2.0, 3.0, 4.0, 5.0].contains(&labels[3]) {
        return refuse(format!("pose is {}, not 1 to 5", labels[3]));
    }
    let image = fields[0].replace('\\', "/");
    let image = image.trim_start_matches("./").to_owned();
    if image.split('/').any(|part| matches!(part, ".." | "." | "")) {
        return refuse(format!("{} is no path inside the data set", excerpt(&image)));
    }
    Ok(MtflRow {
        image,
        landmarks: std::array::from_fn(|k| [points[k], points[5 + k]]),
        labels: [gender, smile, glasses].into_iter().collect(),
        pose: labels[3] as u8,
    })
}
