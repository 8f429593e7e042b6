//! Judges that are not good enough to speak of success, or of persons.

use std::collections::BTreeMap;

use config::RunConfig;

use crate::calibration;
use crate::judges::Juror;
use crate::kind::EditKind;

/// Below this share of held pairs a judge does not know what half an edit looks like.
pub(crate) const LEAST_CALIBRATION: f64 = 0.9;

/// Below this share of real images whose nearest other one shows the same person, the identity judge does
/// not know people.
const LEAST_RANK1: f64 = 0.7;

/// A column of `images.csv` that is left out, in one direction alone or in both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    column: &'static str,
    /// `None` is both.
    adds: Option<bool>,
    reason: String,
}

impl Refusal {
    /// The column, and the direction if it is one.
    fn title(&self) -> String {
        match self.adds {
            None => self.column.to_owned(),
            Some(true) => format!("{} of adding", self.column),
            Some(false) => format!("{} of removing", self.column),
        }
    }

    /// Whether it leaves out this column of edits in that `direction`, as tables have it.
    pub(crate) fn is_of(&self, column: &str, direction: &str) -> bool {
        let adds = direction == EditKind::Add.name();
        self.column == column && self.adds.is_none_or(|own| own == adds)
    }
}

/// Reasons by what is left out.
pub(crate) fn reasons(refusals: &[Refusal]) -> BTreeMap<String, String> {
    refusals.iter().map(|refusal| (refusal.title(), refusal.reason.clone())).collect()
}

/// What is left out. `figures` are those of the attribute judges, `identity` those of the identity judge.
pub(crate) fn refusals(
    run: &RunConfig,
    figures: &BTreeMap<String, f64>,
    identity: &BTreeMap<String, f64>,
) -> Vec<Refusal> {
    let mut refusals = Vec::new();
    let mut refuse = |columns: &[&'static str], adds: Option<bool>, reason: &str| {
        let refusal = |column: &&'static str| Refusal { column, adds, reason: reason.to_owned() };
        refusals.extend(columns.iter().map(refusal));
    };
    let least = run.least_accuracy();
    for juror in Juror::ALL {
        let [plain, strict] = match juror {
            Juror::First => ["success", "success_strict"],
            Juror::Second => ["success_second", "success_strict_second"],
        };
        let figure = |name: &str| figures.get(&format!("{}{name}", juror.prefix())).copied();
        let accuracy = figure("accuracy").unwrap_or_default();
        // Of a few hundred images, so many are right by chance alone.
        let error = figures.get("n").map_or(0.0, |n| (accuracy * (1.0 - accuracy) / n).sqrt());
        if accuracy + error < least {
            let reason = format!(
                "the {} is right on {:.1} % of real images, below eval.least_accuracy = {least} by more than \
                 its standard error",
                juror.title(),
                100.0 * accuracy
            );
            refuse(&[plain, strict, "judges_agree"], None, &reason);
            continue;
        }
        for kind in [EditKind::Remove, EditKind::Add] {
            let calibration = figure(&format!("{}_{}", calibration::FIGURE, kind.name()));
            if let Some(right) = calibration.filter(|right| *right < LEAST_CALIBRATION) {
                let reason = format!(
                    "the {} tells complete edits from others in {:.1} % of held pairs, below {} %",
                    juror.title(),
                    100.0 * right,
                    100.0 * LEAST_CALIBRATION
                );
                refuse(&[strict, "judges_agree"], Some(kind.adds()), &reason);
            }
        }
    }
    const PERSONS: [&str; 2] = ["identity_kept", "identity_cosine"];
    let rank1 = identity.get("rank1");
    if rank1.is_none() && !identity.is_empty() && run.eval.source.0.is_some() {
        let reason = "nothing says how well the identity judge knows people of eval.source: its images show \
                      nobody twice, or do not say who they show";
        refuse(&PERSONS, None, reason);
    }
    if let Some(rank1) = rank1.filter(|rank1| **rank1 < LEAST_RANK1) {
        let reason = format!(
            "the identity judge finds the same person first for {:.1} % of real images, below {} %; better \
             weights can be given as eval.identity_weights",
            100.0 * rank1,
            100.0 * LEAST_RANK1
        );
        refuse(&PERSONS, None, &reason);
    }
    refusals
}

#[cfg(test)]
mod tests {
    use super::*;

    fn titles(refusals: &[Refusal]) -> Vec<String> {
        reasons(refusals).into_keys().collect()
    }

    #[test]
    fn a_judge_below_its_accuracy_is_refused_and_its_columns_say_why() {
        let run = RunConfig::from_toml("eval.least_accuracy = 0.95", "test").unwrap();
        let of = |accuracy: f64, removing: f64| {
            let figures = [
                ("n", 432.0),
                ("accuracy", accuracy),
                ("second_accuracy", 0.96),
                ("strict_calibration_remove", removing),
                ("strict_calibration_add", 0.95),
            ];
            let figures = figures.map(|(name, value)| (name.to_owned(), value)).into();
            refusals(&run, &figures, &BTreeMap::new())
        };
        assert!(of(0.95, 0.95).is_empty());
        // 0.94 of 432 images has a standard error of 0.0114, 0.93 one of 0.0123.
        assert!(of(0.94, 0.95).is_empty());
        assert_eq!(titles(&of(0.93, 0.95)), ["judges_agree", "success", "success_strict"]);
        let weak = of(0.886, 0.95);
        assert_eq!(titles(&weak), ["judges_agree", "success", "success_strict"]);
        let reason = "first attribute judge is right on 88.6 % of real images, below";
        assert!(weak.iter().all(|refusal| refusal.reason.contains(reason)), "{weak:?}");
        let unsure = of(0.97, 0.7);
        assert_eq!(titles(&unsure), ["judges_agree of removing", "success_strict of removing"]);
        let of = |column, kind: EditKind| {
            unsure.iter().any(|refusal| refusal.is_of(column, kind.name()))
        };
        assert!(
            of("success_strict", EditKind::Remove) && of("success_strict", EditKind::RemoveDrawn)
        );
        assert!(!of("success_strict", EditKind::Add) && !of("success", EditKind::Remove));
    }

    #[test]
    fn an_embedding_that_does_not_know_people_is_not_quoted() {
        let run = RunConfig::from_toml("eval.least_accuracy = 0.01", "test").unwrap();
        let of = |rank1: f64| {
            let judge =
                BTreeMap::from([("accuracy".to_owned(), 1.0), ("second_accuracy".to_owned(), 1.0)]);
            refusals(&run, &judge, &BTreeMap::from([("rank1".to_owned(), rank1)]))
        };
        assert!(of(0.7).is_empty());
        let weak = of(0.22);
        assert_eq!(titles(&weak), ["identity_cosine", "identity_kept"]);
        assert!(weak[0].reason.contains("first for 22.0 % of real images, below 70 %"));
        // On faces of another source it has to be shown anew.
        let run = RunConfig::from_toml("eval.source = \"synthetic\"", "test").unwrap();
        let unknown = BTreeMap::from([("gallery".to_owned(), 80.0)]);
        let judge =
            BTreeMap::from([("accuracy".to_owned(), 1.0), ("second_accuracy".to_owned(), 1.0)]);
        let refused = |identity| titles(&refusals(&run, &judge, identity));
        assert_eq!(refused(&unknown), ["identity_cosine", "identity_kept"]);
        assert!(refused(&BTreeMap::new()).is_empty());
    }
}
