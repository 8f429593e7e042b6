//! Seeded draws: one ChaCha8 stream per (dataset seed, purpose, index), so that any face can be
//! drawn without the faces before it.

use rand::Rng;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

/// What a stream is for. Streams of different purposes never share a number.
#[derive(Clone, Copy)]
pub(super) enum Purpose {
    /// How a block of images is shared out among identities.
    Block = 1,
    /// The features a person keeps from image to image.
    Person = 2,
    /// What changes from image to image.
    Shot = 3,
}

/// A stream of draws. Every method consumes a fixed number of words whatever its arguments, so a
/// changed probability or range never shifts the draws behind it.
pub(super) struct Dice(ChaCha8Rng);

impl Dice {
    /// The stream of `purpose` number `index` in the data set of `seed`.
    pub(super) fn new(seed: u64, purpose: Purpose, index: u64) -> Dice {
        let mut key = [0u8; 32];
        key[..8].copy_from_slice(&seed.to_le_bytes());
        key[8..16].copy_from_slice(&index.to_le_bytes());
        key[16] = purpose as u8;
        Dice(ChaCha8Rng::from_seed(key))
    }

    /// A 32-bit word, to seed textures with.
    pub(super) fn word(&mut self) -> u32 {
        self.0.next_u32()
    }

    /// Uniform in [0, 1).
    pub(super) fn unit(&mut self) -> f32 {
        (self.word() >> 8) as f32 / (1u32 << 24) as f32
    }

    /// Uniform in [low, high).
    pub(super) fn range(&mut self, low: f32, high: f32) -> f32 {
        low + (high - low) * self.unit()
    }

    /// Bell-shaped with the given mean and standard deviation, never further than 3.46 of them from
    /// the mean (a sum of four uniforms: no face needs a wilder tail).
    pub(super) fn bell(&mut self, mean: f32, deviation: f32) -> f32 {
        let sum = self.unit() + self.unit() + self.unit() + self.unit();
        mean + deviation * (sum - 2.0) * 3f32.sqrt()
    }

    /// True with probability `p`.
    pub(super) fn chance(&mut self, p: f32) -> bool {
        self.unit() < p
    }

    /// One of `choices`, each as likely as its weight.
    pub(super) fn pick<T: Copy>(&mut self, choices: &[(T, f32)]) -> T {
        let total: f32 = choices.iter().map(|c| c.1).sum();
        let mut left = self.unit() * total;
        for &(choice, weight) in choices {
            if left < weight {
                return choice;
            }
            left -= weight;
        }
        choices[choices.len() - 1].0
    }
}
