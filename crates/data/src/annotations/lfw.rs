//! `lfw_attributes.txt`, Kumar et al.'s attribute scores for LFW.

use std::collections::HashMap;
use std::path::Path;

use config::Attribute;

use super::celeba::List;
use super::columns::{self, Absent, missing};
use super::dialect::Separator;
use super::table::CORRECT;
use super::text::{Text, excerpt};
use crate::DataError;
use crate::face::Labels;

/// The columns that stand for the six attributes, in the order of [`Attribute::index`](config::Attribute::index). "Youth" is
/// what CelebA calls Young; Sunglasses are a column of their own and not counted as Eyeglasses.
pub const COLUMNS: [&str; 6] =
    ["Eyeglasses", "Mouth Slightly Open", "Smiling", "No Beard", "Youth", "Male"];

/// Labels by image name (`Aaron_Eckhart_0001`): a score above zero means present, an empty field is
/// unknown. Fields are separated by TABs, or by commas or semicolons in copies; the names of the columns
/// stand in a line that starts with `#`, or in the first line.
///
/// # Errors
/// A sentence with file, line and remedy; see [`DataError::Annotation`].
pub fn scores(path: &Path, bytes: &[u8]) -> Result<List<Labels>, DataError> {
    let text = Text::new(path, bytes)?;
    let mut header: Option<Columns> = None;
    let mut rows: Vec<(String, Labels)> = Vec::new();
    let mut seen: HashMap<String, (usize, usize)> = HashMap::new();
    let mut fields = Vec::new();
    let mut empty = 0;
    for (line, content) in text.lines() {
        let refuse = |problem| Err(text.error(line, problem, CORRECT));
        let comment = content.trim_start().strip_prefix('#');
        if header.is_none() || comment.is_some() {
            // A comment's names are one field further left than its '#'.
            let names = comment.map_or(content, str::trim_start);
            match Columns::find(&text, line, names)? {
                Some(found) => header = Some(found),
                None if comment.is_some() => {}
                None => return refuse(unheaded(content)),
            }
            continue;
        }
        let Some(columns) = &header else { continue };
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
        let mut labels = [None; 6];
        for (label, column) in labels.iter_mut().zip(columns.attributes) {
            let Some(column) = column else { continue };
            match columns.separator.number(fields[column]) {
                Some(score) if score.is_finite() => *label = Some(score > 0.0),
                None if fields[column].is_empty() => empty += 1,
                _ => return refuse(format!("{} is not a number", excerpt(fields[column]))),
            }
        }
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
    let Some(header) = header.filter(|_| !rows.is_empty()) else {
        return Err(text.error(None, "has no rows", "download the file again"));
    };
    let absent = header.absent(path);
    if absent.len() == COLUMNS.len() {
        let remedy = "use Kumar et al.'s own lfw_attributes.txt";
        return Err(text.error(header.line, missing(&COLUMNS, &header.others()), remedy));
    }
    let note = |absent: &Absent| format!("{}: {}", path.display(), absent.problem);
    let mut notes: Vec<String> = absent.iter().map(note).collect();
    if empty > 0 {
        notes.push(format!("{}: {empty} empty field(s) are taken as unknown", path.display()));
    }
    Ok(List { rows, notes, absent })
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

struct Columns<'a> {
    separator: Separator,
    line: usize,
    names: Vec<&'a str>,
    width: usize,
    person: usize,
    number: usize,
    attributes: [Option<usize>; 6],
}

impl<'a> Columns<'a> {
    /// The columns that a line names, if it names them at all.
    ///
    /// # Errors
    /// Two columns have the same name.
    fn find(
        text: &Text<'_>,
        line: usize,
        content: &'a str,
    ) -> Result<Option<Columns<'a>>, DataError> {
        let separator = Separator::of(content);
        let mut names = Vec::new();
        if separator.split(content, &mut names).is_err() {
            return Ok(None);
        }
        let position = |wanted: &str| names.iter().position(|name| columns::same(name, wanted));
        let (Some(person), Some(number)) = (position("person"), position("imagenum")) else {
            return Ok(None);
        };
        for wanted in COLUMNS.iter().chain(&["person", "imagenum"]) {
            if names.iter().filter(|name| columns::same(name, wanted)).count() > 1 {
                let problem = format!("two columns are called {wanted}");
                return Err(text.error(line, problem, "delete one of them"));
            }
        }
        let (width, attributes) = (names.len(), COLUMNS.map(position));
        Ok(Some(Columns { separator, line, names, width, person, number, attributes }))
    }

    /// The names but those of person and image number.
    fn others(&self) -> Vec<&'a str> {
        let others = (0..self.width).filter(|i| *i != self.person && *i != self.number);
        others.map(|i| self.names[i]).collect()
    }

    fn absent(&self, path: &Path) -> Vec<Absent> {
        let wanted = Attribute::ALL.iter().zip(COLUMNS).zip(self.attributes);
        let absent = wanted.filter(|(_, column)| column.is_none());
        absent
            .map(|((attribute, name), _)| Absent {
                attribute: *attribute,
                path: path.to_owned(),
                line: Some(self.line),
                problem: missing(&[name], &self.others()),
            })
            .collect()
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
