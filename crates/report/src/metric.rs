//! What is known about a metric: its sign, its unit, how to print it.

/// Which way is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Better {
    Up,
    Down,
}

/// A column of `images.csv` or a metric of `scores.csv`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Metric {
    pub(crate) name: &'static str,
    /// For axes and headings.
    pub(crate) title: &'static str,
    /// Empty for a plain number.
    pub(crate) unit: &'static str,
    pub(crate) better: Option<Better>,
    /// Digits after the point in tables.
    pub(crate) decimals: usize,
    /// Measured on the input alone: an arm cannot change it, so it is not tested.
    pub(crate) input_only: bool,
    /// In the table that a person reads first.
    pub(crate) short: bool,
    /// The headline metric whose paired differences are the same numbers up to sign.
    pub(crate) same_as: Option<&'static str>,
    /// 0 or 1 per image: pairs of images can be counted.
    pub(crate) binary: bool,
}

const fn metric(
    name: &'static str,
    title: &'static str,
    unit: &'static str,
    better: Option<Better>,
    decimals: usize,
) -> Metric {
    Metric {
        name,
        title,
        unit,
        better,
        decimals,
        input_only: false,
        short: false,
        same_as: None,
        binary: false,
    }
}

impl Metric {
    const fn short(self) -> Metric {
        Metric { short: true, ..self }
    }

    const fn input(self) -> Metric {
        Metric { input_only: true, ..self }
    }

    const fn binary(self) -> Metric {
        Metric { binary: true, ..self }
    }

    const fn same_as(self, headline: &'static str) -> Metric {
        Metric { same_as: Some(headline), ..self }
    }

    /// Whether 0 means "as if the image had been left alone".
    pub(crate) fn is_gain(&self) -> bool {
        self.name.ends_with("_gain")
    }
}

const UP: Option<Better> = Some(Better::Up);
const DOWN: Option<Better> = Some(Better::Down);
const L1: &str = "mean |r|, images in [-1, 1]";
const CYCLE: &str = "mean |x - x''|, images in [-1, 1]";
const NME: &str = "% of inter-ocular distance";

/// In the order of the tables: the short set first.
pub(crate) const METRICS: [Metric; 37] = [
    metric("success", "Judged success", "share of images", UP, 3).short().binary(),
    metric("preservation", "Other attributes kept", "share", UP, 3).short(),
    metric("psnr_gain", "PSNR gained over no edit", "dB", UP, 2).short(),
    metric("ssim_gain", "SSIM gained over no edit", "", UP, 4).short(),
    metric("change_iou", "Overlap with the true change", "IoU", UP, 3).short(),
    metric("residual_energy_in_region", "Change inside the region", "share of energy", UP, 3)
        .short(),
    metric("hoyer", "Sparsity of the residual", "Hoyer, 0 even to 1 sparse", None, 3).short(),
    metric("cycle_l1", "Error after the way back", CYCLE, DOWN, 4).short(),
    metric("identity_kept", "Same person is nearest", "share of images", UP, 3).short().binary(),
    metric("landmark_gain", "Landmark gain", NME, UP, 2).short(),
    metric("fid_attribute_net", "Frechet distance, attribute net", "", DOWN, 2).short(),
    metric("kid_attribute_net", "Kernel distance, attribute net", "", DOWN, 4).short(),
    metric("ms_ssim_gain", "MS-SSIM gained over no edit", "", UP, 4),
    metric("lpips_gain", "LPIPS gained over no edit", "", UP, 4),
    metric("identity_cosine", "Identity embedding, input to edited", "cosine", UP, 3),
    metric("judge_score_edited", "Judge's score, edited", "probability", None, 3),
    metric("residual_l1", "Size of the residual", L1, None, 4),
    metric("residual_l2", "Size of the residual", "root mean square", None, 4),
    metric("psnr_input", "PSNR to the input", "dB", None, 2),
    metric("ssim_input", "SSIM to the input", "", None, 4),
    metric("ms_ssim_input", "MS-SSIM to the input", "", None, 4),
    metric("lpips_input", "LPIPS to the input", "", None, 4),
    metric("psnr", "PSNR to the true edit", "dB", UP, 2).same_as("psnr_gain"),
    metric("ssim", "SSIM to the true edit", "", UP, 4).same_as("ssim_gain"),
    metric("ms_ssim", "MS-SSIM to the true edit", "", UP, 4).same_as("ms_ssim_gain"),
    metric("lpips", "LPIPS to the true edit", "", DOWN, 4).same_as("lpips_gain"),
    metric("nme_edited", "Landmark error, edited", NME, DOWN, 2).same_as("landmark_gain"),
    metric("nme_input", "Landmark error, input", NME, None, 2).input(),
    metric("nme_mean_shape", "Error of the mean shape", NME, None, 2).input(),
    metric("judge_score_input", "Judge's score, input", "probability", None, 3).input(),
    metric("region_share", "The region's share of the image", "share", None, 3).input(),
    metric("psnr_identity", "PSNR of no edit", "dB", None, 2).input(),
    metric("ssim_identity", "SSIM of no edit", "", None, 4).input(),
    metric("ms_ssim_identity", "MS-SSIM of no edit", "", None, 4).input(),
    metric("lpips_identity", "LPIPS of no edit", "", None, 4).input(),
    metric("fid_attribute_net_identity", "Frechet distance of no edit", "", None, 2).input(),
    metric("kid_attribute_net_identity", "Kernel distance of no edit", "", None, 4).input(),
];

/// What is known about a metric.
pub(crate) fn find(name: &str) -> Option<&'static Metric> {
    METRICS.iter().find(|metric| metric.name == name)
}

/// Known metrics in the tables' order, then the others by name.
pub(crate) fn rank(name: &str) -> (usize, &str) {
    (METRICS.iter().position(|metric| metric.name == name).unwrap_or(METRICS.len()), name)
}

/// Every name once, in the tables' order.
pub(crate) fn ordered<'a>(names: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut names: Vec<&str> = names.collect();
    names.sort_unstable_by_key(|name| rank(name));
    names.dedup();
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_short_set_comes_first_and_what_repeats_it_is_not_in_it() {
        let long = METRICS.iter().position(|metric| !metric.short).unwrap();
        assert!(METRICS[long..].iter().all(|metric| !metric.short));
        for metric in METRICS.iter().filter(|metric| metric.same_as.is_some()) {
            let headline = find(metric.same_as.unwrap()).unwrap();
            assert!(!metric.short && !metric.input_only && headline.same_as.is_none());
        }
    }
}
