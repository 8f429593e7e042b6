//! Data sets on disk: [`READERS`] lists them. Each reader answers with a [`Collection`]; no image is
//! decoded here.

mod celeba;
mod drawn;
mod fingerprint;
mod folder;
mod lfw;
pub(crate) mod listing;
mod matching;
mod mtfl;
pub(crate) mod reader;
mod tables;
#[cfg(test)]
mod template;
mod tree;
pub(crate) mod unmarked;

use std::path::Path;

use config::Source;

pub(crate) use drawn::spec;
use reader::{Reader, TableReport};

use crate::DataError;
use crate::face::Collection;

/// Every reader.
///
/// This is the place to add one: a file that implements [`Reader`], and a line here; its word and what it
/// can do stand in `crates/config/src/sources.rs`.
const READERS: &[&dyn Reader] = &[
    // Drawn into the cache, then read like CelebA.
    &drawn::Drawn,
    &celeba::Celeba,
    &lfw::Lfw,
    &mtfl::Mtfl,
    &folder::Folder,
];

fn reader(source: Source) -> &'static dyn Reader {
    let found = READERS.iter().find(|reader| reader.source() == source);
    *found.expect("every source has a reader")
}

/// [`open`]; `progress` is told `(done, total)` while faces are drawn.
///
/// # Errors
/// As [`open`].
pub(crate) fn open_with(
    data: &config::Data,
    cache: &Path,
    progress: &dyn Fn(usize, usize),
) -> Result<Collection, DataError> {
    reader(data.source).open(data, cache, progress)
}

/// Reads the annotations of the configured data set; synthetic faces are drawn first, once, into
/// `cache/synthetic/<fingerprint>`.
///
/// # Errors
/// One sentence with file, line and remedy: [`DataError`].
pub fn open(data: &config::Data, cache: &Path) -> Result<Collection, DataError> {
    open_with(data, cache, &|_, _| {})
}

/// How the table was understood, column by column, where a source finds that out by looking.
///
/// # Errors
/// As [`open`].
pub(crate) fn table(data: &config::Data) -> Result<Option<TableReport>, DataError> {
    reader(data.source).table(data)
}

/// The fingerprint that [`open`] would give, without drawing or decoding anything: of synthetic faces
/// a hash of their specification, of others BLAKE3 over the annotation files and over the names and
/// sizes of all images. 64 hex digits at most.
///
/// # Errors
/// As [`open`].
pub fn fingerprint(data: &config::Data, _cache: &Path) -> Result<String, DataError> {
    reader(data.source).fingerprint(data)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_source_has_one_reader() {
        for source in Source::ALL {
            assert_eq!(READERS.iter().filter(|reader| reader.source() == *source).count(), 1);
        }
    }
}
