//! Textures without state: any pixel alone, the same at every call.

use std::sync::LazyLock;

/// A well-mixed word of three (the finaliser of SplitMix64 over a combination of them).
pub(super) fn hash(x: i32, y: i32, seed: u32) -> u64 {
    let mut h = ((x as u32 as u64) << 32 | y as u32 as u64)
        .wrapping_add(u64::from(seed).wrapping_mul(0x9E37_79B9_7F4A_7C15));
    h = (h ^ (h >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    h = (h ^ (h >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    h ^ (h >> 31)
}

/// Uniform in [0, 1).
pub(super) fn unit(x: i32, y: i32, seed: u32) -> f32 {
    (hash(x, y, seed) >> 40) as f32 / (1u32 << 24) as f32
}

/// Sensor noise of one pixel: unit deviation in each of three channels, sharing a common part.
pub(super) fn grain(x: i32, y: i32, seed: u32) -> [f32; 3] {
    let h = hash(x, y, seed);
    let byte = |i: u32| ((h >> (8 * i)) & 255) as f32;
    // Sums of uniform bytes, each of deviation 73.9.
    let common = byte(0) + byte(1) + byte(2) + byte(3) - 510.0;
    [4, 5, 6].map(|i| 0.0054 * common + 0.0080 * (byte(i) - 127.5))
}

/// Lattice values of the smooth noise; seeds shift where it is read.
static LATTICE: LazyLock<Vec<u8>> =
    LazyLock::new(|| (0..1 << 16).map(|i| (hash(i & 255, i >> 8, 0x5EED) >> 56) as u8).collect());

/// `x.floor()` for the moderate numbers of this module, without a call into the maths library.
fn floor(x: f32) -> i32 {
    let i = x as i32;
    i - i32::from(x < i as f32)
}

/// The part after the point, in [0, 1) for negative numbers too.
pub(super) fn fract(x: f32) -> f32 {
    x - floor(x) as f32
}

/// Smooth noise in [0, 1] with features about one unit wide.
pub(super) fn value(x: f32, y: f32, seed: u32) -> f32 {
    let (ix, iy) = (floor(x), floor(y));
    let ease = |t: f32| t * t * (3.0 - 2.0 * t);
    let (tx, ty) = (ease(x - ix as f32), ease(y - iy as f32));
    let mixed = seed.wrapping_mul(0x9E37_79B1);
    let ix = (ix as u32).wrapping_add(mixed >> 8);
    let iy = (iy as u32).wrapping_add(mixed >> 20);
    let lattice: &[u8] = &LATTICE;
    let at = |x: u32, y: u32| f32::from(lattice[((y & 255) << 8 | (x & 255)) as usize]);
    let top = at(ix, iy) + (at(ix.wrapping_add(1), iy) - at(ix, iy)) * tx;
    let low = iy.wrapping_add(1);
    let bottom = at(ix, low) + (at(ix.wrapping_add(1), low) - at(ix, low)) * tx;
    (top + (bottom - top) * ty) / 255.0
}

/// Two octaves of [`value`] noise, in [0, 1].
pub(super) fn rough(x: f32, y: f32, seed: u32) -> f32 {
    0.65 * value(x, y, seed) + 0.35 * value(x * 2.1 + 7.3, y * 2.1 - 3.1, seed ^ 0x5bd1)
}
