//! CSV files by column name, with the line of whatever is wrong.

use std::path::{Path, PathBuf};

use csv::StringRecord;
use record::tables::NAMES;
use serde::de::DeserializeOwned;

use super::text::REMEDY;
use crate::ReportError;

/// A whole CSV file with a header.
pub(super) struct Table {
    path: PathBuf,
    pub(super) header: StringRecord,
    pub(super) records: Vec<StringRecord>,
}

impl Table {
    /// A file without a single byte is a table without rows: its writer had nothing to say.
    pub(super) fn parse(path: &Path, text: &str) -> Result<Table, ReportError> {
        let mut table =
            Table { path: path.to_owned(), header: StringRecord::new(), records: Vec::new() };
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        table.header = reader.headers().map_err(|e| table.malformed(1, e.to_string()))?.clone();
        for record in reader.records() {
            let line = |e: &csv::Error| e.position().map_or(1, |at| at.line() as usize);
            let record = record.map_err(|e| table.malformed(line(&e), e.to_string()))?;
            table.records.push(record);
        }
        Ok(table)
    }

    /// The rows as what they were written from: a column that the type does not know is passed over.
    /// Every field but names is a finite number or empty.
    pub(super) fn rows<R: DeserializeOwned>(&self) -> Result<Vec<R>, ReportError> {
        for column in 0..self.header.len() {
            if NAMES.contains(&&self.header[column]) {
                continue;
            }
            (0..self.records.len()).try_for_each(|row| self.number(row, column).map(drop))?;
        }
        let row = |(row, record): (usize, &StringRecord)| {
            record.deserialize(Some(&self.header)).map_err(|e| self.unlike(row, &e))
        };
        self.records.iter().enumerate().map(row).collect()
    }

    /// Why a row is not what it should be.
    fn unlike(&self, row: usize, error: &csv::Error) -> ReportError {
        let csv::ErrorKind::Deserialize { err, .. } = error.kind() else {
            return self.malformed(self.line(row), error.to_string());
        };
        let problem = err.kind().to_string();
        let column = err.field().and_then(|field| self.header.get(field as usize));
        match column {
            Some(column) => self.malformed(self.line(row), format!("`{column}`: {problem}")),
            None => self.malformed(1, problem.replace("missing field", "there is no column")),
        }
    }

    /// The line (from 1) where a row begins: quoted fields may hold line breaks.
    fn line(&self, row: usize) -> usize {
        self.records[row].position().map_or(row + 2, |at| at.line() as usize)
    }

    fn malformed(&self, line: usize, problem: String) -> ReportError {
        ReportError::malformed(&self.path, line, &problem, REMEDY)
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
            self.malformed(self.line(row), problem)
        })
    }
}
