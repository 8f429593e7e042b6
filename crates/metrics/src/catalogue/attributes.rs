//! What the attribute judge says.

use crate::metric::{Measure, Metric};

pub(super) const SUCCESS: Metric = Metric::new(
    "success",
    "Judged success",
    "share of images",
    3,
    Measure::Image(|edit| Some(f64::from(edit.judged.success(edit.after)))),
    "1 when the attribute judge finds the edited image on the intended side.",
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
