//! `summary.json` from the rows of `images.csv`.

use std::collections::BTreeMap;

use record::tables::{DetectorQuality, Summary};

use crate::kind::EditKind;
use crate::landmarks::{self, Role, TrainedOn};
use crate::tables::EditRow;

/// What the judges say of themselves, on real test images.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Qualities {
    pub(crate) judge: BTreeMap<String, f64>,
    pub(crate) robustness: BTreeMap<String, f64>,
    pub(crate) refused: BTreeMap<String, String>,
    pub(crate) detectors: Vec<DetectorQuality>,
    pub(crate) identity: BTreeMap<String, f64>,
    pub(crate) refusals: BTreeMap<String, usize>,
}

/// Averages rows; a metric that no row has is left out.
pub(crate) fn summary(
    attribute: &config::Attribute,
    rows: &[EditRow],
    qualities: Qualities,
) -> Summary {
    let mut directions: BTreeMap<String, BTreeMap<String, Vec<f64>>> = BTreeMap::new();
    for row in rows {
        let metrics = directions.entry(row.kind.name().to_owned()).or_default();
        for (metric, value) in row.metrics() {
            if let Some(value) = value {
                metrics.entry(metric.name.to_owned()).or_default().push(value);
            }
        }
    }
    let mean = |values: &Vec<f64>| values.iter().sum::<f64>() / values.len() as f64;
    let directions: BTreeMap<String, BTreeMap<String, f64>> = directions
        .into_iter()
        .map(|(direction, metrics)| {
            (direction, metrics.iter().map(|(name, v)| (name.clone(), mean(v))).collect())
        })
        .collect();
    let of = |kind: EditKind, metric: &str| directions.get(kind.name())?.get(metric).copied();
    let groups = [
        ("with", of(EditKind::Remove, "nme_input")),
        ("without", of(EditKind::Add, "nme_input")),
        ("removed", of(EditKind::Remove, "nme_edited")),
        ("mean_shape", of(EditKind::Remove, "nme_mean_shape")),
    ];
    let groups = groups.into_iter().filter_map(|(name, v)| Some((name.to_owned(), v?))).collect();
    let Qualities { judge, robustness, refused, detectors, identity, refusals } = qualities;
    Summary {
        attribute: attribute.name().to_owned(),
        judge,
        robustness,
        refused,
        landmarks: headline(&detectors),
        detectors,
        identity,
        directions,
        groups,
        landmarks_refused: refusals.values().sum(),
        landmarks_refusals: refusals,
    }
}

/// The figures of the detector behind `nme_input`.
fn headline(detectors: &[DetectorQuality]) -> BTreeMap<String, f64> {
    let of = |role: Role| {
        let name = landmarks::in_role(role)?.name;
        detectors.iter().find(|d| d.detector == name && d.training == TrainedOn::Mixed.name())
    };
    let mut figures = BTreeMap::new();
    if let Some(headline) = of(Role::Headline) {
        figures.extend(headline.nme.map(|nme| ("nme".to_owned(), nme)));
        figures.extend(headline.n.map(|n| ("n".to_owned(), n as f64)));
    }
    if let Some(shape) = of(Role::Baseline) {
        figures.extend(shape.nme.map(|nme| ("nme_mean_shape".to_owned(), nme)));
    }
    figures
}

#[cfg(test)]
mod tests {
    use metrics::{Edit, EditImages, Judged, Opinions};

    use super::*;

    /// An edit of a grey image, which succeeds or not, towards a true edit or without one.
    fn row(kind: EditKind, success: bool, truth: Option<&[f32]>) -> EditRow {
        let (input, edited) = ([0.0; 3 * 256], [0.5; 3 * 256]);
        let images = EditImages {
            size: 16,
            input: &input,
            edited: &edited,
            back: &input,
            back_after: [&input; 3],
            truth,
            region: None,
        };
        let judged = Judged { target: 0, adds: true, labels: &[Some(false)], before: &[0.0] };
        let opinions =
            Opinions { nme_input: Some(4.0), nme_edited: Some(3.0), ..Opinions::default() };
        let after = [if success { 1.0 } else { 0.0 }];
        EditRow::of("1.jpg", kind, &Edit::new(images, judged, &after, opinions))
    }

    #[test]
    fn means_are_per_direction_and_skip_what_is_not_measured() {
        let truth = [0.5; 3 * 256];
        let rows = [
            row(EditKind::Remove, true, Some(&truth)),
            row(EditKind::Remove, false, None),
            row(EditKind::Add, true, None),
        ];
        let refusals = BTreeMap::from([("out-of-frame".to_owned(), 2)]);
        let qualities = Qualities { refusals, ..Qualities::default() };
        let summary = summary(&config::Attribute::of("eyeglasses"), &rows, qualities);
        assert_eq!(summary.directions["remove"]["success"], 0.5);
        assert_eq!(summary.directions["remove"]["psnr"], 60.0);
        assert!(!summary.directions["add"].contains_key("psnr"));
        assert_eq!(summary.groups["removed"], 3.0);
        assert_eq!(summary.landmarks_refused, 2);
    }
}
