//! Files that are whole or absent, and proof of what a directory holds.
//!
//! Whoever writes results leaves a [`Manifest`] with size and BLAKE3 of every file; whoever reads
//! them believes nothing that does not verify.

mod files;
mod manifest;

pub use files::{sync_dir, write_atomic, write_synced};
pub use manifest::{Damage, FileProof, Manifest, Proof};
