//! One row per test image and direction, and their means.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Everything measured on one test image in one direction. `None` is written as an empty field:
/// the data cannot tell (no landmarks, no true edit).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// The image's name in its data set.
    pub image: String,
    /// `add` (G0 on an image without the attribute) or `remove` (G1 on one with it).
    pub direction: String,
    /// The judge's probability of the attribute in the input, 0 to 1.
    pub judge_score_input: f64,
    /// The same in the edited image.
    pub judge_score_edited: f64,
    /// 1 when the judge finds the edited image on the intended side.
    pub success: u8,
    /// Share of the other labelled attributes on which the judge's verdict did not change.
    pub preservation: Option<f64>,
    /// Mean absolute change per value, images in [-1, 1].
    pub residual_l1: f64,
    /// Share of the squared change inside the attribute's region, 0 to 1.
    pub residual_energy_in_region: Option<f64>,
    /// That region's share of the image's area: what an even change would score.
    pub region_share: Option<f64>,
    /// Mean absolute difference after the way back `G_{1-i}(x~_i)`, images in [-1, 1].
    pub cycle_l1: f64,
    /// PSNR in dB of the input against the true edit: what leaving the image alone scores.
    pub psnr_identity: Option<f64>,
    /// PSNR in dB of the edited image against the true edit.
    pub psnr: Option<f64>,
    /// `psnr - psnr_identity`.
    pub psnr_gain: Option<f64>,
    /// SSIM of the input against the true edit.
    pub ssim_identity: Option<f64>,
    /// SSIM of the edited image against the true edit.
    pub ssim: Option<f64>,
    /// `ssim - ssim_identity`.
    pub ssim_gain: Option<f64>,
    /// Landmark error in percent of the inter-ocular distance, on the input.
    pub nme_input: Option<f64>,
    /// The same on the edited image, against the same truth.
    pub nme_edited: Option<f64>,
    /// `nme_input - nme_edited`: above 0 the edit helped the detector.
    pub landmark_gain: Option<f64>,
    /// Error of the training set's mean shape: the baseline.
    pub nme_mean_shape: Option<f64>,
}

/// Means over the rows, and the judges' own quality.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// The attribute.
    pub attribute: String,
    /// The attribute judge on real test images.
    pub judge: BTreeMap<String, f64>,
    /// The landmark judge on real test images; empty without landmarks.
    pub landmarks: BTreeMap<String, f64>,
    /// Direction to metric to mean.
    pub directions: BTreeMap<String, BTreeMap<String, f64>>,
    /// Landmark error (percent) of the paper's groups: with the attribute, without it, removed;
    /// the mean shape beside them.
    pub groups: BTreeMap<String, f64>,
    /// Images whose landmarks could not be scored.
    pub landmarks_refused: usize,
}

impl Row {
    /// Every metric of the row by its column name.
    pub fn metrics(&self) -> [(&'static str, Option<f64>); 18] {
        [
            ("judge_score_input", Some(self.judge_score_input)),
            ("judge_score_edited", Some(self.judge_score_edited)),
            ("success", Some(f64::from(self.success))),
            ("preservation", self.preservation),
            ("residual_l1", Some(self.residual_l1)),
            ("residual_energy_in_region", self.residual_energy_in_region),
            ("region_share", self.region_share),
            ("cycle_l1", Some(self.cycle_l1)),
            ("psnr_identity", self.psnr_identity),
            ("psnr", self.psnr),
            ("psnr_gain", self.psnr_gain),
            ("ssim_identity", self.ssim_identity),
            ("ssim", self.ssim),
            ("ssim_gain", self.ssim_gain),
            ("nme_input", self.nme_input),
            ("nme_edited", self.nme_edited),
            ("landmark_gain", self.landmark_gain),
            ("nme_mean_shape", self.nme_mean_shape),
        ]
    }
}

impl Summary {
    /// Averages rows; a metric that no row has is left out.
    pub fn of(
        attribute: config::Attribute,
        rows: &[Row],
        judge: BTreeMap<String, f64>,
        landmarks: BTreeMap<String, f64>,
        landmarks_refused: usize,
    ) -> Summary {
        let mut directions: BTreeMap<String, BTreeMap<String, Vec<f64>>> = BTreeMap::new();
        for row in rows {
            let metrics = directions.entry(row.direction.clone()).or_default();
            for (name, value) in row.metrics() {
                if let Some(value) = value {
                    metrics.entry(name.to_owned()).or_default().push(value);
                }
            }
        }
        let mean = |values: &Vec<f64>| values.iter().sum::<f64>() / values.len() as f64;
        let directions: BTreeMap<String, BTreeMap<String, f64>> = directions
            .into_iter()
            .map(|(direction, metrics)| {
                (direction, metrics.iter().map(|(name, v)| (name.clone(), mean(v))).collect())
            })
            .collect();
        let of = |direction: &str, metric: &str| directions.get(direction)?.get(metric).copied();
        let groups = [
            ("with", of("remove", "nme_input")),
            ("without", of("add", "nme_input")),
            ("removed", of("remove", "nme_edited")),
            ("mean_shape", of("remove", "nme_mean_shape")),
        ];
        let groups =
            groups.into_iter().filter_map(|(name, v)| Some((name.to_owned(), v?))).collect();
        let attribute = attribute.name().to_owned();
        Summary { attribute, judge, landmarks, directions, groups, landmarks_refused }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(direction: &str, success: u8, psnr: Option<f64>) -> Row {
        Row {
            image: "000001.jpg".into(),
            direction: direction.into(),
            judge_score_input: 0.9,
            judge_score_edited: 0.2,
            success,
            preservation: None,
            residual_l1: 0.1,
            residual_energy_in_region: None,
            region_share: None,
            cycle_l1: 0.05,
            psnr_identity: psnr.map(|p| p - 1.0),
            psnr,
            psnr_gain: psnr.map(|_| 1.0),
            ssim_identity: None,
            ssim: None,
            ssim_gain: None,
            nme_input: Some(4.0),
            nme_edited: Some(3.0),
            landmark_gain: Some(1.0),
            nme_mean_shape: Some(9.0),
        }
    }

    #[test]
    fn means_are_per_direction_and_skip_what_is_not_measured() {
        let rows =
            [row("remove", 1, Some(30.0)), row("remove", 0, Some(20.0)), row("add", 1, None)];
        let none = BTreeMap::new;
        let summary = Summary::of(config::Attribute::Eyeglasses, &rows, none(), none(), 0);
        assert_eq!(summary.directions["remove"]["success"], 0.5);
        assert_eq!(summary.directions["remove"]["psnr"], 25.0);
        assert!(!summary.directions["add"].contains_key("psnr"));
        assert_eq!(summary.groups["removed"], 3.0);
    }
}
