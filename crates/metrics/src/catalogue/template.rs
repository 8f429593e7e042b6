//! A metric to start from: copy this file, rename its row, and add the file and the row to `mod.rs`.
//!
//! This one is compiled and tested with the others and is in no table: the largest change of one value.

use crate::metric::{Measure, Metric};

pub(super) const TEMPLATE: Metric = Metric::new(
    // The column of `images.csv`, small letters and underscores. A name that ends in `_gain` says that
    // 0 means "as if the image had been left alone".
    "template",
    // For axes and headings, and its unit; empty for a plain number.
    "Largest change",
    "images in [-1, 1]",
    // Digits after the point.
    3,
    // Of one edit; `None` where it is not defined, never a made-up number. `edit.images` has the
    // pictures, `edit.after` the judge's probabilities, `super::distance::PSNR.value(edit)` any other metric.
    // Of a whole set: `Measure::Set`.
    Measure::Image(|edit| {
        edit.change()
            .iter()
            .map(|v| f64::from(v.abs()))
            .fold(None, |a: Option<f64>, b| Some(a.map_or(b, |a| a.max(b))))
    }),
    // What it is; `cargo xtask docs` puts it into docs/catalogues.md.
    "Largest absolute change of one value.",
)
// `.up()` or `.down()` where one way is better. `.short()` puts it into the table that a person reads
// first, among the questions that are corrected for each other: with the others of that kind, at the
// front of the list; `.drawn()` into the figure of scores. `.binary()` for 0 and 1, `.input()` for what no edit can change.
.down();

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{edit, image};

    #[test]
    fn the_template_is_the_largest_change() {
        let (input, edited) = (image(0.0), image(0.5));
        let found = TEMPLATE.value(&edit(&input, &edited, None)).unwrap();
        assert!((found - 0.5).abs() < 1e-6, "{found}");
    }
}
