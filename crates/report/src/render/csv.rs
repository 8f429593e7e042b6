//! A comparison with every metric and every test, a line per row.

use crate::compare::Comparison;

const HEADER: [&str; 31] = [
    "metric",
    "direction",
    "factor",
    "baseline",
    "level",
    "group",
    "n_pairs",
    "mean_baseline",
    "sd_baseline",
    "mean_level",
    "sd_level",
    "difference",
    "interval_lo",
    "interval_hi",
    "p",
    "p_uncorrected",
    "p_floor",
    "family",
    "verdict",
    "p_t",
    "p_t_holm",
    "p_wilcoxon",
    "wilcoxon_floor",
    "p_mcnemar",
    "bootstrap_lo",
    "bootstrap_hi",
    "cliffs_delta",
    "seeds_needed",
    "derived_from",
    "diverged_baseline",
    "diverged_level",
];

pub(crate) fn csv(comparison: &Comparison) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(HEADER).expect("memory takes every record");
    for row in &comparison.rows {
        let text =
            [&row.metric, &row.direction, &row.factor, &row.baseline, &row.level, &row.group];
        let mut record: Vec<String> = text.into_iter().cloned().collect();
        record.push(row.n_pairs.to_string());
        let numbers = [
            Some(row.mean_baseline),
            row.sd_baseline,
            Some(row.mean_level),
            row.sd_level,
            Some(row.difference),
            row.interval.map(|interval| interval[0]),
            row.interval.map(|interval| interval[1]),
            row.p,
            row.p_uncorrected,
            row.p_floor,
        ];
        record.extend(numbers.map(field));
        record.extend([row.family.to_string(), row.verdict.name().to_owned()]);
        let numbers = [
            row.p_t,
            row.p_t_holm,
            row.p_wilcoxon,
            row.wilcoxon_floor,
            row.p_mcnemar,
            row.bootstrap.map(|interval| interval[0]),
            row.bootstrap.map(|interval| interval[1]),
            row.cliffs_delta,
        ];
        record.extend(numbers.map(field));
        record.push(field(row.seeds_needed));
        record.push(row.derived_from.clone().unwrap_or_default());
        record.extend([row.diverged_baseline, row.diverged_level].map(|count| count.to_string()));
        writer.write_record(record).expect("memory takes every record");
    }
    into_text(writer)
}

/// A number, or nothing where there is none.
pub(crate) fn field<T: ToString>(value: Option<T>) -> String {
    value.map_or_else(String::new, |value| value.to_string())
}

/// What was written to memory.
pub(crate) fn into_text(writer: csv::Writer<Vec<u8>>) -> String {
    let bytes = writer.into_inner().expect("memory takes every record");
    String::from_utf8(bytes).expect("text was written")
}
