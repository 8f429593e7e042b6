//! Parquet tables with images in a column, as data sets lie on Hugging Face: a struct of `bytes` and
//! `path`, or plain bytes, beside columns of labels. Row groups are read one after the other, and of a
//! row group no more than a page of each column is in memory.

use std::borrow::Cow;
use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use parquet::basic::{ConvertedType, LogicalType, Type};
use parquet::column::reader::{ColumnReader, ColumnReaderImpl, get_typed_column_reader};
use parquet::data_type::{ByteArray, ByteArrayType, DataType};
use parquet::errors::ParquetError;
use parquet::file::metadata::ParquetMetaData;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::schema::types::{ColumnDescriptor, SchemaDescriptor};
use record::{Content, quotation};

use crate::DataError;
use crate::photo::LARGEST;

/// An open table.
pub(crate) struct Table {
    path: Arc<Path>,
    file: SerializedFileReader<File>,
    bytes: u64,
    /// The column of the images' bytes.
    image: usize,
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
        let file = match SerializedFileReader::new(file) {
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

    fn about(&self) -> &ParquetMetaData {
        self.file.metadata()
    }

    fn column(&self, place: usize) -> &ColumnDescriptor {
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
                let opened = self.file.get_row_group(number);
                let opened = opened.and_then(|group| group.get_column_reader(column.place));
                opened.map_err(|error| damaged(first, &column.name, error))
            };
            let mut readers = columns.iter().map(open).collect::<Result<Vec<_>, _>>()?;
            let end = first + group.num_rows() as usize;
            while first < end {
                let count = BATCH.min(end - first);
                let mut texts = Vec::with_capacity(columns.len());
                for (reader, column) in readers.iter_mut().zip(columns) {
                    let most = self.column(column.place).max_def_level();
                    let column_texts = values(reader, most, count);
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
        match read_one(reader, row - self.next, most) {
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
    let opened = table.file.get_row_group(group);
    let opened = opened.and_then(|group| group.get_column_reader(table.image));
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

/// Bytes of images: in a struct (of which `image` is preferred), or a column of bytes that is no text.
fn image_column(schema: &SchemaDescriptor) -> Option<usize> {
    let is_image = |column: &ColumnDescriptor| {
        let parts = column.path().parts();
        let bytes = column.physical_type() == Type::BYTE_ARRAY && column.max_rep_level() == 0;
        bytes
            && match parts {
                [_, part] => part == "bytes",
                [name] => !is_text(column) || ["image", "img", "bytes"].contains(&name.as_str()),
                _ => false,
            }
    };
    let columns = schema.columns().iter().enumerate();
    let mut found: Vec<(usize, &str)> = columns
        .filter(|(_, column)| is_image(column))
        .map(|(place, column)| (place, column.path().parts()[0].as_str()))
        .collect();
    found.sort_by_key(|(place, name)| (*name != "image", *place));
    found.first().map(|(place, _)| *place)
}

/// The images' names: `path` beside their bytes, or a column of texts that is called so.
fn name_column(schema: &SchemaDescriptor, image: usize) -> Option<usize> {
    let group = &schema.column(image).path().parts()[0].clone();
    let text = |column: &ColumnDescriptor| {
        column.physical_type() == Type::BYTE_ARRAY && column.max_rep_level() == 0
    };
    let named = |column: &ColumnDescriptor| match column.path().parts() {
        [first, part] => first == group && part == "path",
        [name] => ["image_id", "file_name", "filename", "image_name"].contains(&name.as_str()),
        _ => false,
    };
    // A column of its own goes before what a program may have left beside the bytes.
    let columns = schema.columns().iter().enumerate();
    let mut found: Vec<(usize, usize)> = columns
        .filter(|(_, column)| text(column) && named(column))
        .map(|(place, column)| (column.path().parts().len(), place))
        .collect();
    found.sort_unstable();
    found.first().map(|(_, place)| *place)
}

fn is_text(column: &ColumnDescriptor) -> bool {
    column.converted_type() == ConvertedType::UTF8
        || matches!(column.logical_type_ref(), Some(LogicalType::String))
}
