//! What the attribute judge says of one edit.

use crate::verdict;

/// One image's labels and the judge's probabilities before the edit, by the places of the judged
/// attributes.
#[derive(Clone, Copy, Debug)]
pub struct Judged<'a> {
    /// Place of the edited attribute.
    pub target: usize,
    /// Whether the edit adds it.
    pub adds: bool,
    /// The data set's labels of the original; `None` where it says nothing.
    pub labels: &'a [Option<bool>],
    /// Probabilities of the original, 0 to 1.
    pub before: &'a [f32],
}

impl Judged<'_> {
    /// Whether the judge finds the edited image on the intended side.
    pub fn success(&self, after: &[f32]) -> bool {
        verdict(after[self.target]) == self.adds
    }

    /// Share of the other labelled attributes on which the verdict did not change; `None` without.
    pub fn preservation(&self, after: &[f32]) -> Option<f64> {
        let others = self.labelled().filter(|place| *place != self.target);
        let kept: Vec<bool> =
            others.map(|i| verdict(self.before[i]) == verdict(after[i])).collect();
        let share = kept.iter().filter(|kept| **kept).count() as f64 / kept.len() as f64;
        (!kept.is_empty()).then_some(share)
    }

    /// Places of the attributes that the data set labels on this image.
    pub fn labelled(&self) -> impl Iterator<Item = usize> {
        self.labels.iter().enumerate().filter(|(_, label)| label.is_some()).map(|(place, _)| place)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LABELS: [Option<bool>; 6] = [Some(true), Some(true), None, Some(false), None, None];

    fn judged(before: &[f32; 6], adds: bool) -> Judged<'_> {
        Judged { target: 0, adds, labels: &LABELS, before }
    }

    #[test]
    fn preservation_ignores_the_target_and_unlabelled_attributes() {
        let before = [0.9, 0.9, 0.9, 0.1, 0.9, 0.9];
        let after = [0.1, 0.8, 0.1, 0.7, 0.1, 0.1];
        assert_eq!(judged(&before, false).preservation(&after), Some(0.5));
        assert_eq!(judged(&before, false).labelled().collect::<Vec<_>>(), [0, 1, 3]);
    }

    #[test]
    fn success_depends_on_the_direction() {
        let scores = [0.2, 0.5, 0.5, 0.5, 0.5, 0.5];
        assert!(judged(&scores, false).success(&scores));
        assert!(!judged(&scores, true).success(&scores));
    }

    #[test]
    fn a_probability_of_one_half_is_a_yes_as_in_the_tables() {
        let half = [0.5; 6];
        assert!(judged(&half, true).success(&half) && !judged(&half, false).success(&half));
        assert_eq!(judged(&half, true).preservation(&[0.6; 6]), Some(1.0));
    }
}
