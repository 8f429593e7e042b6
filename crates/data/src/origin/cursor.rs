//! Images of a parquet table, row by row.

use std::path::Path;
use std::sync::Arc;

use parquet::column::reader::{ColumnReaderImpl, get_typed_column_reader};
use parquet::data_type::{ByteArray, ByteArrayType};
use parquet::errors::ParquetError;
use record::quotation;

use super::pages::{guarded, open_column};
use super::table::Table;
use crate::DataError;
use crate::photo::LARGEST;

/// Images of a table by row, quick where rows ascend.
pub(super) struct Cursor {
    table: Table,
    group: usize,
    /// First row of the row group.
    first: usize,
    /// Row that `reader` gives next.
    next: usize,
    reader: Result<ColumnReaderImpl<ByteArrayType>, String>,
}

impl Cursor {
    pub(super) fn open(path: &Path) -> Result<Cursor, DataError> {
        let table = Table::open(path)?;
        // Whichever row is asked for first opens its row group.
        let (next, reader) = (usize::MAX, Err(String::new()));
        Ok(Cursor { table, group: 0, first: 0, next, reader })
    }

    pub(super) fn path(&self) -> &Arc<Path> {
        &self.table.path
    }

    /// The bytes of the image in a row, counted from 0.
    ///
    /// # Errors
    /// Why there are none, to be put behind the row's name.
    pub(super) fn image(&mut self, row: usize) -> Result<Vec<u8>, String> {
        if row < self.next || row >= self.end() {
            self.go_to_group_of(row)?;
        }
        let most = self.table.column(self.table.image).max_def_level();
        let reader = self.reader.as_mut().map_err(|reason| reason.clone())?;
        let skipped = row - self.next;
        match guarded(|| read_one(reader, skipped, most)) {
            Ok(image) => {
                self.next = row + 1;
                let image = image.ok_or("has no image: the field is empty")?;
                if image.len() as u64 > LARGEST {
                    return Err("is larger than the limit of 512 MiB".to_owned());
                }
                // A part of the page would keep the whole page in memory.
                Ok(image.data().to_vec())
            }
            Err(error) => {
                // Whatever stands behind the damage in this row group is lost with it.
                let reason = format!("is damaged: {}", quotation(&error.to_string()));
                self.reader = Err(reason.clone());
                Err(reason)
            }
        }
    }

    fn rows_of(&self, group: usize) -> usize {
        self.table.about().row_groups().get(group).map_or(0, |group| group.num_rows() as usize)
    }

    fn end(&self) -> usize {
        self.first + self.rows_of(self.group)
    }

    fn go_to_group_of(&mut self, row: usize) -> Result<(), String> {
        let (mut group, mut first) = (0, 0);
        while group < self.table.about().num_row_groups() && row >= first + self.rows_of(group) {
            first += self.rows_of(group);
            group += 1;
        }
        if group == self.table.about().num_row_groups() {
            return Err("is not in the table any more".to_owned());
        }
        (self.group, self.first, self.next) = (group, first, first);
        self.reader = open_images(&self.table, group);
        Ok(())
    }
}

fn open_images(table: &Table, group: usize) -> Result<ColumnReaderImpl<ByteArrayType>, String> {
    let opened = open_column(&table.file, group, table.image);
    opened
        .map(get_typed_column_reader)
        .map_err(|error| format!("is damaged: {}", quotation(&error.to_string())))
}

/// The value behind `skipped` others; `None` where there is none in its row.
fn read_one(
    reader: &mut ColumnReaderImpl<ByteArrayType>,
    skipped: usize,
    most: i16,
) -> Result<Option<ByteArray>, ParquetError> {
    let ended = || ParquetError::EOF("the column ends before its last row".to_owned());
    if reader.skip_records(skipped)? != skipped {
        return Err(ended());
    }
    let (mut levels, mut values) = (Vec::new(), Vec::new());
    let (rows, ..) = reader.read_records(1, Some(&mut levels), None, &mut values)?;
    if rows != 1 {
        return Err(ended());
    }
    Ok(if most == 0 || levels == [most] { values.pop() } else { None })
}
