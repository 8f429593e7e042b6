//! Judges and metrics: attributes, fidelity, locality, landmarks
