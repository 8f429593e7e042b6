//! From bytes of unknown origin to lines: what is no annotation file at all is refused here.

use std::path::Path;

use record::Content;

use crate::DataError;

/// The text of an annotation file.
pub(crate) struct Text<'a> {
    pub(crate) path: &'a Path,
    text: &'a str,
}

const AGAIN: &str = "download the file again";

impl<'a> Text<'a> {
    /// Refuses empty files, HTML pages, git-LFS pointers, archives, spreadsheets and anything not
    /// UTF-8, each named as what it is.
    pub(crate) fn new(path: &'a Path, bytes: &'a [u8]) -> Result<Text<'a>, DataError> {
        let refuse = |line, problem: &str, remedy: &str| {
            Err(DataError::annotation(path, line, problem, remedy))
        };
        if is_utf16(bytes) {
            return refuse(
                None,
                "is UTF-16 text (a spreadsheet's \"Unicode text\")",
                "save it as UTF-8, or convert it with `iconv -f UTF-16 -t UTF-8`",
            );
        }
        let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
        if let Some((problem, remedy)) = no_list(bytes) {
            return refuse(None, &problem, remedy);
        }
        if bytes.contains(&0) {
            return refuse(None, "is not a text file (it has zero bytes)", AGAIN);
        }
        match std::str::from_utf8(bytes) {
            Ok(text) => Ok(Text { path, text }),
            Err(e) => {
                let line = 1 + bytes[..e.valid_up_to()].iter().filter(|&&b| b == b'\n').count();
                refuse(
                    Some(line),
                    "is not UTF-8 text",
                    "save it as UTF-8, or convert it with `iconv -f WINDOWS-1252 -t UTF-8`",
                )
            }
        }
    }

    /// Lines that are not blank, numbered from 1; CRLF and LF both end one. TABs at the end of a line
    /// stay: they may part empty fields.
    pub(crate) fn lines(&self) -> impl Iterator<Item = (usize, &'a str)> + use<'a> {
        let lines = self.text.lines().enumerate().map(|(i, line)| (i + 1, line));
        lines.filter(|(_, line)| !line.trim().is_empty())
    }

    /// Whether this line is the file's last and has no end: the sign of a file that was cut off.
    pub(crate) fn is_open_end(&self, line: usize) -> bool {
        !self.text.ends_with('\n') && self.text.lines().count() == line
    }

    pub(crate) fn error(
        &self,
        line: impl Into<Option<usize>>,
        problem: impl Into<String>,
        remedy: impl Into<String>,
    ) -> DataError {
        DataError::annotation(self.path, line.into(), problem, remedy)
    }
}

/// By its mark, or by a zero in every other of its first bytes.
fn is_utf16(bytes: &[u8]) -> bool {
    let head = &bytes[..bytes.len().min(64)];
    let zeros = |odd: usize| head.iter().skip(odd).step_by(2).all(|b| *b == 0);
    let letters = |odd: usize| head.iter().skip(odd).step_by(2).all(u8::is_ascii);
    let marked = bytes.starts_with(&[0xFF, 0xFE]) || bytes.starts_with(&[0xFE, 0xFF]);
    let unmarked = bytes.len() >= 4 && !head.iter().all(|b| *b == 0);
    marked || unmarked && (zeros(1) && letters(0) || zeros(0) && letters(1))
}

/// What a file is instead of a list, and what to do.
fn no_list(bytes: &[u8]) -> Option<(String, &'static str)> {
    const OWN: &str = "put the data set's own annotation list there";
    const SHEET: &str = "save it as CSV (UTF-8) in a spreadsheet program";
    const TABLE: &str = "write it as CSV with pandas: read_...(FILE).to_csv(LIST)";
    // Tables that only a reader of lists meets, by their first bytes.
    const TABLES: [(&[u8], &str, &str); 5] = [
        (b"\xD0\xCF\x11\xE0", "is an old Excel workbook (.xls)", SHEET),
        (b"PAR1", "is a Parquet table", TABLE),
        (b"ARROW1", "is an Arrow table", TABLE),
        (b"SQLite format 3", "is an SQLite database", TABLE),
        (b"{\\rtf", "is a rich-text document", "save it as plain text (UTF-8)"),
    ];
    // A list may begin with an image called `GIF89a.jpg`.
    let control = |c: char| c.is_control() && !c.is_whitespace();
    let is_text = str::from_utf8(bytes).is_ok_and(|text| !text.contains(control));
    let table = TABLES.iter().find(|(mark, ..)| bytes.starts_with(mark));
    if let Some((_, problem, remedy)) = table.filter(|(mark, ..)| !is_text || mark[0] == b'{') {
        return Some(((*problem).to_owned(), remedy));
    }
    let told =
        |content: Content| (format!("is {}", content.name()), content.remedy().unwrap_or(OWN));
    let content = Content::of(bytes);
    let head = &bytes[..bytes.len().min(256)];
    let has = |part: &str| head.windows(part.len()).any(|window| window == part.as_bytes());
    match content {
        Content::Text | Content::Unknown => None,
        Content::Html | Content::Xml | Content::Svg => Some(told(content)),
        Content::LfsPointer | Content::AnnexPointer => Some(told(content)),
        Content::Empty => Some(("is empty".to_owned(), AGAIN)),
        Content::Zip if ["[Content_Types].xml", "_rels/", "docProps/", "xl/"].into_iter().any(has) => {
            Some(("is an Excel workbook (.xlsx)".to_owned(), SHEET))
        }
        Content::Zip if has("vnd.oasis.opendocument") => {
            Some(("is an OpenDocument spreadsheet".to_owned(), SHEET))
        }
        Content::Json => Some((
            "is JSON text (the answer of a service that refused the download, or another tool's table)"
                .to_owned(),
            "download the file again, or write it as CSV",
        )),
        _ if is_text => None,
        _ => Some(told(content)),
    }
}

/// The start of a text for an error message: one line, printable, 40 characters at most.
pub(crate) fn excerpt(text: &str) -> String {
    let short: String = text.trim().chars().take(40).collect();
    let dots = if text.trim().chars().nth(40).is_some() { "..." } else { "" };
    format!("'{}{dots}'", short.escape_debug())
}
