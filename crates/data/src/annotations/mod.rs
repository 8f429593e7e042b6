//! Readers of annotation files: pure functions from bytes to labels and points. The path only names
//! the file in messages. Whatever the bytes, they answer with values or with one error.

pub mod celeba;
mod columns;
mod dialect;
pub mod folder;
mod label;
pub mod lfw;
pub mod mtfl;
mod points;
mod reading;
mod table;
pub(crate) mod text;

pub(crate) use columns::missing;
