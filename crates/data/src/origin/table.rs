//! Parquet tables with images in a column, as data sets lie on Hugging Face: a struct of `bytes` and
//! `path`, or plain bytes, beside columns of labels. Row groups are read one after the other, and of a
//! row group no more than a page of each column is in memory.

use std::borrow::Cow;
use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use parquet::basic::Type;
use parquet::column::reader::{ColumnReader, ColumnReaderImpl};
use parquet::data_type::DataType;
use parquet::errors::ParquetError;
use parquet::file::metadata::ParquetMetaData;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::schema::types::ColumnDescriptor;
use record::{Content, quotation};

use super::pages::{guarded, open_column};
use super::schema::{image_column, is_text, name_column};
use crate::DataError;

/// An open table.
pub(crate) struct Table {
    pub(super) path: Arc<Path>,
    pub(super) file: SerializedFileReader<File>,
    bytes: u64,
    /// The column of the images' bytes.
    pub(super) image: usize,
    /// The column of their names.
    name: Option<usize>,
}

/// A column of one value in each row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ValueColumn {
    place: usize,
    pub(crate) name: String,
}

/// Rows whose values are in memory at once.
const BATCH: usize = 1024;

const AGAIN: &str = "copy or download it again";

impl Table {
    /// Reads the description at the table's end.
    ///
    /// # Errors
    /// The file cannot be read, is no whole parquet table, or has no column of images.
    pub(crate) fn open(path: &Path) -> Result<Table, DataError> {
        let refuse =
            |problem: String, remedy: &str| Err(DataError::annotation(path, None, problem, remedy));
        let mut file = File::open(path).map_err(DataError::io("read", path))?;
        let mut head = Vec::new();
        let read = Read::by_ref(&mut file).take(4096).read_to_end(&mut head);
        read.map_err(DataError::io("read", path))?;
        if !head.starts_with(b"PAR1") {
            let content = Content::of(&head);
            let problem = format!("is {}, not a parquet table", content.name());
            return refuse(problem, content.remedy().unwrap_or(AGAIN));
        }
        let bytes = file.metadata().map_err(DataError::io("read", path))?.len();
        let file = match guarded(|| SerializedFileReader::new(file)) {
            Ok(file) => file,
            Err(error) => {
                let reason = quotation(&error.to_string());
                let problem = format!("is no whole parquet table ({reason})");
                return refuse(problem, AGAIN);
            }
        };
        let schema = file.metadata().file_metadata().schema_descr();
        let Some(image) = image_column(schema) else {
            let names: Vec<String> = schema
                .root_schema()
                .get_fields()
                .iter()
                .take(12)
                .map(|f| f.name().to_owned())
                .collect();
            let problem = format!(
                "has no column of images (bytes, or a struct with `bytes` in it); its columns: {}",
                quotation(&names.join(", "))
            );
            return refuse(problem, "take the file away, or use a copy that holds the images");
        };
        let name = name_column(schema, image);
        let table = Table { path: path.into(), bytes, image, name, file };
        match table.implausible() {
            None => Ok(table),
            Some(reason) => refuse(format!("is no whole parquet table ({reason})"), AGAIN),
        }
    }

    pub(super) fn about(&self) -> &ParquetMetaData {
        self.file.metadata()
    }

    pub(super) fn column(&self, place: usize) -> &ColumnDescriptor {
        self.about().file_metadata().schema_descr().columns()[place].as_ref()
    }

    /// What the description says that the file cannot hold; the library would panic at some of it.
    fn implausible(&self) -> Option<&'static str> {
        let columns = self.about().file_metadata().schema_descr().num_columns();
        for group in self.about().row_groups() {
            if !(0..=1 << 32).contains(&group.num_rows()) {
                return Some("an impossible number of rows");
            }
            if group.num_columns() != columns {
                return Some("a row group without a column");
            }
            for (place, chunk) in group.columns().iter().enumerate() {
                let start = chunk.dictionary_page_offset().unwrap_or(chunk.data_page_offset());
                let end =
                    u64::try_from(start).ok().zip(u64::try_from(chunk.compressed_size()).ok());
                let end = end.and_then(|(start, length)| start.checked_add(length));
                if end.is_none_or(|end| end > self.bytes) {
                    return Some("a column that lies outside of the file");
                }
                if chunk.column_type() != self.column(place).physical_type() {
                    return Some("a column of two types");
                }
            }
        }
        None
    }

    /// Size and description: they change whenever an image does, but for one of the same packed size.
    pub(crate) fn hash_into(&self, hasher: &mut blake3::Hasher) {
        hasher.update(&self.bytes.to_le_bytes());
        for group in self.about().row_groups() {
            hasher.update(&group.num_rows().to_le_bytes());
            let image = group.column(self.image);
            for number in [image.compressed_size(), image.uncompressed_size(), image.num_values()] {
                hasher.update(&number.to_le_bytes());
            }
        }
    }

    /// The column of names that the images have beside them.
    pub(crate) fn names(&self) -> Option<ValueColumn> {
        let place = self.name?;
        Some(ValueColumn { place, name: self.column(place).path().string() })
    }

    /// The other columns that hold a truth value, a number or a text in each row.
    pub(crate) fn values(&self) -> Vec<ValueColumn> {
        let schema = self.about().file_metadata().schema_descr();
        let columns = schema.columns().iter().enumerate();
        let plain = columns.filter(|(place, column)| {
            let is_value = match column.physical_type() {
                Type::BOOLEAN | Type::INT32 | Type::INT64 | Type::FLOAT | Type::DOUBLE => true,
                Type::BYTE_ARRAY => is_text(column),
                Type::INT96 | Type::FIXED_LEN_BYTE_ARRAY => false,
            };
            let alone = column.path().parts().len() == 1 && column.max_rep_level() == 0;
            is_value && alone && ![Some(self.image), self.name].contains(&Some(*place))
        });
        plain.map(|(place, column)| ValueColumn { place, name: column.name().to_owned() }).collect()
    }

    /// Every row's number and its fields of these columns, as a list in text would have them: `True`, `-1`,
    /// and nothing where there is no value. The other columns are not read.
    ///
    /// # Errors
    /// What `each` answers, or that the table is damaged.
    pub(crate) fn rows(
        &self,
        columns: &[&ValueColumn],
        mut each: impl FnMut(usize, &[&str]) -> Result<(), DataError>,
    ) -> Result<(), DataError> {
        let damaged = |row: usize, column: &str, error: ParquetError| {
            let reason = quotation(&error.to_string());
            let problem =
                format!("is damaged at row {row}, column {}: {reason}", quotation(column));
            DataError::annotation(&self.path, None, problem, AGAIN)
        };
        let mut first = 0;
        for (number, group) in self.about().row_groups().iter().enumerate() {
            let open = |column: &&ValueColumn| {
                let opened = open_column(&self.file, number, column.place);
                opened.map_err(|error| damaged(first, &column.name, error))
            };
            let mut readers = columns.iter().map(open).collect::<Result<Vec<_>, _>>()?;
            let end = first + group.num_rows() as usize;
            while first < end {
                let count = BATCH.min(end - first);
                let mut texts = Vec::with_capacity(columns.len());
                for (reader, column) in readers.iter_mut().zip(columns) {
                    let most = self.column(column.place).max_def_level();
                    let column_texts = guarded(|| values(reader, most, count));
                    texts.push(column_texts.map_err(|error| damaged(first, &column.name, error))?);
                }
                let mut fields: Vec<&str> = Vec::with_capacity(columns.len());
                for row in 0..count {
                    fields.clear();
                    fields.extend(texts.iter().map(|column| column[row].as_ref()));
                    each(first + row, &fields)?;
                }
                first += count;
            }
        }
        Ok(())
    }
}

/// The next `count` fields of a column as text.
fn values(
    reader: &mut ColumnReader,
    most: i16,
    count: usize,
) -> Result<Vec<Cow<'static, str>>, ParquetError> {
    fn whole(number: i64) -> Cow<'static, str> {
        match number {
            -1 => "-1".into(),
            0 => "0".into(),
            1 => "1".into(),
            other => other.to_string().into(),
        }
    }
    let words = |value: &bool| Cow::Borrowed(if *value { "True" } else { "False" });
    match reader {
        ColumnReader::BoolColumnReader(reader) => texts(reader, most, count, words),
        ColumnReader::Int32ColumnReader(reader) => {
            texts(reader, most, count, |number| whole((*number).into()))
        }
        ColumnReader::Int64ColumnReader(reader) => texts(reader, most, count, |n| whole(*n)),
        ColumnReader::FloatColumnReader(reader) => {
            texts(reader, most, count, |number| number.to_string().into())
        }
        ColumnReader::DoubleColumnReader(reader) => {
            texts(reader, most, count, |number| number.to_string().into())
        }
        ColumnReader::ByteArrayColumnReader(reader) => texts(reader, most, count, |bytes| {
            String::from_utf8_lossy(bytes.data()).into_owned().into()
        }),
        _ => Err(ParquetError::General("a type that holds no value for a list".to_owned())),
    }
}

fn texts<T: DataType>(
    reader: &mut ColumnReaderImpl<T>,
    most: i16,
    count: usize,
    text: impl Fn(&T::T) -> Cow<'static, str>,
) -> Result<Vec<Cow<'static, str>>, ParquetError> {
    let (mut levels, mut values) = (Vec::new(), Vec::new());
    let (rows, ..) = reader.read_records(count, Some(&mut levels), None, &mut values)?;
    if rows != count {
        return Err(ParquetError::EOF("the column ends before its last row".to_owned()));
    }
    let mut values = values.iter();
    let mut next = || values.next().map(&text).unwrap_or_default();
    Ok(match most {
        0 => (0..count).map(|_| next()).collect(),
        _ => levels.iter().map(|level| if *level == most { next() } else { "".into() }).collect(),
    })
}
