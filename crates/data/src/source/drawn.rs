//! Synthetic faces as a source: drawn once into the cache, then read like any set in CelebA's layout.

use std::path::Path;

use config::{Attribute, Source};

use super::celeba;
use super::fingerprint::{digest, hasher};
use super::reader::{Reader, Told};
use crate::DataError;
use crate::face::Collection;
use crate::synthetic::{self, DrawnAttribute, Spec};

/// What to draw, as the configuration says it.
pub(crate) fn spec(data: &config::Data) -> Spec {
    Spec {
        count: data.synthetic_count,
        seed: data.synthetic_seed,
        correlation: data.synthetic_correlation,
    }
}

/// The synthetic faces.
pub(super) struct Drawn;

impl Reader for Drawn {
    fn source(&self) -> Source {
        Source::Synthetic
    }

    fn open(
        &self,
        data: &config::Data,
        cache: &Path,
        progress: Told<'_>,
    ) -> Result<Collection, DataError> {
        let spec = spec(data);
        let dir = cache.join("synthetic").join(spec.fingerprint());
        synthetic::write_cached(&dir, &spec, progress)?;
        let mut drawn = celeba::open(&dir, data, Some(fingerprint(data)))?;
        only(&DrawnAttribute::ALL.map(DrawnAttribute::attribute), &mut drawn);
        Ok(drawn)
    }

    fn fingerprint(&self, data: &config::Data) -> Result<String, DataError> {
        Ok(fingerprint(data))
    }
}

fn fingerprint(data: &config::Data) -> String {
    let mut hasher = hasher("synthetic");
    hasher.update(spec(data).fingerprint().as_bytes());
    digest(&hasher)
}

/// Leaves out what the faces are not drawn by: the lists have a column for each of CelebA's 40, of which
/// the others only follow from a face's parameters.
fn only(attributes: &[Attribute], drawn: &mut Collection) {
    let places: Vec<usize> = attributes.iter().filter_map(|a| drawn.columns.place(a)).collect();
    for face in &mut drawn.faces {
        face.labels = places.iter().map(|place| face.labels.get(*place)).collect();
    }
    drawn.columns.attributes = attributes.to_vec();
}
