//! Tables as text.

use serde::Serialize;

/// A table as CSV with a header, also without rows.
pub(crate) fn csv<R: Serialize>(rows: &[R]) -> Result<Vec<u8>, std::io::Error> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    for row in rows {
        writer.serialize(row).map_err(std::io::Error::other)?;
    }
    writer.into_inner().map_err(|e| std::io::Error::other(e.to_string()))
}
