//! Models and drawings for the tests of this crate.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::{Ert, GreyImage, Options, Rect, Sample, train};

/// Options for tests that must be quick.
pub(crate) fn small_options() -> Options {
    Options {
        cascade_depth: 3,
        trees_per_cascade: 20,
        tree_depth: 3,
        oversampling: 6,
        feature_pool: 60,
        padding: 0.05,
        seed: 7,
        ..Options::default()
    }
}

/// A model of two levels with two trees each.
pub(crate) fn tiny_model() -> Ert {
    let (images, samples) = discs(6, 3);
    let options = Options {
        cascade_depth: 2,
        trees_per_cascade: 2,
        tree_depth: 2,
        feature_pool: 6,
        ..small_options()
    };
    train(&images, &samples, &options, &|_, _| {}).unwrap()
}

/// Five discs of different grey on a 64 x 64 ground each, moved together and a little apart.
pub(crate) fn discs(n: usize, seed: u64) -> (Vec<GreyImage>, Vec<Sample>) {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    (0..n).map(|index| disc_face(index, &mut random)).unzip()
}

fn disc_face(index: usize, random: &mut ChaCha8Rng) -> (GreyImage, Sample) {
    let centres = [[20.0, 22.0], [44.0, 22.0], [32.0, 34.0], [23.0, 46.0], [41.0, 46.0]];
    let mut shift = |by: f32| [random.random_range(-by..by), random.random_range(-by..by)];
    let common = shift(7.0);
    let shape: Vec<[f32; 2]> = centres
        .iter()
        .map(|c| {
            let own = shift(2.0);
            [c[0] + common[0] + own[0], c[1] + common[1] + own[1]]
        })
        .collect();
    let grey = [30, 60, 220, 10, 90];
    let mut pixels = vec![140u8; 64 * 64];
    for (at, pixel) in pixels.iter_mut().enumerate() {
        let (x, y) = ((at % 64) as f32, (at / 64) as f32);
        for (p, grey) in shape.iter().zip(grey) {
            if (x - p[0]).hypot(y - p[1]) < 5.0 {
                *pixel = grey;
            }
        }
    }
    let rect = Rect { left: 2.0, top: 2.0, right: 61.0, bottom: 61.0 };
    (GreyImage { width: 64, height: 64, pixels }, Sample { image: index, rect, shape })
}
