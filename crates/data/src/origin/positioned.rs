//! A file that many threads read, each at a place of its own.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::Arc;

/// Bytes read ahead: a zip's directory is read in pieces of a few bytes.
const AHEAD: usize = 8 << 10;

/// A handle; its clones share the open file and nothing else.
#[derive(Debug)]
pub(super) struct Positioned {
    file: Arc<File>,
    length: u64,
    at: u64,
    ahead: Vec<u8>,
    /// Where `ahead` begins.
    ahead_at: u64,
}

impl Positioned {
    pub(super) fn open(path: &Path) -> io::Result<Positioned> {
        let file = File::open(path)?;
        let length = file.metadata()?.len();
        Ok(Positioned { file: Arc::new(file), length, at: 0, ahead: Vec::new(), ahead_at: 0 })
    }

    /// What of `ahead` stands at the place.
    fn buffered(&self) -> &[u8] {
        let from = self.at.checked_sub(self.ahead_at).and_then(|from| usize::try_from(from).ok());
        from.and_then(|from| self.ahead.get(from..)).unwrap_or_default()
    }
}

impl Clone for Positioned {
    fn clone(&self) -> Positioned {
        let (file, length, at) = (Arc::clone(&self.file), self.length, self.at);
        Positioned { file, length, at, ahead: Vec::new(), ahead_at: 0 }
    }
}

impl Read for Positioned {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.buffered().is_empty() {
            if out.len() >= AHEAD {
                let count = self.file.read_at(out, self.at)?;
                self.at += count as u64;
                return Ok(count);
            }
            self.ahead.resize(AHEAD, 0);
            // Nothing stays buffered if the read fails.
            let read = self.file.read_at(&mut self.ahead, self.at);
            self.ahead.truncate(*read.as_ref().unwrap_or(&0));
            self.ahead_at = self.at;
            read?;
        }
        let count = self.buffered().read(out)?;
        self.at += count as u64;
        Ok(count)
    }
}

impl Seek for Positioned {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let (from, offset) = match to {
            SeekFrom::Start(at) => (at, 0),
            SeekFrom::End(offset) => (self.length, offset),
            SeekFrom::Current(offset) => (self.at, offset),
        };
        let before = || io::Error::new(io::ErrorKind::InvalidInput, "a place before the file");
        self.at = from.checked_add_signed(offset).ok_or_else(before)?;
        Ok(self.at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_reads_what_a_file_reads_wherever_it_is_put() {
        let bytes: Vec<u8> = (0..50_000u32).map(|i| (i * 7 % 251) as u8).collect();
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("x"), &bytes).unwrap();
        let mut one = Positioned::open(&dir.path().join("x")).unwrap();
        let mut other = one.clone();
        other.seek(SeekFrom::End(-5)).unwrap();
        for (at, length) in
            [(0, 10), (8_190, 10), (8_195, 20_000), (3, 1), (49_990, 100), (60_000, 3)]
        {
            one.seek(SeekFrom::Start(at as u64)).unwrap();
            let mut out = Vec::new();
            one.by_ref().take(length as u64).read_to_end(&mut out).unwrap();
            let start = at.min(bytes.len());
            assert_eq!(out, bytes[start..(start + length).min(bytes.len())], "{at} {length}");
        }
        let mut end = Vec::new();
        other.read_to_end(&mut end).unwrap();
        assert_eq!(end, bytes[49_995..]);
        assert!(one.seek(SeekFrom::Current(-70_000)).is_err());
    }
}
