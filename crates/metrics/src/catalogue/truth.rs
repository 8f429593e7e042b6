//! How much of the true change an edit makes, where the truth is known: on synthetic faces, and on
//! photographs that glasses were drawn on.

use crate::edit::Edit;
use crate::explained::{Explained, explained};
use crate::metric::{Measure, Metric};
use crate::pixels::difference;

fn whole(edit: &Edit<'_>) -> Option<Explained> {
    explained(edit.change(), &wanted(edit)?, None)
}

fn inside(edit: &Edit<'_>) -> Option<Explained> {
    explained(edit.change(), &wanted(edit)?, Some(edit.images.region?))
}

fn wanted(edit: &Edit<'_>) -> Option<Vec<f32>> {
    Some(difference(edit.images.truth?, edit.images.input))
}

pub(super) const EXPLAINED: Metric = Metric::new(
    "explained",
    "Share of the true change explained",
    "0 no edit, 1 the true edit",
    3,
    Measure::Image(|edit| Some(whole(edit)?.explained)),
    "`1 - |r - r*|^2 / |r*|^2`, with `r*` the true change: 0 is leaving the image alone, 1 the true edit, \
     below 0 worse than nothing. What it lacks to 1 is `missing` and `spurious`.",
)
.up()
.short()
.drawn();

pub(super) const EXPLAINED_IN_REGION: Metric = Metric::new(
    "explained_in_region",
    "The same inside the region",
    "0 no edit, 1 the true edit",
    3,
    Measure::Image(|edit| Some(inside(edit)?.explained)),
    "`explained` over the pixels of the attribute's region (`eval.region`) alone.",
)
.up()
.short()
.drawn();

pub(super) const MISSING: Metric = Metric::new(
    "missing",
    "True change not made",
    "share of its energy",
    3,
    Measure::Image(|edit| Some(whole(edit)?.missing)),
    "`(1 - a)^2` where `a r*` is the part of the change along the true one: what is left undone, or \
     overdone.",
)
.down();

pub(super) const SPURIOUS: Metric = Metric::new(
    "spurious",
    "Change that is not the true one",
    "share of the true change's energy",
    3,
    Measure::Image(|edit| Some(whole(edit)?.spurious)),
    "The squared change orthogonal to the true one, over the true one's: what the edit does beside it.",
)
.down();

pub(super) const MISSING_IN_REGION: Metric = Metric::new(
    "missing_in_region",
    "True change not made, inside the region",
    "share of its energy",
    3,
    Measure::Image(|edit| Some(inside(edit)?.missing)),
    "`missing` over the pixels of the attribute's region alone.",
)
.down();

pub(super) const SPURIOUS_IN_REGION: Metric = Metric::new(
    "spurious_in_region",
    "Change that is not the true one, inside the region",
    "share of the true change's energy",
    3,
    Measure::Image(|edit| Some(inside(edit)?.spurious)),
    "`spurious` over the pixels of the attribute's region alone.",
)
.down();

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{edit, image};

    #[test]
    fn half_the_change_explains_three_quarters_and_lacks_one() {
        let (input, edited, truth) = (image(0.0), image(0.25), image(0.5));
        let edit = edit(&input, &edited, Some(&truth));
        for (metric, wanted) in [(EXPLAINED, 0.75), (MISSING, 0.25), (SPURIOUS, 0.0)] {
            let found = metric.value(&edit).unwrap();
            assert!((found - wanted).abs() < 1e-5, "{}: {found}", metric.name);
        }
        assert_eq!(EXPLAINED_IN_REGION.value(&edit), None, "no region");
    }

    #[test]
    fn without_a_true_edit_nothing_is_said() {
        let (input, edited) = (image(0.0), image(0.25));
        let edit = edit(&input, &edited, None);
        assert!([EXPLAINED, MISSING, SPURIOUS].iter().all(|metric| metric.value(&edit).is_none()));
    }
}
