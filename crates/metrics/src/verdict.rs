//! From a judge's probability to its verdict.

/// The probability at which a judge says yes.
pub const VERDICT_THRESHOLD: f64 = 0.5;

/// Whether a judge that gives this probability (0 to 1) says that the attribute is there: from one
/// half on. Success, preservation, a judge's accuracy and the share of changed verdicts all ask here, so
/// that one probability never counts as both. Not a number is a no.
pub fn verdict(probability: impl Into<f64>) -> bool {
    probability.into() >= VERDICT_THRESHOLD
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_half_is_a_yes_in_either_precision() {
        assert!(verdict(0.5f32) && verdict(0.5f64) && verdict(1.0));
        assert!(!verdict(0.5f32.next_down()) && !verdict(0.5f64.next_down()) && !verdict(0.0));
        assert!(!verdict(f64::NAN));
    }
}
