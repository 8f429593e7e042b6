//! The target attribute's success and the others' preservation, at one strength and over many.

use std::collections::BTreeMap;

use config::Attribute;
use data::Labels;
use metrics::verdict;
use record::tables::{AttributeRow, StrengthRow};

/// Edit strengths g of `x + g r`: 1 is the edit itself.
pub const STRENGTHS: [f32; 9] = [0.0, 0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 1.75, 2.0];

/// One image's labels and the judge's probabilities before the edit.
pub(crate) struct Judged<'a> {
    pub(crate) image: &'a str,
    pub(crate) direction: &'static str,
    pub(crate) target: Attribute,
    pub(crate) labels: &'a Labels,
    pub(crate) before: &'a [f32; 6],
}

impl Judged<'_> {
    /// Whether the judge finds the edited image on the intended side.
    pub(crate) fn success(&self, after: &[f32; 6]) -> bool {
        verdict(after[self.target.index()]) == (self.direction == "add")
    }

    /// Share of the other labelled attributes on which the verdict did not change; `None` without.
    pub(crate) fn preservation(&self, after: &[f32; 6]) -> Option<f64> {
        let others =
            self.labelled().filter(|other| *other != self.target).map(|other| other.index());
        let kept: Vec<bool> =
            others.map(|i| verdict(self.before[i]) == verdict(after[i])).collect();
        let share = kept.iter().filter(|kept| **kept).count() as f64 / kept.len() as f64;
        (!kept.is_empty()).then_some(share)
    }

    fn labelled(&self) -> impl Iterator<Item = Attribute> {
        Attribute::ALL.iter().copied().filter(|a| self.labels[a.index()].is_some())
    }

    /// Every labelled attribute before and after.
    pub(crate) fn rows(&self, after: &[f32; 6]) -> Vec<AttributeRow> {
        let row = |attribute: Attribute| AttributeRow {
            image: self.image.to_owned(),
            direction: self.direction.into(),
            attribute: attribute.name().into(),
            label: u8::from(self.labels[attribute.index()] == Some(true)),
            score_input: f64::from(self.before[attribute.index()]),
            score_edited: f64::from(after[attribute.index()]),
        };
        self.labelled().map(row).collect()
    }

    /// The edit at strength `g`.
    pub(crate) fn at(&self, g: f32, after: &[f32; 6], residual_l1: f64) -> StrengthRow {
        StrengthRow {
            image: self.image.to_owned(),
            direction: self.direction.into(),
            strength: f64::from(g),
            success: u8::from(self.success(after)),
            judge_score: f64::from(after[self.target.index()]),
            preservation: self.preservation(after),
            residual_l1,
        }
    }
}

/// The judge's accuracy on the real test images: `accuracy_<attribute>`; `accuracy` and `n` for the
/// target, of which as many are shown with as without.
pub(crate) fn accuracy(target: Attribute, rows: &[AttributeRow]) -> BTreeMap<String, f64> {
    let mut figures = BTreeMap::new();
    for attribute in Attribute::ALL {
        let rows: Vec<&AttributeRow> =
            rows.iter().filter(|row| row.attribute == attribute.name()).collect();
        let right = |row: &&&AttributeRow| verdict(row.score_input) == (row.label == 1);
        if !rows.is_empty() {
            let share = rows.iter().filter(right).count() as f64 / rows.len() as f64;
            figures.insert(format!("accuracy_{attribute}"), share);
            if *attribute == target {
                figures.insert("accuracy".to_owned(), share);
                figures.insert("n".to_owned(), rows.len() as f64);
            }
        }
    }
    figures
}

#[cfg(test)]
mod tests {
    use super::*;

    const LABELS: Labels = [Some(true), Some(true), None, Some(false), None, None];

    fn judged<'a>(before: &'a [f32; 6], direction: &'static str) -> Judged<'a> {
        let target = Attribute::Eyeglasses;
        Judged { image: "1.jpg", direction, target, labels: &LABELS, before }
    }

    #[test]
    fn preservation_ignores_the_target_and_unlabelled_attributes() {
        let before = [0.9, 0.9, 0.9, 0.1, 0.9, 0.9];
        let after = [0.1, 0.8, 0.1, 0.7, 0.1, 0.1];
        assert_eq!(judged(&before, "remove").preservation(&after), Some(0.5));
        let rows = judged(&before, "remove").rows(&after);
        let names: Vec<&str> = rows.iter().map(|row| &*row.attribute).collect();
        assert_eq!(names, ["eyeglasses", "mouth-slightly-open", "no-beard"]);
    }

    #[test]
    fn success_depends_on_the_direction() {
        let scores = [0.2, 0.5, 0.5, 0.5, 0.5, 0.5];
        assert!(judged(&scores, "remove").success(&scores));
        assert!(!judged(&scores, "add").success(&scores));
    }

    #[test]
    fn a_probability_of_one_half_is_a_yes_as_in_the_tables() {
        let half = [0.5; 6];
        assert!(judged(&half, "add").success(&half) && !judged(&half, "remove").success(&half));
        let rows = judged(&half, "add").rows(&half);
        assert_eq!(accuracy(Attribute::Eyeglasses, &rows)["accuracy"], 1.0);
        let above = [0.6; 6];
        assert_eq!(judged(&half, "add").preservation(&above), Some(1.0));
    }

    #[test]
    fn accuracy_counts_real_images_only_where_they_are_labelled() {
        let before = [0.9, 0.2, 0.9, 0.1, 0.9, 0.9];
        let after = [0.1; 6];
        let figures = accuracy(Attribute::Eyeglasses, &judged(&before, "remove").rows(&after));
        assert_eq!((figures["accuracy"], figures["n"]), (1.0, 1.0));
        assert_eq!(figures["accuracy_mouth-slightly-open"], 0.0);
        assert!(!figures.contains_key("accuracy_young"));
    }
}
