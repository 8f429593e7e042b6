//! `lfw_attributes.txt`, Kumar et al.'s attribute scores for LFW.

use std::collections::HashMap;
use std::path::Path;

use config::Attribute;

use super::celeba::LabelList;
use super::columns::{self, missing};
use super::dialect::Separator;
use super::label::Column;
use super::reading::Reading;
use super::table::CORRECT;
use super::text::{Text, excerpt};
use crate::DataError;
use crate::labels::Labels;

/// What a column of Kumar et al.'s labels: "Youth" is what CelebA calls Young. Sunglasses are a column
/// of their own and not counted as Eyeglasses.
pub fn attribute(column: &str) -> Attribute {
    let attribute = Attribute::of(column);
    if attribute.name() == "youth" { Attribute::of("Young") } else { attribute }
}

/// Labels by image name (`Aaron_Eckhart_0001`): a score above zero means present, an empty field is
/// unknown. Fields are separated by TABs, or by commas or semicolons in copies; the names of the columns
/// stand in a line that starts with `#`, or in the first line.
///
/// # Errors
/// A sentence with file, line and remedy; see [`DataError::Annotation`].
pub fn scores(path: &Path, bytes: &[u8]) -> Result<LabelList, DataError> {
    let text = Text::new(path, bytes)?;
    let mut header: Option<(Columns, Reading<'_>)> = None;
    let mut rows: Vec<(String, Labels)> = Vec::new();
    let mut seen: HashMap<String, (usize, usize)> = HashMap::new();
    let mut fields = Vec::new();
    for (line, content) in text.lines() {
        let refuse = |problem| Err(text.error(line, problem, CORRECT));
        let comment = content.trim_start().strip_prefix('#');
        if header.is_none() || comment.is_some() {
            // A comment's names are one field further left than its '#'.
            let names = comment.map_or(content, str::trim_start);
            match Columns::find(&text, line, names)? {
                // Places of labels must not change from row to row.
                Some(_) if !rows.is_empty() => {
                    return refuse("names the columns a second time".to_owned());
                }
                Some(found) => header = Some(found),
                None if comment.is_some() => {}
                None => return refuse(unheaded(content)),
            }
            continue;
        }
        let Some((columns, reading)) = &mut header else { continue };
        if let Err(problem) = columns.separator.split(content, &mut fields) {
            return refuse(problem.to_owned());
        }
        if fields.iter().all(|field| field.is_empty()) {
            continue;
        }
        while fields.len() > columns.width && fields.last() == Some(&"") {
            fields.pop();
        }
        if fields.len() != columns.width {
            return Err(columns.uneven(&text, line, content, fields.len()));
        }
        let number = columns.separator.whole(fields[columns.number]);
        let Some(number) = number.filter(|number| *number <= u64::from(u32::MAX)) else {
            return refuse(format!("{} is no image number", excerpt(fields[columns.number])));
        };
        let separator = columns.separator;
        let label = |told: &mut Column, field: &str| match separator.number(field) {
            Some(score) if score.is_finite() => Ok(Some(score > 0.0)),
            None if field.is_empty() => {
                told.empty += 1;
                Ok(None)
            }
            _ => Err(format!("{} is not a number", excerpt(field))),
        };
        let labels = match reading.row(&fields, line, &label) {
            Ok(labels) => labels,
            Err(problem) => return refuse(problem),
        };
        let person = fields[columns.person].split_whitespace().collect::<Vec<_>>().join("_");
        let image = format!("{person}_{number:04}");
        if let Some((first, at)) = seen.insert(image.clone(), (line, rows.len())) {
            let contradiction = if rows[at].1 == labels { "" } else { " and contradicts it" };
            let image = excerpt(&image);
            return refuse(format!(
                "{image} is listed twice, first on line {first}{contradiction}"
            ));
        }
        rows.push((image, labels));
    }
    let Some((header, reading)) = header.filter(|_| !rows.is_empty()) else {
        return Err(text.error(None, "has no rows", "download the file again"));
    };
    let (columns, notes) = reading.finish((path, Some(header.line)), &mut rows);
    if columns.attributes.is_empty() {
        let remedy = "use Kumar et al.'s own lfw_attributes.txt";
        return Err(text.error(header.line, "has no column of scores", remedy));
    }
    Ok(LabelList { rows, columns, notes })
}

fn unheaded(content: &str) -> String {
    let fields = Separator::of(content);
    let mut names = Vec::new();
    let split = fields.split(content, &mut names).is_ok();
    if split && names.len() > 1 && names.iter().skip(1).all(|name| fields.number(name).is_none()) {
        let wanted = ["person", "imagenum"].into_iter();
        let wanted: Vec<&str> =
            wanted.filter(|name| !names.iter().any(|n| columns::same(n, name))).collect();
        return missing(&wanted[..1], &names);
    }
    let found = excerpt(content);
    format!("the line '#<TAB>person<TAB>imagenum<TAB>...' is missing, found {found}")
}

struct Columns {
    separator: Separator,
    line: usize,
    width: usize,
    person: usize,
    number: usize,
}

impl Columns {
    /// The columns that a line names, if it names them at all.
    ///
    /// # Errors
    /// Two columns have the same name.
    fn find<'a>(
        text: &Text<'_>,
        line: usize,
        content: &'a str,
    ) -> Result<Option<(Columns, Reading<'a>)>, DataError> {
        let separator = Separator::of(content);
        let mut names = Vec::new();
        if separator.split(content, &mut names).is_err() {
            return Ok(None);
        }
        let position = |wanted: &str| names.iter().position(|name| columns::same(name, wanted));
        let (Some(person), Some(number)) = (position("person"), position("imagenum")) else {
            return Ok(None);
        };
        let twice = |problem: String| text.error(line, problem, "delete one of them");
        for wanted in ["person", "imagenum"] {
            if names.iter().filter(|name| columns::same(name, wanted)).count() > 1 {
                return Err(twice(format!("two columns are called {wanted}")));
            }
        }
        let width = names.len();
        let scores = names.into_iter().enumerate();
        let scores = scores.filter(|(at, name)| ![person, number].contains(at) && !name.is_empty());
        let reading = Reading::new(scores, attribute).map_err(twice)?;
        Ok(Some((Columns { separator, line, width, person, number }, reading)))
    }

    /// A row of another length than the columns' names.
    fn uneven(&self, text: &Text<'_>, line: usize, content: &str, count: usize) -> DataError {
        let (by, width, header) = (self.separator.name(), self.width, self.line);
        let problem = format!(
            "{count} fields where {width} belong, with {by} between them as line {header} names them: \
             {}",
            excerpt(content)
        );
        if count < width && text.is_open_end(line) {
            let problem = format!("{problem}; the file ends inside this line, it was cut off");
            return text.error(line, problem, "download it again");
        }
        text.error(line, problem, CORRECT)
    }
}
