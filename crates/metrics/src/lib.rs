//! Image, landmark and set metrics as plain functions; no burn
