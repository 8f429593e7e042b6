//! What the attribute judge says.

use crate::edit::Edit;
use crate::metric::{Measure, Metric};
use crate::verdict;

fn strict(complete: Option<f64>) -> Option<bool> {
    complete.map(|probability| verdict(probability as f32))
}

fn second(edit: &Edit<'_>) -> Option<bool> {
    Some(verdict(edit.opinions.score_second? as f32) == edit.judged.adds)
}

pub(super) const SUCCESS_STRICT: Metric = Metric::new(
    "success_strict",
    "Strict success",
    "share of images",
    3,
    Measure::Image(|edit| strict(edit.opinions.complete).map(f64::from)),
    "1 when the first attribute judge finds the edit complete: the attribute wholly there, or not at all. \
     It has learned what half an edit looks like.",
)
.up()
.short()
.drawn()
.binary();

pub(super) const SUCCESS_STRICT_SECOND: Metric = Metric::new(
    "success_strict_second",
    "Strict success, second judge",
    "share of images",
    3,
    Measure::Image(|edit| strict(edit.opinions.complete_second).map(f64::from)),
    "The same by the second judge, which shares neither architecture nor seed nor a training face with the \
     first.",
)
.up()
.short()
.binary();

pub(super) const SUCCESS_SECOND: Metric = Metric::new(
    "success_second",
    "Judged success, second judge",
    "share of images",
    3,
    Measure::Image(|edit| second(edit).map(f64::from)),
    "1 when the second attribute judge finds the edited image on the intended side.",
)
.up()
.binary();

pub(super) const JUDGES_AGREE: Metric = Metric::new(
    "judges_agree",
    "Attribute judges agree",
    "share of images",
    3,
    Measure::Image(|edit| {
        let first = strict(edit.opinions.complete).or(Some(edit.judged.success(edit.after)));
        let second = strict(edit.opinions.complete_second).or(second(edit));
        Some(f64::from(first? == second?))
    }),
    "1 when both attribute judges come to the same verdict on the edit: the strict one where they know \
     what half an edit looks like, else the plain one.",
)
.short()
.binary();

pub(super) const SUCCESS: Metric = Metric::new(
    "success",
    "Judged success",
    "share of images",
    3,
    Measure::Image(|edit| Some(f64::from(edit.judged.success(edit.after)))),
    "1 when the first attribute judge finds the edited image on the intended side.",
)
.up()
.short()
.drawn()
.binary();

pub(super) const PRESERVATION: Metric = Metric::new(
    "preservation",
    "Other attributes kept",
    "share",
    3,
    Measure::Image(|edit| edit.judged.preservation(edit.after)),
    "Share of the other judged attributes that are labelled, on which the judge's verdict did not \
     change.",
)
.up()
.short()
.drawn();

pub(super) const SCORE_EDITED: Metric = Metric::new(
    "judge_score_edited",
    "Judge's score, edited",
    "probability",
    3,
    Measure::Image(|edit| Some(f64::from(edit.after[edit.judged.target]))),
    "The judge's probability of the attribute in the edited image.",
);

pub(super) const SCORE_INPUT: Metric = Metric::new(
    "judge_score_input",
    "Judge's score, input",
    "probability",
    3,
    Measure::Image(|edit| Some(f64::from(edit.judged.before[edit.judged.target]))),
    "The judge's probability of the attribute in the input.",
)
.input();
