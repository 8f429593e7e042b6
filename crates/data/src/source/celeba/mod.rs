//! CelebA on disk, and anything in its layout (the synthetic faces).
//!
//! Images in a directory, a zip archive or parquet tables; lists beside them, in `Anno` or in `Eval`, as
//! `.txt` or as `.csv`, in the archive, or as columns of the tables. Identities and landmarks may be
//! missing, and the partition unless the configuration asks for it.

mod files;
mod images;
mod tables;

use std::collections::HashMap;
use std::path::Path;

use config::{Crop, Source, SplitRule};
use files::{Copies, Files, PLACES};
use images::Wrapping;

use super::fingerprint::{digest, hasher};
use super::listing;
use super::reader::{Reader, Told};
use crate::annotations::celeba::{self as lists, List, stem};
use crate::face::{Collection, Face, Framing, Landmarks};
use crate::frame::CELEBA_MEAN;
use crate::{DataError, Part};

/// CelebA, or what lies on the disk like it.
pub(super) struct Celeba;

impl Reader for Celeba {
    fn source(&self) -> Source {
        Source::Celeba
    }

    fn open(&self, data: &config::Data, _: &Path, _: Told<'_>) -> Result<Collection, DataError> {
        open(listing::root(data)?, data, None)
    }

    fn fingerprint(&self, data: &config::Data) -> Result<String, DataError> {
        hash(&Files::find(listing::root(data)?)?, data.crop)
    }
}

fn hash(files: &Files, crop: Crop) -> Result<String, DataError> {
    let mut hasher = hasher("celeba");
    for list in files.lists() {
        hasher.update(blake3::hash(&list.read()?).as_bytes());
    }
    files.images.hash_into(&mut hasher);
    // What stands in images and points depends on it; left out where it always was.
    if crop != Crop::Align {
        hasher.update(crop.name().as_bytes());
    }
    Ok(digest(&hasher))
}

/// Reads the lists. A row without an image and an image without a row are left out and noted.
pub(super) fn open(
    root: &Path,
    data: &config::Data,
    fingerprint: Option<String>,
) -> Result<Collection, DataError> {
    let files = Files::find(root)?;
    let images = &files.images;
    let tables = match &images.wrapping {
        Wrapping::Tables(tables) => Some(tables),
        _ => None,
    };
    let partitioned = files.partition.first().is_some()
        || tables.is_some_and(|tables| tables.parts.values().any(|part| *part != Part::Unassigned));
    if data.split == SplitRule::Official && !partitioned {
        let what = "list_eval_partition.txt (or .csv), which data.split = \"official\" follows,";
        let remedy = "download it there, or use data.split = \"paper\"";
        return Err(DataError::missing(what, root, &PLACES, remedy));
    }
    let (list, attributes, odd) = files::attributes(&files)?;
    let mut notes = images.notes.clone();
    notes.extend(missing_lists(root, &files));
    notes.extend(images.twins());
    notes.extend(odd);
    notes.extend(attributes.notes);
    let names: Vec<&str> = images.names().collect();
    let numbers = names.iter().enumerate().rev();
    let there: HashMap<&str, usize> = numbers.map(|(number, name)| (stem(name), number)).collect();

    let mut parts = joined(&files.partition, lists::partition, &there, &mut notes)?;
    let mut identities = joined(&files.identities, lists::identities, &there, &mut notes)?;
    if let Some(tables) = tables {
        // A list goes before the columns of the tables.
        if files.partition.first().is_none() {
            parts = tables.parts.clone();
        }
        if files.identities.first().is_none() {
            identities = tables.identities.clone();
        }
    }
    let mut landmarks = joined(&files.landmarks, lists::landmarks, &there, &mut notes)?;
    if let Some(path) = files.landmarks.first().map(|list| list.path.as_path()) {
        if data.crop != Crop::Made {
            of_the_frame(path, landmarks.values().flatten())?;
        }
        match data.crop {
            Crop::Align => {}
            Crop::Made => {
                landmarks.clear();
                notes.push(format!(
                    "{} is left out: it speaks of the 178 x 218 frame, and data.crop = \"made\" does \
                     not say which part of that frame the images show (\"made-centre\": its centre \
                     178 x 178)",
                    path.display()
                ));
            }
            Crop::MadeCentre => notes.push(format!(
                "the points of {} are taken from the 178 x 218 frame to its centre 178 x 178, which \
                 the images are taken to show (data.crop = \"made-centre\")",
                path.display()
            )),
        }
    }

    let rows = attributes.rows.len();
    let listed = attributes.rows.first().map(|(image, _)| image.clone()).unwrap_or_default();
    let mut faces = Vec::with_capacity(rows.min(there.len()));
    let mut unassigned = 0;
    for (image, labels) in attributes.rows {
        let Some(&number) = there.get(stem(&image)) else { continue };
        let key = stem(&image);
        let part = parts.get(key).copied().unwrap_or_default();
        unassigned += usize::from(part == Part::Unassigned);
        faces.push(Face {
            origin: images.origin(number),
            labels,
            landmarks: landmarks.get(key).copied().flatten(),
            identity: identities.remove(key),
            pose: None,
            part,
            id: image,
        });
    }
    let place = images.place.display();
    if faces.is_empty() {
        let first = names.first().copied().unwrap_or_default();
        return Err(DataError::annotation(
            &list,
            None,
            format!(
                "none of its {rows} images is in {place}: its first is '{listed}', the first there is \
                 '{first}'"
            ),
            "the list and the image directory belong to different data sets, check data.root",
        ));
    }
    let (left, spare) = (rows - faces.len(), there.len() - faces.len());
    if left > 0 {
        notes.push(format!(
            "{left} of the {rows} images of {} are not in {place} and are left out",
            list.display()
        ));
    }
    if spare > 0 {
        notes.push(format!(
            "{spare} image(s) in {place} have no row in {} and are left out",
            list.display()
        ));
    }
    if partitioned && unassigned > 0 {
        notes.push(format!("{unassigned} image(s) belong to no part of the official partition"));
    }
    let framing = match data.crop {
        Crop::Align => Framing::Aligned,
        Crop::Made => Framing::Made,
        Crop::MadeCentre => Framing::MadeCentre,
    };
    let fingerprint = match fingerprint {
        Some(known) => known,
        None => hash(&files, data.crop)?,
    };
    Ok(Collection { faces, framing, columns: attributes.columns, fingerprint, notes })
}

/// What is not there and is nowhere else.
fn missing_lists(root: &Path, files: &Files) -> Option<String> {
    let own = match &files.images.wrapping {
        Wrapping::Tables(tables) => !tables.identities.is_empty(),
        _ => false,
    };
    let mut missing = Vec::new();
    if files.identities.first().is_none() && !own {
        missing.push("identity_CelebA");
    }
    if files.landmarks.first().is_none() {
        missing.push("list_landmarks_align_celeba");
    }
    (!missing.is_empty()).then(|| {
        format!(
            "not found in {} (nor in {} there), as .txt or .csv: {}; what needs them is not measured",
            root.display(),
            PLACES[1..].join(", "),
            missing.join(", ")
        )
    })
}

/// Faces whose mean tells the frame of a list.
const MANY: usize = 50;
/// Pixels between the mean of a list and CelebA's that no selection of faces makes.
const FAR: f32 = 15.0;

/// Refuses points of another frame: of the unaligned images, or scaled with the images of a copy.
fn of_the_frame<'a>(
    path: &Path,
    points: impl Iterator<Item = &'a Landmarks>,
) -> Result<(), DataError> {
    let (mut sum, mut count) = ([[0f64; 2]; 5], 0usize);
    for face in points {
        count += 1;
        for (sum, point) in sum.iter_mut().flatten().zip(face.as_flattened()) {
            *sum += f64::from(*point);
        }
    }
    let off = |(sum, mean): (&[f64; 2], &[f32; 2])| {
        let offset = |axis: usize| (sum[axis] / count as f64) as f32 - mean[axis];
        offset(0).hypot(offset(1))
    };
    let worst = sum.iter().zip(&CELEBA_MEAN).map(off).fold(0.0, f32::max);
    if count < MANY || worst <= FAR {
        return Ok(());
    }
    let problem = format!(
        "on average its points lie {worst:.0} pixels away from CelebA's mean face: they are not of the \
         aligned 178 x 218 frame"
    );
    let remedy = "use list_landmarks_align_celeba as it was published, or take the list away";
    Err(DataError::annotation(path, None, problem, remedy))
}

/// A list that may be missing, by image name without extension.
fn joined<T: PartialEq>(
    copies: &Copies,
    reader: impl Fn(&Path, &[u8]) -> Result<List<T>, DataError>,
    there: &HashMap<&str, usize>,
    notes: &mut Vec<String>,
) -> Result<HashMap<String, T>, DataError> {
    let Some(file) = copies.first() else { return Ok(HashMap::new()) };
    let mut list = reader(&file.path, &file.read()?)?;
    notes.append(&mut list.notes);
    notes.extend(copies.contradictions(&list, &reader, files::differing));
    let values = list.by_stem();
    if !values.keys().any(|name| there.contains_key(name.as_str())) {
        let count = values.len();
        notes.push(format!(
            "{}: none of its {count} rows names an image that is there",
            file.path.display()
        ));
    }
    Ok(values)
}
