//! Tables and figures from results; reads files only; no burn
