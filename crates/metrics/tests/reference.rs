//! Every metric against another implementation (`scripts/metrics_reference.py`).

#![allow(clippy::unwrap_used)]

use metrics::{fidelity, locality, sets};
use serde::Deserialize;

#[derive(Deserialize)]
struct Reference {
    images: Vec<Images>,
    sets: Vec<Sets>,
    residuals: Vec<Residual>,
}

#[derive(Deserialize, Debug)]
struct Images {
    size: usize,
    kind: String,
    psnr: f64,
    ssim: f64,
    ms_ssim: f64,
}

#[derive(Deserialize, Debug)]
struct Sets {
    n_a: usize,
    n_b: usize,
    d: usize,
    frechet_sqrtm: f64,
    frechet: f64,
    kernel: f64,
}

#[derive(Deserialize, Debug)]
struct Residual {
    size: usize,
    mean_l1: f64,
    rms_l2: f64,
    hoyer: f64,
    energy_in_upper_half: f64,
}

fn reference() -> Reference {
    serde_json::from_str(include_str!("reference.json")).unwrap()
}

/// Pixel formulas of the script, in the order y, x, channel.
fn image(kind: &str, size: usize) -> Vec<u8> {
    let mut values = Vec::new();
    for y in 0..size {
        for x in 0..size {
            for c in 0..3 {
                let base = ((x * (c + 3) + y * (7 - c) + x * y / 8) % 256) as i64;
                let noise = ((x * 131 + y * 71 + c * 17) % 23) as i64 - 11;
                let in_box =
                    (size / 4..size / 2).contains(&x) && (size / 3..2 * size / 3).contains(&y);
                let value = match kind {
                    "base" => base,
                    "edit" => base + 40 * i64::from(in_box),
                    "inverted" => 255 - base,
                    "one-channel-inverted" if c == 0 => 255 - base,
                    "noise" | "one-channel-inverted" => base + noise,
                    _ => panic!("unknown kind {kind}"),
                };
                values.push(value.clamp(0, 255) as u8);
            }
        }
    }
    values
}

fn features(n: usize, d: usize, seed: u32, shift: f32) -> Vec<f32> {
    let mut state = seed;
    let mut values: Vec<f32> = (0..n * d)
        .map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 16) as f32 / 65_536.0
        })
        .collect();
    for row in values.chunks_exact_mut(d) {
        let first = row[0];
        row.iter_mut().for_each(|v| *v = (*v + 0.5 * first) * (1.0 + shift / 2.0) + shift);
    }
    values
}

fn close(found: f64, expected: f64, tolerance: f64, what: &dyn std::fmt::Debug) {
    let miss = (found - expected).abs();
    assert!(miss <= tolerance, "{found} is not {expected} (off by {miss:e}): {what:?}");
}

#[test]
fn images_agree_with_scikit_image_and_pytorch_msssim() {
    let images = reference().images;
    assert!(images.iter().any(|case| case.size == 256), "five scales are covered");
    for case in images {
        let (a, b) = (image("base", case.size), image(&case.kind, case.size));
        close(fidelity::psnr(&a, &b), case.psnr, 1e-9, &case);
        close(fidelity::ssim(&a, &b, case.size), case.ssim, 1e-9, &case);
        close(fidelity::ms_ssim(&a, &b, case.size), case.ms_ssim, 1e-9, &case);
    }
}

#[test]
fn sets_agree_with_scipy_and_numpy() {
    for case in reference().sets {
        let a = features(case.n_a, case.d, 1, 0.0);
        let b = features(case.n_b, case.d, 2, 0.25);
        let frechet = sets::frechet(&a, &b, case.d).unwrap();
        close(frechet, case.frechet, 1e-10, &case);
        // The square root of a singular matrix is good to half of the digits only.
        let singular = case.n_a.min(case.n_b) <= case.d;
        close(frechet, case.frechet_sqrtm, if singular { 1e-6 } else { 1e-10 }, &case);
        let kernel = sets::kernel_distance(&a, &b, case.d, 0).unwrap();
        close(kernel.mean, case.kernel, 1e-10, &case);
    }
}

#[test]
fn residuals_agree_with_numpy() {
    for case in reference().residuals {
        let size = case.size;
        let [base, edit, noise] = ["base", "edit", "noise"].map(|kind| image(kind, size));
        let change = |i: usize| {
            let from = i32::from(base[i]);
            5 * (i32::from(edit[i]) - from) + i32::from(noise[i]) - from
        };
        let plane = size * size;
        let planar: Vec<f32> =
            (0..3 * plane).map(|i| change(i % plane * 3 + i / plane) as f32 / 512.0).collect();
        let upper: Vec<bool> = (0..plane).map(|i| i < plane / 2).collect();
        close(locality::mean_l1(&planar), case.mean_l1, 1e-12, &case);
        close(locality::rms_l2(&planar), case.rms_l2, 1e-12, &case);
        close(locality::hoyer(&planar).unwrap(), case.hoyer, 1e-12, &case);
        let inside = locality::energy_inside(&planar, &upper).unwrap();
        close(inside, case.energy_in_upper_half, 1e-12, &case);
    }
}
