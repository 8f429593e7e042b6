//! What holds of every metric whatever the input.

#![allow(clippy::unwrap_used)]

use metrics::{fidelity, landmarks, locality, sets};
use proptest::collection::vec;
use proptest::prelude::*;

/// Rounding may exceed a bound by this much.
const SLACK: f64 = 1e-9;

/// A size and two images of it.
fn pair() -> impl Strategy<Value = (usize, Vec<u8>, Vec<u8>)> {
    (11usize..48).prop_flat_map(|size| {
        let image = || vec(any::<u8>(), size * size * 3);
        (Just(size), image(), image())
    })
}

fn points() -> impl Strategy<Value = landmarks::Points> {
    prop::array::uniform5(prop::array::uniform2(0.0f32..64.0))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn similarity_is_symmetric_bounded_and_one_for_equal_images((size, a, b) in pair()) {
        let (ssim, ms) = (fidelity::ssim(&a, &b, size), fidelity::ms_ssim(&a, &b, size));
        prop_assert!((-1.0 - SLACK..=1.0 + SLACK).contains(&ssim));
        prop_assert!((0.0..=1.0 + SLACK).contains(&ms));
        prop_assert!((ssim - fidelity::ssim(&b, &a, size)).abs() < SLACK);
        prop_assert_eq!(fidelity::ssim(&a, &a, size), 1.0);
        prop_assert_eq!(fidelity::ms_ssim(&a, &a, size), 1.0);
    }

    #[test]
    fn sparseness_is_a_share_and_ignores_scale(residual in vec(-1.0f32..1.0, 2..200)) {
        let Some(hoyer) = locality::hoyer(&residual) else { return Ok(()) };
        prop_assert!((0.0..=1.0).contains(&hoyer));
        let doubled: Vec<f32> = residual.iter().map(|v| v * -2.0).collect();
        prop_assert!((locality::hoyer(&doubled).unwrap() - hoyer).abs() < SLACK);
    }

    #[test]
    fn energy_inside_and_outside_is_all_energy(
        residual in vec(-1.0f32..1.0, 48),
        mask in vec(any::<bool>(), 16),
    ) {
        let outside: Vec<bool> = mask.iter().map(|inside| !inside).collect();
        let parts = [&mask, &outside].map(|mask| locality::energy_inside(&residual, mask));
        if let [Some(inside), Some(outside)] = parts {
            prop_assert!((inside + outside - 1.0).abs() < SLACK);
        }
    }

    #[test]
    fn errors_ignore_translation_and_scale(
        predicted in points(),
        truth in points(),
        by in -32.0f32..32.0,
    ) {
        prop_assume!(landmarks::interocular(&truth) > 1.0);
        let moved = |points: &landmarks::Points| points.map(|p| p.map(|v| 2.0 * v + by));
        let plain = landmarks::nme(&predicted, &truth).unwrap();
        let after = landmarks::nme(&moved(&predicted), &moved(&truth)).unwrap();
        prop_assert!((plain - after).abs() < 1e-3 * (1.0 + plain), "{} {}", plain, after);
    }

    #[test]
    fn ced_and_auc_rise_with_the_threshold(
        errors in vec(0.0f64..30.0, 1..50),
        threshold in 0.01f64..20.0,
        more in 0.0f64..10.0,
    ) {
        let at = |metric: fn(&[f64], f64) -> Option<f64>, t| metric(&errors, t).unwrap();
        let (ced, auc) = (at(landmarks::ced, threshold), at(landmarks::auc, threshold));
        prop_assert!(ced <= at(landmarks::ced, threshold + more));
        prop_assert!(auc <= at(landmarks::auc, threshold + more) + SLACK);
        prop_assert!((0.0..=1.0).contains(&auc) && auc <= ced + SLACK);
        let failures = at(landmarks::failure_rate, threshold);
        prop_assert!((ced + failures - 1.0).abs() < SLACK);
        for (t, share) in landmarks::ced_curve(&errors, threshold, 0.5) {
            prop_assert_eq!(share, at(landmarks::ced, t));
        }
    }

    #[test]
    fn frechet_is_a_symmetric_distance_and_zero_for_equal_sets(
        (d, a, b) in (1usize..6).prop_flat_map(|d| {
            // Also fewer rows than columns: singular covariances.
            let set = move || (2usize..12).prop_flat_map(move |n| vec(-5.0f32..5.0, n * d));
            (Just(d), set(), set())
        }),
    ) {
        let found = sets::frechet(&a, &b, d).unwrap();
        prop_assert!(found >= 0.0);
        prop_assert!((found - sets::frechet(&b, &a, d).unwrap()).abs() < SLACK);
        prop_assert!(sets::frechet(&a, &a, d).unwrap() < SLACK);
        // A translation adds its squared length between a set and its copy.
        let moved: Vec<f32> = a.iter().map(|v| v + 2.0).collect();
        prop_assert!((sets::frechet(&a, &moved, d).unwrap() - 4.0 * d as f64).abs() < 1e-4);
    }
}
