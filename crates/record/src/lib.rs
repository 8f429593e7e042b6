//! Files that are whole or absent, proof of what a directory holds, and whose it is.
//!
//! Whoever writes results first takes a [`Claim`] and leaves a [`Manifest`] with size and BLAKE3 of
//! every file; whoever reads them believes nothing that does not verify.
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod claim;
mod files;
mod life;
mod line;
mod manifest;
mod quote;
mod seal;
mod sniff;

pub use claim::{Claim, ClaimError, Contest, Owner};
pub use files::{sweep_scratch, sync_dir, write_atomic, write_synced};
pub use life::{beats_elsewhere, is_claimed, this_host};
pub use line::{checked_line, is_sound_line};
pub use manifest::{Damage, FileProof, Manifest, Proof, stays_below};
pub use quote::quotation;
pub use seal::{seal, unseal};
pub use sniff::Content;
