//! Rows of named fields, as CelebA's lists hold them: white space or commas between fields, a count
//! line or none, column names with or without one for the image.

use super::text::{Text, excerpt};
use crate::DataError;

/// A list of images with fields, read row by row.
pub(crate) struct Table<'a> {
    pub(crate) text: Text<'a>,
    lines: Box<dyn Iterator<Item = (usize, &'a str)> + 'a>,
    pending: Option<(usize, &'a str)>,
    comma: bool,
    /// Names of a row's fields, the image's among them.
    columns: Vec<&'a str>,
    image: usize,
    declared: Option<usize>,
    rows: usize,
}

/// One row: the image's name and all fields.
pub(crate) struct Row<'r, 'a> {
    pub(crate) line: usize,
    pub(crate) image: &'a str,
    pub(crate) fields: &'r [&'a str],
}

const CUT: &str = "the file seems cut off or edited there, download it again";

impl<'a> Table<'a> {
    /// A table whose first line (after an optional count) names the columns.
    pub(crate) fn with_names(text: Text<'a>) -> Result<Table<'a>, DataError> {
        let mut table = Table::begin(text);
        let Some((line, first)) = table.pending.take().or_else(|| table.lines.next()) else {
            return Err(table.no_rows());
        };
        table.comma = first.contains(',');
        let mut names = split(first, table.comma).collect::<Vec<_>>();
        if names.iter().skip(1).any(|name| name.parse::<f64>().is_ok()) {
            let problem = format!("the line of column names is missing, found {}", excerpt(first));
            return Err(table.text.error(line, problem, "restore it or download the file again"));
        }
        match names.iter().position(|name| names_image(name)) {
            Some(image) => table.image = image,
            None if names[0].is_empty() => names[0] = "image_id",
            None => names.insert(0, "image_id"),
        }
        table.columns = names;
        Ok(table)
    }

    /// A table of image and one value, without a line of names (the CSV variants have one).
    pub(crate) fn with_value(text: Text<'a>, value: &'static str) -> Table<'a> {
        let mut table = Table::begin(text);
        if let Some((line, first)) = table.pending.take().or_else(|| table.lines.next()) {
            table.comma = first.contains(',');
            let named = split(first, table.comma).next().is_some_and(names_image);
            table.pending = if named { None } else { Some((line, first)) };
        }
        table.columns = vec!["image_id", value];
        table
    }

    /// Takes a count line, if there is one.
    fn begin(text: Text<'a>) -> Table<'a> {
        let mut lines: Box<dyn Iterator<Item = _>> = Box::new(text.lines());
        let first = lines.next();
        let declared = first.and_then(|(_, line)| line.trim().parse().ok());
        let pending = if declared.is_some() { None } else { first };
        let columns = Vec::new();
        Table { text, lines, pending, comma: false, columns, image: 0, declared, rows: 0 }
    }

    /// Position of a named field in every row; case, blanks and underscores do not matter.
    pub(crate) fn column(&self, name: &str) -> Option<usize> {
        let plain = |s: &str| s.replace([' ', '_', '-'], "").to_ascii_lowercase();
        self.columns.iter().position(|column| plain(column) == plain(name))
    }

    /// The next row, its fields put into `fields`.
    pub(crate) fn next<'r>(
        &mut self,
        fields: &'r mut Vec<&'a str>,
    ) -> Result<Option<Row<'r, 'a>>, DataError> {
        let Some((line, text)) = self.pending.take().or_else(|| self.lines.next()) else {
            return if self.rows == 0 { Err(self.no_rows()) } else { Ok(None) };
        };
        fields.clear();
        fields.extend(split(text, self.comma));
        let expected = self.columns.len();
        if fields.len() != expected {
            let problem =
                format!("{} fields where {expected} belong: {}", fields.len(), excerpt(text));
            return Err(self.text.error(line, problem, CUT));
        }
        if fields[self.image].is_empty() {
            return Err(self.text.error(line, "the image's name is empty", CUT));
        }
        self.rows += 1;
        Ok(Some(Row { line, image: fields[self.image], fields }))
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

fn split(line: &str, comma: bool) -> impl Iterator<Item = &str> {
    let by_comma = comma.then(|| line.split(','));
    let by_space = (!comma).then(|| line.split_whitespace());
    let fields = by_comma.into_iter().flatten().chain(by_space.into_iter().flatten());
    fields.map(|field| field.trim().trim_matches('"'))
}

fn names_image(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["image_id", "image", "img", "filename", "file_name", "file", "name"].contains(&name.as_str())
}
