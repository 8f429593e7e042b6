//! Tables as text.

use std::io;

use metrics::{Edit, Metric, catalogue};
use serde::Serialize;

use crate::kind::EditKind;
use crate::refusal::Refusal;

/// One row of `images.csv`: one test image in one direction.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct EditRow {
    pub(crate) image: String,
    pub(crate) kind: EditKind,
    /// In the order of [`catalogue::of_images`].
    values: Vec<Option<f64>>,
}

impl EditRow {
    /// Every metric of an edit.
    pub(crate) fn of(image: &str, kind: EditKind, edit: &Edit<'_>) -> EditRow {
        let values = catalogue::of_images().map(|metric| metric.value(edit)).collect();
        EditRow { image: image.to_owned(), kind, values }
    }

    /// Leaves out what a judge that is refused says.
    pub(crate) fn refuse(&mut self, refusals: &[Refusal]) {
        for (metric, value) in catalogue::of_images().zip(&mut self.values) {
            if refusals.iter().any(|refusal| refusal.is_of(metric.name, self.kind.name())) {
                *value = None;
            }
        }
    }

    /// Metrics with their values.
    pub(crate) fn metrics(&self) -> impl Iterator<Item = (&'static Metric, Option<f64>)> {
        catalogue::of_images().zip(self.values.iter().copied())
    }
}

/// `images.csv`: `None` is an empty field.
pub(crate) fn images(rows: &[EditRow]) -> io::Result<Vec<u8>> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let names = catalogue::of_images().map(|metric| metric.name);
    writer.write_record(["image", "direction"].into_iter().chain(names))?;
    for row in rows {
        writer.write_field(&row.image)?;
        writer.write_field(row.kind.name())?;
        for value in &row.values {
            writer.write_field(value.map_or_else(String::new, |value| value.to_string()))?;
        }
        writer.write_record(None::<&[u8]>)?;
    }
    finished(writer)
}

/// A table as CSV with a header; nothing at all without rows.
pub(crate) fn csv<R: Serialize>(rows: &[R]) -> io::Result<Vec<u8>> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    for row in rows {
        writer.serialize(row).map_err(io::Error::other)?;
    }
    finished(writer)
}

fn finished(writer: csv::Writer<Vec<u8>>) -> io::Result<Vec<u8>> {
    writer.into_inner().map_err(|e| io::Error::other(e.to_string()))
}
