//! `data check`: whether a data set on disk can be used, before any work starts.

use std::path::Path;

use config::JudgedPart;
use serde::Serialize;

use crate::decode::Decoder;
use crate::face::Face;
use crate::origin::Origin;
use crate::overview::sample;
use crate::split::Split;
use crate::{DataError, source};

/// What [`check`] found.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CheckReport {
    /// Split of the configured attribute: training, validation and test faces per class.
    pub split: [usize; 3],
    /// The part whose faces are judged.
    pub judged: &'static str,
    /// Images decoded as a sample.
    pub decoded: usize,
    /// What was odd and how it was taken, as [`Overview`](crate::Overview) shows it.
    pub notes: Vec<String>,
}

/// Reads every annotation, draws the split, sees that it has images of the part that is judged, and
/// decodes a sample of images.
///
/// # Errors
/// As [`prepare`](crate::prepare).
pub fn check(
    data: &config::Data,
    part: JudgedPart,
    cache: &Path,
) -> Result<CheckReport, DataError> {
    let collection = source::open(data, cache)?;
    let attribute = collection.columns.require("data.attribute", &data.attribute)?;
    let faces = &collection.faces;
    let drawn = Split::draw(faces, attribute, data)?;
    let per_class = |part: JudgedPart| drawn.judged(part)[0].len();
    let [validation, test] = [JudgedPart::Validation, JudgedPart::Test].map(per_class);
    let split = [drawn.train_negative.len(), validation, test];
    drawn.judging(part, faces, attribute, data)?;
    let sample = sample(faces);
    let damaged = damaged(&sample, &mut Decoder::new(collection.framing, data.size));
    if !damaged.is_empty() {
        return Err(Origin::unusable(&damaged));
    }
    let decoded = sample.len();
    Ok(CheckReport { split, judged: part.name(), decoded, notes: collection.notes })
}

/// Those of these images that cannot be used, with the reason, in their order.
fn damaged(faces: &[&Face], decoder: &mut Decoder) -> Vec<(Origin, String)> {
    let crops = decoder.crops(faces);
    let refused = |(face, crop): (&&Face, Result<_, _>)| Some((face.origin.clone(), crop.err()?));
    faces.iter().zip(crops).filter_map(refused).collect()
}

/// Images decoded between two reports of progress.
const CHUNK: usize = 256;

/// Decodes every image, whatever the split: how many there are, and each that cannot be used with the reason, in
/// the order of the data set. `progress` is told `(done, total)`.
///
/// # Errors
/// As [`open`](crate::open).
pub fn undecodable(
    data: &config::Data,
    cache: &Path,
    progress: &dyn Fn(usize, usize),
) -> Result<(usize, Vec<(Origin, String)>), DataError> {
    let collection = source::open(data, cache)?;
    let (faces, mut all) = (&collection.faces, Vec::new());
    let mut decoder = Decoder::new(collection.framing, data.size);
    for (i, chunk) in faces.chunks(CHUNK).enumerate() {
        all.append(&mut damaged(&chunk.iter().collect::<Vec<_>>(), &mut decoder));
        progress(i * CHUNK + chunk.len(), faces.len());
    }
    Ok((faces.len(), all))
}

impl std::fmt::Display for CheckReport {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let [train, validation, test] = self.split;
        writeln!(
            f,
            "  split: {train} + {train} training, {validation} + {validation} validation, {test} + \
             {test} test images; the {} images are judged",
            self.judged
        )?;
        write!(f, "  {} images decoded as a sample", self.decoded)
    }
}
