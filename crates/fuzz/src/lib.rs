//! What every reader of files has to hold, whatever the bytes.
//!
//! A [`Target`] is one reader with its promises: it never panics, it ends, its memory stays within a
//! bound, an error is one sentence that names the file and, where the reader promises that, a line of
//! it, and what is accepted satisfies what its documentation says and survives being written and read
//! again. `cargo xtask fuzz` searches for bytes that break a promise, with libFuzzer and coverage;
//! `cargo test -p fuzz` replays the seeds and every input that once broke one.
//!
//! To add a target: write a `fn(&[u8]) -> Verdict` in [`targets`], list it in [`TARGETS`], and put seeds
//! into `corpus/NAME/`, at least one that is accepted and one that is refused.

mod meter;
mod oracle;
mod target;
pub mod targets;

pub use meter::Meter;
pub use target::{Memory, Target, Verdict};
pub use targets::{TARGETS, find};

use std::path::{Path, PathBuf};

/// Seeds of a target: small files that reach far into its reader.
pub fn seeds(target: &str) -> PathBuf {
    home().join("corpus").join(target)
}

/// Inputs that once broke one of a target's promises.
pub fn regressions(target: &str) -> PathBuf {
    home().join("regressions").join(target)
}

fn home() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}
