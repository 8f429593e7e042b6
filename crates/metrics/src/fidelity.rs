//! PSNR, SSIM and MS-SSIM between 8-bit RGB images.
//!
//! Images are interleaved RGB, `size` x `size`, values 0..=255; both of a pair have the same size.

/// Peak signal-to-noise ratio in dB over all channels: `10 log10(255^2 / MSE)`.
///
/// Equal images give infinity, which callers cap with [`PSNR_CAP`]. Both slices hold the same
/// number of values, at least one.
pub fn psnr(a: &[u8], b: &[u8]) -> f64 {
    let squares: f64 = a.iter().zip(b).map(|(a, b)| (f64::from(*a) - f64::from(*b)).powi(2)).sum();
    10.0 * (255.0f64.powi(2) / (squares / a.len() as f64)).log10()
}

/// Tables hold finite numbers: two equal images count as this many dB.
pub const PSNR_CAP: f64 = 60.0;

const WINDOW: usize = 11;
const SIGMA: f64 = 1.5;
const C1: f64 = (0.01 * 255.0) * (0.01 * 255.0);
const C2: f64 = (0.03 * 255.0) * (0.03 * 255.0);
/// Exponents of the five scales, finest first (Wang, Simoncelli, Bovik 2003, section 3.2), as
/// published: they sum to 1.0001.
const SCALE_WEIGHTS: [f64; 5] = [0.0448, 0.2856, 0.3001, 0.2363, 0.1333];

/// Structural similarity (Wang et al. 2004) in [-1, 1]: Gaussian window 11x11, sigma 1.5,
/// K1 = 0.01, K2 = 0.03, averaged over the positions where the window fits and over the channels.
///
/// Equals scikit-image's `structural_similarity` with `gaussian_weights=True, sigma=1.5,
/// use_sample_covariance=False`.
///
/// # Panics
/// If `size` < 11 or an image holds fewer than `size * size * 3` values.
pub fn ssim(a: &[u8], b: &[u8], size: usize) -> f64 {
    let kernel = gaussian();
    let channel = |c| similarity(&plane(a, c), &plane(b, c), size, &kernel).ssim;
    (0..3).map(channel).sum::<f64>() / 3.0
}

/// Multi-scale structural similarity (Wang, Simoncelli, Bovik 2003) in [0, 1]: per channel the
/// product over scales of contrast-structure, and at the coarsest of SSIM, to the power of the
/// scale's weight; averaged over the channels.
///
/// Between scales 2x2 pixels are averaged; an odd last row or column is dropped. A factor below 0
/// counts as 0, as in pytorch-msssim, which this equals at even sizes. Where the 11-pixel window
/// fits fewer than five scales, those that fit are used with their weights rescaled to sum to 1
/// (32 px: 2, 64 px: 3, 128 px: 4, from 176 px all 5), so values of different sizes do not compare.
///
/// # Panics
/// If `size` < 11 or an image holds fewer than `size * size * 3` values.
pub fn ms_ssim(a: &[u8], b: &[u8], size: usize) -> f64 {
    let kernel = gaussian();
    let scales = (1..SCALE_WEIGHTS.len()).take_while(|s| size >> s >= WINDOW).count() + 1;
    let weights = &SCALE_WEIGHTS[..scales];
    // All five as published, since that is what other implementations use.
    let total = if scales == SCALE_WEIGHTS.len() { 1.0 } else { weights.iter().sum() };
    let channel = |c| {
        let (mut a, mut b, mut side) = (plane(a, c), plane(b, c), size);
        let mut product = 1.0;
        for (scale, weight) in weights.iter().enumerate() {
            if scale > 0 {
                (a, b) = (halve(&a, side), halve(&b, side));
                side /= 2;
            }
            let found = similarity(&a, &b, side, &kernel);
            let factor = if scale + 1 == scales { found.ssim } else { found.contrast_structure };
            product *= factor.max(0.0).powf(weight / total);
        }
        product
    };
    (0..3).map(channel).sum::<f64>() / 3.0
}

fn plane(image: &[u8], channel: usize) -> Vec<f64> {
    image.iter().skip(channel).step_by(3).map(|v| f64::from(*v)).collect()
}

/// Means of the SSIM map of one plane and of its contrast-structure part.
struct SsimMeans {
    ssim: f64,
    contrast_structure: f64,
}

fn similarity(a: &[f64], b: &[f64], size: usize, kernel: &[f64; WINDOW]) -> SsimMeans {
    let product =
        |x: &[f64], y: &[f64]| -> Vec<f64> { x.iter().zip(y).map(|(x, y)| x * y).collect() };
    let mean_a = filter(a, size, kernel);
    let mean_b = filter(b, size, kernel);
    let aa = filter(&product(a, a), size, kernel);
    let bb = filter(&product(b, b), size, kernel);
    let ab = filter(&product(a, b), size, kernel);
    let (mut ssim, mut contrast_structure) = (0.0, 0.0);
    for i in 0..mean_a.len() {
        let (ma, mb) = (mean_a[i], mean_b[i]);
        let (va, vb, cov) = (aa[i] - ma * ma, bb[i] - mb * mb, ab[i] - ma * mb);
        let cs = (2.0 * cov + C2) / (va + vb + C2);
        contrast_structure += cs;
        ssim += (2.0 * ma * mb + C1) / (ma * ma + mb * mb + C1) * cs;
    }
    let n = mean_a.len() as f64;
    SsimMeans { ssim: ssim / n, contrast_structure: contrast_structure / n }
}

fn gaussian() -> [f64; WINDOW] {
    let centre = (WINDOW / 2) as f64;
    let raw: [f64; WINDOW] =
        std::array::from_fn(|i| (-(i as f64 - centre).powi(2) / (2.0 * SIGMA * SIGMA)).exp());
    let sum: f64 = raw.iter().sum();
    raw.map(|v| v / sum)
}

/// Separable filter where the window fits: `size - 10` positions a side.
fn filter(plane: &[f64], size: usize, kernel: &[f64; WINDOW]) -> Vec<f64> {
    let out = size + 1 - WINDOW;
    let mut rows = vec![0.0; size * out];
    for (y, row) in rows.chunks_exact_mut(out).enumerate() {
        weighted(row, kernel, |i| &plane[y * size + i..][..out]);
    }
    let mut result = vec![0.0; out * out];
    for (y, row) in result.chunks_exact_mut(out).enumerate() {
        weighted(row, kernel, |i| &rows[(y + i) * out..][..out]);
    }
    result
}

/// Adds the eleven `lines` into `row`, each by its weight.
fn weighted<'a>(row: &mut [f64], kernel: &[f64; WINDOW], lines: impl Fn(usize) -> &'a [f64]) {
    for (i, k) in kernel.iter().enumerate() {
        row.iter_mut().zip(lines(i)).for_each(|(sum, v)| *sum += k * v);
    }
}

/// Averages 2x2 pixels.
fn halve(plane: &[f64], size: usize) -> Vec<f64> {
    let half = size / 2;
    let at = |y: usize, x: usize| plane[y * size + x];
    let mean = |y, x| (at(y, x) + at(y, x + 1) + at(y + 1, x) + at(y + 1, x + 1)) / 4.0;
    (0..half * half).map(|i| mean(i / half * 2, i % half * 2)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn psnr_of_a_constant_error() {
        // MSE 25: 10 log10(65025 / 25) = 34.1514 dB.
        let (a, b) = (vec![100u8; 48], vec![105u8; 48]);
        assert!((psnr(&a, &b) - 34.151_403).abs() < 1e-5);
        assert_eq!(psnr(&a, &a), f64::INFINITY);
    }

    #[test]
    fn flat_images_leave_only_luminance() {
        // Without variance the luminance term (2ab + c1)/(a^2 + b^2 + c1) stays, and of MS-SSIM its
        // power by the coarsest weight, here the second of two scales.
        let (a, b) = (vec![100u8; 32 * 32 * 3], vec![150u8; 32 * 32 * 3]);
        let c1 = 2.55f64.powi(2);
        let luminance = (2.0 * 15000.0 + c1) / (10000.0 + 22500.0 + c1);
        assert!((ssim(&a, &b, 32) - luminance).abs() < 1e-9);
        let expected = luminance.powf(0.2856 / (0.0448 + 0.2856));
        assert!((ms_ssim(&a, &b, 32) - expected).abs() < 1e-9);
    }

    #[test]
    fn both_fall_with_noise() {
        let base: Vec<u8> = (0..32 * 32 * 3).map(|i| ((i / 3) % 32 * 8) as u8).collect();
        let with = |amount: u8| -> Vec<u8> {
            let noise = (0..base.len()).map(|i| (i * 7919 % 13) as u8 % (amount + 1));
            base.iter().zip(noise).map(|(v, n)| v.saturating_add(n)).collect()
        };
        for metric in [ssim, ms_ssim] {
            let (little, much) = (metric(&base, &with(2), 32), metric(&base, &with(12), 32));
            assert!(1.0 > little && little > much, "{little} {much}");
        }
    }

    #[test]
    fn one_scale_is_ssim() {
        // 16 px: the window fits no second scale, and no channel of these two is below zero.
        let a: Vec<u8> = (0..16 * 16 * 3).map(|i| (i * 97 % 251) as u8).collect();
        let b: Vec<u8> = a.iter().map(|v| v / 2 + 60).collect();
        assert!((ms_ssim(&a, &b, 16) - ssim(&a, &b, 16)).abs() < 1e-12);
        assert!(ssim(&a, &b, 16) < 0.95);
    }

    #[test]
    fn halving_averages_four_pixels_and_drops_an_odd_edge() {
        // Rows of five: the last row and column (9) reach no mean.
        let plane = [
            [1.0, 3.0, 0.0, 0.0, 9.0],
            [5.0, 7.0, 0.0, 8.0, 9.0],
            [1.0, 1.0, 2.0, 2.0, 9.0],
            [1.0, 1.0, 2.0, 2.0, 9.0],
            [9.0, 9.0, 9.0, 9.0, 9.0],
        ];
        assert_eq!(halve(plane.as_flattened(), 5), [4.0, 2.0, 1.0, 2.0]);
    }
}
