//! Logs, read from their end.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

/// Bytes that are read at most: a log may have grown over many attempts.
const WINDOW: u64 = 16 * 1024;

/// The last lines of a text file that are not empty; empty if there is no such file.
pub fn last_lines(path: &Path, count: usize) -> Vec<String> {
    let bytes = end_of(path).unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes);
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    lines[lines.len().saturating_sub(count)..].iter().map(|line| (*line).to_owned()).collect()
}

fn end_of(path: &Path) -> io::Result<Vec<u8>> {
    let mut file = File::open(path)?;
    let from = file.metadata()?.len().saturating_sub(WINDOW);
    file.seek(SeekFrom::Start(from))?;
    let mut bytes = Vec::new();
    file.take(WINDOW).read_to_end(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_long_log_is_enough() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("log.txt");
        assert!(last_lines(&path, 2).is_empty());
        let text: String = (0..10_000).map(|n| format!("line {n}\n\n")).collect();
        std::fs::write(&path, text).unwrap();
        assert_eq!(last_lines(&path, 2), ["line 9998", "line 9999"]);
        assert!(end_of(&path).unwrap().len() as u64 <= WINDOW);
    }
}
