//! The Slurm launcher: cells as tasks of job arrays.
//!
//! Slurm decides when and where a cell runs; it is never asked whether one succeeded. A cell is
//! judged by its files, as everywhere. What is kept here is which task works on which cell, so that
//! none is submitted twice.

mod arrays;
mod client;
mod pin;
mod preview;
mod script;
mod submissions;
pub(crate) mod submit;
mod wait;

pub use preview::{Preview, preview};
pub use submissions::InQueue;
pub use submit::{Order, Submission, submit};
pub use wait::wait;

use std::path::{Path, PathBuf};

use crate::error::SweepError;

/// Where an experiment's submissions lie.
fn home(dir: &Path) -> PathBuf {
    dir.join("slurm")
}

/// What of the experiment whose results lie in `dir` is in Slurm's queue.
///
/// # Errors
/// Slurm cannot be asked, or a record of a submission cannot be read.
pub fn in_queue(dir: &Path) -> Result<InQueue, SweepError> {
    submissions::in_queue(&home(dir), false)
}
