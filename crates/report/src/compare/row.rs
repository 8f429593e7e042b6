//! One metric of one arm: scores, paired differences and every test of them.

use metrics::verdict;
use rayon::prelude::*;

use super::pairing::Pairs;
use super::{ComparisonRow, Verdict};
use crate::bootstrap::bootstrap;
use crate::load::{Cell, Images};
use crate::matching::same_names;
use metrics::{Metric, catalogue};

/// Every metric that at least one pair has on both sides, without verdicts yet.
pub(super) fn rows(pairs: &Pairs<'_>) -> Vec<ComparisonRow> {
    let cells = || pairs.0.iter().flat_map(|(a, b)| [*a, *b]);
    let mut directions: Vec<&str> = cells().flat_map(Cell::directions).collect();
    directions.sort_unstable();
    directions.dedup();
    let matched: Vec<Matched<'_>> =
        directions.iter().map(|direction| Matched::of(pairs, direction)).collect();
    let metrics = catalogue::ordered(cells().flat_map(Cell::metrics));
    let arms =
        metrics.iter().flat_map(|metric| directions.iter().zip(&matched).map(move |d| (metric, d)));
    let keys: Vec<_> = arms.collect();
    // In parallel for the bootstraps; the order stays.
    let rows = keys
        .par_iter()
        .filter_map(|(metric, (direction, matched))| row(pairs, metric, direction, matched));
    let mut rows: Vec<ComparisonRow> = rows.collect();
    name_repetitions(&mut rows);
    rows
}

/// One direction of a pair of cells.
struct MatchedPair<'r> {
    baseline: &'r Images,
    level: &'r Images,
    /// Rows of the images that both were judged on.
    rows: Vec<(usize, usize)>,
}

/// Images of one direction that both cells of a pair were judged on.
struct Matched<'r>(Vec<MatchedPair<'r>>);

impl<'r> Matched<'r> {
    fn of(pairs: &Pairs<'r>, direction: &str) -> Matched<'r> {
        let both = |(a, b): &(&'r Cell, &'r Cell)| {
            let (baseline, level) = (a.images.as_ref()?, b.images.as_ref()?);
            let rows = same_names(&baseline.names(direction), &level.names(direction));
            Some(MatchedPair { baseline, level, rows })
        };
        Matched(pairs.0.iter().filter_map(both).collect())
    }

    /// Name, baseline's and level's value of every matched image that has both, by pair of cells.
    fn values(&self, metric: &str) -> Vec<Vec<(&'r str, f64, f64)>> {
        let of_pair = |pair: &MatchedPair<'r>| {
            let MatchedPair { baseline, level, rows } = pair;
            let (Some(a), Some(b)) = (baseline.column(metric), level.column(metric)) else {
                return Vec::new();
            };
            let both = |(i, j): &(usize, usize)| {
                let row = &baseline.rows[*i];
                Some((row.image.as_str(), row.values[a]?, level.rows[*j].values[b]?))
            };
            rows.iter().filter_map(both).collect()
        };
        let pairs = self.0.iter().map(of_pair);
        pairs.filter(|images: &Vec<_>| !images.is_empty()).collect()
    }
}

fn row(
    pairs: &Pairs<'_>,
    metric: &str,
    direction: &str,
    matched: &Matched<'_>,
) -> Option<ComparisonRow> {
    let scores = pairs
        .0
        .iter()
        .filter_map(|(a, b)| Some((a.score(direction, metric)?, b.score(direction, metric)?)));
    let (baseline, level): (Vec<f64>, Vec<f64>) = scores.unzip();
    let differences = stats::paired_differences(&level, &baseline).ok()?;
    let interval = stats::paired_t_interval(&differences).map(|i| [i.lo, i.hi]);
    let known = catalogue::find(metric);
    let mut row = ComparisonRow {
        metric: metric.to_owned(),
        direction: direction.to_owned(),
        factor: String::new(),
        baseline: String::new(),
        level: String::new(),
        group: String::new(),
        n_pairs: differences.len(),
        mean_baseline: stats::mean(&baseline)?,
        sd_baseline: stats::sample_sd(&baseline),
        mean_level: stats::mean(&level)?,
        sd_level: stats::sample_sd(&level),
        difference: stats::mean(&differences)?,
        interval,
        p: None,
        p_uncorrected: None,
        p_floor: None,
        p_t: None,
        p_t_holm: None,
        p_wilcoxon: None,
        wilcoxon_floor: None,
        p_mcnemar: None,
        bootstrap: None,
        cliffs_delta: None,
        seeds_needed: None,
        family: 0,
        derived_from: None,
        verdict: Verdict::NoEvidence,
        diverged_baseline: 0,
        diverged_level: 0,
    };
    if known.is_some_and(|metric| metric.input_only) {
        return Some(row);
    }
    let images = matched.values(metric);
    row.bootstrap = bootstrap(&differences_of(&images));
    row.cliffs_delta = stats::cliffs_delta(&level, &baseline);
    row.p_mcnemar = known.and_then(|metric| mcnemar(metric, &images));
    test(&mut row, &differences);
    Some(row)
}

/// Tests of the paired differences over seeds.
fn test(row: &mut ComparisonRow, differences: &[f64]) {
    // Seeded by nothing in the data: the same results give the same p.
    if let Some(flips) = stats::sign_flip(differences, 1) {
        (row.p_uncorrected, row.p_floor) = (Some(flips.p), Some(flips.p_floor));
    }
    if let Some(ranks) = stats::wilcoxon_signed_rank(differences) {
        (row.p_wilcoxon, row.wilcoxon_floor) = (Some(ranks.p), Some(ranks.p_floor));
    }
    // Equal but for rounding: a t of any size could come out.
    if !row.without_spread() || row.difference == 0.0 {
        row.p_t = stats::paired_t_test(differences).map(|test| test.p);
        row.seeds_needed = stats::seeds_needed(differences);
    }
}

fn differences_of<'a>(images: &[Vec<(&'a str, f64, f64)>]) -> Vec<Vec<(&'a str, f64)>> {
    images.iter().map(|images| images.iter().map(|(name, a, b)| (*name, b - a)).collect()).collect()
}

fn mcnemar(metric: &Metric, images: &[Vec<(&str, f64, f64)>]) -> Option<f64> {
    if !metric.binary || images.is_empty() {
        return None;
    }
    let count =
        |one: fn(&(&str, f64, f64)) -> bool| images.iter().flatten().filter(|p| one(p)).count();
    let only_baseline = count(|(_, a, b)| verdict(*a) && !verdict(*b));
    let only_level = count(|(_, a, b)| !verdict(*a) && verdict(*b));
    Some(stats::mcnemar(only_baseline as u64, only_level as u64).p)
}

/// A metric whose headline stands in the same family and direction is not tested a second time.
fn name_repetitions(rows: &mut [ComparisonRow]) {
    let present: Vec<(String, String)> =
        rows.iter().map(|row| (row.metric.clone(), row.direction.clone())).collect();
    for row in rows {
        let headline = catalogue::find(&row.metric).and_then(|metric| metric.same_as);
        let Some(headline) = headline else { continue };
        if present.iter().any(|(m, d)| m == headline && *d == row.direction) {
            row.derived_from = Some(headline.to_owned());
            (row.p_uncorrected, row.p_floor, row.p_t) = (None, None, None);
            (row.p_wilcoxon, row.wilcoxon_floor, row.seeds_needed) = (None, None, None);
        }
    }
}
