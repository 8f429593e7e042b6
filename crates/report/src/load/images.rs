//! `eval/images.csv`: one row per test image and direction.

use std::path::Path;

use super::table::Table;
use crate::ReportError;

/// `eval/images.csv`.
#[derive(Clone, Debug, Default)]
pub struct Images {
    /// Metric names, in the file's order.
    pub metrics: Vec<String>,
    /// One row per test image and direction.
    pub rows: Vec<ImageRow>,
}

/// One test image in one direction.
#[derive(Clone, Debug)]
pub struct ImageRow {
    /// The image's name.
    pub image: String,
    /// `add` or `remove`.
    pub direction: String,
    /// One value per metric; `None` where it was not measured.
    pub values: Vec<Option<f64>>,
}

impl Images {
    /// Reads the text of an `images.csv`; `path` names it in messages.
    ///
    /// # Errors
    /// The text is not such a table; the message names the line.
    pub fn parse(path: &Path, text: &str) -> Result<Images, ReportError> {
        let table = Table::parse(path, text)?;
        let [image, direction] = table.columns(["image", "direction"])?;
        let is_metric = |index: &usize| *index != image && *index != direction;
        let columns: Vec<usize> = (0..table.header.len()).filter(is_metric).collect();
        let mut rows = Vec::new();
        for (index, record) in table.records.iter().enumerate() {
            rows.push(ImageRow {
                image: record[image].to_owned(),
                direction: record[direction].to_owned(),
                values: columns
                    .iter()
                    .map(|c| table.number(index, *c))
                    .collect::<Result<_, _>>()?,
            });
        }
        Ok(Images { metrics: columns.iter().map(|c| table.header[*c].to_owned()).collect(), rows })
    }

    /// The cell's score: the mean over its images of one direction, `None` where no image has the
    /// metric.
    pub fn score(&self, direction: &str, metric: &str) -> Option<f64> {
        let column = self.column(metric)?;
        let rows = self.rows.iter().filter(|row| row.direction == direction);
        let values: Vec<f64> = rows.filter_map(|row| row.values[column]).collect();
        stats::mean(&values)
    }

    /// A metric's place in each row's values.
    pub(crate) fn column(&self, metric: &str) -> Option<usize> {
        self.metrics.iter().position(|name| name == metric)
    }

    /// Directions in the order in which they first stand.
    pub fn directions(&self) -> Vec<&str> {
        let mut found: Vec<&str> = Vec::new();
        for row in &self.rows {
            if !found.contains(&row.direction.as_str()) {
                found.push(&row.direction);
            }
        }
        found
    }

    /// The images of one direction with their places among the rows, sorted by name.
    pub(crate) fn names(&self, direction: &str) -> Vec<(&str, usize)> {
        let rows = self.rows.iter().enumerate().filter(|(_, row)| row.direction == direction);
        let mut names: Vec<(&str, usize)> =
            rows.map(|(index, row)| (row.image.as_str(), index)).collect();
        names.sort_unstable();
        names
    }
}
