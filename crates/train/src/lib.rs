//! One optimisation step, the trainer, checkpoints, event log
