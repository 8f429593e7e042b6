//! PSNR and SSIM between 8-bit RGB images.

/// Peak signal-to-noise ratio in dB over all channels; equal images give infinity, which callers
/// cap with [`PSNR_CAP`].
///
/// `10 log10(255^2 / MSE)`. Both slices hold the same number of values in [0, 255].
pub fn psnr(a: &[u8], b: &[u8]) -> f64 {
    let squares: f64 = a.iter().zip(b).map(|(a, b)| (f64::from(*a) - f64::from(*b)).powi(2)).sum();
    10.0 * (255.0f64.powi(2) / (squares / a.len() as f64)).log10()
}

/// Tables hold finite numbers: two equal images count as this many dB.
pub const PSNR_CAP: f64 = 60.0;

const WINDOW: usize = 11;
const SIGMA: f64 = 1.5;

/// Structural similarity (Wang et al. 2004): Gaussian window 11x11, sigma 1.5, K1 = 0.01,
/// K2 = 0.03, averaged over the positions where the window fits and over the channels.
///
/// `a` and `b` are interleaved RGB, `size` x `size`, `size` >= 11.
pub fn ssim(a: &[u8], b: &[u8], size: usize) -> f64 {
    let kernel = gaussian();
    let (c1, c2) = ((0.01f64 * 255.0).powi(2), (0.03f64 * 255.0).powi(2));
    let mut total = 0.0;
    for channel in 0..3 {
        let plane = |image: &[u8]| -> Vec<f64> {
            image.iter().skip(channel).step_by(3).map(|v| f64::from(*v)).collect()
        };
        let (a, b) = (plane(a), plane(b));
        let product =
            |x: &[f64], y: &[f64]| -> Vec<f64> { x.iter().zip(y).map(|(x, y)| x * y).collect() };
        let mean_a = filter(&a, size, &kernel);
        let mean_b = filter(&b, size, &kernel);
        let aa = filter(&product(&a, &a), size, &kernel);
        let bb = filter(&product(&b, &b), size, &kernel);
        let ab = filter(&product(&a, &b), size, &kernel);
        let sum: f64 = (0..mean_a.len())
            .map(|i| {
                let (ma, mb) = (mean_a[i], mean_b[i]);
                let (va, vb, cov) = (aa[i] - ma * ma, bb[i] - mb * mb, ab[i] - ma * mb);
                ((2.0 * ma * mb + c1) * (2.0 * cov + c2))
                    / ((ma * ma + mb * mb + c1) * (va + vb + c2))
            })
            .sum();
        total += sum / mean_a.len() as f64;
    }
    total / 3.0
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
    for y in 0..size {
        for x in 0..out {
            let line = &plane[y * size + x..][..WINDOW];
            rows[y * out + x] = line.iter().zip(kernel).map(|(v, k)| v * k).sum();
        }
    }
    let mut result = vec![0.0; out * out];
    for y in 0..out {
        for x in 0..out {
            result[y * out + x] =
                kernel.iter().enumerate().map(|(i, k)| rows[(y + i) * out + x] * k).sum();
        }
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn psnr_of_a_constant_error() {
        // MSE 25: 10 log10(65025 / 25) = 34.1514 dB.
        let (a, b) = (vec![100u8; 48], vec![105u8; 48]);
        assert!((psnr(&a, &b) - 34.151_403).abs() < 1e-5);
    }

    #[test]
    fn ssim_is_one_for_equal_images_and_follows_the_formula_for_flat_ones() {
        let noisy: Vec<u8> = (0..16 * 16 * 3).map(|i| (i * 97 % 251) as u8).collect();
        assert!((ssim(&noisy, &noisy, 16) - 1.0).abs() < 1e-12);
        // Flat images have no variance: only the luminance term (2ab + c1)/(a^2 + b^2 + c1) stays.
        let (a, b) = (vec![100u8; 16 * 16 * 3], vec![150u8; 16 * 16 * 3]);
        let c1 = 2.55f64.powi(2);
        let expected = (2.0 * 15000.0 + c1) / (10000.0 + 22500.0 + c1);
        assert!((ssim(&a, &b, 16) - expected).abs() < 1e-9);
    }

    #[test]
    fn ssim_falls_with_noise() {
        let base: Vec<u8> = (0..32 * 32 * 3).map(|i| ((i / 3) % 32 * 8) as u8).collect();
        let with = |amount: u8| -> Vec<u8> {
            let noise = (0..base.len()).map(|i| (i * 7919 % 13) as u8 % (amount + 1));
            base.iter().zip(noise).map(|(v, n)| v.saturating_add(n)).collect()
        };
        let (little, much) = (ssim(&base, &with(2), 32), ssim(&base, &with(12), 32));
        assert!(1.0 > little && little > much, "{little} {much}");
    }
}
