//! From an [experiment](config::Experiment) to cells, to processes, to proof; files and processes
//! only, never a tensor.
//!
//! [`Plan`] gives every cell its id. [`inspect`] says what became of each cell by reading what lies
//! in its directory. [`launch`] starts one worker process per cell that has to run, and believes
//! nothing but the proof that the worker leaves behind. [`verify`] reads that proof again later.
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod child;
mod error;
mod launch;
mod plan;
mod signals;
pub mod slurm;
mod state;
mod status;
mod tail;
mod template;
mod watch;

pub use error::SweepError;
pub use launch::{Failure, Options, Outcome, default_jobs, launch};
pub use plan::{Cell, Comparison, Draft, Plan, PlanFile, draft};
pub use proof::{Damage, Proof};
pub use state::Snapshot;
pub use status::{CellState, CellStatus, inspect, inspect_cell, verify};
pub use template::{Template, Values, quoted};
