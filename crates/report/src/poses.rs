//! What edits come to on faces that are turned to the side, by how far.

use metrics::{Measure, catalogue};

use crate::load::{Images, Results};
use crate::render::{field, into_text};

/// Absolute yaw in degrees between one group and the next. Of MTFL's 8,961 faces 98 in 100 that its labels call
/// frontal lie below 20, and most that it calls left or right between 15 and 35.
const BOUNDS: [f64; 3] = [10.0, 20.0, 30.0];
/// Groups of faces.
pub(crate) const GROUPS: usize = BOUNDS.len() + 1;
/// The column of `images.csv` that says how a face is turned.
const YAW: &str = "yaw";

/// The group of a face.
fn group(yaw: f64) -> usize {
    BOUNDS.iter().take_while(|bound| yaw.abs() >= **bound).count()
}

/// A group in words, degrees.
pub(crate) fn title(group: usize) -> String {
    match group {
        0 => format!("below {}", BOUNDS[0]),
        last if last == BOUNDS.len() => format!("{} and more", BOUNDS[last - 1]),
        _ => format!("{} to {}", BOUNDS[group - 1], BOUNDS[group]),
    }
}

/// A metric on one group of faces under the edits of one arm and direction.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct PoseScore {
    pub(crate) arm: String,
    pub(crate) direction: String,
    pub(crate) group: usize,
    /// Faces of the group that a cell has.
    pub(crate) images: usize,
    pub(crate) metric: &'static str,
    pub(crate) seeds: usize,
    /// Over seeds, of the means over images.
    pub(crate) mean: f64,
    pub(crate) sd: Option<f64>,
    /// Runs of the arm that diverged; nothing is known of them.
    pub(crate) diverged: usize,
}

/// Images of a group and the mean of a metric over them; `None` where nothing was measured.
fn score(images: &Images, direction: &str, of: usize, metric: &str) -> Option<(usize, f64)> {
    let (yaw, column) = (images.column(YAW)?, images.column(metric)?);
    let rows = images.rows.iter().filter(|row| {
        row.direction == direction && row.values[yaw].is_some_and(|yaw| group(yaw) == of)
    });
    let values: Vec<f64> = rows.filter_map(|row| row.values[column]).collect();
    Some((values.len(), stats::mean(&values)?))
}

/// Every score, by arm in the plan's order, then direction, group, and metric: those that a person reads first.
pub(crate) fn scores(results: &Results) -> Vec<PoseScore> {
    let metrics = catalogue::METRICS
        .iter()
        .filter(|metric| metric.short && matches!(metric.measure, Measure::Image(_)));
    let metrics: Vec<&str> = metrics.map(|metric| metric.name).collect();
    let mut all = Vec::new();
    for arm in results.arms() {
        let own = || results.cells.iter().filter(|cell| results.arm(cell) == arm);
        let cells: Vec<&Images> = own().filter_map(|cell| cell.images.as_ref()).collect();
        let diverged = Results::diverged(own());
        for direction in results.directions() {
            for group in 0..GROUPS {
                all.extend(metrics.iter().filter_map(|metric| {
                    let found = cells.iter().filter_map(|c| score(c, direction, group, metric));
                    let (images, means): (Vec<usize>, Vec<f64>) = found.unzip();
                    Some(PoseScore {
                        arm: arm.clone(),
                        direction: direction.to_owned(),
                        group,
                        images: images.into_iter().max()?,
                        metric,
                        seeds: means.len(),
                        mean: stats::mean(&means)?,
                        sd: stats::sample_sd(&means),
                        diverged,
                    })
                }));
            }
        }
    }
    all
}

/// `tables/poses.csv`: a line per arm, direction, group of faces and metric.
pub(crate) fn csv(scores: &[PoseScore]) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let header = ["arm", "direction", "yaw", "images", "metric", "seeds", "mean", "sd", "diverged"];
    writer.write_record(header).expect("memory takes every record");
    for score in scores {
        let record = [
            score.arm.clone(),
            score.direction.clone(),
            title(score.group),
            score.images.to_string(),
            score.metric.to_owned(),
            score.seeds.to_string(),
            field(Some(score.mean)),
            field(score.sd),
            score.diverged.to_string(),
        ];
        writer.write_record(record).expect("memory takes every record");
    }
    into_text(writer)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::load::ImageRow;

    #[test]
    fn faces_are_sorted_by_how_far_they_are_turned_to_either_side() {
        assert_eq!([0.0, -9.9, 10.0, -25.0, 30.0, -80.0].map(group), [0, 0, 1, 2, 3, 3]);
        let titles: Vec<String> = (0..GROUPS).map(title).collect();
        assert_eq!(titles, ["below 10", "10 to 20", "20 to 30", "30 and more"]);
    }

    #[test]
    fn a_score_is_the_mean_over_the_faces_of_its_group() {
        let row = |yaw, success, direction: &str| ImageRow {
            image: "1.jpg".to_owned(),
            direction: direction.to_owned(),
            values: vec![success, yaw],
        };
        let images = Images {
            metrics: vec!["success".to_owned(), YAW.to_owned()],
            rows: vec![
                row(Some(12.0), Some(1.0), "remove"),
                row(Some(-19.0), Some(0.0), "remove"),
                row(Some(15.0), None, "remove"),
                row(Some(15.0), Some(1.0), "add"),
                row(Some(2.0), Some(1.0), "remove"),
                row(None, Some(1.0), "remove"),
            ],
        };
        assert_eq!(score(&images, "remove", 1, "success"), Some((2, 0.5)));
        assert_eq!(score(&images, "remove", 0, "success"), Some((1, 1.0)));
        assert_eq!(score(&images, "remove", 3, "success"), None);
        assert_eq!(score(&images, "remove", 1, "psnr"), None);
    }
}
