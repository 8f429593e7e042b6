//! Photographs of a folder in which nobody has marked the faces yet, for whoever finds them.

use std::path::{Path, PathBuf};

use super::listing::{self, read};
use super::matching::matched;
use super::tables;
use super::tree::Tree;
use crate::DataError;
use crate::annotations::marked::{Mark, marked, unmarked};

/// A table without points, the images of its rows, and where a copy with points may be written.
#[derive(Debug)]
pub struct Unmarked {
    /// The table.
    pub table: PathBuf,
    /// In the order of the table.
    pub rows: Vec<UnmarkedRow>,
    /// What `data.table` has to be for the copy.
    pub key: String,
    /// What was odd and how it was taken.
    pub notes: Vec<String>,
    bytes: Vec<u8>,
}

/// A row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnmarkedRow {
    /// Its line, from 1.
    pub line: usize,
    /// The image's path below `data.root`, where it is there.
    pub image: Option<String>,
}

impl Unmarked {
    /// Reads the table that `data` names, as [`open`](crate::open) would; `copy` is where the copy will lie.
    ///
    /// # Errors
    /// As [`open`](crate::open) of source `folder`; the table has points; or rows would mean other images in
    /// a table at `copy`.
    pub fn open(data: &config::Data, copy: &Path) -> Result<Unmarked, DataError> {
        let root = listing::root(data)?;
        let tree = Tree::of(root)?;
        let (path, mut notes) = tables::find(root, &data.table, &tree)?;
        let bytes = read(&path)?;
        let mut table = unmarked(&path, &bytes)?;
        notes.append(&mut table.notes);
        let files = matched(root, &path, &table.rows, &tree, &mut notes)?;
        // Said before hours of work, not after them.
        marked(&path, &bytes, &vec![Mark::default(); files.len()])?;
        let below = below(root, copy);
        let home = below.as_ref().map_or_else(|| copy.to_owned(), |below| root.join(below));
        if matched(root, &home, &table.rows, &tree, &mut Vec::new()).ok().as_ref() != Some(&files) {
            let problem = format!(
                "names its images from its own directory on, and would mean others in {}",
                copy.display()
            );
            let remedy = "write the new table into the directory of this one";
            return Err(DataError::annotation(&path, None, problem, remedy));
        }
        let image = |file: &Option<usize>| file.map(|file| tree.files[file].name.clone());
        let rows = table.rows.iter().zip(&files);
        let rows = rows.map(|(row, file)| UnmarkedRow { line: row.line, image: image(file) });
        let rows = rows.collect();
        let absolute = || std::path::absolute(copy).unwrap_or_else(|_| copy.to_owned());
        let key = below.unwrap_or_else(absolute).to_string_lossy().into_owned();
        Ok(Unmarked { table: path, rows, key, notes, bytes })
    }

    /// The bytes of the table with these marks, one for every row.
    ///
    /// # Errors
    /// As [`Unmarked::open`].
    ///
    /// # Panics
    /// There are not as many marks as rows.
    pub fn marked(&self, marks: &[Mark]) -> Result<Vec<u8>, DataError> {
        marked(&self.table, &self.bytes, marks)
    }
}

/// The path of a file below a directory, if its directory is there and lies below.
fn below(root: &Path, file: &Path) -> Option<PathBuf> {
    let absolute = std::path::absolute(file).ok()?;
    let home = absolute.parent()?.canonicalize().ok()?;
    let below = home.strip_prefix(root.canonicalize().ok()?).ok()?;
    Some(below.join(absolute.file_name()?))
}
