//! How large the change is, and where.

use crate::edit::Edit;
use crate::locality::{CHANGE_THRESHOLD, change_iou, energy_inside, hoyer, mean_l1, rms_l2};
use crate::metric::{Measure, Metric};
use crate::pixels::difference;

pub(super) const CHANGE_IOU: Metric = Metric::new(
    "change_iou",
    "Overlap with the true change",
    "IoU",
    3,
    Measure::Image(|edit| {
        let wanted = difference(edit.images.truth?, edit.images.input);
        change_iou(edit.change(), &wanted, edit.images.size.pow(2), CHANGE_THRESHOLD)
    }),
    "Overlap (intersection over union) of the changed pixels, by more than 16 of 255 levels, with those \
     of the true edit.",
)
.up()
.short()
.drawn();

pub(super) const ENERGY_IN_REGION: Metric = Metric::new(
    "residual_energy_in_region",
    "Change inside the region",
    "share of energy",
    3,
    Measure::Image(|edit| energy_inside(edit.change(), edit.images.region?)),
    "Share of the squared change inside the attribute's region (`eval.region`), placed by the five \
     points.",
)
.up()
.short();

pub(super) const REGION_SHARE: Metric = Metric::new(
    "region_share",
    "The region's share of the image",
    "share",
    3,
    Measure::Image(|edit| {
        let region = edit.images.region?;
        Some(region.iter().filter(|inside| **inside).count() as f64 / region.len() as f64)
    }),
    "That region's share of the image's area: what an even change would score.",
)
.input();

pub(super) const HOYER: Metric = Metric::new(
    "hoyer",
    "Sparsity of the residual",
    "Hoyer, 0 even to 1 sparse",
    3,
    Measure::Image(|edit| hoyer(edit.change())),
    "Hoyer's sparsity of the change: 0 even, 1 a single value.",
)
.short();

pub(super) const CYCLE_L1: Metric = Metric::new(
    "cycle_l1",
    "Error after the way back",
    "mean |x - x''|, images in [-1, 1]",
    4,
    Measure::Image(|edit| Some(mean_l1(&difference(edit.images.back, edit.images.input)))),
    "Mean absolute difference after the way back `G_{1-i}(x~_i)`.",
)
.down()
.short()
.drawn();

/// After the way back from what is left of the edit.
fn cycle(edit: &Edit<'_>, after: usize) -> Option<f64> {
    Some(mean_l1(&difference(edit.images.back_after[after], edit.images.input)))
}

pub(super) const CYCLE_L1_8BIT: Metric = Metric::new(
    "cycle_l1_8bit",
    "Error after the way back from 8 bits",
    "mean |x - x''|, images in [-1, 1]",
    4,
    Measure::Image(|edit| cycle(edit, 0)),
    "`cycle_l1` where the way back starts from the edited image with 8 bits. Generators hide what they \
     need for the way back in faint noise (Bashkirova et al. 2019): what is lost here was hidden so.",
)
.down();

pub(super) const CYCLE_L1_NOISE: Metric = Metric::new(
    "cycle_l1_noise",
    "Error after the way back from noise",
    "mean |x - x''|, images in [-1, 1]",
    4,
    Measure::Image(|edit| cycle(edit, 1)),
    "The same with noise of deviation 0.02 on the edited image.",
)
.down();

pub(super) const CYCLE_L1_JPEG: Metric = Metric::new(
    "cycle_l1_jpeg",
    "Error after the way back from JPEG",
    "mean |x - x''|, images in [-1, 1]",
    4,
    Measure::Image(|edit| cycle(edit, 2)),
    "The same with the edited image saved as JPEG of quality 75.",
)
.down();

pub(super) const L1: Metric = Metric::new(
    "residual_l1",
    "Size of the residual",
    "mean |r|, images in [-1, 1]",
    4,
    Measure::Image(|edit| Some(mean_l1(edit.change()))),
    "Mean absolute change per value.",
);

pub(super) const L2: Metric = Metric::new(
    "residual_l2",
    "Size of the residual",
    "root mean square",
    4,
    Measure::Image(|edit| Some(rms_l2(edit.change()))),
    "Root mean square change per value.",
);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{edit, image};

    #[test]
    fn the_change_is_measured_between_input_and_edited_image() {
        let (input, edited) = (image(0.0), image(0.5));
        let edit = edit(&input, &edited, None);
        for (metric, wanted) in [(L1, 0.5), (L2, 0.5), (HOYER, 0.0), (CYCLE_L1, 0.0)] {
            let found = metric.value(&edit).unwrap();
            assert!((found - wanted).abs() < 1e-6, "{}: {found}", metric.name);
        }
        assert_eq!((CHANGE_IOU.value(&edit), REGION_SHARE.value(&edit)), (None, None));
    }
}
