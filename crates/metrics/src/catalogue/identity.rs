//! Whether it is still the same person.

use crate::metric::{Measure, Metric};

pub(super) const KEPT: Metric = Metric::new(
    "identity_kept",
    "Same person is nearest",
    "share of images",
    3,
    Measure::Image(|edit| edit.opinions.identity_kept.map(f64::from)),
    "1 when the other test image nearest to the edited one, in the identity judge's embedding, shows the \
     same person.",
)
.up()
.short()
.drawn()
.binary();

pub(super) const COSINE: Metric = Metric::new(
    "identity_cosine",
    "Identity embedding, input to edited",
    "cosine",
    3,
    Measure::Image(|edit| edit.opinions.identity_cosine),
    "Cosine between the identity embeddings of input and edited image.",
)
.up();
