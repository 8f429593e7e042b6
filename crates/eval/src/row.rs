//! One row per test image and direction, and their means.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::landmarks::{DetectorQuality, Kind, Learned, TrainedOn};

/// Everything measured on one test image in one direction. `None` is written as an empty field:
/// the data cannot tell (no landmarks, no true edit).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
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
    /// Root mean square change per value, images in [-1, 1].
    pub residual_l2: f64,
    /// Hoyer's sparsity of the change: 0 even, 1 a single value; `None` if nothing changed.
    pub hoyer: Option<f64>,
    /// Share of the squared change inside the attribute's region, 0 to 1.
    pub residual_energy_in_region: Option<f64>,
    /// That region's share of the image's area: what an even change would score.
    pub region_share: Option<f64>,
    /// Overlap (intersection over union) of the changed pixels with those of the true edit.
    pub change_iou: Option<f64>,
    /// Mean absolute difference after the way back `G_{1-i}(x~_i)`, images in [-1, 1].
    pub cycle_l1: f64,
    /// PSNR in dB of the edited image against the input: how much was changed.
    pub psnr_input: f64,
    /// SSIM of the same two.
    pub ssim_input: f64,
    /// MS-SSIM of the same two.
    pub ms_ssim_input: f64,
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
    /// MS-SSIM of the input against the true edit.
    pub ms_ssim_identity: Option<f64>,
    /// MS-SSIM of the edited image against the true edit.
    pub ms_ssim: Option<f64>,
    /// `ms_ssim - ms_ssim_identity`.
    pub ms_ssim_gain: Option<f64>,
    /// LPIPS distance of the edited image to the input; only with `eval.lpips_weights`.
    pub lpips_input: Option<f64>,
    /// LPIPS distance of the input to the true edit.
    pub lpips_identity: Option<f64>,
    /// LPIPS distance of the edited image to the true edit.
    pub lpips: Option<f64>,
    /// `lpips_identity - lpips`: above 0 the edit came nearer.
    pub lpips_gain: Option<f64>,
    /// Cosine between the identity embeddings of input and edited image.
    pub identity_cosine: Option<f64>,
    /// 1 when the other test image nearest to the edited one shows the same person.
    pub identity_kept: Option<f64>,
    /// Landmark error in percent of the inter-ocular distance, on the input, by the convolutional
    /// detector that learned from both kinds of faces.
    pub nme_input: Option<f64>,
    /// The same on the edited image, against the same truth.
    pub nme_edited: Option<f64>,
    /// `nme_input - nme_edited`: above 0 the edit helped the detector.
    pub landmark_gain: Option<f64>,
    /// Error of the training set's mean shape: the baseline.
    pub nme_mean_shape: Option<f64>,
}

/// Means over the rows, and the judges' own quality.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Summary {
    /// The attribute.
    pub attribute: String,
    /// The attribute judge on real test images.
    pub judge: BTreeMap<String, f64>,
    /// The landmark detector behind `nme_input` on real test images; empty without landmarks.
    pub landmarks: BTreeMap<String, f64>,
    /// Every landmark detector on real test images.
    pub detectors: Vec<DetectorQuality>,
    /// The identity judge on real test images; empty where nobody knows who is shown.
    pub identity: BTreeMap<String, f64>,
    /// Direction to metric to mean.
    pub directions: BTreeMap<String, BTreeMap<String, f64>>,
    /// Landmark error (percent) of the paper's groups: with the attribute, without it, removed;
    /// the mean shape beside them.
    pub groups: BTreeMap<String, f64>,
    /// Images whose landmarks could not be scored.
    pub landmarks_refused: usize,
    /// The same by reason.
    pub landmarks_refusals: BTreeMap<String, usize>,
}

impl Row {
    /// Every metric of the row by its column name.
    pub fn metrics(&self) -> [(&'static str, Option<f64>); 33] {
        [
            ("judge_score_input", Some(self.judge_score_input)),
            ("judge_score_edited", Some(self.judge_score_edited)),
            ("success", Some(f64::from(self.success))),
            ("preservation", self.preservation),
            ("residual_l1", Some(self.residual_l1)),
            ("residual_l2", Some(self.residual_l2)),
            ("hoyer", self.hoyer),
            ("residual_energy_in_region", self.residual_energy_in_region),
            ("region_share", self.region_share),
            ("change_iou", self.change_iou),
            ("cycle_l1", Some(self.cycle_l1)),
            ("psnr_input", Some(self.psnr_input)),
            ("ssim_input", Some(self.ssim_input)),
            ("ms_ssim_input", Some(self.ms_ssim_input)),
            ("psnr_identity", self.psnr_identity),
            ("psnr", self.psnr),
            ("psnr_gain", self.psnr_gain),
            ("ssim_identity", self.ssim_identity),
            ("ssim", self.ssim),
            ("ssim_gain", self.ssim_gain),
            ("ms_ssim_identity", self.ms_ssim_identity),
            ("ms_ssim", self.ms_ssim),
            ("ms_ssim_gain", self.ms_ssim_gain),
            ("lpips_input", self.lpips_input),
            ("lpips_identity", self.lpips_identity),
            ("lpips", self.lpips),
            ("lpips_gain", self.lpips_gain),
            ("identity_cosine", self.identity_cosine),
            ("identity_kept", self.identity_kept),
            ("nme_input", self.nme_input),
            ("nme_edited", self.nme_edited),
            ("landmark_gain", self.landmark_gain),
            ("nme_mean_shape", self.nme_mean_shape),
        ]
    }
}

/// What the judges say of themselves, on real test images.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Qualities {
    pub(crate) judge: BTreeMap<String, f64>,
    pub(crate) detectors: Vec<DetectorQuality>,
    pub(crate) identity: BTreeMap<String, f64>,
    pub(crate) refusals: BTreeMap<String, usize>,
}

impl Summary {
    /// Averages rows; a metric that no row has is left out.
    pub(crate) fn of(attribute: config::Attribute, rows: &[Row], qualities: Qualities) -> Summary {
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
        let Qualities { judge, detectors, identity, refusals } = qualities;
        Summary {
            attribute: attribute.name().to_owned(),
            judge,
            landmarks: headline(&detectors),
            detectors,
            identity,
            directions,
            groups,
            landmarks_refused: refusals.values().sum(),
            landmarks_refusals: refusals,
        }
    }
}

/// The figures of the detector behind `nme_input`.
fn headline(detectors: &[DetectorQuality]) -> BTreeMap<String, f64> {
    let of = |name: &str| {
        detectors.iter().find(|d| d.detector == name && d.training == TrainedOn::Mixed.name())
    };
    let mut figures = BTreeMap::new();
    if let Some(cnn) = of(Learned::Cnn.name()) {
        figures.insert("nme".to_owned(), cnn.nme);
        figures.insert("n".to_owned(), cnn.n as f64);
    }
    if let Some(shape) = of(Kind::MeanShape.name()) {
        figures.insert("nme_mean_shape".to_owned(), shape.nme);
    }
    figures
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(direction: &str, success: u8, psnr: Option<f64>) -> Row {
        Row {
            direction: direction.into(),
            success,
            psnr,
            nme_input: Some(4.0),
            nme_edited: Some(3.0),
            ..Row::default()
        }
    }

    #[test]
    fn means_are_per_direction_and_skip_what_is_not_measured() {
        let rows =
            [row("remove", 1, Some(30.0)), row("remove", 0, Some(20.0)), row("add", 1, None)];
        let refusals = BTreeMap::from([("out-of-frame".to_owned(), 2)]);
        let qualities = Qualities { refusals, ..Qualities::default() };
        let summary = Summary::of(config::Attribute::Eyeglasses, &rows, qualities);
        assert_eq!(summary.directions["remove"]["success"], 0.5);
        assert_eq!(summary.directions["remove"]["psnr"], 25.0);
        assert!(!summary.directions["add"].contains_key("psnr"));
        assert_eq!(summary.groups["removed"], 3.0);
        assert_eq!(summary.landmarks_refused, 2);
    }
}
