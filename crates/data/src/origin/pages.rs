//! Pages of parquet tables, looked at before they are decoded: the library aborts or panics at some damages.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

use parquet::column::page::{Page, PageMetadata, PageReader};
use parquet::column::reader::{ColumnReader, get_column_reader};
use parquet::errors::ParquetError;
use parquet::file::reader::FileReader;

/// Runs a part of the library. What it holds must not be used after an error.
///
/// # Errors
/// Its own, and its panics.
pub(super) fn guarded<T>(
    read: impl FnOnce() -> Result<T, ParquetError>,
) -> Result<T, ParquetError> {
    let words = |panic: Box<dyn Any + Send>| match panic.downcast::<String>() {
        Ok(text) => *text,
        Err(other) => {
            other.downcast_ref::<&str>().unwrap_or(&"its pages contradict themselves").to_string()
        }
    };
    catch_unwind(AssertUnwindSafe(read))
        .unwrap_or_else(|panic| Err(ParquetError::General(words(panic))))
}

/// A column of a row group.
pub(super) fn open_column(
    file: &dyn FileReader,
    group: usize,
    place: usize,
) -> Result<ColumnReader, ParquetError> {
    guarded(|| {
        let pages = Checked(file.get_row_group(group)?.get_column_page_reader(place)?);
        let column = file.metadata().file_metadata().schema_descr().column(place);
        Ok(get_column_reader(column, Box::new(pages)))
    })
}

/// Passes pages on that can hold as many values as they say.
struct Checked(Box<dyn PageReader>);

/// Space is made for all values of a dictionary at once, and each takes a byte at least.
fn plausible(page: Option<Page>) -> Result<Option<Page>, ParquetError> {
    match page {
        Some(Page::DictionaryPage { buf, num_values, .. }) if num_values as usize > buf.len() => {
            let length = buf.len();
            Err(ParquetError::General(format!(
                "a dictionary of {num_values} values in {length} bytes"
            )))
        }
        page => Ok(page),
    }
}

impl Iterator for Checked {
    type Item = Result<Page, ParquetError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.get_next_page().transpose()
    }
}

impl PageReader for Checked {
    fn get_next_page(&mut self) -> Result<Option<Page>, ParquetError> {
        plausible(self.0.get_next_page()?)
    }

    fn peek_next_page(&mut self) -> Result<Option<PageMetadata>, ParquetError> {
        self.0.peek_next_page()
    }

    fn skip_next_page(&mut self) -> Result<(), ParquetError> {
        self.0.skip_next_page()
    }

    fn supports_deferred_dictionary(&self) -> bool {
        self.0.supports_deferred_dictionary()
    }

    fn take_deferred_dictionary(&mut self) -> Result<Option<Page>, ParquetError> {
        plausible(self.0.take_deferred_dictionary()?)
    }

    fn at_record_boundary(&mut self) -> Result<bool, ParquetError> {
        self.0.at_record_boundary()
    }
}

#[cfg(test)]
mod tests {
    use parquet::basic::Encoding;

    use super::*;

    #[test]
    fn no_space_is_made_for_values_that_cannot_be_there() {
        let page = |num_values| Page::DictionaryPage {
            buf: vec![0; 100].into(),
            num_values,
            encoding: Encoding::PLAIN,
            is_sorted: false,
        };
        assert!(plausible(Some(page(100))).is_ok());
        let error = plausible(Some(page(u32::MAX))).err().unwrap();
        assert!(error.to_string().contains("4294967295 values in 100 bytes"), "{error}");
    }

    #[test]
    fn a_panic_is_an_error() {
        let error = guarded(|| -> Result<(), _> { panic!("page {}", 3) }).unwrap_err();
        assert!(error.to_string().contains("page 3"), "{error}");
        assert_eq!(guarded(|| Ok(3)).unwrap(), 3);
    }
}
