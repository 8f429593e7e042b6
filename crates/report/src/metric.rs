//! What is known about a metric: its sign, its unit, how to print it.

/// Which way is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Better {
    Up,
    Down,
}

/// A column of `images.csv`.
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
}

const fn metric(
    name: &'static str,
    title: &'static str,
    unit: &'static str,
    better: Option<Better>,
    decimals: usize,
) -> Metric {
    Metric { name, title, unit, better, decimals, input_only: false, short: true }
}

impl Metric {
    const fn input(self) -> Metric {
        Metric { input_only: true, ..self }
    }

    const fn long(self) -> Metric {
        Metric { short: false, ..self }
    }

    /// Whether 0 means "as if the image had been left alone".
    pub(crate) fn is_gain(&self) -> bool {
        self.name.ends_with("_gain")
    }
}

const UP: Option<Better> = Some(Better::Up);
const DOWN: Option<Better> = Some(Better::Down);

/// In the order of the tables: the short set first.
pub(crate) const METRICS: [Metric; 18] = [
    metric("success", "Judged success", "share of images", UP, 3),
    metric("preservation", "Other attributes kept", "share", UP, 3),
    metric("psnr", "PSNR to the true edit", "dB", UP, 2),
    metric("psnr_gain", "PSNR gained over no edit", "dB", UP, 2),
    metric("ssim_gain", "SSIM gained over no edit", "", UP, 4),
    metric("residual_energy_in_region", "Change inside the region", "share of energy", UP, 3),
    metric("residual_l1", "Size of the residual", "mean |r|, images in [-1, 1]", None, 4),
    metric("cycle_l1", "Error after the way back", "mean |x - x''|, images in [-1, 1]", DOWN, 4),
    metric("nme_input", "Landmark error, input", "% of inter-ocular distance", None, 2).input(),
    metric("nme_edited", "Landmark error, edited", "% of inter-ocular distance", DOWN, 2),
    metric("landmark_gain", "Landmark gain", "% of inter-ocular distance", UP, 2),
    metric("judge_score_edited", "Judge's score, edited", "probability", None, 3).long(),
    metric("ssim", "SSIM to the true edit", "", UP, 4).long(),
    metric("judge_score_input", "Judge's score, input", "probability", None, 3).input().long(),
    metric("region_share", "The region's share of the image", "share", None, 3).input().long(),
    metric("psnr_identity", "PSNR of no edit", "dB", None, 2).input().long(),
    metric("ssim_identity", "SSIM of no edit", "", None, 4).input().long(),
    metric("nme_mean_shape", "Error of the mean shape", "% of inter-ocular distance", None, 2)
        .input()
        .long(),
];

/// What is known about a column.
pub(crate) fn find(name: &str) -> Option<&'static Metric> {
    METRICS.iter().find(|metric| metric.name == name)
}

/// Known metrics in the tables' order, then the others by name.
pub(crate) fn rank(name: &str) -> (usize, &str) {
    (METRICS.iter().position(|metric| metric.name == name).unwrap_or(METRICS.len()), name)
}
