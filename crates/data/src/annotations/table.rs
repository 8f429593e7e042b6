//! Rows of named fields: CelebA's lists with blanks between fields, and the tables that pandas and
//! spreadsheets write of them. A count line or none; column names with or without one for the image;
//! pandas' index as a column without a name.

use std::iter::Peekable;

use super::columns::{self, missing};
use super::dialect::{Separator, is_image_name};
use super::text::{Text, excerpt};
use crate::DataError;

/// A list of images with fields, read row by row.
pub(crate) struct Table<'a> {
    pub(crate) text: Text<'a>,
    /// Between the fields of a row.
    pub(crate) separator: Separator,
    lines: Peekable<Box<dyn Iterator<Item = (usize, &'a str)> + 'a>>,
    /// Names of a row's fields, the image's among them; all empty where no line names them.
    pub(crate) columns: Vec<&'a str>,
    /// The line that names them.
    pub(crate) header: Option<usize>,
    pub(crate) image: usize,
    declared: Option<usize>,
    rows: usize,
}

/// One row: the image's name, without directories before it, and all fields.
pub(crate) struct Row<'r, 'a> {
    pub(crate) line: usize,
    pub(crate) image: &'a str,
    pub(crate) fields: &'r [&'a str],
}

pub(crate) const CORRECT: &str = "correct the line or download the file again";

impl<'a> Table<'a> {
    /// A table whose first line (after an optional count) names the columns.
    pub(crate) fn with_names(text: Text<'a>) -> Result<Table<'a>, DataError> {
        Table::begin(text).named()
    }

    /// A table of image and one value, with or without a line of names; `names` are those that the
    /// value's column may have. Gives the value's position in a row too.
    pub(crate) fn with_value(
        text: Text<'a>,
        names: &[&str],
    ) -> Result<(Table<'a>, usize), DataError> {
        let mut table = Table::begin(text);
        let Some(&(line, first)) = table.lines.peek() else { return Err(table.no_rows()) };
        table.separator = Separator::of(first);
        let fields = table.split(line, first)?;
        let image = fields.iter().position(|field| is_image_name(field));
        let a_value = |field: &&str| field.is_empty() || field.parse::<f64>().is_ok();
        if fields.iter().any(|field| names_image(field))
            || image.is_none() && !fields.iter().all(a_value)
        {
            let table = table.named()?;
            for name in names {
                if let Some(value) = table.column(name)? {
                    return Ok((table, value));
                }
            }
            let of_others = |i: &usize| *i != table.image && !is_index(table.columns[*i]);
            let others: Vec<usize> = (0..table.columns.len()).filter(of_others).collect();
            return match others[..] {
                [value] => Ok((table, value)),
                _ => {
                    let problem = table.missing(&names[..1]);
                    Err(table.text.error(table.header, problem, format!("call it {}", names[0])))
                }
            };
        }
        // An index in front of the image, or nothing.
        table.image = image.unwrap_or(0);
        if fields.len() != table.image + 2 || table.image > 1 {
            let (count, name) = (fields.len(), names[0]);
            let problem = format!("{count} fields where an image and its {name} belong");
            let remedy = "name the columns in a first line, image_id among them";
            return Err(table.text.error(line, problem, remedy));
        }
        table.columns = vec![""; fields.len()];
        let value = table.image + 1;
        Ok((table, value))
    }

    /// Takes a spreadsheet's `sep=;` and a count, if they are there.
    fn begin(text: Text<'a>) -> Table<'a> {
        let lines: Box<dyn Iterator<Item = _>> = Box::new(text.lines());
        let mut lines = lines.peekable();
        lines.next_if(|(_, line)| line.len() <= 6 && line.trim_matches('"').starts_with("sep="));
        let count = |line: &str| line.trim_matches([',', ';', '\t', ' ', '"']).parse().ok();
        let declared = lines.next_if(|(_, line)| count(line).is_some());
        Table {
            text,
            separator: Separator::Blanks,
            lines,
            columns: Vec::new(),
            header: None,
            image: 0,
            declared: declared.and_then(|(_, line)| count(line)),
            rows: 0,
        }
    }

    /// Takes the line of column names and finds the image's column.
    fn named(mut self) -> Result<Table<'a>, DataError> {
        let Some((line, first)) = self.lines.next() else { return Err(self.no_rows()) };
        self.separator = Separator::of(first);
        let mut names = self.split(line, first)?;
        let a_value = |name: &str| name.parse::<f64>().is_ok() || is_image_name(name);
        if names.iter().skip(1).any(|name| a_value(name)) || is_image_name(names[0]) {
            let problem = format!("the line of column names is missing, found {}", excerpt(first));
            return Err(self.text.error(line, problem, "restore it or download the file again"));
        }
        self.header = Some(line);
        let Some(&(row_line, row_text)) = self.lines.peek() else { return Err(self.no_rows()) };
        let fits = |count: usize| count == names.len().max(2) || count == names.len() + 1;
        if self.separator == Separator::Blanks && !fits(self.split(row_line, row_text)?.len()) {
            // One name alone shows no separator.
            self.separator = Separator::of(row_text);
        }
        let row = self.split(row_line, row_text)?;
        // Names without one for the first column, as CelebA and R write them.
        let headless = row.len() == names.len() + 1
            && !(row.last() == Some(&"") && names.iter().any(|name| names_image(name)));
        if headless {
            names.insert(0, "");
        }
        let image = |i: &usize| row.get(*i).is_some_and(|field| is_image_name(field));
        let all = 0..names.len();
        let named = |i: &usize| names_image(names[*i]);
        let found = all.clone().find(|i| named(i) && image(i));
        let found = found.or_else(|| all.clone().find(image)).or_else(|| all.clone().find(named));
        self.image = match found {
            Some(found) => found,
            None if headless || is_index(names[0]) => 0,
            None => {
                let problem = format!("the images' names: {}", missing(&["image_id"], &names));
                let remedy = "call the column of the images' names image_id";
                return Err(self.text.error(line, problem, remedy));
            }
        };
        self.columns = names;
        Ok(self)
    }

    /// Position of a named field in every row.
    ///
    /// # Errors
    /// Two columns have this name.
    pub(crate) fn column(&self, name: &str) -> Result<Option<usize>, DataError> {
        let mut found = (0..self.columns.len()).filter(|&i| columns::same(self.columns[i], name));
        match (found.next(), found.next()) {
            (_, Some(_)) => {
                let problem = format!("two columns are called {name}");
                Err(self.text.error(self.header, problem, "delete one of them"))
            }
            (first, None) => Ok(first),
        }
    }

    /// Fields with a name that are not the image's, with their places in a row.
    pub(crate) fn named_fields(&self) -> impl Iterator<Item = (usize, &'a str)> {
        let all = self.columns.iter().copied().enumerate();
        all.filter(|(place, name)| *place != self.image && !is_index(name))
    }

    /// That columns are missing, and which are there.
    pub(crate) fn missing(&self, wanted: &[&str]) -> String {
        let there: Vec<&str> = self.named_fields().map(|(_, name)| name).collect();
        missing(wanted, &there)
    }

    /// The next row, its fields put into `fields`.
    pub(crate) fn next<'r>(
        &mut self,
        fields: &'r mut Vec<&'a str>,
    ) -> Result<Option<Row<'r, 'a>>, DataError> {
        let (line, text) = loop {
            let Some((line, text)) = self.lines.next() else {
                return if self.rows == 0 { Err(self.no_rows()) } else { Ok(None) };
            };
            let split = self.separator.split(text, fields);
            split.map_err(|problem| self.text.error(line, problem, CORRECT))?;
            // A spreadsheet's blank row.
            if !fields.iter().all(|field| field.is_empty()) {
                break (line, text);
            }
        };
        let expected = self.columns.len();
        while fields.len() > expected && fields.last() == Some(&"") {
            fields.pop();
        }
        if fields.len() != expected {
            return Err(self.uneven(line, text, fields.len()));
        }
        let image = fields[self.image].rsplit(['/', '\\']).next().unwrap_or_default();
        if image.is_empty() {
            return Err(self.text.error(line, "the image's name is empty", CORRECT));
        }
        self.rows += 1;
        Ok(Some(Row { line, image, fields }))
    }

    /// A row of another length than the columns' names.
    fn uneven(&self, line: usize, text: &str, count: usize) -> DataError {
        let (expected, by) = (self.columns.len(), self.separator.name());
        let named = match self.header {
            Some(header) => format!(" as line {header} names them"),
            None => String::new(),
        };
        let problem = format!(
            "{count} fields where {expected} belong, with {by} between them{named}: {}",
            excerpt(text)
        );
        if count < expected && self.text.is_open_end(line) {
            let problem = format!("{problem}; the file ends inside this line, it was cut off");
            return self.text.error(line, problem, "download it again");
        }
        self.text.error(line, problem, CORRECT)
    }

    fn split(&self, line: usize, text: &'a str) -> Result<Vec<&'a str>, DataError> {
        let mut fields = Vec::new();
        let split = self.separator.split(text, &mut fields);
        split.map_err(|problem| self.text.error(line, problem, CORRECT))?;
        Ok(fields)
    }

    /// A sentence where the count line disagrees with the rows read.
    pub(crate) fn count_note(&self) -> Option<String> {
        let declared = self.declared.filter(|&declared| declared != self.rows)?;
        let name = self.text.path.display();
        Some(format!("{name}: its first line promises {declared} rows, it has {}", self.rows))
    }

    fn no_rows(&self) -> DataError {
        self.text.error(None, "has no rows", "download the file again")
    }
}

fn names_image(name: &str) -> bool {
    const NAMES: [&str; 13] = [
        "imageid",
        "image",
        "images",
        "imagename",
        "imagefile",
        "img",
        "filename",
        "file",
        "filepath",
        "path",
        "imagepath",
        "imgpath",
        "name",
    ];
    NAMES.iter().any(|known| columns::same(known, name))
}

/// What pandas calls an index without a name.
pub(crate) fn is_index(name: &str) -> bool {
    name.is_empty() || name.starts_with("Unnamed:") || name.eq_ignore_ascii_case("index")
}
