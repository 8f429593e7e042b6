//! What is written down of cells and sweeps, defined once for worker, sweep, report and front door.
//!
//! Files are whole or absent, a directory's content is proved, and it is known whose it is: whoever
//! writes results first takes a [`Claim`] and leaves a [`Manifest`] with size and BLAKE3 of every file;
//! whoever reads them believes nothing that does not verify. [`PlanFile`] lists the cells of a sweep,
//! [`inspect`] and [`glance`] say what became of each ([`CellState`]) by its files, [`Made`] says what
//! made it, and [`Mixture`] which cells share no verdict.
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod again;
mod claim;
mod exit;
mod files;
mod hangup;
mod life;
mod line;
mod lock;
mod made;
mod manifest;
pub mod own;
mod plan;
mod quote;
mod seal;
mod sniff;
mod state;
mod status;
pub mod tables;
mod tail;
pub mod vouched;

pub use again::Again;
pub use claim::{Claim, ClaimError, Contest, Owner};
pub use exit::Exit;
pub use files::{is_scratch, scratch_beside, sweep_scratch, sync_dir, write_atomic, write_synced};
pub use hangup::ignores_hangup;
pub use life::{is_claimed, this_host};
pub use line::{checked_line, is_sound_line};
pub use lock::{Lock, Locking};
pub use made::{Apart, Build, Code, JudgeId, Judged, Made, Mixture};
pub use manifest::{Damage, FileProof, Manifest, Proof};
pub use plan::{Cell, Comparison, ID_DIGITS, Origin, PlanError, PlanFile, arm_of, cell_dir, is_id};
pub use quote::{quotation, quoted};
pub use seal::seal;
pub use sniff::Content;
pub use state::{CellState, ErrorKind, Phase, Snapshot};
pub use status::{
    CellStatus, DONE, JUDGE_CONFIG, TRAINED, glance, glance_cell, inspect, inspect_cell,
};
pub use tail::last_lines;
