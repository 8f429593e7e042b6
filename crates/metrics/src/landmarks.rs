//! Landmark errors as the field computes them: inter-ocular NME, CED, failure rate and AUC.
//!
//! Errors are in percent of the inter-ocular distance. Lists of errors may hold values that are
//! not finite: an image without a usable prediction counts as a failure at every threshold.

/// Five points in pixels (x, y): left eye, right eye, nose, left and right mouth corner, "left"
/// being the image's left; pixel centres are whole numbers.
pub type Points = [[f32; 2]; 5];

/// Why an image's ground truth cannot be scored; it is counted, never averaged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, thiserror::Error)]
pub enum Refusal {
    /// The source has no points for the image.
    #[error("the image has no landmarks")]
    MissingPoints,
    /// Both eyes lie on one point: there is no distance to divide by.
    #[error("the two eye points coincide")]
    DegenerateEyes,
    /// A point lies outside the image.
    #[error("a landmark lies outside the image")]
    OutOfFrame,
    /// A coordinate is NaN or infinite.
    #[error("a landmark coordinate is not a finite number")]
    NotFinite,
}

impl Refusal {
    /// The name in files: `missing-points`, `degenerate-eyes`, `out-of-frame` or `not-finite`.
    pub fn name(self) -> &'static str {
        match self {
            Refusal::MissingPoints => "missing-points",
            Refusal::DegenerateEyes => "degenerate-eyes",
            Refusal::OutOfFrame => "out-of-frame",
            Refusal::NotFinite => "not-finite",
        }
    }
}

/// The ground truth of a `size` x `size` image, if it can be scored.
///
/// # Errors
/// The first of: [`Refusal::MissingPoints`], [`Refusal::NotFinite`], [`Refusal::DegenerateEyes`],
/// [`Refusal::OutOfFrame`] (a coordinate outside [-0.5, size - 0.5), the area that pixels cover).
pub fn check(truth: Option<&Points>, size: usize) -> Result<&Points, Refusal> {
    let points = truth.ok_or(Refusal::MissingPoints)?;
    let frame = -0.5..size as f64 - 0.5;
    if !finite(points) {
        Err(Refusal::NotFinite)
    } else if interocular(points) == 0.0 {
        Err(Refusal::DegenerateEyes)
    } else if !points.iter().flatten().all(|v| frame.contains(&f64::from(*v))) {
        Err(Refusal::OutOfFrame)
    } else {
        Ok(points)
    }
}

fn finite(points: &Points) -> bool {
    points.iter().flatten().all(|v| v.is_finite())
}

/// Inter-ocular distance of the ground truth in pixels, the normaliser of every error on that
/// image.
pub fn interocular(truth: &Points) -> f64 {
    distance(truth[0], truth[1])
}

fn distance(a: [f32; 2], b: [f32; 2]) -> f64 {
    let along = |axis: usize| f64::from(a[axis]) - f64::from(b[axis]);
    along(0).hypot(along(1))
}

/// Error of each point in percent of the inter-ocular distance: `100 * ||p_k - g_k|| / d`.
///
/// `None` when the eyes of the ground truth coincide or a coordinate of either is not finite.
pub fn point_errors(predicted: &Points, truth: &Points) -> Option<[f64; 5]> {
    let d = interocular(truth);
    let usable = finite(predicted) && finite(truth) && d > 0.0;
    usable.then(|| std::array::from_fn(|k| 100.0 * distance(predicted[k], truth[k]) / d))
}

/// Normalised mean error in percent, the mean of [`point_errors`]; `None` as there.
pub fn nme(predicted: &Points, truth: &Points) -> Option<f64> {
    Some(point_errors(predicted, truth)?.iter().sum::<f64>() / 5.0)
}

/// Cumulative error distribution: the share of images, in [0, 1], with an error of at most
/// `threshold`. `None` without errors.
pub fn ced(errors: &[f64], threshold: f64) -> Option<f64> {
    share(errors, |e| e <= threshold)
}

/// Failure rate: the share of images, in [0, 1], with an error above `threshold`. `None` without
/// errors.
pub fn failure_rate(errors: &[f64], threshold: f64) -> Option<f64> {
    share(errors, |e| e.is_nan() || e > threshold)
}

fn share(errors: &[f64], holds: impl Fn(f64) -> bool) -> Option<f64> {
    let count = errors.iter().filter(|e| holds(**e)).count();
    (!errors.is_empty()).then(|| count as f64 / errors.len() as f64)
}

/// Area under the CED from 0 to `threshold`, divided by `threshold`; in [0, 1].
///
/// Exact rather than on a grid, since the CED is a step function: the mean of
/// `max(0, threshold - e) / threshold`. `None` without errors or if `threshold` is not positive.
pub fn auc(errors: &[f64], threshold: f64) -> Option<f64> {
    let area: f64 = errors.iter().map(|e| (threshold - e).max(0.0)).sum();
    let usable = !errors.is_empty() && threshold > 0.0 && threshold.is_finite();
    usable.then(|| area / errors.len() as f64 / threshold)
}

/// The CED at `0, step, 2 step, ..` up to and including `up_to`, as (threshold, share) pairs.
///
/// The paper's grid of 1e-4 is a `step` of 0.01 percent. Empty without errors or where `step` is
/// not positive, `up_to` is negative or either is not finite.
pub fn ced_curve(errors: &[f64], up_to: f64, step: f64) -> Vec<(f64, f64)> {
    if errors.is_empty() || !(step > 0.0 && up_to >= 0.0 && (up_to / step).is_finite()) {
        return Vec::new();
    }
    let mut sorted = errors.to_vec();
    // NaN sorts behind everything and so stays a failure.
    sorted.sort_by(|a, b| a.is_nan().cmp(&b.is_nan()).then(a.total_cmp(b)));
    // The slack keeps the last point of grids such as 10 / 0.1, which division may miss by an ulp.
    let last = (up_to / step + 1e-9).floor() as usize;
    let point = |k: usize| {
        let threshold = k as f64 * step;
        let within = sorted.partition_point(|e| *e <= threshold);
        (threshold, within as f64 / sorted.len() as f64)
    };
    (0..=last).map(point).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRUTH: Points = [[10.0, 10.0], [30.0, 10.0], [20.0, 20.0], [14.0, 30.0], [26.0, 30.0]];

    fn with(point: usize, at: [f32; 2]) -> Points {
        let mut points = TRUTH;
        points[point] = at;
        points
    }

    #[test]
    fn nme_is_the_mean_distance_over_the_interocular_distance() {
        // The nose is off by (3, 4): 5 pixels of 20 are 25 %, a fifth of it on average.
        let predicted = with(2, [23.0, 24.0]);
        assert_eq!(point_errors(&predicted, &TRUTH), Some([0.0, 0.0, 25.0, 0.0, 0.0]));
        assert_eq!(nme(&predicted, &TRUTH), Some(5.0));
        assert_eq!(nme(&TRUTH, &TRUTH), Some(0.0));
        // The truth's eyes normalise, not the prediction's.
        assert_eq!(nme(&with(1, [10.0, 10.0]), &TRUTH), Some(20.0));
        // Eyes at an angle: d = 5.
        assert_eq!(interocular(&with(1, [13.0, 14.0])), 5.0);
    }

    #[test]
    fn each_refusal_and_their_order() {
        assert_eq!(check(Some(&TRUTH), 40), Ok(&TRUTH));
        assert_eq!(check(None, 40), Err(Refusal::MissingPoints));
        let coinciding = with(1, TRUTH[0]);
        assert_eq!(check(Some(&coinciding), 40), Err(Refusal::DegenerateEyes));
        assert_eq!(check(Some(&coinciding), 8), Err(Refusal::DegenerateEyes));
        for value in [f32::NAN, f32::INFINITY] {
            let mut truth = coinciding;
            truth[4][1] = value;
            assert_eq!(check(Some(&truth), 40), Err(Refusal::NotFinite));
        }
        // The frame covers whole pixels: [-0.5, 39.5).
        for (value, inside) in [(-0.5, true), (39.4, true), (-0.6, false), (39.5, false)] {
            for at in [[value, 5.0], [5.0, value]] {
                assert_eq!(check(Some(&with(4, at)), 40).is_ok(), inside, "{at:?}");
            }
        }
        assert_eq!(check(Some(&with(4, [50.0, 5.0])), 40), Err(Refusal::OutOfFrame));
    }

    #[test]
    fn what_is_refused_has_no_error() {
        assert_eq!(nme(&TRUTH, &with(1, TRUTH[0])), None);
        assert_eq!(nme(&with(4, [f32::NAN, 0.0]), &TRUTH), None);
        assert_eq!(nme(&with(4, [0.0, f32::INFINITY]), &TRUTH), None);
        assert_eq!(nme(&TRUTH, &with(2, [f32::NAN, 0.0])), None);
    }

    #[test]
    fn names_are_those_of_the_summary() {
        let names = [
            (Refusal::MissingPoints, "missing-points"),
            (Refusal::DegenerateEyes, "degenerate-eyes"),
            (Refusal::OutOfFrame, "out-of-frame"),
            (Refusal::NotFinite, "not-finite"),
        ];
        assert!(names.iter().all(|(refusal, name)| refusal.name() == *name));
        assert_eq!(Refusal::DegenerateEyes.to_string(), "the two eye points coincide");
    }

    #[test]
    fn ced_failure_rate_and_auc_on_four_errors() {
        let errors = [2.0, 4.0, 8.0, 20.0];
        assert_eq!(ced(&errors, 8.0), Some(0.75));
        assert_eq!(failure_rate(&errors, 8.0), Some(0.25));
        // (6 + 4 + 0 + 0) / 4 / 8; (8 + 6 + 2 + 0) / 4 / 10
        assert_eq!(auc(&errors, 8.0), Some(10.0 / 32.0));
        assert_eq!(auc(&errors, 10.0), Some(0.4));
        assert_eq!(auc(&errors, 0.0), None);
        assert_eq!((ced(&[], 8.0), failure_rate(&[], 8.0), auc(&[], 8.0)), (None, None, None));
    }

    #[test]
    fn an_image_without_a_prediction_is_a_failure() {
        for missing in [f64::NAN, -f64::NAN, f64::INFINITY] {
            let errors = [missing, 0.0];
            assert_eq!(ced(&errors, 8.0), Some(0.5));
            assert_eq!(failure_rate(&errors, 8.0), Some(0.5));
            assert_eq!(auc(&errors, 8.0), Some(0.5));
            assert_eq!(ced_curve(&errors, 8.0, 8.0), [(0.0, 0.5), (8.0, 0.5)]);
        }
    }

    #[test]
    fn the_curve_is_the_ced_on_a_grid_with_both_ends() {
        let errors = [4.0, 0.0, 2.5, 20.0];
        let curve = ced_curve(&errors, 4.0, 1.0);
        assert_eq!(curve, [(0.0, 0.25), (1.0, 0.25), (2.0, 0.25), (3.0, 0.5), (4.0, 0.75)]);
        assert_eq!(ced_curve(&errors, 10.0, 0.01).len(), 1001);
        assert!(ced_curve(&[], 10.0, 0.01).is_empty());
        assert!(ced_curve(&errors, 10.0, 0.0).is_empty());
        assert!(ced_curve(&errors, f64::NAN, 0.1).is_empty());
        // The trapezoid rule over the paper's grid approaches the exact area.
        let fine = ced_curve(&errors, 8.0, 0.01);
        let area: f64 = fine.windows(2).map(|w| (w[0].1 + w[1].1) / 2.0 * 0.01).sum();
        assert!((area / 8.0 - auc(&errors, 8.0).unwrap()).abs() < 1e-3);
    }
}
