//! What the program's sources come to, found out when it is built.
//!
//! A hash covers the sources that can change a number and the versions, from the lock file, of the
//! libraries that they are built with. Comments, documentation, formatting and tests are no part of it,
//! nor are the front door, reports or the command line: a commit that changes those mixes nothing. The
//! parts are listed in `build/parts.rs`.

/// Of what data are made and networks are trained with; 16 hexadecimal digits.
pub const TRAINING: &str = env!("CODE_TRAINING");
/// Of what judges are trained with.
pub const JUDGES: &str = env!("CODE_JUDGES");
/// Of what judges and measures edits.
pub const JUDGING: &str = env!("CODE_JUDGING");
/// Version of burn.
pub const BURN: &str = env!("CODE_BURN");

#[cfg(test)]
#[path = "../build/hash.rs"]
mod hash;
#[cfg(test)]
#[path = "../build/parts.rs"]
mod parts;
#[cfg(test)]
#[path = "../build/workspace.rs"]
mod workspace;
