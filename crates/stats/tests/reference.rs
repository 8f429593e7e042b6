//! Every function against another implementation (`scripts/stats_reference.py`).

#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;

use serde::Deserialize;
use stats::Interval;

#[derive(Deserialize)]
struct Reference {
    versions: BTreeMap<String, String>,
    t_tests: Vec<TCase>,
    sign_flips: Vec<SignFlipCase>,
    wilcoxons: Vec<WilcoxonCase>,
    mcnemars: Vec<McNemarCase>,
    holms: Vec<HolmCase>,
    bootstraps: Vec<BootstrapCase>,
    crossed_bootstraps: Vec<BootstrapCase>,
    cliffs: Vec<CliffCase>,
    powers: Vec<PowerCase>,
    seeds_needed: Vec<SeedsCase>,
    proportions: Vec<ProportionCase>,
}

#[derive(Deserialize, Debug)]
struct TCase {
    differences: Vec<f64>,
    t: f64,
    df: f64,
    p: f64,
    lo: f64,
    hi: f64,
}

#[derive(Deserialize, Debug)]
struct SignFlipCase {
    differences: Vec<f64>,
    p: f64,
}

#[derive(Deserialize, Debug)]
struct WilcoxonCase {
    differences: Vec<f64>,
    exact: bool,
    n_used: usize,
    statistic: f64,
    p: f64,
    source: String,
}

#[derive(Deserialize, Debug)]
struct McNemarCase {
    only_baseline: u64,
    only_level: u64,
    exact: bool,
    p: f64,
}

#[derive(Deserialize, Debug)]
struct HolmCase {
    p: Vec<f64>,
    corrected: Vec<f64>,
}

#[derive(Deserialize, Debug)]
struct BootstrapCase {
    seeds: Vec<Vec<f64>>,
    lo: f64,
    hi: f64,
}

#[derive(Deserialize, Debug)]
struct CliffCase {
    level: Vec<f64>,
    baseline: Vec<f64>,
    delta: f64,
}

#[derive(Deserialize, Debug)]
struct PowerCase {
    effect: f64,
    n: usize,
    alpha: f64,
    power: f64,
    source: String,
}

#[derive(Deserialize, Debug)]
struct SeedsCase {
    differences: Vec<f64>,
    n: Option<usize>,
}

#[derive(Deserialize, Debug)]
struct ProportionCase {
    successes: u64,
    n: u64,
    lo: f64,
    hi: f64,
}

fn reference() -> Reference {
    serde_json::from_str(include_str!("reference.json")).unwrap()
}

/// Within 1e-9 relative; the floor only lets 0 equal what another sum leaves of it.
#[track_caller]
fn same(found: f64, expected: f64, case: &dyn std::fmt::Debug) {
    let bound = 1e-9 * expected.abs() + 1e-300;
    assert!((found - expected).abs() <= bound, "{found:e} is not {expected:e}: {case:?}");
}

#[test]
fn the_reference_says_where_it_comes_from() {
    let versions = reference().versions;
    for name in ["numpy", "scipy", "statsmodels"] {
        assert!(versions[name].starts_with(char::is_numeric), "{versions:?}");
    }
}

#[test]
fn t_test_and_interval() {
    for case in reference().t_tests {
        let test = stats::paired_t_test(&case.differences).unwrap();
        same(test.t, case.t, &case);
        same(test.df, case.df, &case);
        same(test.p, case.p, &case);
        let Interval { lo, hi } = stats::paired_t_interval(&case.differences).unwrap();
        same(lo, case.lo, &case);
        same(hi, case.hi, &case);
    }
}

#[test]
fn sign_flip() {
    for case in reference().sign_flips {
        let test = stats::sign_flip(&case.differences, 0).unwrap();
        assert!(test.exact);
        same(test.p, case.p, &case);
    }
}

#[test]
fn wilcoxon() {
    let cases = reference().wilcoxons;
    for source in ["exact", "exact without zeros", "permutation", "asymptotic"] {
        assert!(cases.iter().any(|case| case.source == source), "{source}");
    }
    for case in cases {
        let test = stats::wilcoxon_signed_rank(&case.differences).unwrap();
        assert_eq!((test.exact, test.n_used), (case.exact, case.n_used), "{case:?}");
        same(test.statistic, case.statistic, &case);
        same(test.p, case.p, &case);
        assert!(test.p >= test.p_floor);
    }
}

#[test]
fn mcnemar() {
    for case in reference().mcnemars {
        let test = stats::mcnemar(case.only_baseline, case.only_level);
        assert_eq!(test.exact, case.exact);
        same(test.p, case.p, &case);
    }
}

#[test]
fn holm() {
    for case in reference().holms {
        for (found, expected) in stats::holm(&case.p).into_iter().zip(&case.corrected) {
            same(found, *expected, &case);
        }
    }
}

/// Ends within 1 % of the width. Both sides are simulated, with 1 000 000 and 200 000 resamples:
/// the standard error of a 2.5 % quantile is about `2.7 sd / sqrt(resamples)`, of the difference
/// of two such 0.0066 sd, and the width 3.9 sd: 1 % are 6 standard errors.
fn bootstrap(case: &BootstrapCase, found: Interval) {
    let tolerance = 0.01 * (case.hi - case.lo);
    assert!((found.lo - case.lo).abs() < tolerance, "{found:?}: {case:?}");
    assert!((found.hi - case.hi).abs() < tolerance, "{found:?}: {case:?}");
}

#[test]
fn hierarchical_bootstrap() {
    for case in reference().bootstraps {
        bootstrap(&case, stats::hierarchical_bootstrap(&case.seeds, 200_000, 11).unwrap());
    }
}

#[test]
fn crossed_bootstrap() {
    for case in reference().crossed_bootstraps {
        bootstrap(&case, stats::crossed_bootstrap(&case.seeds, 200_000, 11).unwrap());
    }
}

#[test]
fn cliffs_delta() {
    for case in reference().cliffs {
        same(stats::cliffs_delta(&case.level, &case.baseline).unwrap(), case.delta, &case);
    }
}

#[test]
fn power() {
    let cases = reference().powers;
    // statsmodels has no number for some cases; the script integrates those.
    assert!(cases.iter().filter(|case| case.source == "statsmodels").count() > 150);
    for case in cases {
        same(stats::paired_t_power(case.effect, case.n, case.alpha), case.power, &case);
    }
}

#[test]
fn seeds_needed() {
    for case in reference().seeds_needed {
        assert_eq!(stats::seeds_needed(&case.differences), case.n, "{case:?}");
    }
}

#[test]
fn proportion() {
    for case in reference().proportions {
        let Interval { lo, hi } =
            stats::confidence_interval_of_proportion(case.successes, case.n).unwrap();
        // The other side leaves rounding of about 1e-17 where an end is 0.
        assert!((lo - case.lo).abs() <= 1e-9 * case.lo + 1e-16, "{lo:e}: {case:?}");
        same(hi, case.hi, &case);
    }
}
