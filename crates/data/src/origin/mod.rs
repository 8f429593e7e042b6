//! Where the bytes of an image come from: a file, an entry of a zip archive, a row of a parquet table.
//!
//! An [`Origin`] only says where; [`Opened`] holds what is open and reads many images in parallel.

mod archive;
mod cursor;
mod pages;
mod positioned;
mod schema;
mod table;

use std::collections::HashMap;
use std::fmt::{self, Display, Formatter};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use image::RgbImage;
use rayon::prelude::*;

pub(crate) use archive::{Archive, Entry, base};
use cursor::Cursor;
pub(crate) use table::{Table, ValueColumn};

use crate::{DataError, photo};

/// Where bytes come from. Shown as messages name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A file.
    File(PathBuf),
    /// A file in a zip archive.
    Entry {
        /// The archive.
        archive: Arc<Path>,
        /// The name there, with its directories.
        name: String,
    },
    /// A row of a parquet table.
    Row {
        /// The table.
        table: Arc<Path>,
        /// Counted from 0.
        row: usize,
    },
}

impl Origin {
    /// All of its bytes; for lists.
    ///
    /// # Errors
    /// They cannot be read, or the archive around them is damaged.
    pub(crate) fn bytes(&self) -> Result<Vec<u8>, DataError> {
        match self {
            Origin::File(path) => std::fs::read(path).map_err(DataError::io("read", path)),
            Origin::Entry { archive, name } => {
                let damaged = |problem: String| {
                    let path = PathBuf::from(self.to_string());
                    DataError::annotation(&path, None, problem, "unpack the archive")
                };
                Archive::open(archive)?.read(name).map_err(damaged)
            }
            Origin::Row { table, .. } => {
                Err(DataError::annotation(table, None, "holds images and no lists", "take it away"))
            }
        }
    }

    /// The file, if it is one.
    pub(crate) fn file(&self) -> Option<&PathBuf> {
        match self {
            Origin::File(path) => Some(path),
            Origin::Entry { .. } | Origin::Row { .. } => None,
        }
    }

    /// The error of images that cannot be used, each with its reason.
    pub(crate) fn unusable(damaged: &[(Origin, String)]) -> DataError {
        let remedy = damaged.first().map_or("", |(origin, _)| origin.remedy());
        let named: Vec<(String, String)> =
            damaged.iter().map(|(origin, reason)| (origin.to_string(), reason.clone())).collect();
        DataError::images(&named, remedy)
    }

    /// What to do where the image there cannot be used.
    fn remedy(&self) -> &'static str {
        match self {
            Origin::File(_) => {
                "replace them or delete them from the image directory (a face without an image is left \
                 out)"
            }
            Origin::Entry { .. } => {
                "copy or download the archive again, or unpack it and delete these images (a face \
                 without an image is left out)"
            }
            Origin::Row { .. } => "copy or download the table again",
        }
    }
}

impl From<PathBuf> for Origin {
    fn from(path: PathBuf) -> Origin {
        Origin::File(path)
    }
}

impl Display for Origin {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Origin::File(path) => path.display().fmt(f),
            Origin::Entry { archive, name } => {
                write!(f, "{}: {}", archive.display(), record::quotation(base(name)))
            }
            Origin::Row { table, row } => write!(f, "{}: row {row}", table.display()),
        }
    }
}

/// Archives and tables that are open while images are read.
#[derive(Default)]
pub(crate) struct Opened {
    archives: HashMap<Arc<Path>, Result<Archive, String>>,
    cursor: Option<Cursor>,
}

impl Opened {
    /// Decodes images and does `then` with each and its number, in parallel; rows of tables are fetched
    /// one after the other before that, so that ascending ones are read once.
    pub(crate) fn read<T: Send>(
        &mut self,
        origins: &[&Origin],
        then: impl Fn(usize, RgbImage) -> Result<T, String> + Sync,
    ) -> Vec<Result<T, String>> {
        let rows: Vec<Option<Result<Vec<u8>, String>>> =
            origins.iter().map(|origin| self.prepare(origin)).collect();
        let archives = &self.archives;
        let all = origins.par_iter().zip(rows).enumerate();
        all.map(|(number, (origin, row))| then(number, image(origin, archives, row)?)).collect()
    }

    /// Width and height of images as they are shown; `None` of those that cannot be used. Of a file only the
    /// head is read.
    pub(crate) fn sides(&mut self, origins: &[&Origin]) -> Vec<Option<(u32, u32)>> {
        let files: Option<Vec<&PathBuf>> = origins.iter().map(|origin| origin.file()).collect();
        match files {
            Some(files) => files.par_iter().map(|path| photo::sides(path).ok()).collect(),
            None => {
                let sides = self.read(origins, |_, image| Ok(image.dimensions()));
                sides.into_iter().map(Result::ok).collect()
            }
        }
    }

    /// Opens the archive of an image, or fetches its row.
    fn prepare(&mut self, origin: &Origin) -> Option<Result<Vec<u8>, String>> {
        match origin {
            Origin::File(_) => None,
            Origin::Entry { archive, .. } => {
                if !self.archives.contains_key(archive) {
                    let opened = Archive::open(archive).map_err(|e| e.to_string());
                    self.archives.insert(Arc::clone(archive), opened);
                }
                None
            }
            Origin::Row { table, row } => Some(self.row(table, *row)),
        }
    }

    fn row(&mut self, table: &Arc<Path>, row: usize) -> Result<Vec<u8>, String> {
        let cursor = match self.cursor.take().filter(|cursor| cursor.path() == table) {
            Some(cursor) => cursor,
            None => Cursor::open(table).map_err(|e| e.to_string())?,
        };
        self.cursor.insert(cursor).image(row)
    }
}

/// Pixels, from a file, from an open archive, or from the fetched row.
fn image(
    origin: &Origin,
    archives: &HashMap<Arc<Path>, Result<Archive, String>>,
    row: Option<Result<Vec<u8>, String>>,
) -> Result<RgbImage, String> {
    let decode = |bytes: &[u8]| photo::decode(bytes).map_err(|e| e.to_string());
    match origin {
        Origin::File(path) => photo::read(path).map_err(|e| e.to_string()),
        Origin::Entry { archive, name } => {
            let archive = archives.get(archive).ok_or("is in an archive that is not open")?;
            decode(&archive.as_ref().map_err(String::clone)?.read(name)?)
        }
        Origin::Row { .. } => decode(&row.ok_or("is in a table that is not open")??),
    }
}
