//! Promises that many readers share.

use std::fs;
use std::path::Path;
use std::sync::OnceLock;

use tempfile::TempDir;

/// The text of an input, `None` where a reader of text would not get that far.
pub(crate) fn text(bytes: &[u8]) -> Option<&str> {
    std::str::from_utf8(bytes).ok()
}

/// A message names `name`, is short whatever it quotes, and has no characters that would disturb a
/// terminal.
pub(crate) fn message(error: &impl ToString, name: &str) {
    let said = error.to_string();
    assert!(said.contains(name), "an error that does not name {name}: {said}");
    assert!(said.len() < 4000, "an error of {} bytes", said.len());
    printable(&said, name);
}

/// No characters that would disturb a terminal, but line breaks.
pub(crate) fn printable(said: &str, of: &str) {
    let odd = said.chars().find(|c| c.is_control() && *c != '\n');
    assert!(odd.is_none(), "{of}: an error with {odd:?} in it: {said:?}");
}

/// A line that an error names is one of the text's.
pub(crate) fn line(number: usize, text: &[u8]) {
    let lines = 1 + text.iter().filter(|byte| **byte == b'\n').count();
    assert!((1..=lines).contains(&number), "line {number} of a text of {lines} lines");
}

/// A directory for readers that take files; one per process, and its content is written anew for each
/// input.
pub(crate) fn scratch() -> &'static Path {
    static DIRECTORY: OnceLock<TempDir> = OnceLock::new();
    DIRECTORY.get_or_init(|| tempfile::tempdir().expect("a place for temporary files")).path()
}

/// Writes a file of the scratch directory.
pub(crate) fn put(name: &str, content: &[u8]) {
    fs::write(scratch().join(name), content).expect("the scratch directory takes files");
}

/// Parts of a text, each begun by a line `mark NAME`; the first part has no name.
pub(crate) fn parts<'a>(text: &'a str, mark: &str) -> Vec<(&'a str, &'a str)> {
    let mut parts = Vec::new();
    let (mut name, mut begin, mut at) = ("", 0, 0);
    for line in text.split_inclusive('\n') {
        if let Some(next) = line.strip_prefix(mark) {
            parts.push((name, &text[begin..at]));
            (name, begin) = (next.trim(), at + line.len());
        }
        at += line.len();
    }
    parts.push((name, &text[begin..]));
    parts
}
