//! One small data set in every wrapping that CelebA has, and LFW in its versions: each gives the faces,
//! labels, parts and decoded crops of the plain directory, and damage in each is named.
#![allow(clippy::unwrap_used)]

mod directories;
mod hostile;
mod lfw;
mod set;
mod tables;
mod zips;
