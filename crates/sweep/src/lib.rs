//! From an [experiment](config::Experiment) to cells, to processes, to proof; files and processes
//! only, never a tensor.
//!
//! [`Plan`] gives every cell its id. [`inspect`] says what became of each cell by reading what lies
//! in its directory. [`launch`] starts one worker process per cell that has to run, and believes
//! nothing but the proof that the worker leaves behind. [`verify`] reads that proof again later.
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod child;
mod command;
mod display;
mod error;
mod footprint;
mod job;
mod launch;
mod left;
mod memory;
mod options;
mod outcome;
mod plan;
mod prepare;
mod pressure;
mod program;
mod retry;
mod settle;
mod signals;
mod slots;
pub mod slurm;
mod state;
mod status;
mod tail;
mod template;
mod watch;

pub use command::launch_command;
pub use error::SweepError;
pub use launch::{launch, launch_with};
pub use memory::Memory;
pub use options::{Machine, Options};
pub use outcome::{Failure, Outcome};
pub use plan::{Cell, Comparison, Draft, Plan, PlanFile, draft};
pub use program::{Direct, Paths, Program};
pub use proof::{Damage, Proof};
pub use slots::at_once;
pub use state::Snapshot;
pub use status::{CellState, CellStatus, inspect, inspect_cell, verify};
pub use template::{Template, Values, quoted};
