//! Landmark metrics as the field computes them (inter-ocular NME, CED, failure rate, AUC).

/// Five points in pixels: left eye, right eye, nose, left and right mouth corner.
pub type Points = [[f32; 2]; 5];

/// Inter-ocular distance of the ground truth, the normaliser of every error on that image.
pub fn interocular(truth: &Points) -> f64 {
    distance(truth[0], truth[1])
}

/// Normalised mean error in percent: `100 * mean_k ||p_k - g_k|| / d`.
///
/// `None` when the eyes of the ground truth coincide or a coordinate is not finite: such an image
/// is counted as refused, never averaged.
pub fn nme(predicted: &Points, truth: &Points) -> Option<f64> {
    let d = interocular(truth);
    let mean = predicted.iter().zip(truth).map(|(p, g)| distance(*p, *g)).sum::<f64>() / 5.0;
    (d > 0.0 && mean.is_finite()).then(|| 100.0 * mean / d)
}

fn distance(a: [f32; 2], b: [f32; 2]) -> f64 {
    f64::from(a[0] - b[0]).hypot(f64::from(a[1] - b[1]))
}

/// Share of images with an error of at most `threshold` (same unit as the errors).
pub fn ced(errors: &[f64], threshold: f64) -> f64 {
    errors.iter().filter(|e| **e <= threshold).count() as f64 / errors.len() as f64
}

/// Failure rate: the share above the threshold.
pub fn failure_rate(errors: &[f64], threshold: f64) -> f64 {
    1.0 - ced(errors, threshold)
}

/// Area under the CED up to `threshold`, divided by it; exact, since the CED is a step function:
/// `mean(max(0, threshold - e)) / threshold`.
pub fn auc(errors: &[f64], threshold: f64) -> f64 {
    let area: f64 = errors.iter().map(|e| (threshold - e).max(0.0)).sum();
    area / errors.len() as f64 / threshold
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRUTH: Points = [[10.0, 10.0], [30.0, 10.0], [20.0, 20.0], [14.0, 30.0], [26.0, 30.0]];

    #[test]
    fn nme_is_the_mean_distance_over_the_interocular_distance() {
        // One point of five is off by (3, 4): 5 / 5 = 1 pixel on average, over 20 pixels: 5 %.
        let mut predicted = TRUTH;
        predicted[2] = [23.0, 24.0];
        assert_eq!(nme(&predicted, &TRUTH), Some(5.0));
        assert_eq!(nme(&TRUTH, &TRUTH), Some(0.0));
    }

    #[test]
    fn coinciding_eyes_and_missing_points_are_refused() {
        let mut truth = TRUTH;
        truth[1] = truth[0];
        assert_eq!(nme(&TRUTH, &truth), None);
        let mut predicted = TRUTH;
        predicted[4] = [f32::NAN, 0.0];
        assert_eq!(nme(&predicted, &TRUTH), None);
    }

    #[test]
    fn ced_failure_rate_and_auc_on_four_errors() {
        let errors = [2.0, 4.0, 8.0, 20.0];
        assert_eq!(ced(&errors, 8.0), 0.75);
        assert_eq!(failure_rate(&errors, 8.0), 0.25);
        // (6 + 4 + 0 + 0) / 4 / 8
        assert_eq!(auc(&errors, 8.0), 10.0 / 32.0);
    }
}
