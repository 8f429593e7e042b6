//! One reader under test.

use crate::meter;

/// What a reader made of some bytes. Both are fine; a broken promise is a panic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It answered with values, and they are what its documentation says.
    Accepted,
    /// It answered with an error, and that is one that helps.
    Refused,
}

/// Heap that reading may take at its highest, in bytes: `base + per_byte * length`.
#[derive(Clone, Copy, Debug)]
pub struct Memory {
    /// Whatever the length.
    pub base: usize,
    /// Per byte of the input.
    pub per_byte: usize,
}

/// A reader and its promises.
#[derive(Debug)]
pub struct Target {
    /// Names its directories of inputs.
    pub name: &'static str,
    /// What is read, in a few words.
    pub about: &'static str,
    /// Reads the bytes and panics where a promise is broken.
    pub run: fn(&[u8]) -> Verdict,
    /// Words of the format, which chance alone would not find.
    pub words: fn() -> Vec<String>,
    /// Longest input that is tried, in bytes.
    pub longest: usize,
    /// Bound of the memory.
    pub memory: Memory,
}

impl Target {
    /// Runs the target and holds it to its bound of memory, which only programs notice that allocate
    /// by a [`Meter`](crate::Meter).
    ///
    /// # Panics
    /// A promise is broken.
    pub fn check(&self, bytes: &[u8]) -> Verdict {
        let (verdict, peak) = meter::peak_of(|| (self.run)(bytes));
        let Memory { base, per_byte } = self.memory;
        let bound = base + per_byte * bytes.len();
        assert!(peak <= bound, "{} bytes of input took {peak} bytes, at most {bound}", bytes.len());
        verdict
    }
}
