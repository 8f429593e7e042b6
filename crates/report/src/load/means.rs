//! `eval/strength.csv`, `attributes.csv` and `scores.csv`, averaged over images while they are read.

use std::collections::BTreeMap;
use std::path::Path;

use metrics::verdict;
use record::tables::{AttributeRow, ScoreRow, StrengthRow};

use super::table::Table;
use crate::ReportError;

/// Edited images `x + g r` of one direction at one strength g, on average.
#[derive(Clone, Debug, PartialEq)]
pub struct Strength {
    /// `add` or `remove`.
    pub direction: String,
    /// g: 0 leaves the image alone, 1 is the generator's own edit.
    pub strength: f64,
    /// Number of images.
    pub images: usize,
    /// Share of images that the judge sees as the other class; `None` of a judge that is refused.
    pub success: Option<f64>,
    /// The judge's mean probability of the attribute.
    pub judge_score: f64,
    /// Share of the other attributes that the judge sees unchanged; `None` if not measured.
    pub preservation: Option<f64>,
    /// Mean absolute change, images in [-1, 1].
    pub residual_l1: f64,
    /// Share of images whose edit the judge finds complete; `None` if not measured.
    pub success_strict: Option<f64>,
    /// Mean share of the true change explained; `None` where the truth is not known.
    pub explained: Option<f64>,
}

/// What edits of one direction did to the judge's verdict on one attribute.
#[derive(Clone, Debug, PartialEq)]
pub struct Flips {
    /// `add` or `remove`.
    pub direction: String,
    /// The attribute that is judged, which need not be the edited one.
    pub attribute: String,
    /// Number of images.
    pub images: usize,
    /// Share of images on which the attribute appeared: score below 0.5 before, not below after.
    pub appeared: f64,
    /// Share of images on which it vanished.
    pub vanished: f64,
    /// Mean change of the judge's probability, edited - input.
    pub score_change: f64,
}

impl Flips {
    /// Share of images whose verdict changed.
    pub fn changed(&self) -> f64 {
        self.appeared + self.vanished
    }
}

fn mean(values: &[f64]) -> f64 {
    stats::mean(values).unwrap_or_default()
}

impl Strength {
    /// Reads the text of a `strength.csv`; `path` names it in messages.
    ///
    /// # Errors
    /// The text is not such a table; the message names the line.
    pub fn parse(path: &Path, text: &str) -> Result<Vec<Strength>, ReportError> {
        // Grouped by the strength's bits: non-negative numbers sort alike.
        let mut groups: BTreeMap<(String, u64), [Vec<f64>; 6]> = BTreeMap::new();
        for row in Table::parse(path, text)?.rows::<StrengthRow>()? {
            let g = row.strength.abs();
            let values = groups.entry((row.direction.into_owned(), g.to_bits())).or_default();
            values[0].extend(row.success.map(f64::from));
            values[1].push(row.judge_score);
            values[2].push(row.residual_l1);
            values[3].extend(row.preservation);
            values[4].extend(row.success_strict.map(f64::from));
            values[5].extend(row.explained);
        }
        let point = |((direction, g), values): ((String, u64), [Vec<f64>; 6])| Strength {
            direction,
            strength: f64::from_bits(g),
            images: values[1].len(),
            success: stats::mean(&values[0]),
            judge_score: mean(&values[1]),
            residual_l1: mean(&values[2]),
            preservation: stats::mean(&values[3]),
            success_strict: stats::mean(&values[4]),
            explained: stats::mean(&values[5]),
        };
        Ok(groups.into_iter().map(point).collect())
    }
}

impl Flips {
    /// Reads the text of an `attributes.csv`; `path` names it in messages.
    ///
    /// # Errors
    /// The text is not such a table; the message names the line.
    pub fn parse(path: &Path, text: &str) -> Result<Vec<Flips>, ReportError> {
        let mut groups: BTreeMap<(String, String), Vec<(f64, f64)>> = BTreeMap::new();
        for row in Table::parse(path, text)?.rows::<AttributeRow>()? {
            let key = (row.direction.into_owned(), row.attribute.into_owned());
            groups.entry(key).or_default().push((row.score_input, row.score_edited));
        }
        let flips = |((direction, attribute), scores): ((String, String), Vec<(f64, f64)>)| {
            let share = |from: bool| {
                let flipped = |(a, b): &&(f64, f64)| verdict(*a) == from && verdict(*b) != from;
                scores.iter().filter(flipped).count() as f64 / scores.len() as f64
            };
            let changes: Vec<f64> = scores.iter().map(|(a, b)| b - a).collect();
            Flips {
                direction,
                attribute,
                images: scores.len(),
                appeared: share(false),
                vanished: share(true),
                score_change: mean(&changes),
            }
        };
        Ok(groups.into_iter().map(flips).collect())
    }
}

/// Reads the text of a `scores.csv`; `path` names it in messages.
///
/// # Errors
/// The text is not such a table; the message names the line.
pub fn scores(path: &Path, text: &str) -> Result<Vec<ScoreRow>, ReportError> {
    Table::parse(path, text)?.rows()
}
