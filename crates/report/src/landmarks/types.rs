//! What a landmark table holds.

use std::collections::BTreeMap;

use record::tables::DetectorQuality;
use serde::Serialize;

/// Errors of landmark detectors on groups of images, an arm at a time. Errors are in percent of
/// the inter-ocular distance of the original annotation.
#[derive(Clone, Debug, Serialize)]
pub struct LandmarkTable {
    /// The experiment.
    pub experiment: String,
    /// Whether every planned cell is complete; otherwise there are no intervals.
    pub complete: bool,
    /// Why the complete cells share no verdict, if they were made by different code or judged by
    /// different judges; there are no intervals then.
    pub mixed: Option<String>,
    /// The part of the data that all numbers are of: `test` or `validation`; both words where cells
    /// were judged on either.
    pub part: String,
    /// Planned cells.
    pub cells_total: usize,
    /// Complete cells.
    pub cells_complete: usize,
    /// Cells that diverged.
    pub cells_diverged: usize,
    /// One entry per arm whose cells have landmarks.
    pub arms: Vec<LandmarkArm>,
    /// What a reader must know beside the numbers.
    pub notes: Vec<String>,
}

/// One combination of levels.
#[derive(Clone, Debug, Serialize)]
pub struct LandmarkArm {
    /// The combination of levels.
    pub arm: String,
    /// Number of complete cells.
    pub seeds: usize,
    /// Number of cells that diverged.
    pub diverged: usize,
    /// One row per detector and kind of training faces.
    pub rows: Vec<LandmarkRow>,
    /// The detectors' own quality on real images of that part.
    pub detectors: Vec<DetectorQuality>,
    /// Judged images that could not be scored, by reason; the largest count of the arm's cells.
    pub refusals: BTreeMap<String, usize>,
}

/// One detector that learned from one kind of faces.
#[derive(Clone, Debug, Serialize)]
pub struct LandmarkRow {
    /// `ert`, `cnn` or `mean-shape`.
    pub detector: String,
    /// `without` (faces without the attribute) or `mixed`.
    pub training: String,
    /// Its error by group.
    pub groups: Vec<GroupError>,
    /// `with - removed`: above 0, the edit helped the detector.
    pub gain: Option<Change>,
    /// `(with - removed) / (with - without)` in percent; `None` unless `with > without`.
    pub gap_closed: Option<f64>,
    /// `zero - with`, `noise - with` and `removed-noise - removed`.
    pub controls: Vec<Change>,
}

/// The error on one group. Every number is the mean over seeds of a cell's value.
#[derive(Clone, Debug, Serialize)]
pub struct GroupError {
    /// `with`, `zero`, `noise`, `removed`, `removed-noise`, `true-edit` or `without`.
    pub group: String,
    /// Images per cell, the largest number.
    pub images: usize,
    /// Cells.
    pub seeds: usize,
    /// Mean error.
    pub nme: f64,
    /// Its standard deviation over seeds; `None` for groups that no generator touches and for one
    /// seed.
    pub nme_sd: Option<f64>,
    /// Failure rate, 0 to 1: share of images with an error above 8 %.
    pub failure_rate_8: f64,
    /// The same above 10 %.
    pub failure_rate_10: f64,
    /// Area under the cumulative error distribution up to 8 %, over 8 %; 0 to 1.
    pub auc_8: f64,
    /// The same for 10 %.
    pub auc_10: f64,
    /// Mean error of the left eye, the right eye, the nose, the left and the right mouth corner.
    pub points: [f64; 5],
    /// Their standard deviations over seeds, as for `nme_sd`.
    pub points_sd: Option<[f64; 5]>,
}

/// A paired difference between two groups of the same images.
#[derive(Clone, Debug, Serialize)]
pub struct Change {
    /// The group subtracted from.
    pub of: String,
    /// The group subtracted.
    pub minus: String,
    /// Images that both groups have, per cell, the largest number.
    pub images: usize,
    /// Cells.
    pub seeds: usize,
    /// Mean over seeds of the mean over images.
    pub difference: f64,
    /// 95 % percentile bootstrap interval over seeds and images (those that all seeds share are
    /// drawn once), 2,000 resamples; with one seed over its images alone. `None` while the sweep is unfinished.
    pub bootstrap: Option<[f64; 2]>,
    /// 95 % t interval over seeds; `None` below two seeds.
    pub t_interval: Option<[f64; 2]>,
}

impl LandmarkRow {
    /// The error on a group.
    pub fn group(&self, name: &str) -> Option<&GroupError> {
        self.groups.iter().find(|group| group.group == name)
    }
}
