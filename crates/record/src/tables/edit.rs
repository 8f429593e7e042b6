//! `images.csv`: one row per test image and direction.

use serde::{Deserialize, Serialize};

use super::Name;

/// Everything measured on one test image in one direction. `None` is written as an empty field:
/// the data cannot tell (no landmarks, no true edit).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct EditRow {
    /// The image's name in its data set.
    pub image: String,
    /// `add` (G0 on an image without the attribute) or `remove` (G1 on one with it).
    pub direction: Name,
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

impl EditRow {
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
