//! Readers of annotation files: pure functions from bytes to labels and points. The path only names
//! the file in messages. Whatever the bytes, they answer with values or with one error.

pub mod celeba;
mod columns;
pub(crate) mod dialect;
pub mod folder;
pub(crate) mod label;
pub mod lfw;
pub mod marked;
pub mod mtfl;
mod points;
pub(crate) mod reading;
mod table;
pub(crate) mod text;

pub(crate) use columns::{PART, PERSON, is_one_of, missing};
