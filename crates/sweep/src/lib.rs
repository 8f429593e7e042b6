//! From an [experiment](config::Experiment) to cells, to processes, to proof; files and processes
//! only, never a tensor.
//!
//! [`Plan`] gives every cell its id. [`launch`] starts one worker process
//! per cell that has to run, and believes nothing but the proof that the worker leaves behind.
//! [`verify`] reads everything again later, [`orphans`] finds what an edited experiment left behind.
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod belonging;
mod child;
mod command;
mod command_template;
mod conclude;
mod display;
mod earlier;
mod error;
mod estimate;
mod footprint;
mod forecast;
mod job;
mod launch;
mod machine;
mod memory;
mod memory_guard;
mod options;
mod orphans;
mod outcome;
mod plan;
mod prepare;
mod program;
mod reasons;
mod remaining;
mod retry;
mod signals;
mod slots;
pub mod slurm;
mod start;
mod stray;
mod tally;
mod verify;
mod watch;

pub use belonging::{Belonging, belonging, home_file};
pub use command::launch_command;
pub use command_template::{CommandTemplate, Values};
pub use earlier::earlier_layout;
pub use error::SweepError;
pub use estimate::{Estimates, Expected};
pub use forecast::{Forecast, Room};
pub use launch::{launch, launch_with};
pub use machine::Machine;
pub use memory::Memory;
pub use options::Options;
pub use orphans::{Orphan, Removal, orphan_ids, orphans, remove_orphan, remove_trash};
pub use outcome::{Failure, Outcome};
pub use plan::{Draft, Plan, draft, origin};
pub use program::{Direct, Paths, Program};
pub use reasons::Earlier;
pub use slots::{at_once, uses_cuda};
pub use stray::is_stray;
pub use tally::Tally;
pub use verify::{Verified, verify};
