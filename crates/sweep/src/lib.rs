//! Experiment to cells to processes to proof: plan, launch, resume, verify; no burn
