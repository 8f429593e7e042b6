//! What a source of faces is.

use std::path::{Path, PathBuf};

use config::Source;
use serde::Serialize;

use crate::DataError;
use crate::annotations::folder::Understood;
use crate::face::Collection;

/// Told `(done, total)` of what takes long.
pub(crate) type Told<'t> = &'t dyn Fn(usize, usize);

/// A table whose columns mean what they are found to hold.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TableReport {
    /// The file.
    pub path: PathBuf,
    /// Its rows.
    pub rows: usize,
    /// What stands between fields, in a word.
    pub separator: &'static str,
    /// Its columns in their order.
    pub columns: Vec<Understood>,
}

/// A reader of one kind of data set. Preparation, checks and training know data sets by it alone.
pub(crate) trait Reader: Sync {
    /// Whose word in `data.source` it answers to.
    fn source(&self) -> Source;

    /// Reads the annotations; no image is decoded. `cache` is for what is drawn and not read.
    ///
    /// # Errors
    /// One sentence with file, line and remedy: [`DataError`].
    fn open(
        &self,
        data: &config::Data,
        cache: &Path,
        progress: Told<'_>,
    ) -> Result<Collection, DataError>;

    /// What [`Reader::open`] would give as the collection's fingerprint, without reading more than it
    /// takes: it changes whenever annotations, image names or image sizes do.
    ///
    /// # Errors
    /// As [`Reader::open`].
    fn fingerprint(&self, data: &config::Data) -> Result<String, DataError>;

    /// How the table was understood, of a source whose columns are not known beforehand.
    ///
    /// # Errors
    /// As [`Reader::open`].
    fn table(&self, _data: &config::Data) -> Result<Option<TableReport>, DataError> {
        Ok(None)
    }
}
