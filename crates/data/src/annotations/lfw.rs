//! `lfw_attributes.txt`, Kumar et al.'s attribute scores for LFW.

use std::collections::HashMap;
use std::path::Path;

use super::text::{Text, excerpt};
use crate::DataError;
use crate::face::Labels;

/// The columns that stand for the six attributes, in the order of [`Attribute::index`](config::Attribute::index). "Youth" is
/// what CelebA calls Young; Sunglasses are a column of their own and not counted as Eyeglasses.
pub const COLUMNS: [&str; 6] =
    ["Eyeglasses", "Mouth Slightly Open", "Smiling", "No Beard", "Youth", "Male"];

/// Labels by image name (`Aaron_Eckhart_0001`): a score above zero means present. Fields are
/// separated by TABs; the names of the columns stand in a line that starts with `#`.
///
/// # Errors
/// A sentence with file, line and remedy; see [`DataError::Annotation`].
pub fn scores(path: &Path, bytes: &[u8]) -> Result<HashMap<String, Labels>, DataError> {
    const REMEDY: &str = "correct the line or download the file again";
    let text = Text::new(path, bytes)?;
    let mut columns: Option<Columns> = None;
    let mut seen: HashMap<String, (usize, Labels)> = HashMap::new();
    for (line, content) in text.lines() {
        let refuse = |problem| Err(text.error(line, problem, REMEDY));
        let comment = content.trim_start().strip_prefix('#');
        if columns.is_none() || comment.is_some() {
            let names = comment.unwrap_or(content);
            if let Some(found) = Columns::find(names) {
                columns = Some(found);
            } else if comment.is_none() {
                return refuse(format!(
                    "the line '#<TAB>person<TAB>imagenum<TAB>...' is missing, found {}",
                    excerpt(content)
                ));
            }
            continue;
        }
        let Some(columns) = &columns else { continue };
        let fields: Vec<&str> = content.split('\t').map(str::trim).collect();
        if fields.len() != columns.width {
            let (count, width) = (fields.len(), columns.width);
            return refuse(format!(
                "{count} TAB-separated fields where {width} belong: {}",
                excerpt(content)
            ));
        }
        let Ok(number) = fields[columns.number].parse::<u32>() else {
            return refuse(format!("{} is no image number", excerpt(fields[columns.number])));
        };
        let mut labels = [None; 6];
        for (label, column) in labels.iter_mut().zip(columns.attributes) {
            let Some(column) = column else { continue };
            match fields[column].parse::<f64>() {
                Ok(score) if score.is_finite() => *label = Some(score > 0.0),
                _ => return refuse(format!("{} is not a number", excerpt(fields[column]))),
            }
        }
        let person = fields[columns.person].split_whitespace().collect::<Vec<_>>().join("_");
        let image = format!("{person}_{number:04}");
        if let Some((first, _)) = seen.insert(image.clone(), (line, labels)) {
            return refuse(format!("{} is listed twice, first on line {first}", excerpt(&image)));
        }
    }
    match columns {
        Some(columns) if columns.attributes.iter().all(Option::is_none) => {
            let problem = format!("none of the columns {} is there", COLUMNS.join(", "));
            Err(text.error(None, problem, "use Kumar et al.'s own lfw_attributes.txt"))
        }
        _ if seen.is_empty() => Err(text.error(None, "has no rows", "download the file again")),
        _ => Ok(seen.into_iter().map(|(image, (_, labels))| (image, labels)).collect()),
    }
}

struct Columns {
    width: usize,
    person: usize,
    number: usize,
    attributes: [Option<usize>; 6],
}

impl Columns {
    /// The columns that a line names, if it names them at all.
    fn find(names: &str) -> Option<Columns> {
        let names: Vec<&str> = names.trim().split('\t').map(str::trim).collect();
        let position = |wanted: &str| names.iter().position(|n| n.eq_ignore_ascii_case(wanted));
        Some(Columns {
            width: names.len(),
            person: position("person")?,
            number: position("imagenum")?,
            attributes: COLUMNS.map(position),
        })
    }
}
