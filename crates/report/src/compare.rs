//! Twins: cells that differ in one factor alone.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::ReportError;
use crate::load::{Cell, Judge, Results};
use crate::metric::{self, Better};

/// What to compare; anything left out is taken from the plan.
#[derive(Clone, Debug, Default)]
pub struct CompareOptions {
    /// Dotted key of the factor.
    pub factor: Option<String>,
    /// Level that every other level is compared with.
    pub baseline: Option<String>,
    /// Only this direction: `add` or `remove`.
    pub direction: Option<String>,
}

/// Every level of one factor against the baseline, paired by seed.
#[derive(Clone, Debug, Serialize)]
pub struct Comparison {
    /// The experiment.
    pub experiment: String,
    /// What it asks.
    pub question: String,
    /// Whether every planned cell is complete; otherwise there are no verdicts.
    pub complete: bool,
    /// Planned cells.
    pub cells_total: usize,
    /// Complete cells.
    pub cells_complete: usize,
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
#[derive(Clone, Debug, Serialize)]
pub struct ComparisonRow {
    /// Column of `images.csv`.
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
    /// Two-sided sign-flip permutation p, Holm-corrected over the family; `None` for metrics of
    /// the input alone, which no arm can change.
    pub p: Option<f64>,
    /// The same before the correction.
    pub p_uncorrected: Option<f64>,
    /// The smallest uncorrected p that this number of pairs can reach.
    pub p_floor: Option<f64>,
    /// Number of tests in the family: the metrics and directions of this group and level.
    pub family: usize,
    /// What may be claimed.
    pub verdict: Verdict,
}

impl ComparisonRow {
    /// Whether all pairs differ by the same amount, but for rounding: scores that are counts of
    /// images do so by chance, and an interval without width measures no spread.
    fn without_spread(&self) -> bool {
        self.interval.is_some_and(|[lo, hi]| hi - lo <= 1e-9 * self.difference.abs())
    }
}

/// What may be claimed of a difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// The interval excludes 0 on the metric's better side.
    Better,
    /// The interval excludes 0 on the metric's worse side.
    Worse,
    /// Above 0, of a metric without a better side.
    Higher,
    /// Below 0, of a metric without a better side.
    Lower,
    /// The interval holds 0, or there are too few pairs for one.
    #[serde(rename = "no evidence")]
    NoEvidence,
    /// The metric is measured on the input alone.
    #[serde(rename = "input only")]
    InputOnly,
    /// Cells are missing: nothing may be claimed yet.
    Incomplete,
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
            Verdict::Incomplete => "incomplete",
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

/// The judges of one attribute, on real test images.
#[derive(Clone, Debug, Serialize)]
pub struct JudgeQuality {
    /// The attribute that was edited.
    pub attribute: String,
    /// Figures of the attribute judge.
    pub classifier: BTreeMap<String, f64>,
    /// Figures of the landmark judge; empty without landmarks.
    pub landmarks: BTreeMap<String, f64>,
    /// Cells that it judged.
    pub cells: usize,
}

/// Pairs every complete cell with its twin that differs in the factor alone.
///
/// # Errors
/// No complete cell; a factor, baseline or direction that the results do not have; a plan that
/// does not say what to compare.
pub fn compare(results: &Results, options: &CompareOptions) -> Result<Comparison, ReportError> {
    let (factor, baseline) = question_of(results, options)?;
    if !results.cells.iter().any(Cell::is_complete) {
        return Err(ReportError::NothingComplete {
            results: results.dir.clone(),
            experiment: results.experiment.clone(),
            total: results.cells.len(),
            states: results.states(),
        });
    }
    let directions = directions_of(results, options)?;
    let pairing = Pairing::of(results, &factor, &baseline);
    let mut rows = Vec::new();
    for ((group, level), pairs) in &pairing.arms {
        let mut family = pairs.rows();
        let complete = results.complete();
        judge_family(&mut family, complete);
        family.retain(|row| directions.contains(&row.direction.as_str()));
        for row in &mut family {
            row.factor.clone_from(&factor);
            row.baseline.clone_from(&baseline);
            row.group.clone_from(group);
            row.level.clone_from(level);
        }
        rows.extend(family);
    }
    let named = |cell: &Cell, reason: String| NamedCell {
        id: cell.id.clone(),
        arm: results.arm(cell),
        seed: cell.seed,
        reason,
    };
    let incomplete = results.cells.iter().filter(|cell| !cell.is_complete());
    let incomplete = incomplete.map(|cell| {
        let state = cell.state.name();
        let reason = cell.note.as_ref().map_or_else(|| state.into(), |n| format!("{state}: {n}"));
        named(cell, reason)
    });
    Ok(Comparison {
        experiment: results.experiment.clone(),
        question: results.question.clone(),
        complete: results.complete(),
        cells_total: results.cells.len(),
        cells_complete: results.cells.iter().filter(|cell| cell.is_complete()).count(),
        incomplete: incomplete.collect(),
        without_twin: pairing.alone.iter().map(|(cell, why)| named(cell, why.clone())).collect(),
        judges: judges_of(results),
        notes: notes(results, &pairing, &rows, &factor),
        factor,
        baseline,
        rows,
    })
}

/// Factor and baseline: asked for, or the plan's, or the only ones there are.
fn question_of(
    results: &Results,
    options: &CompareOptions,
) -> Result<(String, String), ReportError> {
    let path = results.dir.join("plan.json");
    let keys = results.factors.iter().map(|(key, _)| key.as_str());
    let planned = results.compare.as_ref();
    let factor = match (&options.factor, planned, results.factors.as_slice()) {
        (Some(factor), _, _) => factor.clone(),
        (None, Some((factor, _)), _) => factor.clone(),
        (None, None, [(only, _)]) => only.clone(),
        (None, None, []) => {
            let hint = "it has no factors: give the experiment a table [factors]".to_owned();
            return Err(ReportError::NoFactor { path, hint });
        }
        (None, None, _) => {
            let hint = format!("name one of its factors: {}", keys.collect::<Vec<_>>().join(", "));
            return Err(ReportError::NoFactor { path, hint });
        }
    };
    let Some((_, levels)) = results.factors.iter().find(|(key, _)| *key == factor) else {
        if results.factors.is_empty() {
            let hint = "it has no factors: give the experiment a table [factors]".to_owned();
            return Err(ReportError::NoFactor { path, hint });
        }
        return Err(ReportError::unknown(path, "factor", &factor, keys));
    };
    let planned = planned.filter(|(key, _)| *key == factor).map(|(_, baseline)| baseline);
    let baseline = options.baseline.as_ref().or(planned).or(levels.first()).cloned();
    let baseline = baseline.unwrap_or_default();
    if !levels.contains(&baseline) {
        let levels = levels.iter().map(String::as_str);
        return Err(ReportError::unknown(path, "baseline", &baseline, levels));
    }
    Ok((factor, baseline))
}

fn directions_of<'r>(
    results: &'r Results,
    options: &CompareOptions,
) -> Result<Vec<&'r str>, ReportError> {
    let mut directions = results.directions();
    if let Some(wanted) = &options.direction {
        if !directions.contains(&wanted.as_str()) {
            let path = results.dir.join("cells");
            let known = directions.iter().copied();
            return Err(ReportError::unknown(path, "direction", wanted, known));
        }
        directions.retain(|direction| direction == wanted);
    }
    Ok(directions)
}

/// Cells by pairs, and those left alone.
struct Pairing<'r> {
    /// Group and level to pairs, in the plan's order.
    arms: Vec<((String, String), Pairs<'r>)>,
    alone: Vec<(&'r Cell, String)>,
}

#[derive(Default)]
struct Pairs<'r>(Vec<(&'r Cell, &'r Cell)>);

impl<'r> Pairing<'r> {
    fn of(results: &'r Results, factor: &str, baseline: &str) -> Pairing<'r> {
        let mut pairing = Pairing { arms: Vec::new(), alone: Vec::new() };
        let mut paired: BTreeSet<&str> = BTreeSet::new();
        let is_baseline =
            |cell: &Cell| cell.factors.get(factor).is_some_and(|level| level == baseline);
        for cell in results.cells.iter().filter(|cell| cell.is_complete() && !is_baseline(cell)) {
            let twins = results.cells.iter().filter(|twin| is_baseline(twin));
            match complete_twin(twins, cell, factor) {
                Ok(twin) => {
                    paired.extend([cell.id.as_str(), twin.id.as_str()]);
                    let level = cell.factors.get(factor).cloned().unwrap_or_default();
                    pairing.push((group_of(results, cell, factor), level), (twin, cell));
                }
                Err(None) => {
                    let reason = format!("no other cell differs in {factor} = {baseline} alone");
                    pairing.alone.push((cell, reason));
                }
                Err(Some(twin)) => pairing.alone.push((cell, twin_state(twin))),
            }
        }
        for cell in results.cells.iter().filter(|cell| cell.is_complete() && is_baseline(cell)) {
            if !paired.contains(cell.id.as_str()) {
                let twins = results.cells.iter().filter(|twin| !is_baseline(twin));
                let reason = match complete_twin(twins, cell, factor) {
                    Err(Some(twin)) => twin_state(twin),
                    _ => format!("no other cell differs in {factor} alone"),
                };
                pairing.alone.push((cell, reason));
            }
        }
        pairing
    }

    fn push(&mut self, arm: (String, String), pair: (&'r Cell, &'r Cell)) {
        match self.arms.iter_mut().find(|(known, _)| *known == arm) {
            Some((_, pairs)) => pairs.0.push(pair),
            None => self.arms.push((arm, Pairs(vec![pair]))),
        }
    }
}

fn twin_state(twin: &Cell) -> String {
    format!("its twin {} is {}", twin.id, twin.state.name())
}

/// The complete twin, else an incomplete one, else nothing.
fn complete_twin<'r>(
    candidates: impl Iterator<Item = &'r Cell>,
    cell: &Cell,
    factor: &str,
) -> Result<&'r Cell, Option<&'r Cell>> {
    let others = |cell: &Cell| {
        let mut factors = cell.factors.clone();
        factors.remove(factor);
        (cell.seed, factors)
    };
    let wanted = others(cell);
    let twins: Vec<&Cell> = candidates.filter(|twin| others(twin) == wanted).collect();
    let complete = twins.iter().find(|twin| twin.is_complete());
    complete.copied().ok_or(twins.first().copied())
}

/// The other factors' levels, in the plan's order.
pub(crate) fn group_of(results: &Results, cell: &Cell, factor: &str) -> String {
    let others = results.factors.iter().filter(|(key, _)| key != factor);
    let parts = others.filter_map(|(key, _)| Some(format!("{key}={}", cell.factors.get(key)?)));
    parts.collect::<Vec<_>>().join(", ")
}

impl Pairs<'_> {
    /// Every metric that at least one pair has on both sides, without verdicts yet.
    fn rows(&self) -> Vec<ComparisonRow> {
        let images = self.0.iter().flat_map(|(a, b)| [a, b]).filter_map(|c| c.images.as_ref());
        let mut metrics: Vec<&str> =
            images.clone().flat_map(|images| images.metrics.iter().map(String::as_str)).collect();
        metrics.sort_unstable_by_key(|name| metric::rank(name));
        metrics.dedup();
        let directions: BTreeSet<&str> = images.flat_map(|images| images.directions()).collect();
        let mut rows = Vec::new();
        for metric in metrics {
            rows.extend(directions.iter().filter_map(|direction| self.row(metric, direction)));
        }
        rows
    }

    fn row(&self, metric: &str, direction: &str) -> Option<ComparisonRow> {
        let score = |cell: &Cell| cell.images.as_ref()?.score(direction, metric);
        let scores = self.0.iter().filter_map(|(a, b)| Some((score(a)?, score(b)?)));
        let (baseline, level): (Vec<f64>, Vec<f64>) = scores.unzip();
        let differences = stats::paired_differences(&level, &baseline).ok()?;
        let tested = metric::find(metric).is_none_or(|metric| !metric.input_only);
        // Seeded by nothing in the data: the same results give the same p.
        let test = stats::sign_flip(&differences, 1).filter(|_| tested);
        let interval = stats::paired_t_interval(&differences).map(|i| [i.lo, i.hi]);
        Some(ComparisonRow {
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
            p_uncorrected: test.map(|test| test.p),
            p_floor: test.map(|test| test.p_floor),
            family: 0,
            verdict: Verdict::NoEvidence,
        })
    }

    /// Pairs whose cells were judged on different images in some direction.
    fn on_different_images(&self) -> usize {
        let differ = |a: &Cell, b: &Cell| match (&a.images, &b.images) {
            (Some(a), Some(b)) => {
                let mut directions = a.directions();
                directions.extend(b.directions());
                directions.iter().any(|direction| a.names(direction) != b.names(direction))
            }
            _ => false,
        };
        self.0.iter().filter(|(a, b)| differ(a, b)).count()
    }
}

/// Corrects p over the family and says what may be claimed.
fn judge_family(rows: &mut [ComparisonRow], complete: bool) {
    let raw: Vec<f64> = rows.iter().filter_map(|row| row.p_uncorrected).collect();
    let mut corrected = stats::holm(&raw).into_iter();
    for row in rows {
        row.family = raw.len();
        if row.p_uncorrected.is_some() {
            row.p = corrected.next();
        }
        row.verdict = verdict(row, complete);
    }
}

fn verdict(row: &ComparisonRow, complete: bool) -> Verdict {
    let known = metric::find(&row.metric);
    let above = match row.interval {
        _ if known.is_some_and(|metric| metric.input_only) => return Verdict::InputOnly,
        _ if !complete => return Verdict::Incomplete,
        _ if row.without_spread() => return Verdict::NoEvidence,
        Some([lo, _]) if lo > 0.0 => true,
        Some([_, hi]) if hi < 0.0 => false,
        _ => return Verdict::NoEvidence,
    };
    match (known.and_then(|metric| metric.better), above) {
        (Some(Better::Up), true) | (Some(Better::Down), false) => Verdict::Better,
        (Some(_), _) => Verdict::Worse,
        (None, true) => Verdict::Higher,
        (None, false) => Verdict::Lower,
    }
}

fn judges_of(results: &Results) -> Vec<JudgeQuality> {
    let mut found: Vec<(&Judge, usize)> = Vec::new();
    for judge in results.cells.iter().filter_map(|cell| cell.judge.as_ref()) {
        let same = |known: &Judge| {
            known.attribute == judge.attribute
                && known.classifier == judge.classifier
                && known.landmarks == judge.landmarks
        };
        match found.iter_mut().find(|(known, _)| same(known)) {
            Some((_, cells)) => *cells += 1,
            None => found.push((judge, 1)),
        }
    }
    let quality = |(judge, cells): (&Judge, usize)| JudgeQuality {
        attribute: judge.attribute.clone(),
        classifier: judge.classifier.clone(),
        landmarks: judge.landmarks.clone(),
        cells,
    };
    found.into_iter().map(quality).collect()
}

fn notes(
    results: &Results,
    pairing: &Pairing<'_>,
    rows: &[ComparisonRow],
    factor: &str,
) -> Vec<String> {
    let mut notes = Vec::new();
    if !results.complete() {
        notes.push(format!("The sweep is unfinished ({}): no verdicts.", results.states()));
    }
    if rows.is_empty() {
        notes.push(format!("No pair of complete cells differs in {factor} alone."));
        return notes;
    }
    notes.push(
        "Scores are means over a cell's test images; ± is the standard deviation over seeds. \
         Differences are paired by seed, with a 95 % t interval that is not corrected for the \
         number of metrics; a verdict needs an interval without 0 and every cell complete."
            .to_owned(),
    );
    let floors: BTreeMap<usize, (f64, usize)> =
        rows.iter().filter_map(|row| Some((row.n_pairs, (row.p_floor?, row.family)))).collect();
    for (n, (floor, family)) in floors {
        let reach = (floor * family as f64).min(1.0);
        let mut note = format!(
            "p: exact sign flips, Holm over {family} tests; with {n} pair{} it cannot be below \
             {floor} before Holm, {reach} after",
            if n == 1 { "" } else { "s" },
            floor = Significant(floor),
            reach = Significant(reach),
        );
        note.push_str(if reach > 0.05 { ": p <= 0.05 is out of reach." } else { "." });
        notes.push(note);
    }
    let equal: Vec<String> = rows
        .iter()
        .filter(|row| row.without_spread() && row.difference != 0.0)
        .map(|row| format!("{} ({})", row.metric, row.direction))
        .collect();
    if !equal.is_empty() {
        notes.push(format!(
            "Every pair differs by the same amount in {}: an interval without width measures no \
             spread and gives no verdict.",
            equal.join(", ")
        ));
    }
    let differ: usize = pairing.arms.iter().map(|(_, pairs)| pairs.on_different_images()).sum();
    if differ > 0 {
        notes.push(format!(
            "{differ} pairs were judged on different test images: their differences mix the \
             factor with the images."
        ));
    }
    notes
}

/// Prints a probability with two digits where 0.00 would hide it.
struct Significant(f64);

impl std::fmt::Display for Significant {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.0 >= 0.01 { write!(f, "{:.2}", self.0) } else { write!(f, "{:.1e}", self.0) }
    }
}
