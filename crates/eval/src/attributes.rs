//! What the attribute judge says of every attribute, at one strength and over many.

use config::Attribute;
use metrics::{Judged, verdict};
use record::tables::{AttributeRow, StrengthRow};

use crate::kind::EditKind;

/// Edit strengths g of `x + g r`: 1 is the edit itself.
pub const STRENGTHS: [f32; 9] = [0.0, 0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 1.75, 2.0];

/// One image before the edit, with its name and the names of what is judged.
pub(crate) struct Subject<'a> {
    pub(crate) image: &'a str,
    pub(crate) kind: EditKind,
    pub(crate) attributes: &'a [Attribute],
    pub(crate) judged: Judged<'a>,
}

impl Subject<'_> {
    /// Every labelled attribute before and after.
    pub(crate) fn rows(&self, after: &[f32]) -> Vec<AttributeRow> {
        let row = |place: usize| AttributeRow {
            image: self.image.to_owned(),
            direction: self.kind.name().into(),
            attribute: self.attributes[place].name().to_owned().into(),
            label: u8::from(self.judged.labels[place] == Some(true)),
            score_input: f64::from(self.judged.before[place]),
            score_edited: f64::from(after[place]),
        };
        self.judged.labelled().map(row).collect()
    }

    /// The edit at strength `g`, of which judges find it `complete` or not, and which makes a share of the
    /// true change.
    pub(crate) fn at(
        &self,
        g: f32,
        (after, complete): (&[f32], Option<f64>),
        explained: Option<f64>,
        residual_l1: f64,
    ) -> StrengthRow {
        StrengthRow {
            image: self.image.to_owned(),
            direction: self.kind.name().into(),
            strength: f64::from(g),
            success: Some(u8::from(self.judged.success(after))),
            judge_score: f64::from(after[self.judged.target]),
            preservation: self.judged.preservation(after),
            residual_l1,
            success_strict: complete.map(|probability| u8::from(verdict(probability as f32))),
            explained,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LABELS: [Option<bool>; 6] = [Some(true), Some(true), None, Some(false), None, None];

    fn rows(before: &[f32; 6], adds: bool, after: &[f32; 6]) -> Vec<AttributeRow> {
        let attributes: Vec<Attribute> = Attribute::of_the_paper().collect();
        let judged = Judged { target: 0, adds, labels: &LABELS, before };
        let attributes = &attributes[..];
        Subject { image: "1.jpg", kind: EditKind::Remove, attributes, judged }.rows(after)
    }

    #[test]
    fn labelled_attributes_alone_have_rows() {
        let rows = rows(&[0.9, 0.9, 0.9, 0.1, 0.9, 0.9], false, &[0.1; 6]);
        let names: Vec<&str> = rows.iter().map(|row| &*row.attribute).collect();
        assert_eq!(names, ["eyeglasses", "mouth-slightly-open", "no-beard"]);
    }
}
