//! How large, how sparse and how well placed a change is.
//!
//! A residual is planar `[C, S, S]`, in the units of images in [-1, 1]: 2/255 is one grey level.

/// Mean absolute change. NaN for an empty residual.
pub fn mean_l1(residual: &[f32]) -> f64 {
    residual.iter().map(|v| f64::from(v.abs())).sum::<f64>() / residual.len() as f64
}

/// Root of the mean squared change. NaN for an empty residual.
pub fn rms_l2(residual: &[f32]) -> f64 {
    (energy(residual) / residual.len() as f64).sqrt()
}

fn energy(residual: &[f32]) -> f64 {
    residual.iter().map(|v| f64::from(*v).powi(2)).sum()
}

/// Hoyer's sparseness `(sqrt(n) - |r|_1 / |r|_2) / (sqrt(n) - 1)` (Hoyer 2004, section 3.1): 1 for
/// a single changed value, 0 where all change by the same amount.
///
/// `None` if nothing changed, a value is not finite, or there are fewer than two values.
pub fn hoyer(residual: &[f32]) -> Option<f64> {
    let (l1, l2) = (mean_l1(residual) * residual.len() as f64, energy(residual).sqrt());
    if residual.len() < 2 || l2 == 0.0 || !l2.is_finite() {
        return None;
    }
    let root = (residual.len() as f64).sqrt();
    // Rounding may leave the range by an ulp.
    Some(((root - l1 / l2) / (root - 1.0)).clamp(0.0, 1.0))
}

/// Share of the squared change that lies inside the mask, over all channels; in [0, 1].
///
/// `mask` has one entry per pixel. `None` if nothing changed, a value is not finite, or the
/// residual is not a whole number of planes.
pub fn energy_inside(residual: &[f32], mask: &[bool]) -> Option<f64> {
    let total = energy(residual);
    let planes = !mask.is_empty() && residual.len().is_multiple_of(mask.len());
    if !planes || total == 0.0 || !total.is_finite() {
        return None;
    }
    let inside = residual.iter().zip(mask.iter().cycle()).filter(|(_, inside)| **inside);
    Some(inside.map(|(v, _)| f64::from(*v).powi(2)).sum::<f64>() / total)
}

/// What [`change_iou`] counts as a changed pixel: more than 16 of 255 grey levels in some channel,
/// a convention of this project. A change of exactly 16 may round to either side.
pub const CHANGE_THRESHOLD: f32 = 16.0 / 127.5;

/// Intersection over union of the changed pixels of two residuals, in [0, 1]; a pixel is changed
/// if `|change| > threshold` in at least one channel.
///
/// `plane` is the number of pixels. `None` if neither residual changes any pixel, or if their
/// lengths differ or are not a whole number of planes.
pub fn change_iou(found: &[f32], truth: &[f32], plane: usize, threshold: f32) -> Option<f64> {
    if plane == 0 || found.len() != truth.len() || !found.len().is_multiple_of(plane) {
        return None;
    }
    let changed = |residual: &[f32], pixel: usize| {
        residual[pixel..].iter().step_by(plane).any(|v| v.abs() > threshold)
    };
    let (mut both, mut either) = (0usize, 0usize);
    for pixel in 0..plane.min(found.len()) {
        let (f, t) = (changed(found, pixel), changed(truth, pixel));
        both += usize::from(f && t);
        either += usize::from(f || t);
    }
    (either > 0).then(|| both as f64 / either as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn norms_by_hand() {
        // |3| + |-4| over four values; sqrt(25 / 4).
        assert_eq!(mean_l1(&[3.0, -4.0, 0.0, 0.0]), 1.75);
        assert_eq!(rms_l2(&[3.0, -4.0, 0.0, 0.0]), 2.5);
    }

    #[test]
    fn sparseness_of_one_value_of_equal_values_and_between() {
        assert_eq!(hoyer(&[0.0, 0.0, -0.3, 0.0]), Some(1.0));
        assert_eq!(hoyer(&[0.5, -0.5, 0.5, -0.5]), Some(0.0));
        // (2 - 7/5) / (2 - 1)
        assert!((hoyer(&[3.0, -4.0, 0.0, 0.0]).unwrap() - 0.6).abs() < 1e-12);
        assert_eq!(hoyer(&[0.0; 8]), None);
        assert_eq!(hoyer(&[f32::NAN, 1.0]), None);
        assert_eq!(hoyer(&[1.0]), None);
    }

    #[test]
    fn energy_inside_counts_every_channel() {
        let mask = [true, false, false, false];
        // Planes of four pixels: 1 + 4 + 0 of 1 + 4 + 3 inside.
        let residual = [-1.0, 0.0, 0.0, 0.0, 2.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0, -1.0];
        assert_eq!(energy_inside(&residual, &mask), Some(5.0 / 8.0));
        assert_eq!(energy_inside(&[0.0; 12], &mask), None);
        assert_eq!(energy_inside(&residual, &[]), None);
        assert_eq!(energy_inside(&[f32::NAN; 12], &mask), None);
    }

    #[test]
    fn overlap_of_changes() {
        // Two planes of four pixels. Found changes pixels 0 (plane 0) and 1 (plane 1), the truth
        // 1 (plane 0) and 2: one of three. What stays at or under the threshold is no change.
        let found = [0.5, 0.1, 0.0, 0.25, 0.0, -0.5, 0.0, 0.0];
        let truth = [0.0, 0.9, -0.9, 0.0, 0.1, 0.0, 0.0, 0.0];
        assert_eq!(change_iou(&found, &truth, 4, 0.25), Some(1.0 / 3.0));
        assert_eq!(change_iou(&found, &found, 4, 0.25), Some(1.0));
        assert_eq!(change_iou(&[0.1; 8], &truth, 4, 0.25), Some(0.0));
        assert_eq!(change_iou(&[0.1; 8], &[0.2; 8], 4, 0.25), None);
        assert_eq!(change_iou(&found, &truth, 3, 0.25), None);
    }

    #[test]
    fn the_threshold_is_sixteen_grey_levels() {
        let level = |n: f32| [n / 127.5];
        assert_eq!(change_iou(&level(15.0), &level(17.0), 1, CHANGE_THRESHOLD), Some(0.0));
        assert_eq!(change_iou(&level(-17.0), &level(17.0), 1, CHANGE_THRESHOLD), Some(1.0));
    }
}
