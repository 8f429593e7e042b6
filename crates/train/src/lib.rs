//! Training: one optimisation step, and everything that makes a run of them resumable and
//! accountable.

mod adam;
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
mod signals;
mod step;
mod trainer;

pub use adam::Adam;
pub use checkpoint::{Checkpoint, CheckpointError, Identity, TrainerState};
pub use ema::Ema;
pub use grid::{Grid, RESIDUAL_GAIN};
pub use memory::{peak_mib, resident_mib};
pub use metrics::{StepMetrics, columns};
pub use networks::{Networks, Optimisers};
pub use progress::Progress;
pub use signals::Stop;
pub use step::{Batch, train_step};
pub use trainer::{Outcome, TrainError, Training};
