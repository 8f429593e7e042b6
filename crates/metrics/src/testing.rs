//! Edits of tests.

use crate::edit::{Edit, EditImages, Opinions};
use crate::judged::Judged;

const SIZE: usize = 16;

/// A gradient, brighter by `more` on every value, rounded to nothing.
pub(crate) fn image(more: f32) -> Vec<f32> {
    (0..3 * SIZE * SIZE).map(|i| (i % SIZE) as f32 / 64.0 - 0.75 + more).collect()
}

/// One edit of these images with nobody's opinion.
pub(crate) fn edit<'a>(input: &'a [f32], edited: &'a [f32], truth: Option<&'a [f32]>) -> Edit<'a> {
    let images = EditImages {
        size: SIZE,
        input,
        edited,
        back: input,
        back_after: [input; 3],
        truth,
        region: None,
    };
    let judged = Judged { target: 0, adds: true, labels: &[Some(false)], before: &[0.25] };
    Edit::new(images, judged, &[0.75], Opinions::default())
}
