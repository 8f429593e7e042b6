//! What a comparison holds.

use std::collections::BTreeMap;

use record::tables::DetectorQuality;
use serde::Serialize;

/// What to compare; anything left out is taken from the plan.
#[derive(Clone, Debug, Default)]
pub struct CompareOptions {
    /// Dotted key of the factor.
    pub factor: Option<String>,
    /// Level that every other level is compared with.
    pub baseline: Option<String>,
    /// Only this direction: `add` or `remove`.
    pub direction: Option<String>,
    /// Also an unfinished sweep, then with means and differences alone; otherwise it is refused.
    pub partial: bool,
    /// Also cells made by different code or judged by different judges, then with means and differences
    /// alone; otherwise they are refused.
    pub mixed: bool,
}

/// Every level of one factor against the baseline, paired by seed.
#[derive(Clone, Debug, Serialize)]
pub struct Comparison {
    /// The experiment.
    pub experiment: String,
    /// What it asks.
    pub question: String,
    /// The options that it was asked for with, in words; absent if there were none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub asked: Option<String>,
    /// Whether every planned cell is complete; otherwise there are no verdicts.
    pub complete: bool,
    /// Why the complete cells share no verdict, if they were made by different code or judged by
    /// different judges; there are no verdicts then.
    pub mixed: Option<String>,
    /// The part of the data that all numbers are of: `test` or `validation`; both words where cells
    /// were judged on either.
    pub part: String,
    /// Planned cells.
    pub cells_total: usize,
    /// Complete cells.
    pub cells_complete: usize,
    /// Cells that diverged; they are among the incomplete ones.
    pub cells_diverged: usize,
    /// The factor compared.
    pub factor: String,
    /// Its baseline.
    pub baseline: String,
    /// One row per group, level, metric and direction.
    pub rows: Vec<ComparisonRow>,
    /// Complete cells that entered no pair, with the reason.
    pub without_twin: Vec<NamedCell>,
    /// Cells that are not complete, with their state.
    pub incomplete: Vec<NamedCell>,
    /// The judges behind the numbers, each once.
    pub judges: Vec<JudgeQuality>,
    /// What a reader must know beside the numbers.
    pub notes: Vec<String>,
}

/// One metric of one level against the baseline.
///
/// Everything between `interval` and `seeds_needed` is `None` while the sweep is unfinished or mixed.
#[derive(Clone, Debug, Serialize)]
pub struct ComparisonRow {
    /// Column of `images.csv`, or metric of `scores.csv`.
    pub metric: String,
    /// `add` or `remove`.
    pub direction: String,
    /// The factor compared.
    pub factor: String,
    /// Its baseline.
    pub baseline: String,
    /// The level compared with the baseline.
    pub level: String,
    /// The other factors' levels as text, empty without other factors.
    pub group: String,
    /// Pairs of cells, one per seed.
    pub n_pairs: usize,
    /// Mean over seeds of the baseline's scores; a score is the mean over a cell's images.
    pub mean_baseline: f64,
    /// Standard deviation over seeds.
    pub sd_baseline: Option<f64>,
    /// Mean over seeds of the level's scores.
    pub mean_level: f64,
    /// Standard deviation over seeds.
    pub sd_level: Option<f64>,
    /// Mean paired difference, level - baseline.
    pub difference: f64,
    /// 95 % paired t interval of the difference, uncorrected; `None` below two pairs.
    pub interval: Option<[f64; 2]>,
    /// Two-sided sign-flip permutation p, Holm-corrected over the family; `None` for rows that are
    /// not tested: metrics of the input alone, and those that repeat another.
    pub p: Option<f64>,
    /// The same before the correction.
    pub p_uncorrected: Option<f64>,
    /// The smallest uncorrected p that this number of pairs can reach.
    pub p_floor: Option<f64>,
    /// Two-sided p of the paired t test over seeds, uncorrected; `None` below two pairs, where all
    /// pairs differ by the same amount, and for rows that are not tested.
    pub p_t: Option<f64>,
    /// The same, Holm-corrected over the family: the verdict rests on it.
    pub p_t_holm: Option<f64>,
    /// Two-sided p of the Wilcoxon signed-rank test over seeds, uncorrected.
    pub p_wilcoxon: Option<f64>,
    /// The smallest p that it can reach with this number of pairs.
    pub wilcoxon_floor: Option<f64>,
    /// McNemar's p of `success` and `identity_kept`, uncorrected: images that only one arm got
    /// right, pooled over seeds. It knows nothing of seeds, and so takes what one training run
    /// happened to learn for evidence: it says whether these trained generators differ, not
    /// whether the next ones will.
    pub p_mcnemar: Option<f64>,
    /// 95 % percentile bootstrap interval of the difference over seeds and images (those that all
    /// seeds share are drawn once), 2,000 resamples; `None` for metrics of whole sets.
    pub bootstrap: Option<[f64; 2]>,
    /// Cliff's delta of the scores over seeds: P(level > baseline) - P(level < baseline).
    pub cliffs_delta: Option<f64>,
    /// Seeds at which a paired t test at 5 % (uncorrected) finds a difference like the observed
    /// one four times in five; `None` where there is none to find, or above 10,000.
    pub seeds_needed: Option<usize>,
    /// Number of tests in the family: headline metrics and directions of this group and level are
    /// one family, the other metrics a second.
    pub family: usize,
    /// The metric of the family whose paired differences are the same up to sign; such a row is
    /// not tested again.
    pub derived_from: Option<String>,
    /// What may be claimed.
    pub verdict: Verdict,
    /// Runs of the group at the baseline that diverged; they are in no pair.
    pub diverged_baseline: usize,
    /// Runs of the group at the level that diverged.
    pub diverged_level: usize,
}

impl ComparisonRow {
    /// Whether all pairs differ by the same amount, but for rounding: scores that are counts of
    /// images do so by chance, and an interval without width measures no spread.
    pub(crate) fn without_spread(&self) -> bool {
        self.interval.is_some_and(|[lo, hi]| hi - lo <= 1e-9 * self.difference.abs())
    }
}

/// What may be claimed of a difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// The corrected t test rejects at 5 %, on the metric's better side.
    Better,
    /// The corrected t test rejects at 5 %, on the metric's worse side.
    Worse,
    /// The same above 0, of a metric without a better side.
    Higher,
    /// The same below 0, of a metric without a better side.
    Lower,
    /// The test does not reject, or there are too few pairs for one.
    #[serde(rename = "no evidence")]
    NoEvidence,
    /// The metric is measured on the input alone.
    #[serde(rename = "input only")]
    InputOnly,
    /// The metric's differences are those of another one, which has the verdict.
    Derived,
    /// Cells are missing: nothing may be claimed yet.
    Incomplete,
    /// Cells were made by different code or judged by different judges: nothing may be claimed.
    Mixed,
}

impl Verdict {
    /// The verdict in words, as in the JSON.
    pub fn name(self) -> &'static str {
        match self {
            Verdict::Better => "better",
            Verdict::Worse => "worse",
            Verdict::Higher => "higher",
            Verdict::Lower => "lower",
            Verdict::NoEvidence => "no evidence",
            Verdict::InputOnly => "input only",
            Verdict::Derived => "derived",
            Verdict::Incomplete => "incomplete",
            Verdict::Mixed => "mixed",
        }
    }
}

/// A cell and why it is named.
#[derive(Clone, Debug, Serialize)]
pub struct NamedCell {
    /// The cell.
    pub id: String,
    /// Its combination of levels.
    pub arm: String,
    /// Its seed.
    pub seed: u64,
    /// Why it is named.
    pub reason: String,
}

impl NamedCell {
    /// A line with the reason.
    pub(crate) fn line(&self) -> String {
        format!("{} ({}, seed {}): {}", self.id, self.arm, self.seed, self.reason)
    }
}

/// The judges of one attribute, on real images of the part that was judged.
#[derive(Clone, Debug, Serialize)]
pub struct JudgeQuality {
    /// The attribute that was edited.
    pub attribute: String,
    /// Figures of the attribute judges.
    pub classifier: BTreeMap<String, f64>,
    /// How easily their verdicts flip, averaged over cells.
    pub robustness: BTreeMap<String, f64>,
    /// Metrics that are left out since their judge is not good enough, with the reason.
    pub refused: BTreeMap<String, String>,
    /// Figures of the landmark judge; empty without landmarks.
    pub landmarks: BTreeMap<String, f64>,
    /// Every landmark detector.
    pub detectors: Vec<DetectorQuality>,
    /// Figures of the identity judge; empty where nobody knows who is shown.
    pub identity: BTreeMap<String, f64>,
    /// Cells that it judged.
    pub cells: usize,
}

impl JudgeQuality {
    /// Every figure with the judge it belongs to: `attribute`, `landmarks`, `identity`, or a
    /// detector and what it learned from.
    pub(crate) fn figures(&self) -> Vec<(String, String, f64)> {
        let named = [
            ("attribute", &self.classifier),
            ("attribute", &self.robustness),
            ("landmarks", &self.landmarks),
            ("identity", &self.identity),
        ];
        let mut figures = Vec::new();
        for (kind, values) in named {
            let own = values.iter().map(|(name, value)| (kind.to_owned(), name.clone(), *value));
            figures.extend(own);
        }
        for detector in &self.detectors {
            let count = |n: Option<usize>| n.map(|n| n as f64);
            let values = [
                ("nme", detector.nme),
                ("n", count(detector.n)),
                ("trained_on", count(detector.trained_on)),
            ];
            let kind = format!("{} {}", detector.detector, detector.training);
            let own = values.into_iter().filter_map(|(name, value)| Some((name, value?)));
            figures.extend(own.map(|(name, value)| (kind.clone(), name.to_owned(), value)));
        }
        figures
    }
}
