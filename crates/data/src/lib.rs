//! Face collections: sources, annotations, split, decode cache, sampler, batch; no burn

pub mod synthetic;
