//! Which images make the next batch; a position that can be written down and taken up again.

use rand_chacha::rand_core::Rng;
use serde::{Deserialize, Serialize};

use crate::shuffle::{Purpose, shuffle, stream};
use crate::split::Split;

/// One face without and one with the attribute, not the same person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pair {
    /// Index of a training face without the attribute.
    pub negative: usize,
    /// Index of a training face with it.
    pub positive: usize,
    /// Whether the negative is mirrored.
    pub flip_negative: bool,
    /// Whether the positive is mirrored.
    pub flip_positive: bool,
}

/// Where a sampler stands; everything else follows from the split and the seed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SamplerState {
    epoch: [u64; 2],
    position: [usize; 2],
}

/// A saved position that does not fit the data.
#[derive(Debug, thiserror::Error)]
#[error("position {position} in a class of {length} training images")]
pub struct SamplerError {
    position: usize,
    length: usize,
}

/// Draws pairs without replacement: every class runs through its images in a new random order per
/// epoch, and an image is mirrored with probability 1/2 where mirroring is on.
#[derive(Clone, Debug)]
pub struct PairSampler {
    classes: [Class; 2],
}

#[derive(Clone, Debug)]
struct Class {
    pool: Vec<usize>,
    seed: u64,
    number: u64,
    flip: bool,
    epoch: u64,
    position: usize,
    order: Vec<(usize, bool)>,
}

impl Class {
    fn new(pool: &[usize], seed: u64, number: u64, flip: bool) -> Class {
        let pool = pool.to_vec();
        let mut class =
            Class { pool, seed, number, flip, epoch: 0, position: 0, order: Vec::new() };
        class.deal();
        class
    }

    /// The order of the present epoch.
    fn deal(&mut self) {
        let mut rng = stream(Purpose::Epoch, self.seed, self.number, self.epoch);
        let mut faces = self.pool.clone();
        shuffle(&mut faces, &mut rng);
        self.order =
            faces.into_iter().map(|face| (face, self.flip && rng.next_u32() >> 31 == 1)).collect();
    }

    fn next(&mut self) -> (usize, bool) {
        if self.position == self.order.len() {
            // A position that was written down may stand at the end of numbers.
            self.epoch = self.epoch.wrapping_add(1);
            self.position = 0;
            self.deal();
        }
        self.position += 1;
        self.order[self.position - 1]
    }
}

impl PairSampler {
    /// A sampler at its beginning. The split's training lists must not be empty.
    pub fn new(split: &Split, seed: u64, flip: bool) -> PairSampler {
        let class = |pool, number| Class::new(pool, seed, number, flip);
        PairSampler { classes: [class(&split.train_negative, 0), class(&split.train_positive, 1)] }
    }

    /// The next `count` pairs.
    pub fn next_batch(&mut self, count: usize) -> Vec<Pair> {
        let [negatives, positives] = &mut self.classes;
        let mut pair = || {
            let (negative, flip_negative) = negatives.next();
            let (positive, flip_positive) = positives.next();
            Pair { negative, positive, flip_negative, flip_positive }
        };
        (0..count).map(|_| pair()).collect()
    }

    /// The position.
    pub fn state(&self) -> SamplerState {
        SamplerState {
            epoch: self.classes.each_ref().map(|class| class.epoch),
            position: self.classes.each_ref().map(|class| class.position),
        }
    }

    /// Goes to a position of the same split and seed.
    ///
    /// # Errors
    /// The position lies beyond the class.
    pub fn restore(&mut self, state: SamplerState) -> Result<(), SamplerError> {
        for (class, position) in self.classes.iter().zip(state.position) {
            let length = class.pool.len();
            if position > length {
                return Err(SamplerError { position, length });
            }
        }
        for (i, class) in self.classes.iter_mut().enumerate() {
            (class.epoch, class.position) = (state.epoch[i], state.position[i]);
            class.deal();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split() -> Split {
        let train_negative = (0..7).collect();
        let train_positive = (10..15).collect();
        Split { train_negative, train_positive, ..Split::default() }
    }

    #[test]
    fn an_epoch_has_every_image_once() {
        let mut sampler = PairSampler::new(&split(), 3, true);
        let pairs = sampler.next_batch(35);
        for chunk in pairs.chunks(7) {
            let mut seen: Vec<usize> = chunk.iter().map(|pair| pair.negative).collect();
            seen.sort_unstable();
            assert_eq!(seen, [0, 1, 2, 3, 4, 5, 6]);
        }
        let first: Vec<usize> = pairs[..5].iter().map(|pair| pair.positive).collect();
        let second: Vec<usize> = pairs[5..10].iter().map(|pair| pair.positive).collect();
        assert_ne!(first, second, "epochs have orders of their own");
        assert!(pairs.iter().any(|p| p.flip_negative) && pairs.iter().any(|p| !p.flip_negative));
    }

    #[test]
    fn a_restored_sampler_goes_on_as_the_first_would_have() {
        let mut first = PairSampler::new(&split(), 9, true);
        for before in [0, 3, 5, 7, 23] {
            first.next_batch(before);
            let mut second = PairSampler::new(&split(), 9, true);
            second.restore(first.state()).unwrap();
            assert_eq!(second.next_batch(20), first.clone().next_batch(20));
        }
    }

    #[test]
    fn without_mirroring_nothing_is_mirrored() {
        let pairs = PairSampler::new(&split(), 1, false).next_batch(50);
        assert!(pairs.iter().all(|pair| !pair.flip_negative && !pair.flip_positive));
    }

    #[test]
    fn a_position_beyond_the_class_is_refused() {
        let state = SamplerState { epoch: [0, 0], position: [0, 6] };
        let error = PairSampler::new(&split(), 1, true).restore(state).unwrap_err();
        assert_eq!(error.to_string(), "position 6 in a class of 5 training images");
    }
}
