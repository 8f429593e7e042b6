//! Paired statistics over images and seeds; no burn
