//! CSV files by column name, with the line of whatever is wrong.

use std::fs;
use std::path::{Path, PathBuf};

use csv::StringRecord;

use super::REMEDY;
use crate::ReportError;

/// A whole CSV file with a header.
pub(super) struct Table {
    path: PathBuf,
    pub(super) header: StringRecord,
    pub(super) records: Vec<StringRecord>,
}

impl Table {
    /// A file without a single byte is a table without rows: its writer had nothing to say.
    pub(super) fn read(path: &Path) -> Result<Table, ReportError> {
        let text = fs::read_to_string(path).map_err(ReportError::io(path, REMEDY))?;
        let mut table =
            Table { path: path.to_owned(), header: StringRecord::new(), records: Vec::new() };
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        table.header = reader.headers().map_err(|e| table.malformed(1, e.to_string()))?.clone();
        for (index, record) in reader.records().enumerate() {
            let record = record.map_err(|e| table.malformed(index + 2, e.to_string()))?;
            table.records.push(record);
        }
        Ok(table)
    }

    fn malformed(&self, line: usize, problem: String) -> ReportError {
        ReportError::Malformed { path: self.path.clone(), line, problem, remedy: REMEDY }
    }

    /// The places of these columns; none is needed where there are no rows.
    pub(super) fn columns<const N: usize>(
        &self,
        names: [&str; N],
    ) -> Result<[usize; N], ReportError> {
        let mut places = [0; N];
        if self.header.is_empty() && self.records.is_empty() {
            return Ok(places);
        }
        for (place, name) in places.iter_mut().zip(names) {
            let found = self.header.iter().position(|title| title == name);
            *place =
                found.ok_or_else(|| self.malformed(1, format!("there is no column `{name}`")))?;
        }
        Ok(places)
    }

    /// A finite number, `None` where the field is empty.
    pub(super) fn number(&self, row: usize, column: usize) -> Result<Option<f64>, ReportError> {
        let text = &self.records[row][column];
        if text.is_empty() {
            return Ok(None);
        }
        let number = text.parse::<f64>().ok().filter(|number| number.is_finite());
        number.map(Some).ok_or_else(|| {
            let problem = format!("`{}` is no finite number: `{text}`", &self.header[column]);
            self.malformed(row + 2, problem)
        })
    }

    /// A finite number that must be there.
    pub(super) fn needed(&self, row: usize, column: usize) -> Result<f64, ReportError> {
        self.number(row, column)?
            .ok_or_else(|| self.malformed(row + 2, format!("`{}` is empty", &self.header[column])))
    }
}
