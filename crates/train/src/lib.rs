//! Training: one optimisation step, and everything that makes a run of them resumable and
//! accountable.

mod adam;
mod batch;
mod checkpoint;
mod ema;
mod feed;
mod grid;
mod log;
mod memory;
mod metrics;
mod networks;
pub mod peer;
mod progress;
mod replay;
mod samples;
mod signals;
mod step;
mod trainer;
mod views;

pub use adam::Adam;
pub use batch::{Batch, HostBatch};
pub use checkpoint::{Checkpoint, CheckpointError, Identity, TrainerState};
pub use ema::Ema;
pub use grid::{Grid, RESIDUAL_GAIN};
pub use memory::{peak_mib, resident_mib};
pub use metrics::{StepMetrics, columns};
pub use networks::{Networks, Optimisers};
pub use progress::Progress;
pub use replay::Replay;
pub use signals::Stop;
pub use step::train_step;
pub use trainer::{Outcome, TrainError, Training};
pub use views::ViewNumbers;
