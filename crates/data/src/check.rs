//! `data check`: what a data set on disk holds, before any work starts.

use std::collections::BTreeMap;
use std::path::Path;

use config::JudgedPart;
use serde::Serialize;

use crate::decode::Decoder;
use crate::face::Face;
use crate::origin::Origin;
use crate::split::Split;
use crate::{DataError, Part, source};

/// What [`check`] found.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CheckReport {
    /// The source.
    pub source: String,
    /// Faces with an image and a row.
    pub faces: usize,
    /// Of these, with five points.
    pub with_landmarks: usize,
    /// Different people, 0 where unknown.
    pub identities: usize,
    /// Faces per official part: `train`, `validation`, `test`, `unassigned`.
    pub parts: BTreeMap<Part, usize>,
    /// Attribute to faces with, without, unknown.
    pub labels: BTreeMap<String, [usize; 3]>,
    /// Split of the configured attribute: training, validation and test faces per class.
    pub split: [usize; 3],
    /// The part whose faces are judged.
    pub judged: &'static str,
    /// Images decoded as a sample.
    pub decoded: usize,
    /// What was odd and how it was taken.
    pub notes: Vec<String>,
}

/// Images that are decoded, spread evenly over the set.
const SAMPLE: usize = 200;

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
    let stride = faces.len().div_ceil(SAMPLE).max(1);
    let sample: Vec<_> = faces.iter().step_by(stride).collect();
    let crops = Decoder::new(collection.framing, data.size).crops(&sample);
    let refused =
        |(face, crop): (&&Face, Result<_, String>)| Some((face.origin.clone(), crop.err()?));
    let damaged: Vec<(Origin, String)> = sample.iter().zip(crops).filter_map(refused).collect();
    if !damaged.is_empty() {
        return Err(Origin::unusable(&damaged));
    }
    let mut parts = BTreeMap::new();
    faces.iter().for_each(|face| *parts.entry(face.part).or_default() += 1);
    let labels = collection.columns.attributes.iter().enumerate().map(|(place, attribute)| {
        let count = |label| faces.iter().filter(|f| f.labels.get(place) == label).count();
        (attribute.to_string(), [count(Some(true)), count(Some(false)), count(None)])
    });
    let people: std::collections::HashSet<_> =
        faces.iter().filter_map(|face| face.identity.as_ref()).collect();
    Ok(CheckReport {
        source: data.source.to_string(),
        faces: faces.len(),
        with_landmarks: faces.iter().filter(|face| face.landmarks.is_some()).count(),
        identities: people.len(),
        parts,
        labels: labels.collect(),
        split,
        judged: part.name(),
        decoded: sample.len(),
        notes: collection.notes,
    })
}

impl std::fmt::Display for CheckReport {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(f, "{}: {} faces", self.source, self.faces)?;
        writeln!(f, "  with five landmarks: {}", self.with_landmarks)?;
        if self.identities > 0 {
            writeln!(f, "  people: {}", self.identities)?;
        }
        for (part, count) in &self.parts {
            writeln!(f, "  {}: {count}", format!("{part:?}").to_lowercase())?;
        }
        writeln!(f, "  {:<28} {:>8} {:>8} {:>8}", "attribute", "with", "without", "unknown")?;
        for (attribute, [with, without, unknown]) in &self.labels {
            writeln!(f, "  {attribute:<28} {with:>8} {without:>8} {unknown:>8}")?;
        }
        let [train, validation, test] = self.split;
        writeln!(
            f,
            "  split: {train} + {train} training, {validation} + {validation} validation, {test} + \
             {test} test images; the {} images are judged",
            self.judged
        )?;
        write!(f, "  {} images decoded as a sample", self.decoded)?;
        self.notes.iter().try_for_each(|note| write!(f, "\n  note: {note}"))
    }
}
