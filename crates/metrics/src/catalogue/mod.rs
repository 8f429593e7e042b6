//! The catalogue of metrics: [`METRICS`] lists them all, each a row in one of the files beside this one.
//!
//! This is the place to add a metric: a row in a file, with its test, and a line here. Everything else
//! follows from the list: the columns of `images.csv`, comparison, tables, figures, `docs/catalogues.md`.

mod attributes;
mod distance;
mod identity;
mod landmarks;
mod pose;
mod residual;
mod sets;
#[cfg(test)]
mod template;
mod truth;

use crate::metric::{Measure, Metric};

/// Every metric, in the order of the tables: the short set first.
pub const METRICS: &[Metric] = &[
    attributes::SUCCESS_STRICT,
    attributes::SUCCESS_STRICT_SECOND,
    attributes::JUDGES_AGREE,
    attributes::SUCCESS,
    attributes::PRESERVATION,
    truth::EXPLAINED,
    truth::EXPLAINED_IN_REGION,
    distance::PSNR_GAIN,
    distance::SSIM_GAIN,
    residual::CHANGE_IOU,
    residual::ENERGY_IN_REGION,
    residual::HOYER,
    residual::CYCLE_L1,
    identity::KEPT,
    landmarks::GAIN,
    sets::FRECHET,
    sets::KERNEL,
    distance::MS_SSIM_GAIN,
    distance::LPIPS_GAIN,
    identity::COSINE,
    attributes::SUCCESS_SECOND,
    attributes::SCORE_EDITED,
    residual::CYCLE_L1_8BIT,
    residual::CYCLE_L1_NOISE,
    residual::CYCLE_L1_JPEG,
    residual::L1,
    residual::L2,
    truth::MISSING,
    truth::SPURIOUS,
    truth::MISSING_IN_REGION,
    truth::SPURIOUS_IN_REGION,
    distance::PSNR_INPUT,
    distance::SSIM_INPUT,
    distance::MS_SSIM_INPUT,
    distance::LPIPS_INPUT,
    distance::PSNR,
    distance::SSIM,
    distance::MS_SSIM,
    distance::LPIPS,
    landmarks::EDITED,
    landmarks::INPUT,
    landmarks::MEAN_SHAPE,
    attributes::SCORE_INPUT,
    residual::REGION_SHARE,
    pose::YAW,
    distance::PSNR_IDENTITY,
    distance::SSIM_IDENTITY,
    distance::MS_SSIM_IDENTITY,
    distance::LPIPS_IDENTITY,
    sets::FRECHET_IDENTITY,
    sets::KERNEL_IDENTITY,
];

/// What is known about a metric.
pub fn find(name: &str) -> Option<&'static Metric> {
    METRICS.iter().find(|metric| metric.name == name)
}

/// The metrics of one edit, in the order of the tables: the columns of `images.csv`.
pub fn of_images() -> impl Iterator<Item = &'static Metric> {
    METRICS.iter().filter(|metric| matches!(metric.measure, Measure::Image(_)))
}

/// Known metrics in the tables' order, then the others by name.
pub fn rank(name: &str) -> (usize, &str) {
    (METRICS.iter().position(|metric| metric.name == name).unwrap_or(METRICS.len()), name)
}

/// Every name once, in the tables' order.
pub fn ordered<'a>(names: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut names: Vec<&str> = names.collect();
    names.sort_unstable_by_key(|name| rank(name));
    names.dedup();
    names
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

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

    #[test]
    fn every_metric_has_a_name_of_its_own_and_says_what_it_is() {
        let names: BTreeSet<&str> = METRICS.iter().map(|metric| metric.name).collect();
        assert_eq!(names.len(), METRICS.len());
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        for metric in METRICS {
            assert!(metric.name.chars().all(plain), "{}", metric.name);
            assert!(metric.doc.ends_with('.') && !metric.title.is_empty(), "{}", metric.name);
        }
    }
}
