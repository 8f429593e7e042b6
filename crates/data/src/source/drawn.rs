//! Synthetic faces as a source: drawn once into the cache, then read like any set in CelebA's layout.

use std::path::Path;

use super::{celeba, digest, hasher};
use crate::DataError;
use crate::face::Collection;
use crate::synthetic::{self, Spec};

/// What to draw, as the configuration says it.
pub(crate) fn spec(data: &config::Data) -> Spec {
    Spec {
        count: data.synthetic_count,
        seed: data.synthetic_seed,
        correlation: data.synthetic_correlation,
    }
}

pub(super) fn fingerprint(data: &config::Data) -> String {
    let mut hasher = hasher("synthetic");
    hasher.update(spec(data).fingerprint().as_bytes());
    digest(&hasher)
}

pub(super) fn open(
    data: &config::Data,
    cache: &Path,
    progress: &dyn Fn(usize, usize),
) -> Result<Collection, DataError> {
    let spec = spec(data);
    let dir = cache.join("synthetic").join(spec.fingerprint());
    synthetic::write_cached(&dir, &spec, progress)?;
    celeba::open(&dir, data, Some(fingerprint(data)))
}
