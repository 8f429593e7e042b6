//! Distances between two sets of images in the feature space of an attribute network.
//!
//! Features are row-major `n x d`, one row per image. They come from this project's own attribute
//! network and never from Inception, so the values do not compare with published FID or KID.

use nalgebra::DMatrix;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

/// Frechet distance between Gaussians fitted to two sets (the formula of FID, Heusel et al. 2017):
/// `|m1 - m2|^2 + tr(C1 + C2 - 2 (C1 C2)^(1/2))` with sample covariances (divisor n - 1).
///
/// At least 0; 0 for equal sets up to rounding. Biased upwards where n is small. `None` if either
/// set has fewer than two rows or is not a whole number of rows, or a feature is not finite.
///
/// With centred rows `A1`, `A2`, `C = A^T A / (n - 1)` and the trace of the root is the sum of the
/// singular values of `A1 A2^T`. Taking those avoids squaring, so covariances of too few images,
/// which are singular, cost no precision and never give an imaginary root.
pub fn frechet(a: &[f32], b: &[f32], d: usize) -> Option<f64> {
    let (a, b) = (Gaussian::fit(a, d)?, Gaussian::fit(b, d)?);
    let apart = (&a.mean - &b.mean).norm_squared();
    let root_trace = nuclear_norm(&(&a.factor * b.factor.transpose()));
    Some((apart + a.factor.norm_squared() + b.factor.norm_squared() - 2.0 * root_trace).max(0.0))
}

/// A mean `d x 1` and a factor `F` of the covariance, `F^T F = C`, with at most d rows.
struct Gaussian {
    mean: DMatrix<f64>,
    factor: DMatrix<f64>,
}

impl Gaussian {
    fn fit(features: &[f32], d: usize) -> Option<Gaussian> {
        let mut rows = matrix(features, d)?;
        let n = rows.nrows();
        if n < 2 {
            return None;
        }
        let mean = DMatrix::from_fn(d, 1, |j, _| rows.column(j).mean());
        for (mut column, mean) in rows.column_iter_mut().zip(mean.iter()) {
            column.add_scalar_mut(-mean);
        }
        rows /= ((n - 1) as f64).sqrt();
        // Rotating the rows leaves F^T F as it is and makes F small.
        let factor = if n > d { rows.qr().r() } else { rows };
        Some(Gaussian { mean, factor })
    }
}

fn matrix(features: &[f32], d: usize) -> Option<DMatrix<f64>> {
    let usable =
        d > 0 && features.len().is_multiple_of(d) && features.iter().all(|v| v.is_finite());
    let rows = || features.iter().map(|v| f64::from(*v));
    usable.then(|| DMatrix::from_row_iterator(features.len() / d, d, rows()))
}

/// Sum of the singular values of `m`: the eigenvalues of `[[0, m], [m^T, 0]]` are plus and minus
/// these, and a symmetric matrix has the more robust solver.
fn nuclear_norm(m: &DMatrix<f64>) -> f64 {
    let (r, c) = m.shape();
    let mut both = DMatrix::zeros(r + c, r + c);
    both.view_mut((0, r), (r, c)).copy_from(m);
    both.view_mut((r, 0), (c, r)).copy_from(&m.transpose());
    both.symmetric_eigenvalues().iter().map(|v| v.abs()).sum::<f64>() / 2.0
}

/// A kernel distance.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Kernel {
    /// The squared maximum mean discrepancy. Unbiased, hence around 0, and below it half of the
    /// time, for two sets of one distribution.
    pub mean: f64,
    /// Sample standard deviation over the subsets; `None` where all pairs were used.
    pub sd: Option<f64>,
}

/// Up to this many images in the larger set, all pairs are used.
const ALL_PAIRS: usize = 2000;
const SUBSETS: usize = 100;
const SUBSET_SIZE: usize = 1000;

/// Kernel distance (KID, Binkowski et al. 2018): unbiased squared MMD with the kernel
/// `k(x, y) = (x . y / d + 1)^3`.
///
/// Over all pairs if neither set has more than 2000 rows, else the mean over 100 subsets of 1000
/// rows of each set (all rows of a smaller one), drawn without replacement; `seed` fixes them.
/// `None` if either set has fewer than two rows or is not a whole number of rows, or a feature is
/// not finite.
pub fn kernel_distance(a: &[f32], b: &[f32], d: usize, seed: u64) -> Option<Kernel> {
    let (a, b) = (matrix(a, d)?, matrix(b, d)?);
    if a.nrows().min(b.nrows()) < 2 {
        return None;
    }
    if a.nrows().max(b.nrows()) <= ALL_PAIRS {
        return Some(Kernel { mean: squared_mmd(&a, &b), sd: None });
    }
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut subset = |rows: &DMatrix<f64>| {
        let n = rows.nrows();
        rows.select_rows(&rand::seq::index::sample(&mut random, n, SUBSET_SIZE.min(n)).into_vec())
    };
    let values: Vec<f64> = (0..SUBSETS).map(|_| squared_mmd(&subset(&a), &subset(&b))).collect();
    let mean = values.iter().sum::<f64>() / SUBSETS as f64;
    let squares: f64 = values.iter().map(|v| (v - mean).powi(2)).sum();
    Some(Kernel { mean, sd: Some((squares / (SUBSETS - 1) as f64).sqrt()) })
}

/// Unbiased estimate: a row is not paired with itself.
fn squared_mmd(a: &DMatrix<f64>, b: &DMatrix<f64>) -> f64 {
    let kernel = |x: &DMatrix<f64>, y: &DMatrix<f64>| {
        let d = x.ncols() as f64;
        let mut k = x * y.transpose();
        // Not `powi`, which is a call for each of millions of pairs.
        k.apply(|dot| {
            let base = *dot / d + 1.0;
            *dot = base * base * base;
        });
        k
    };
    let within = |x: &DMatrix<f64>| {
        let (k, n) = (kernel(x, x), x.nrows() as f64);
        (k.sum() - k.trace()) / (n * (n - 1.0))
    };
    within(a) + within(b) - 2.0 * kernel(a, b).mean()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frechet_in_one_dimension_by_hand() {
        // Means 1 and 5, standard deviations sqrt(2) and sqrt(8): 16 + (sqrt 8 - sqrt 2)^2 = 18.
        let found = frechet(&[0.0, 2.0], &[3.0, 7.0], 1).unwrap();
        assert!((found - 18.0).abs() < 1e-12, "{found}");
    }

    #[test]
    fn the_root_does_not_need_covariances_that_commute() {
        // Along (1, 0) and along (1, 1), each of variance 2 and rank 1: the root's trace is
        // sqrt(v1^T C2 v1 * 2) = sqrt(2), so the distance is 2 + 2 - 2 sqrt(2).
        let a = [-1.0, 0.0, 1.0, 0.0];
        let half = 0.5f32.sqrt();
        let b = [-half, -half, half, half];
        let found = frechet(&a, &b, 2).unwrap();
        assert!((found - (4.0 - 8.0f64.sqrt())).abs() < 1e-6, "{found}");
    }

    #[test]
    fn sets_without_spread_differ_by_their_means() {
        // What a network gives whose features died.
        assert_eq!(frechet(&[1.0; 6], &[3.0; 9], 3), Some(12.0));
        let spread = [0.0, 0.0, 2.0, 2.0];
        assert!((frechet(&[1.0; 4], &spread, 2).unwrap() - 4.0).abs() < 1e-12);
    }

    #[test]
    fn kernel_distance_by_hand() {
        // d = 1, k(x, y) = (xy + 1)^3: within {0, 1} k = 1, within {1, 2} k = 27, across
        // (1 + 1 + 8 + 27) / 4.
        let found = kernel_distance(&[0.0, 1.0], &[1.0, 2.0], 1, 0).unwrap();
        assert_eq!(found, Kernel { mean: 28.0 - 37.0 / 2.0, sd: None });
    }

    #[test]
    fn what_has_no_distance() {
        let good = [0.0, 1.0, 2.0, 4.0];
        let bad: [(&[f32], usize); 5] = [
            (&[], 2),
            (&[1.0, 2.0], 2),
            (&[1.0, 2.0, 3.0], 2),
            (&[1.0, f32::NAN, 3.0, 4.0], 2),
            (&good, 0),
        ];
        for (set, d) in bad {
            assert_eq!(frechet(set, &good, d), None, "{set:?}");
            assert_eq!(frechet(&good, set, d), None, "{set:?}");
            assert_eq!(kernel_distance(set, &good, d, 0), None, "{set:?}");
            assert_eq!(kernel_distance(&good, set, d, 0), None, "{set:?}");
        }
    }

    #[test]
    fn large_sets_use_seeded_subsets_that_agree_with_all_pairs() {
        let mut state = 1u32;
        let mut draw = |n: usize, shift: f32| -> Vec<f32> {
            let next = |_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (state >> 16) as f32 / 65_536.0 + shift
            };
            (0..n).map(next).collect()
        };
        let (a, b) = (draw(2001 * 2, 0.0), draw(300 * 2, 0.5));
        let found = kernel_distance(&a, &b, 2, 7).unwrap();
        let all = squared_mmd(&matrix(&a, 2).unwrap(), &matrix(&b, 2).unwrap());
        let sd = found.sd.unwrap();
        assert!(sd > 0.0 && (found.mean - all).abs() < sd, "{found:?} {all}");
        assert_eq!(kernel_distance(&a, &b, 2, 7), Some(found));
        assert_ne!(kernel_distance(&a, &b, 2, 8), Some(found));
        // 2000 rows still go without subsets.
        assert_eq!(kernel_distance(&a[..4000], &b, 2, 7).unwrap().sd, None);
    }
}
