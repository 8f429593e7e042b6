//! Means, spreads and differences.

use crate::usable;

/// Two arms of different length cannot be paired.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{level} values cannot be paired with {baseline}: give both arms the same seeds")]
pub struct LengthError {
    /// Number of values of the level.
    pub level: usize,
    /// Number of values of the baseline.
    pub baseline: usize,
}

/// Arithmetic mean; `None` without values.
pub fn mean(values: &[f64]) -> Option<f64> {
    usable(values).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

/// Sample standard deviation with Bessel's correction, `sqrt(sum (x - mean)^2 / (n - 1))`; `None`
/// below two values.
pub fn sample_sd(values: &[f64]) -> Option<f64> {
    let mean = mean(values)?;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    (values.len() > 1).then(|| (squares / (values.len() - 1) as f64).sqrt())
}

/// `level - baseline`, pair by pair.
///
/// # Errors
/// The two slices differ in length.
pub fn paired_differences(level: &[f64], baseline: &[f64]) -> Result<Vec<f64>, LengthError> {
    if level.len() != baseline.len() {
        return Err(LengthError { level: level.len(), baseline: baseline.len() });
    }
    Ok(level.iter().zip(baseline).map(|(level, baseline)| level - baseline).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mean_and_spread_of_three_values() {
        assert_eq!(mean(&[1.0, 2.0, 6.0]), Some(3.0));
        // Squares 4 + 1 + 9 = 14, over n - 1 = 2.
        assert_eq!(sample_sd(&[1.0, 2.0, 6.0]), Some(7.0f64.sqrt()));
    }

    #[test]
    fn too_few_or_not_finite_is_none() {
        assert_eq!(mean(&[]), None);
        assert_eq!(sample_sd(&[1.0]), None);
        assert_eq!(mean(&[1.0, f64::NAN]), None);
        assert_eq!(sample_sd(&[1.0, f64::INFINITY]), None);
    }

    #[test]
    fn differences_are_level_minus_baseline() {
        assert_eq!(paired_differences(&[3.0, 1.0], &[1.0, 2.0]), Ok(vec![2.0, -1.0]));
        let error = paired_differences(&[1.0], &[]).unwrap_err();
        assert_eq!(error, LengthError { level: 1, baseline: 0 });
    }
}
