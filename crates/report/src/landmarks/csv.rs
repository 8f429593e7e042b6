//! `tables/landmarks.csv` and `tables/landmark-points.csv`.

use super::types::{Change, GroupError, LandmarkArm, LandmarkRow, LandmarkTable};
use crate::load::POINTS;
use crate::render::{field, into_text};

const HEADER: [&str; 21] = [
    "arm",
    "detector",
    "training",
    "kind",
    "name",
    "images",
    "seeds",
    "nme",
    "nme_sd",
    "failure_rate_8",
    "failure_rate_10",
    "auc_8",
    "auc_10",
    "difference",
    "bootstrap_lo",
    "bootstrap_hi",
    "t_lo",
    "t_hi",
    "gap_closed_percent",
    "complete",
    "diverged",
];

/// A line per group (`kind` = `group`) and per paired difference (`kind` = `difference`).
pub(crate) fn table(table: &LandmarkTable) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(HEADER).expect("memory takes every record");
    for (arm, row) in rows(table) {
        let own = [arm.arm.clone(), row.detector.clone(), row.training.clone()];
        let lines = row.groups.iter().map(of_group).chain(
            row.gain.iter().map(|gain| of_change("gain".to_owned(), gain, row.gap_closed)).chain(
                row.controls.iter().map(|change| {
                    of_change(format!("{} - {}", change.of, change.minus), change, None)
                }),
            ),
        );
        for line in lines {
            let last = [table.complete.to_string(), arm.diverged.to_string()];
            let record = own.iter().cloned().chain(line).chain(last);
            writer.write_record(record).expect("memory takes every record");
        }
    }
    into_text(writer)
}

fn rows(table: &LandmarkTable) -> impl Iterator<Item = (&LandmarkArm, &LandmarkRow)> {
    table.arms.iter().flat_map(|arm| arm.rows.iter().map(move |row| (arm, row)))
}

fn of_group(group: &GroupError) -> Vec<String> {
    let mut line = vec!["group".to_owned(), group.group.clone()];
    line.extend([group.images.to_string(), group.seeds.to_string()]);
    let numbers = [
        Some(group.nme),
        group.nme_sd,
        Some(group.failure_rate_8),
        Some(group.failure_rate_10),
        Some(group.auc_8),
        Some(group.auc_10),
    ];
    line.extend(numbers.map(field));
    line.extend(std::iter::repeat_n(String::new(), 6));
    line
}

fn of_change(name: String, change: &Change, gap_closed: Option<f64>) -> Vec<String> {
    let mut line = vec!["difference".to_owned(), name];
    line.extend([change.images.to_string(), change.seeds.to_string()]);
    line.extend(std::iter::repeat_n(String::new(), 6));
    let numbers = [
        Some(change.difference),
        change.bootstrap.map(|interval| interval[0]),
        change.bootstrap.map(|interval| interval[1]),
        change.t_interval.map(|interval| interval[0]),
        change.t_interval.map(|interval| interval[1]),
        gap_closed,
    ];
    line.extend(numbers.map(field));
    line
}

/// Mean error per landmark, a line per arm, detector, group and point.
pub(crate) fn points(table: &LandmarkTable) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let header =
        ["arm", "detector", "training", "group", "point", "images", "seeds", "error", "error_sd"];
    writer.write_record(header).expect("memory takes every record");
    for (arm, row) in rows(table) {
        for group in &row.groups {
            for (index, point) in POINTS.iter().enumerate() {
                let (images, seeds) = (group.images.to_string(), group.seeds.to_string());
                let error = group.points[index].to_string();
                let sd = field(group.points_sd.map(|sd| sd[index]));
                let record = [
                    &arm.arm,
                    &row.detector,
                    &row.training,
                    &group.group,
                    &(*point).to_owned(),
                    &images,
                    &seeds,
                    &error,
                    &sd,
                ];
                writer.write_record(record).expect("memory takes every record");
            }
        }
    }
    into_text(writer)
}
