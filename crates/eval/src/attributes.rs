//! What the attribute judge says of every attribute, at one strength and over many.

use std::collections::BTreeMap;

use config::Attribute;
use losses::Direction;
use metrics::{Judged, verdict};
use record::tables::{AttributeRow, StrengthRow};

/// Edit strengths g of `x + g r`: 1 is the edit itself.
pub const STRENGTHS: [f32; 9] = [0.0, 0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 1.75, 2.0];

/// One image before the edit, with its name and the names of what is judged.
pub(crate) struct Subject<'a> {
    pub(crate) image: &'a str,
    pub(crate) direction: Direction,
    pub(crate) attributes: &'a [Attribute],
    pub(crate) judged: Judged<'a>,
}

impl Subject<'_> {
    /// Every labelled attribute before and after.
    pub(crate) fn rows(&self, after: &[f32]) -> Vec<AttributeRow> {
        let row = |place: usize| AttributeRow {
            image: self.image.to_owned(),
            direction: self.direction.name().into(),
            attribute: self.attributes[place].name().to_owned().into(),
            label: u8::from(self.judged.labels[place] == Some(true)),
            score_input: f64::from(self.judged.before[place]),
            score_edited: f64::from(after[place]),
        };
        self.judged.labelled().map(row).collect()
    }

    /// The edit at strength `g`.
    pub(crate) fn at(&self, g: f32, after: &[f32], residual_l1: f64) -> StrengthRow {
        StrengthRow {
            image: self.image.to_owned(),
            direction: self.direction.name().into(),
            strength: f64::from(g),
            success: u8::from(self.judged.success(after)),
            judge_score: f64::from(after[self.judged.target]),
            preservation: self.judged.preservation(after),
            residual_l1,
        }
    }
}

/// The judge's accuracy on the real test images: `accuracy_<attribute>`; `accuracy` and `n` for the
/// target, of which as many are shown with as without.
pub(crate) fn accuracy(target: &Attribute, rows: &[AttributeRow]) -> BTreeMap<String, f64> {
    // Right verdicts and all.
    let mut counts: BTreeMap<&str, [usize; 2]> = BTreeMap::new();
    for row in rows {
        let [right, all] = counts.entry(&row.attribute).or_default();
        *right += usize::from(verdict(row.score_input) == (row.label == 1));
        *all += 1;
    }
    let mut figures = BTreeMap::new();
    for (attribute, [right, all]) in counts {
        let share = right as f64 / all as f64;
        figures.insert(format!("accuracy_{attribute}"), share);
        if attribute == target.name() {
            figures.insert("accuracy".to_owned(), share);
            figures.insert("n".to_owned(), all as f64);
        }
    }
    figures
}

#[cfg(test)]
mod tests {
    use super::*;

    const LABELS: [Option<bool>; 6] = [Some(true), Some(true), None, Some(false), None, None];

    fn rows(before: &[f32; 6], adds: bool, after: &[f32; 6]) -> Vec<AttributeRow> {
        let attributes: Vec<Attribute> = Attribute::of_the_paper().collect();
        let judged = Judged { target: 0, adds, labels: &LABELS, before };
        let attributes = &attributes[..];
        Subject { image: "1.jpg", direction: Direction::Remove, attributes, judged }.rows(after)
    }

    #[test]
    fn labelled_attributes_alone_have_rows() {
        let rows = rows(&[0.9, 0.9, 0.9, 0.1, 0.9, 0.9], false, &[0.1; 6]);
        let names: Vec<&str> = rows.iter().map(|row| &*row.attribute).collect();
        assert_eq!(names, ["eyeglasses", "mouth-slightly-open", "no-beard"]);
    }

    #[test]
    fn accuracy_counts_real_images_only_where_they_are_labelled() {
        let glasses = Attribute::of("eyeglasses");
        let figures = accuracy(&glasses, &rows(&[0.9, 0.2, 0.9, 0.1, 0.9, 0.9], false, &[0.1; 6]));
        assert_eq!((figures["accuracy"], figures["n"]), (1.0, 1.0));
        assert_eq!(figures["accuracy_mouth-slightly-open"], 0.0);
        assert!(!figures.contains_key("accuracy_young"));
        let half = accuracy(&glasses, &rows(&[0.5; 6], true, &[0.5; 6]));
        assert_eq!(half["accuracy"], 1.0, "one half is a yes");
    }
}
