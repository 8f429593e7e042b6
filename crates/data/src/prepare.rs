//! From a configuration to everything training and judging need: faces, split, pixels.

use std::path::Path;

use config::{Attribute, JudgedPart, Source};

use crate::cache::ImageCache;
use crate::face::{Collection, Face, Framing};
use crate::frame;
use crate::labels::LabelColumns;
use crate::resample::resample;
use crate::split::Split;
use crate::synthetic::{self, DrawnAttribute, Spec};
use crate::{DataError, source};

/// A data set made ready: the faces of the split alone, in the data set's order.
#[derive(Debug)]
pub struct Prepared {
    /// The faces; landmarks are in pixels of the crop.
    pub faces: Vec<Face>,
    /// The attributes that the data set labels.
    pub columns: LabelColumns,
    /// Indices into `faces`.
    pub split: Split,
    /// The crops, by the same indices.
    pub images: ImageCache,
    /// The data set's fingerprint, as [`fingerprint`](crate::fingerprint) gives it.
    pub fingerprint: String,
    pub(crate) framing: Framing,
    drawn: Option<Spec>,
    numbers: Vec<usize>,
}

/// Reads annotations, draws the split and decodes its images into `cache`, unless they are there:
/// those that train, and those that may be judged where this part is. `progress` is told `(done, total)` while faces are drawn and again while images are decoded.
///
/// # Errors
/// One sentence with file, line and remedy: [`DataError`].
pub fn prepare(
    data: &config::Data,
    part: JudgedPart,
    cache: &Path,
    progress: &dyn Fn(usize, usize),
) -> Result<Prepared, DataError> {
    let collection = source::open_with(data, cache, progress)?;
    collection.notes.iter().for_each(|note| tracing::warn!("{note}"));
    let attribute = collection.columns.require("data.attribute", &data.attribute)?;
    let split = Split::draw(&collection.faces, attribute, data)?;
    let split = split.judging(part, &collection.faces, attribute, data)?;
    decoded(collection, &split, data, cache, progress)
}

/// The faces of the split alone, with their images.
pub(crate) fn decoded(
    mut collection: Collection,
    split: &Split,
    data: &config::Data,
    cache: &Path,
    progress: &dyn Fn(usize, usize),
) -> Result<Prepared, DataError> {
    let members = split.members();
    let split = split.clone().reindexed(&members);
    // Hundreds of thousands are moved, not copied, and the others let go before pixels need the memory.
    let mut all: Vec<Option<Face>> =
        std::mem::take(&mut collection.faces).into_iter().map(Some).collect();
    let mut faces: Vec<Face> = members.iter().filter_map(|&i| all[i].take()).collect();
    drop(all);
    let key = key(&collection.fingerprint, data.size, &faces);
    let framing = collection.framing;
    let images =
        ImageCache::open(&cache.join("images"), &key, &faces, framing, data.size, progress)?;
    for face in &mut faces {
        let place = frame::of_points(framing, face.landmarks.as_ref(), data.size);
        face.landmarks = face.landmarks.map(|points| points.map(|point| place.apply(point)));
    }
    let drawn = (data.source == Source::Synthetic).then(|| source::spec(data));
    let numbers = match &drawn {
        Some(_) => faces.iter().map(number).collect::<Option<_>>().unwrap_or_default(),
        None => Vec::new(),
    };
    let Collection { columns, fingerprint, .. } = collection;
    Ok(Prepared { faces, columns, split, images, fingerprint, framing, drawn, numbers })
}

/// The index of a drawn face: CelebA's names count from 1.
fn number(face: &Face) -> Option<usize> {
    let (stem, _) = face.id.rsplit_once('.')?;
    stem.parse::<usize>().ok()?.checked_sub(1)
}

fn key(fingerprint: &str, size: usize, faces: &[Face]) -> String {
    let mut hasher = blake3::Hasher::new();
    hasher.update(fingerprint.as_bytes()).update(&size.to_le_bytes());
    for face in faces {
        hasher.update(face.id.as_bytes()).update(&[0]);
    }
    hasher.finalize().to_hex()[..16].to_owned()
}

impl Prepared {
    /// The true edit, where it is known: the same face with the attribute the other way round, as a
    /// `size` x `size` crop of RGB bytes, row by row. `None` on photographs.
    pub fn truth(&self, face: usize, attribute: &Attribute) -> Option<Vec<u8>> {
        let (spec, attribute) = (self.drawn.as_ref()?, DrawnAttribute::of(attribute)?);
        let drawn = synthetic::draw(*self.numbers.get(face)?, spec);
        let picture = synthetic::photograph(&drawn.with_flipped(attribute)).ok()?;
        let size = self.images.size();
        Some(resample(&picture, &frame::crop(size), size))
    }
}
