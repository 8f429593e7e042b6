//! From an [experiment](config::Experiment) to cells, to processes, to proof; files and processes
//! only, never a tensor.
//!
//! [`Plan`] gives every cell its id. [`inspect`] says what became of each cell by reading what lies
//! in its directory, [`glance`] says it at once and reads less. [`launch`] starts one worker process
//! per cell that has to run, and believes nothing but the proof that the worker leaves behind.
//! [`verify`] reads everything again later, [`orphans`] finds what an edited experiment left behind.
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod child;
mod error;
mod estimate;
mod forecast;
mod host;
mod launch;
mod orphans;
mod parallel;
mod plan;
mod reasons;
mod signals;
mod state;
mod status;
mod tail;
mod tally;
mod verify;
mod watch;

pub use error::SweepError;
pub use estimate::{Estimates, Expected};
pub use forecast::{Forecast, Room};
pub use launch::{Failure, Options, Outcome, default_jobs, launch};
pub use orphans::{Orphan, Removal, orphan_ids, orphans, remove_orphan, remove_trash};
pub use plan::{Cell, Comparison, Draft, Origin, Plan, PlanFile, draft};
pub use proof::{Damage, Proof};
pub use reasons::Earlier;
pub use state::Snapshot;
pub use status::{CellState, CellStatus, glance, glance_cell, inspect, inspect_cell};
pub use tally::Tally;
pub use verify::{Verified, verify};
