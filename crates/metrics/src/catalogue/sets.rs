//! Distances between whole sets of images.

use crate::metric::{Measure, Metric};
use crate::sets::{frechet, kernel_distance};

/// Seed of the subsets that the kernel distance draws from large sets.
const SUBSETS: u64 = 1;

pub(super) const FRECHET: Metric = Metric::new(
    "fid_attribute_net",
    "Frechet distance, attribute net",
    "",
    2,
    Measure::Set(|set| frechet(set.edited, set.target, set.width)),
    "Frechet distance of the edited images to the real test images of the class aimed at, in the feature \
     space of this framework's attribute judge; never comparable with published Inception values.",
)
.down()
.short();

pub(super) const KERNEL: Metric = Metric::new(
    "kid_attribute_net",
    "Kernel distance, attribute net",
    "",
    4,
    Measure::Set(|set| Some(kernel_distance(set.edited, set.target, set.width, SUBSETS)?.mean)),
    "Kernel distance of the same sets in the same space.",
)
.down()
.short();

pub(super) const FRECHET_IDENTITY: Metric = Metric::new(
    "fid_attribute_net_identity",
    "Frechet distance of no edit",
    "",
    2,
    Measure::Set(|set| frechet(set.input, set.target, set.width)),
    "The Frechet distance of the untouched images.",
)
.input();

pub(super) const KERNEL_IDENTITY: Metric = Metric::new(
    "kid_attribute_net_identity",
    "Kernel distance of no edit",
    "",
    4,
    Measure::Set(|set| Some(kernel_distance(set.input, set.target, set.width, SUBSETS)?.mean)),
    "The kernel distance of the untouched images.",
)
.input();
