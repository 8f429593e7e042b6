//! A folder's table written again with the points of faces that were found: what stood in it stays, in the
//! order and with the separator that it had.

use std::path::Path;

use super::columns::{LOCATED, is_one_of};
use super::dialect::Separator;
use super::folder::{FolderTable, Role, table};
use super::points::NAMED;
use super::table::Table;
use super::text::Text;
use crate::DataError;
use crate::face::Landmarks;

/// What the new columns say of a row.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Mark {
    /// Pixels of the image as it is shown; the centre of the first pixel is (0, 0).
    pub points: Option<Landmarks>,
    /// The detector's score.
    pub score: Option<f32>,
    /// Faces that were found; `None` where nobody looked.
    pub faces: Option<usize>,
}

/// Reads a table to which points can be added.
///
/// # Errors
/// As [`table`]; or it has points, or a column of the name of a new one.
pub fn unmarked(path: &Path, bytes: &[u8]) -> Result<FolderTable, DataError> {
    let read = table(path, bytes)?;
    let header = read.columns.line;
    let refuse =
        |problem: String, remedy| Err(DataError::annotation(path, header, problem, remedy));
    let of = |is: &dyn Fn(&&super::folder::Understood) -> bool| {
        read.understood.iter().find(is).map(|column| column.column.clone())
    };
    if let Some(column) = of(&|column| column.role == Role::Point) {
        let problem = format!("has five points already, from the column {column} on");
        let remedy = "train on it with data.alignment = \"five-point\", or take the ten columns away to have \
                      them found";
        return refuse(problem, remedy);
    }
    if let Some(column) = of(&|column| is_one_of(&LOCATED, &column.column)) {
        let problem = format!("has a column {column}, which is to be written");
        return refuse(problem, "take it away, or call it otherwise");
    }
    Ok(read)
}

/// The table with twelve more columns: ten coordinates, the score, the number of faces. `marks` are those of
/// its rows. Blanks between fields become commas, for they cannot part empty fields.
///
/// # Errors
/// As [`unmarked`]; or the new table would not be read as the old one is.
///
/// # Panics
/// There are not as many marks as rows.
pub fn marked(path: &Path, bytes: &[u8], marks: &[Mark]) -> Result<Vec<u8>, DataError> {
    let before = unmarked(path, bytes)?;
    assert_eq!(marks.len(), before.rows.len(), "a mark for every row");
    let text = written(path, bytes, marks)?;
    let after = table(path, &text)?;
    let rows = || before.rows.iter().zip(&after.rows);
    let differs = rows().find(|(old, new)| {
        // Quotes inside of a field may have become two: they mean the same.
        let file = |file: &str| file.replace("\"\"", "\"");
        file(&old.file) != file(&new.file)
            || (old.labels, &old.person, old.part) != (new.labels, &new.person, new.part)
    });
    let line = match differs {
        Some((old, _)) => old.line,
        None if before.rows.len() == after.rows.len()
            && before.columns.attributes == after.columns.attributes =>
        {
            return Ok(text);
        }
        None => before.columns.line.unwrap_or(1),
    };
    let problem = "holds a quotation mark or separator that would be read otherwise in a copy";
    Err(DataError::annotation(path, Some(line), problem, "save it as CSV in a spreadsheet program"))
}

fn written(path: &Path, bytes: &[u8], marks: &[Mark]) -> Result<Vec<u8>, DataError> {
    const MARK: &[u8] = b"\xEF\xBB\xBF";
    let mut table = Table::with_names(Text::new(path, bytes)?)?;
    let blanks = table.separator == Separator::Blanks;
    let new = if blanks { Separator::Comma } else { table.separator };
    let separator = new.char().unwrap_or(',');
    let end = if bytes.windows(2).any(|pair| pair == b"\r\n") { "\r\n" } else { "\n" };
    let mut text = String::new();
    let mut line = |fields: &mut dyn Iterator<Item = String>| {
        text.push_str(&fields.collect::<Vec<_>>().join(&separator.to_string()));
        text.push_str(end);
    };
    let field = |field: &&str| quoted(field, separator, blanks);
    let added = NAMED.map(|names| names[0]).into_iter().chain(LOCATED);
    let mut names: Vec<String> = table.columns.iter().map(field).collect();
    // The beginning of a file says what it is.
    if !names[0].starts_with(|c: char| c.is_alphanumeric() || c == '"') && !names[0].is_empty() {
        names[0] = enclosed(&names[0]);
    }
    line(&mut names.into_iter().chain(added.map(str::to_owned)));
    // With semicolons between fields, commas are decimal.
    let number = |value: Option<f32>, digits: usize| {
        let value = value.map(|value| format!("{value:.digits$}")).unwrap_or_default();
        if separator == ';' { value.replace('.', ",") } else { value }
    };
    let mut fields = Vec::new();
    for mark in marks {
        let Some(row) = table.next(&mut fields)? else { break };
        let points = (0..10).map(|at| number(mark.points.map(|points| points[at / 2][at % 2]), 1));
        let faces = mark.faces.map(|faces| faces.to_string()).unwrap_or_default();
        let mark = points.chain([number(mark.score, 2), faces]);
        line(&mut row.fields.iter().map(field).chain(mark));
    }
    let start = if bytes.starts_with(MARK) { MARK } else { &[] };
    Ok([start, text.as_bytes()].concat())
}

/// A field as it stood: with quotes around it only where they were needed, which then holds two for each of its
/// own. `strict`: it stood between blanks, which need them elsewhere.
fn quoted(field: &str, separator: char, strict: bool) -> String {
    match field.contains(separator) || field.starts_with('"') || strict && field.contains('"') {
        true => enclosed(field),
        false => field.to_owned(),
    }
}

fn enclosed(field: &str) -> String {
    format!("\"{}\"", field.replace("\"\"", "\"").replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    const POINTS: Landmarks =
        [[10.04, 20.0], [30.26, 20.5], [20.0, 30.0], [12.0, 40.0], [28.0, 1040.0]];
    const FOUND: Mark = Mark { points: Some(POINTS), score: Some(12.345), faces: Some(2) };
    const NONE: Mark = Mark { points: None, score: Some(1.5), faces: Some(0) };

    fn add(text: &str) -> Result<String, String> {
        let path = Path::new("metadata.csv");
        let rows = table(path, text.as_bytes()).map_err(|e| e.to_string())?.rows.len();
        let marks: Vec<Mark> = [FOUND, NONE].into_iter().cycle().take(rows).collect();
        let new = marked(path, text.as_bytes(), &marks).map_err(|e| e.to_string())?;
        Ok(String::from_utf8(new).unwrap())
    }

    #[test]
    fn what_stood_there_stays_and_twelve_columns_follow() {
        let new = add("file_name,hat,note\na.jpg,1,\"x, \"\"y\"\"\"\nb.jpg,0,\n").unwrap();
        let expected = "file_name,hat,note,lefteye_x,lefteye_y,righteye_x,righteye_y,nose_x,nose_y,\
                        leftmouth_x,leftmouth_y,rightmouth_x,rightmouth_y,face_score,faces_found\n\
                        a.jpg,1,\"x, \"\"y\"\"\",10.0,20.0,30.3,20.5,20.0,30.0,12.0,40.0,28.0,1040.0,12.35,2\n\
                        b.jpg,0,,,,,,,,,,,,1.50,0\n";
        assert_eq!(new, expected);
    }

    #[test]
    fn every_dialect_is_read_again_with_its_points_and_its_labels() {
        for text in [
            "file_name\that\na b.jpg\t1\nc.jpg\t0\n",
            "\u{feff}file_name;hat\r\n\"a; b.jpg\";1\r\nc.jpg;0\r\n",
            "sep=;\nfile_name;hat\na.jpg;1;\nc.jpg;0",
            ",file_name,hat\n0,\"a, \"\"b\"\".jpg\",1\n\n1,c.jpg,0\n",
            "file_name hat\na.jpg 1\nc.jpg  0\n",
            "file_name hat\n\"a,b.jpg\" 1\nc.jpg  0\n",
            "2\nhat beard\na.jpg 1 0\nc.jpg -1 1\n",
            "\"<name>\",hat,file\nx,1,a.jpg\ny,0,c.jpg\n",
            "file_name\na.jpg\nc.jpg\n",
        ] {
            let new = add(text).unwrap_or_else(|error| panic!("{error}\n{text}"));
            let path = Path::new("metadata.csv");
            let [old, new_table] = [text, &new]
                .map(|text| table(path, text.as_bytes()).unwrap_or_else(|e| panic!("{e}\n{new}")));
            assert_eq!(old.columns.attributes, new_table.columns.attributes, "{new}");
            let near = |row: &super::super::folder::FolderRow| {
                row.points.is_some_and(|points| {
                    points
                        .iter()
                        .zip(POINTS)
                        .all(|(p, q)| (p[0] - q[0]).abs() < 0.051 && (p[1] - q[1]).abs() < 0.051)
                })
            };
            assert!(near(&new_table.rows[0]) && new_table.rows[1].points.is_none(), "{new}");
            assert_eq!(new.contains("\r\n"), text.contains("\r\n"));
            assert_eq!(new.starts_with('\u{feff}'), text.starts_with('\u{feff}'));
            let last: Vec<_> = new_table.understood.iter().rev().take(2).collect();
            assert!(last.iter().all(|column| column.role == Role::Nothing), "{last:?}");
        }
    }

    #[test]
    fn a_number_of_faces_is_never_an_attribute() {
        // 0 and 1 in every row, and no score at all.
        let new = "file_name,hat,face_score,faces_found\na.jpg,1,,1\nb.jpg,0,,0\n";
        let read = table(Path::new("metadata.csv"), new.as_bytes()).unwrap();
        assert_eq!(read.columns.attributes, [config::Attribute::of("hat")]);
        assert!(read.understood[3].values.contains("data locate"), "{:?}", read.understood);
    }

    #[test]
    fn points_that_are_there_and_names_that_are_taken_are_refused() {
        let new = add("file_name,hat\na.jpg,1\nb.jpg,0\n").unwrap();
        let told = add(&new).unwrap_err();
        assert!(
            told.starts_with("metadata.csv:1: has five points already, from the column lefteye_x")
        );
        let told = add("file_name,Faces found\na.jpg,1\n").unwrap_err();
        assert!(told.contains("has a column Faces found, which is to be written"), "{told}");
    }
}
