//! Judges that are not good enough to speak of success, or of persons.

use std::collections::BTreeMap;

use config::RunConfig;

use crate::judges::Juror;

/// Below this share of held pairs a judge does not know what half an edit looks like.
pub(crate) const LEAST_CALIBRATION: f64 = 0.9;

/// Below this share of real images whose nearest other one shows the same person, the identity judge does
/// not know people.
const LEAST_RANK1: f64 = 0.7;

/// Columns of `images.csv` that are left out, with the reason. `figures` are those of the attribute judges,
/// `identity` those of the identity judge.
pub(crate) fn refused(
    run: &RunConfig,
    figures: &BTreeMap<String, f64>,
    identity: &BTreeMap<String, f64>,
) -> BTreeMap<String, String> {
    let mut refused = BTreeMap::new();
    let least = run.least_accuracy();
    for juror in Juror::ALL {
        let [plain, strict] = match juror {
            Juror::First => ["success", "success_strict"],
            Juror::Second => ["success_second", "success_strict_second"],
        };
        let figure = |name: &str| figures.get(&format!("{}{name}", juror.prefix())).copied();
        let mut refuse = |columns: &[&str], reason: &str| {
            let column = |column: &&str| ((*column).to_owned(), reason.to_owned());
            refused.extend(columns.iter().map(column));
        };
        let accuracy = figure("accuracy").unwrap_or_default();
        let calibration = figure("strict_calibration");
        if accuracy < least {
            let reason = format!(
                "the {} is right on {:.1} % of real images, below eval.least_accuracy = {least}",
                juror.title(),
                100.0 * accuracy
            );
            refuse(&[plain, strict, "judges_agree"], &reason);
        } else if let Some(right) = calibration.filter(|right| *right < LEAST_CALIBRATION) {
            let reason = format!(
                "the {} tells complete edits from others in {:.1} % of held pairs, below {} %",
                juror.title(),
                100.0 * right,
                100.0 * LEAST_CALIBRATION
            );
            refuse(&[strict, "judges_agree"], &reason);
        }
    }
    if let Some(rank1) = identity.get("rank1").filter(|rank1| **rank1 < LEAST_RANK1) {
        let reason = format!(
            "the identity judge finds the same person first for {:.1} % of real images, below {} %; better \
             weights can be given as eval.identity_weights",
            100.0 * rank1,
            100.0 * LEAST_RANK1
        );
        let columns = ["identity_kept", "identity_cosine"];
        refused.extend(columns.map(|column| (column.to_owned(), reason.clone())));
    }
    refused
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_judge_below_its_accuracy_is_refused_and_its_columns_say_why() {
        let run = RunConfig::from_toml("eval.least_accuracy = 0.95", "test").unwrap();
        let of = |accuracy: f64, calibration: f64| {
            let figures = [
                ("accuracy", accuracy),
                ("second_accuracy", 0.96),
                ("strict_calibration", calibration),
            ];
            let figures = figures.map(|(name, value)| (name.to_owned(), value)).into();
            refused(&run, &figures, &BTreeMap::new())
        };
        assert!(of(0.95, 0.95).is_empty());
        let weak = of(0.886, 0.95);
        let columns: Vec<&str> = weak.keys().map(String::as_str).collect();
        assert_eq!(columns, ["judges_agree", "success", "success_strict"]);
        let reason = "first attribute judge is right on 88.6 % of real images, below";
        assert!(weak["success"].contains(reason), "{weak:?}");
        let unsure: Vec<String> = of(0.97, 0.7).into_keys().collect();
        assert_eq!(unsure, ["judges_agree", "success_strict"]);
    }

    #[test]
    fn an_embedding_that_does_not_know_people_is_not_quoted() {
        let run = RunConfig::from_toml("eval.least_accuracy = 0.01", "test").unwrap();
        let of = |rank1: f64| {
            let judge =
                BTreeMap::from([("accuracy".to_owned(), 1.0), ("second_accuracy".to_owned(), 1.0)]);
            refused(&run, &judge, &BTreeMap::from([("rank1".to_owned(), rank1)]))
        };
        assert!(of(0.7).is_empty());
        let weak = of(0.22);
        let columns: Vec<&str> = weak.keys().map(String::as_str).collect();
        assert_eq!(columns, ["identity_cosine", "identity_kept"]);
        assert!(weak["identity_kept"].contains("first for 22.0 % of real images, below 70 %"));
    }
}
