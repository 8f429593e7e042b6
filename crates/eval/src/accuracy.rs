//! How often judges of attributes are right on real images of the judged part.

use std::collections::BTreeMap;

use config::Attribute;
use metrics::verdict;

use crate::judges::{Juror, Opinion};

/// Right verdicts and all, by label.
type Counts = [[usize; 2]; 2];

/// What both judges said of real images, and of images that the attribute was drawn on.
#[derive(Default)]
pub(crate) struct Accuracy {
    counts: BTreeMap<String, Counts>,
    /// Drawn attributes that were seen, and all.
    drawn: BTreeMap<String, [usize; 2]>,
}

/// The mean of the shares of right verdicts on images without and with an attribute; `None` where both
/// are not shown.
fn balanced(counts: &Counts) -> Option<f64> {
    let share = |[right, all]: [usize; 2]| (all > 0).then(|| right as f64 / all as f64);
    Some((share(counts[0])? + share(counts[1])?) / 2.0)
}

impl Accuracy {
    /// One image with its labels, by the places of the attributes.
    pub(crate) fn add(
        &mut self,
        juror: Juror,
        attributes: &[Attribute],
        labels: &[Option<bool>],
        opinion: &Opinion,
    ) {
        for ((attribute, label), score) in attributes.iter().zip(labels).zip(&opinion.attributes) {
            let Some(label) = *label else { continue };
            let name = format!("{}accuracy_{}", juror.prefix(), attribute.name());
            let [right, all] = &mut self.counts.entry(name).or_default()[usize::from(label)];
            *right += usize::from(verdict(*score) == label);
            *all += 1;
        }
    }

    /// One image that the attribute was drawn on, and the probability that a judge gives it.
    pub(crate) fn add_drawn(&mut self, juror: Juror, score: f32) {
        let [seen, all] = self.drawn.entry(format!("{}drawn_seen", juror.prefix())).or_default();
        *seen += usize::from(verdict(score));
        *all += 1;
    }

    /// Balanced accuracies: `accuracy_<attribute>`; `accuracy` and `n` for the target; those of the second
    /// judge start with `second_`. `drawn_seen` is the share of drawn attributes that a judge sees.
    pub(crate) fn figures(&self, target: &Attribute) -> BTreeMap<String, f64> {
        let mut figures = BTreeMap::new();
        for (name, counts) in &self.counts {
            let Some(share) = balanced(counts) else { continue };
            figures.insert(name.clone(), share);
            for juror in Juror::ALL {
                if *name == format!("{}accuracy_{}", juror.prefix(), target.name()) {
                    figures.insert(format!("{}accuracy", juror.prefix()), share);
                    figures.insert("n".to_owned(), (counts[0][1] + counts[1][1]) as f64);
                }
            }
        }
        let share = |[seen, all]: &[usize; 2]| *seen as f64 / *all as f64;
        figures.extend(self.drawn.iter().map(|(name, counts)| (name.clone(), share(counts))));
        figures
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accuracy_is_balanced_and_counts_what_is_labelled() {
        let attributes = [Attribute::of("eyeglasses"), Attribute::of("young")];
        let says = |scores: [f32; 2]| Opinion { attributes: scores.to_vec(), completion: None };
        let mut accuracy = Accuracy::default();
        // Three with glasses, two of them seen; one without, seen as such. One half is a yes.
        for (label, score) in [(true, 0.9), (true, 0.5), (true, 0.2), (false, 0.1)] {
            accuracy.add(Juror::First, &attributes, &[Some(label), None], &says([score, 0.9]));
        }
        accuracy.add(Juror::Second, &attributes, &[Some(true), Some(true)], &says([0.9, 0.9]));
        accuracy.add_drawn(Juror::Second, 0.7);
        accuracy.add_drawn(Juror::Second, 0.3);
        let figures = accuracy.figures(&attributes[0]);
        let wanted = (2.0 / 3.0 + 1.0) / 2.0;
        assert_eq!((figures["accuracy"], figures["accuracy_eyeglasses"]), (wanted, wanted));
        assert_eq!((figures["n"], figures["second_drawn_seen"]), (4.0, 0.5));
        assert!(
            !figures.contains_key("accuracy_young") && !figures.contains_key("second_accuracy")
        );
    }
}
