//! Shuffles that stay the same over releases of the random-number crates: ChaCha8's stream is fixed
//! by its specification, the rest is here.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// What a stream of random numbers is for; no two purposes share one.
#[derive(Clone, Copy)]
pub(crate) enum Purpose {
    /// Which images test and train.
    Split,
    /// The order of one class in one epoch, and which of them are mirrored.
    Epoch,
    /// The order of the judges' pool.
    Judges,
}

/// The stream for a purpose and two numbers of its own.
pub(crate) fn stream(purpose: Purpose, seed: u64, a: u64, b: u64) -> ChaCha8Rng {
    let mut key = [0; 32];
    for (slot, value) in key.chunks_exact_mut(8).zip([seed, purpose as u64 + 1, a, b]) {
        slot.copy_from_slice(&value.to_le_bytes());
    }
    ChaCha8Rng::from_seed(key)
}

/// Fisher-Yates. The index comes from 64 random bits by multiplication; its bias is below 2^-32 for
/// any list that fits in memory.
pub(crate) fn shuffle<T>(items: &mut [T], rng: &mut ChaCha8Rng) {
    for last in (1..items.len()).rev() {
        let index = (u128::from(rng.next_u64()) * (last as u128 + 1)) >> 64;
        items.swap(last, index as usize);
    }
}
