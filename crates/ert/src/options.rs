//! Settings of training and their ranges.

use crate::ErtError;

/// Settings of [`train`](crate::train). The default is dlib's (`shape_predictor_trainer`), which
/// follows section 3 of the paper.
#[derive(Clone, Debug, PartialEq)]
pub struct Options {
    /// Levels of the cascade; each draws its own pool of pixels. At least 1.
    pub cascade_depth: usize,
    /// Trees of each level. At least 1.
    pub trees_per_cascade: usize,
    /// Splits from root to leaf, 1 to 12; a tree has `2^tree_depth` leaves.
    pub tree_depth: usize,
    /// Share of the mean residual that a leaf takes off, in (0, 1]; the paper's shrinkage.
    pub nu: f64,
    /// Initial shapes per sample: the mean shape, then random mixtures of two shapes. At least 1.
    pub oversampling: usize,
    /// Each random initial shape moves by up to this share of the box in x and y; at least 0.
    pub translation_jitter: f64,
    /// Pixels per level from which splits choose their pairs, 2 to 65,535.
    pub feature_pool: usize,
    /// Random splits tried at each node, at least 1.
    pub test_splits: usize,
    /// Scale of the prior on close pairs, above 0, in shares of the box: a pair at distance `d`
    /// is kept with probability `exp(-d / lambda)` (equation 8 of the paper).
    pub lambda: f64,
    /// By how much the region of the pool reaches beyond the mean shape's bounding box, in
    /// shares of the face's box (dlib's `landmark_relative` mode); above -0.5.
    pub padding: f64,
    /// Seed of every random choice. Same seed, data and options: same model, bit for bit.
    pub seed: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            cascade_depth: 10,
            trees_per_cascade: 500,
            tree_depth: 4,
            nu: 0.1,
            oversampling: 20,
            translation_jitter: 0.0,
            feature_pool: 400,
            test_splits: 20,
            lambda: 0.1,
            padding: 0.0,
            seed: 0,
        }
    }
}

impl Options {
    /// The first option out of range, if any.
    pub(crate) fn check(&self) -> Result<(), ErtError> {
        let counts = [
            ("cascade_depth", self.cascade_depth, 1, u32::MAX as usize, "at least 1"),
            ("trees_per_cascade", self.trees_per_cascade, 1, u32::MAX as usize, "at least 1"),
            ("tree_depth", self.tree_depth, 1, MAX_DEPTH, "1 to 12"),
            ("oversampling", self.oversampling, 1, u32::MAX as usize, "at least 1"),
            ("feature_pool", self.feature_pool, 2, MAX_POOL, "2 to 65535"),
            ("test_splits", self.test_splits, 1, u32::MAX as usize, "at least 1"),
        ];
        for (option, value, least, most, range) in counts {
            if value < least || value > most {
                return Err(ErtError::Option { option, value: value.to_string(), range });
            }
        }
        let jitter = self.translation_jitter;
        let reals = [
            ("nu", self.nu, self.nu > 0.0 && self.nu <= 1.0, "above 0, at most 1"),
            ("translation_jitter", jitter, jitter >= 0.0, "finite and at least 0"),
            ("lambda", self.lambda, self.lambda > 0.0, "finite and above 0"),
            ("padding", self.padding, self.padding > -0.5, "finite and above -0.5"),
        ];
        for (option, value, good, range) in reals {
            if !(value.is_finite() && good) {
                return Err(ErtError::Option { option, value: value.to_string(), range });
            }
        }
        Ok(())
    }
}

/// Leaves are numbered in 16 bits while training.
pub(crate) const MAX_DEPTH: usize = 12;

/// Splits name their two pixels in 16 bits.
pub(crate) const MAX_POOL: usize = u16::MAX as usize;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_checked_and_named() {
        assert_eq!(Options::default().check(), Ok(()));
        let refused = |options: Options| match options.check() {
            Err(ErtError::Option { option, .. }) => option,
            other => panic!("{other:?}"),
        };
        let base = Options::default;
        assert_eq!(refused(Options { tree_depth: 13, ..base() }), "tree_depth");
        assert_eq!(refused(Options { feature_pool: 1, ..base() }), "feature_pool");
        assert_eq!(refused(Options { nu: 1.5, ..base() }), "nu");
        assert_eq!(refused(Options { lambda: f64::NAN, ..base() }), "lambda");
        assert_eq!(refused(Options { padding: f64::INFINITY, ..base() }), "padding");
        assert_eq!(refused(Options { cascade_depth: 0, ..base() }), "cascade_depth");
    }
}
