//! MTFL's `training.txt` and `testing.txt`.

use std::path::Path;

use config::Attribute;

use super::text::{Text, excerpt};
use crate::DataError;
use crate::face::{Labels, Landmarks};

/// One row of MTFL.
#[derive(Clone, Debug, PartialEq)]
pub struct MtflRow {
    /// Path inside the data set, with `/`: `lfw_5590/Aaron_Eckhart_0001.jpg`.
    pub image: String,
    /// Five points, pixels of the image. Not checked against its size.
    pub landmarks: Landmarks,
    /// Male, Smiling and Eyeglasses; MTFL knows nothing of the other three.
    pub labels: Labels,
    /// Head pose, 1 left profile .. 3 frontal .. 5 right profile.
    pub pose: u8,
}

/// Rows `path x1..x5 y1..y5 gender smile glasses pose`: backslash or slash, CRLF or LF, a leading
/// blank or none. Gender 1 is male; smile and glasses 1 yes, 2 no.
///
/// # Errors
/// A sentence with file, line and remedy; see [`DataError::Annotation`].
pub fn rows(path: &Path, bytes: &[u8]) -> Result<Vec<MtflRow>, DataError> {
    const REMEDY: &str = "correct the line or download the file again";
    let text = Text::new(path, bytes)?;
    let mut rows = Vec::new();
    let mut seen = std::collections::HashMap::new();
    for (line, content) in text.lines() {
        let refuse = |problem| Err(text.error(line, problem, REMEDY));
        let fields: Vec<&str> = content.split_whitespace().collect();
        if fields.len() != 15 {
            let count = fields.len();
            return refuse(format!("{count} fields where 15 belong: {}", excerpt(content)));
        }
        let mut numbers = [0f32; 14];
        for (number, field) in numbers.iter_mut().zip(&fields[1..]) {
            match field.parse::<f32>() {
                Ok(value) if value.is_finite() => *number = value,
                _ => return refuse(format!("{} is not a number", excerpt(field))),
            }
        }
        let (points, labels) = numbers.split_at(10);
        let yes = |value: f32, name: &str| match value {
            1.0 => Ok(Some(true)),
            2.0 => Ok(Some(false)),
            other => Err(text.error(line, format!("{name} is {other}, not 1 or 2"), REMEDY)),
        };
        let mut known: Labels = [None; 6];
        known[Attribute::Male.index()] = yes(labels[0], "gender")?;
        known[Attribute::Smiling.index()] = yes(labels[1], "smile")?;
        known[Attribute::Eyeglasses.index()] = yes(labels[2], "glasses")?;
        if ![1.0, 2.0, 3.0, 4.0, 5.0].contains(&labels[3]) {
            return refuse(format!("pose is {}, not 1 to 5", labels[3]));
        }
        let image = fields[0].replace('\\', "/");
        if image.split('/').any(|part| part == ".." || part.is_empty()) {
            return refuse(format!("{} is no path inside the data set", excerpt(&image)));
        }
        if let Some(first) = seen.insert(image.clone(), line) {
            return refuse(format!("{} is listed twice, first on line {first}", excerpt(&image)));
        }
        rows.push(MtflRow {
            image,
            landmarks: std::array::from_fn(|k| [points[k], points[5 + k]]),
            labels: known,
            pose: labels[3] as u8,
        });
    }
    if rows.is_empty() {
        return Err(text.error(None, "has no rows", "download the file again"));
    }
    Ok(rows)
}
