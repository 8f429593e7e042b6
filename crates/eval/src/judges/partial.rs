//! What half an edit looks like: images between a face without the attribute and the same with it.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

/// From this share of the change on, an edit counts as complete.
pub(crate) const COMPLETE: f32 = 0.85;

/// How far an attribute is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Completion {
    /// Not at all.
    Without = 0,
    /// Something of it: faint, recoloured, blurred, on one side.
    Partly = 1,
    /// Wholly.
    With = 2,
}

impl Completion {
    /// Every state, in the order of the network's outputs.
    pub(crate) const ALL: [Completion; 3] =
        [Completion::Without, Completion::Partly, Completion::With];

    pub(crate) fn of(label: bool) -> Completion {
        if label { Completion::With } else { Completion::Without }
    }
}

/// `without + p change` where something of the attribute is left and something is missing. All are
/// planar `[3, size, size]`, in [-1, 1] but for the change.
pub(crate) fn partial(
    rng: &mut ChaCha8Rng,
    without: &[f32],
    change: &[f32],
    size: usize,
) -> Vec<f32> {
    let share = rng.random_range(1.0 - COMPLETE..COMPLETE);
    let added: Vec<f32> = match rng.random_range(0..10u8) {
        // Faint.
        0..5 => change.iter().map(|c| share * c).collect(),
        // Blurred.
        5..7 => {
            let radius = rng.random_range(1..=(size / 24).max(1));
            let share = rng.random_range(0.5..1.2);
            blurred(change, size, radius).iter().map(|c| share * c).collect()
        }
        // Recoloured.
        7..8 => {
            let factors: [f32; 3] = std::array::from_fn(|_| {
                let factor = rng.random_range(0.25..COMPLETE);
                if rng.random_bool(0.5) { factor } else { -factor }
            });
            let planes = change.chunks_exact(size * size).zip(factors);
            planes.flat_map(|(plane, factor)| plane.iter().map(move |c| factor * c)).collect()
        }
        // On one side of a line through its middle.
        _ => one_sided(rng, change, size),
    };
    without.iter().zip(added).map(|(x, c)| (x + c).clamp(-1.0, 1.0)).collect()
}

/// Every value replaced by the mean over a square around it.
fn blurred(planes: &[f32], size: usize, radius: usize) -> Vec<f32> {
    let near = |i: usize| i.saturating_sub(radius)..(i + radius + 1).min(size);
    let mut out = vec![0.0; planes.len()];
    for (plane, out) in planes.chunks_exact(size * size).zip(out.chunks_exact_mut(size * size)) {
        for (i, out) in out.iter_mut().enumerate() {
            let (rows, columns) = (near(i / size), near(i % size));
            let count = (rows.len() * columns.len()) as f32;
            let of_row = |row: usize| plane[row * size..][columns.clone()].iter().sum::<f32>();
            *out = rows.map(of_row).sum::<f32>() / count;
        }
    }
    out
}

fn one_sided(rng: &mut ChaCha8Rng, change: &[f32], size: usize) -> Vec<f32> {
    let plane = size * size;
    let weight = |i: usize| (0..3).map(|c| change[c * plane + i].abs()).sum::<f32>();
    let total: f32 = (0..plane).map(weight).sum::<f32>().max(f32::MIN_POSITIVE);
    let middle = |place: &dyn Fn(usize) -> usize| {
        (0..plane).map(|i| weight(i) * place(i) as f32).sum::<f32>() / total
    };
    let (x, y) = (middle(&|i| i % size), middle(&|i| i / size));
    let (sin, cos) = rng.random_range(0.0..std::f32::consts::TAU).sin_cos();
    let share = rng.random_range(0.6f32..1.0);
    let kept = |i: usize| {
        let there = ((i % size) as f32 - x) * cos + ((i / size) as f32 - y) * sin > 0.0;
        if there { share } else { 0.0 }
    };
    change.iter().enumerate().map(|(i, c)| c * kept(i % plane)).collect()
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;

    use super::*;

    const SIZE: usize = 16;

    #[test]
    fn something_is_left_and_something_is_missing() {
        let mut rng = ChaCha8Rng::seed_from_u64(5);
        let without = vec![0.0; 3 * SIZE * SIZE];
        let mut change = without.clone();
        for row in 5..9 {
            change[row * SIZE + 3..row * SIZE + 13].fill(0.8);
            change[(SIZE + row) * SIZE + 3..(SIZE + row) * SIZE + 13].fill(-0.6);
        }
        let energy = |v: &[f32]| v.iter().map(|v| v * v).sum::<f32>();
        for _ in 0..200 {
            let image = partial(&mut rng, &without, &change, SIZE);
            let lacks: Vec<f32> = image.iter().zip(&change).map(|(a, b)| a - b).collect();
            let (left, lacks) =
                (energy(&image) / energy(&change), energy(&lacks) / energy(&change));
            assert!(left > 0.01 && lacks > 0.02, "{left} {lacks}");
        }
    }

    #[test]
    fn a_blur_keeps_what_is_even() {
        let even = vec![0.5; 3 * SIZE * SIZE];
        assert!(blurred(&even, SIZE, 2).iter().all(|v| (v - 0.5).abs() < 1e-6));
    }
}
