//! Whether landmarks are found better, by the convolutional detector that learned from both kinds of
//! faces.

use crate::metric::{Measure, Metric, gain};

const NME: &str = "% of inter-ocular distance";

pub(super) const GAIN: Metric = Metric::new(
    "landmark_gain",
    "Landmark gain",
    NME,
    2,
    Measure::Image(|edit| gain(edit, &INPUT, &EDITED)),
    "`nme_input - nme_edited`: above 0 the edit helped the detector.",
)
.up()
.short()
.drawn();

pub(super) const EDITED: Metric = Metric::new(
    "nme_edited",
    "Landmark error, edited",
    NME,
    2,
    Measure::Image(|edit| edit.opinions.nme_edited),
    "Landmark error on the edited image, against the original's annotation.",
)
.down()
.same_as("landmark_gain");

pub(super) const INPUT: Metric = Metric::new(
    "nme_input",
    "Landmark error, input",
    NME,
    2,
    Measure::Image(|edit| edit.opinions.nme_input),
    "Landmark error on the input.",
)
.input();

pub(super) const MEAN_SHAPE: Metric = Metric::new(
    "nme_mean_shape",
    "Error of the mean shape",
    NME,
    2,
    Measure::Image(|edit| edit.opinions.nme_mean_shape),
    "Landmark error of the training set's mean shape: the baseline.",
)
.input();
