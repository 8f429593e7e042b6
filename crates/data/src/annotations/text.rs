//! From bytes of unknown origin to lines: what is no annotation file at all is refused here.

use std::path::Path;

use crate::DataError;

/// The text of an annotation file.
pub(crate) struct Text<'a> {
    pub(crate) path: &'a Path,
    text: &'a str,
}

const AGAIN: &str = "download the file again";

impl<'a> Text<'a> {
    /// Refuses empty files, HTML pages, git-LFS pointers, archives and anything not UTF-8.
    pub(crate) fn new(path: &'a Path, bytes: &'a [u8]) -> Result<Text<'a>, DataError> {
        let refuse = |line, problem: &str, remedy: &str| {
            Err(DataError::annotation(path, line, problem, remedy))
        };
        if let Some((problem, remedy)) = impostor(bytes) {
            return refuse(None, problem, remedy);
        }
        let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
        if bytes.contains(&0) {
            return refuse(None, "is not a text file (it has zero bytes)", AGAIN);
        }
        match std::str::from_utf8(bytes) {
            Ok(text) => Ok(Text { path, text }),
            Err(e) => {
                let line = 1 + bytes[..e.valid_up_to()].iter().filter(|&&b| b == b'\n').count();
                refuse(Some(line), "is not UTF-8 text", "download or convert the file again")
            }
        }
    }

    /// Lines that are not blank, numbered from 1; CRLF and LF both end one.
    pub(crate) fn lines(&self) -> impl Iterator<Item = (usize, &'a str)> + use<'a> {
        let lines = self.text.lines().enumerate().map(|(i, line)| (i + 1, line.trim_end()));
        lines.filter(|(_, line)| !line.trim_start().is_empty())
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

/// What a file is instead, and what to do, where its first bytes give it away.
pub(crate) fn impostor(bytes: &[u8]) -> Option<(&'static str, &'static str)> {
    let start = bytes.iter().position(|b| !b.is_ascii_whitespace()).unwrap_or(bytes.len());
    let head: Vec<u8> = bytes[start..].iter().take(64).map(u8::to_ascii_lowercase).collect();
    let is = |prefix: &str| head.starts_with(prefix.as_bytes());
    if head.is_empty() {
        Some(("is empty", AGAIN))
    } else if is("<!doctype") || is("<html") || is("<?xml") || is("<head") {
        Some((
            "is an HTML page (a log-in or quota page saved under this name)",
            "download the file again in a browser that is logged in",
        ))
    } else if is("version https://git-lfs") {
        Some(("is a git-LFS pointer, not the file itself", "fetch it with `git lfs pull`"))
    } else if [&b"pk\x03\x04"[..], b"\x1f\x8b", b"7z\xbc\xaf"].iter().any(|m| head.starts_with(m)) {
        Some(("is an archive", "unpack it and point data.root at the result"))
    } else {
        None
    }
}

/// The start of a text for an error message: one line, printable, 40 characters at most.
pub(crate) fn excerpt(text: &str) -> String {
    let short: String = text.trim().chars().take(40).collect();
    let dots = if text.trim().chars().nth(40).is_some() { "..." } else { "" };
    format!("'{}{dots}'", short.escape_debug())
}
