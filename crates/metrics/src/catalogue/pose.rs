//! How faces are turned, by which edits are sorted.

use crate::metric::{Measure, Metric};

pub(super) const YAW: Metric = Metric::new(
    "yaw",
    "Yaw of the face",
    "degrees, to the picture's right",
    1,
    Measure::Image(|edit| edit.opinions.yaw),
    "Turn of the face to the side, from its five points; `tables/poses.csv` and the figure `poses` sort edits by it.",
)
.input();
