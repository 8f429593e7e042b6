//! Tables that the report reads.

use std::path::Path;

use report::{Flips, Images, Landmarks, ReportError, Strength};

use crate::oracle;
use crate::target::Verdict;

const NAME: &str = "table.csv";

/// Column names and values.
pub(super) const WORDS: [&str; 36] = [
    "image",
    "direction",
    "add",
    "remove",
    "success",
    "group",
    "detector",
    "training",
    "nme",
    "left_eye",
    "right_eye",
    "nose",
    "left_mouth",
    "right_mouth",
    "strength",
    "judge_score",
    "preservation",
    "residual_l1",
    "attribute",
    "score_input",
    "score_edited",
    "metric",
    "value",
    "\"judge\":{",
    "\"landmarks\":{",
    "\"detectors\":[",
    "\"identity\":{",
    "\"landmarks_refused\":",
    "\"landmarks_refusals\":{",
    "\"trained_on\":",
    "nan",
    "inf",
    "1e999",
    "1e308",
    "\"\"",
    "\r\n",
];

/// The same text read as each of the tables: all have a header, and it says which one it is.
pub fn eval_tables(bytes: &[u8]) -> Verdict {
    let Some(text) = oracle::text(bytes) else { return Verdict::Refused };
    let path = Path::new(NAME);
    let accepted = [
        held(Images::parse(path, text), text, images),
        held(Landmarks::parse(path, text), text, landmarks),
        held(Strength::parse(path, text), text, |rows| {
            for row in rows {
                finite(&[row.strength, row.judge_score, row.residual_l1]);
                let optional = [row.success, row.success_strict, row.explained];
                optional.into_iter().flatten().for_each(|value| finite(&[value]));
                finite(row.preservation.as_slice());
                assert!(row.images > 0 && row.strength >= 0.0);
            }
        }),
        held(Flips::parse(path, text), text, |rows| {
            for row in rows {
                finite(&[row.score_change]);
                assert!((0.0..=1.0).contains(&row.appeared) && (0.0..=1.0).contains(&row.vanished));
                assert!((0.0..=1.0).contains(&row.changed()) && row.images > 0);
            }
        }),
        held(report::scores(path, text), text, |rows| {
            rows.iter().for_each(|row| finite(&[row.value]));
        }),
        held(report::summary(path, text), text, |judge| {
            let figures = [&judge.judge, &judge.landmarks, &judge.identity];
            figures.into_iter().flat_map(|f| f.values()).for_each(|value| finite(&[*value]));
            for detector in &judge.detectors {
                finite(detector.nme.as_slice());
            }
        }),
    ];
    if accepted.contains(&true) { Verdict::Accepted } else { Verdict::Refused }
}

/// Whether the text was accepted; what was read is sound then, and the error names its line otherwise.
fn held<T>(read: Result<T, ReportError>, text: &str, sound: impl FnOnce(&T)) -> bool {
    match read {
        Ok(value) => {
            sound(&value);
            true
        }
        Err(error) => {
            oracle::message(&error, NAME);
            let ReportError::Malformed { line, .. } = error else { panic!("{error}") };
            oracle::line(line, text.as_bytes());
            false
        }
    }
}

fn finite(values: &[f64]) {
    assert!(values.iter().all(|value| value.is_finite()), "{values:?}");
}

/// Rows are as wide as the header, and the table is the same when it was written and read.
fn images(images: &Images) {
    for row in &images.rows {
        assert_eq!(row.values.len(), images.metrics.len());
        row.values.iter().for_each(|value| finite(value.as_slice()));
    }
    // There are two in any table that was written.
    for direction in images.directions().into_iter().take(2) {
        for metric in &images.metrics {
            finite(images.score(direction, metric).as_slice());
        }
    }
    let mut writer = csv::Writer::from_writer(Vec::new());
    let header =
        ["image", "direction"].into_iter().chain(images.metrics.iter().map(String::as_str));
    writer.write_record(header).expect("memory takes every record");
    for row in &images.rows {
        let values = row.values.iter().map(|v| v.map_or(String::new(), |v| v.to_string()));
        let names = [row.image.clone(), row.direction.clone()];
        writer.write_record(names.into_iter().chain(values)).expect("memory takes every record");
    }
    let written = writer.into_inner().expect("memory takes every record");
    let written = String::from_utf8(written).expect("text was written");
    let again = Images::parse(Path::new(NAME), &written);
    let again = again.unwrap_or_else(|error| panic!("{error}\nin what was written:\n{written}"));
    assert_eq!(again.metrics, images.metrics);
    assert_eq!(again.rows.len(), images.rows.len());
    for (again, row) in again.rows.iter().zip(&images.rows) {
        assert_eq!((&again.image, &again.direction), (&row.image, &row.direction));
        assert_eq!(again.values, row.values);
    }
}

fn landmarks(landmarks: &Landmarks) {
    for groups in landmarks.trials.values() {
        for detections in groups.values() {
            assert!(!detections.is_empty());
            assert!(detections.is_sorted_by(|a, b| a.image <= b.image));
            for detection in detections {
                finite(&[detection.nme]);
                finite(&detection.points);
            }
        }
    }
}
