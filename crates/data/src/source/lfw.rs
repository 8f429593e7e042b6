//! Labeled Faces in the Wild: `Name/Name_0001.jpg`, labels from `lfw_attributes.txt`, joined by name.
//!
//! The people's directories stand in the root itself or in `lfw`, `lfw_funneled` or
//! `lfw-deepfunneled` below it; the lists in the root, beside or above it. Where MTFL's `training.txt`
//! is there too, its LFW rows give five points for the images they name.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use config::{Alignment, Source};

use super::fingerprint::{digest, hasher};
use super::listing::{self, Listing, find_file, read, subdirectories};
use super::mtfl::agree;
use super::reader::{Reader, Told};
use crate::DataError;
use crate::annotations::celeba::stem;
use crate::annotations::{lfw, mtfl};
use crate::face::{Collection, Face, Framing, Landmarks, Part};
use crate::frame::alignable;
use crate::labels::Labels;

/// Labeled Faces in the Wild.
pub(super) struct Lfw;

impl Reader for Lfw {
    fn source(&self) -> Source {
        Source::Lfw
    }

    fn open(&self, data: &config::Data, _: &Path, _: Told<'_>) -> Result<Collection, DataError> {
        open(listing::root(data)?, data.alignment)
    }

    fn fingerprint(&self, data: &config::Data) -> Result<String, DataError> {
        Files::find(listing::root(data)?)?.fingerprint(data.alignment)
    }
}

const IMAGES: [&str; 6] =
    ["lfw-deepfunneled", "lfw_funneled", "lfw", "lfw-funneled", "lfw_deepfunneled", ""];

struct Files {
    images: PathBuf,
    people: Vec<(String, Listing)>,
    attributes: PathBuf,
    points: Vec<PathBuf>,
}

impl Files {
    fn find(root: &Path) -> Result<Files, DataError> {
        let mut images = None;
        for dir in IMAGES.iter().map(|name| root.join(name)).filter(|dir| dir.is_dir()) {
            let mut people = subdirectories(&dir)?;
            people.retain(|(name, listing)| listing.files.iter().any(|(f, _)| f.starts_with(name)));
            if !people.is_empty() {
                images = Some((dir, people));
                break;
            }
        }
        let (images, people) = images.ok_or_else(|| {
            let remedy = "unpack lfw.tgz (or a funneled one) there";
            DataError::missing("any image Name/Name_0001.jpg", root, &IMAGES, remedy)
        })?;
        let places = ["", ".."];
        let attributes = find_file(root, &places, &["lfw_attributes.txt"]).ok_or_else(|| {
            let remedy = "download Kumar et al.'s attribute scores there";
            DataError::missing("lfw_attributes.txt", root, &places, remedy)
        })?;
        let lists = ["training.txt", "testing.txt"];
        let points = lists.iter().filter_map(|name| find_file(root, &[""], &[name])).collect();
        Ok(Files { images, people, attributes, points })
    }

    fn fingerprint(&self, alignment: Alignment) -> Result<String, DataError> {
        let mut hasher = hasher("lfw");
        for list in std::iter::once(&self.attributes).chain(&self.points) {
            hasher.update(blake3::hash(&read(list)?).as_bytes());
        }
        for (person, listing) in &self.people {
            hasher.update(person.as_bytes());
            listing.hash_into(&mut hasher);
        }
        // Left out where it always was.
        if alignment != Alignment::Given {
            hasher.update(alignment.name().as_bytes());
        }
        Ok(digest(&hasher))
    }

    /// Five points by image name without extension.
    fn landmarks(&self) -> Result<HashMap<String, Landmarks>, DataError> {
        let read = |path: &PathBuf| Ok((path.clone(), mtfl::numbered(path, &read(path)?)?));
        let lists = self.points.iter().map(read).collect::<Result<Vec<_>, DataError>>()?;
        agree(&lists)?;
        let mut points = HashMap::new();
        for (_, rows) in lists {
            for (_, row) in rows {
                let (directory, name) = row.image.rsplit_once('/').unwrap_or(("", &row.image));
                if directory.to_ascii_lowercase().starts_with("lfw") && alignable(&row.landmarks) {
                    points.insert(stem(name).to_owned(), row.landmarks);
                }
            }
        }
        Ok(points)
    }
}

fn open(root: &Path, alignment: Alignment) -> Result<Collection, DataError> {
    let files = Files::find(root)?;
    let list = lfw::scores(&files.attributes, &read(&files.attributes)?)?;
    let mut labels: HashMap<String, Labels> = list.rows.into_iter().collect();
    let points = files.landmarks()?;
    let mut faces = Vec::new();
    let (mut images, mut pointless) = (0, 0);
    for (person, listing) in &files.people {
        for (name, _) in &listing.files {
            images += 1;
            let Some(labels) = labels.remove(stem(name)) else { continue };
            let landmarks = points.get(stem(name)).copied();
            pointless += usize::from(landmarks.is_none());
            faces.push(Face {
                id: format!("{person}/{name}"),
                path: files.images.join(person).join(name),
                labels,
                landmarks,
                identity: Some(person.clone()),
                pose: None,
                part: Part::Unassigned,
            });
        }
    }
    let attributes = files.attributes.display();
    if faces.is_empty() {
        return Err(DataError::annotation(
            &files.attributes,
            None,
            format!("none of its rows names one of the {images} images"),
            "the list and the images belong to different data sets, check data.root",
        ));
    }
    let mut notes = list.notes;
    if faces.len() < images {
        let without = images - faces.len();
        notes.push(format!("{without} of {images} images have no row in {attributes}, left out"));
    }
    if !labels.is_empty() {
        notes.push(format!(
            "{} row(s) of {attributes} have no image and are left out",
            labels.len()
        ));
    }
    if alignment == Alignment::FivePoint {
        pointed(&files, root, &mut faces, &mut notes)?;
        pointless = 0;
    }
    let framing = if points.is_empty() { Framing::Lfw } else { Framing::FivePoint };
    if framing == Framing::Lfw {
        notes.push(format!(
            "MTFL's training.txt was not found in {}: faces have no five points and are framed by the \
             fixed window that fits LFW's mean face",
            root.display()
        ));
    }
    if framing == Framing::FivePoint && pointless > 0 {
        notes.push(format!(
            "{pointless} of {} faces have no five points in MTFL's list; they are framed by the \
             fixed window that fits LFW's mean face",
            faces.len()
        ));
    }
    let (fingerprint, columns) = (files.fingerprint(alignment)?, list.columns);
    Ok(Collection { faces, framing, columns, fingerprint, notes })
}

/// Leaves out faces that have no five points to be placed by.
fn pointed(
    files: &Files,
    root: &Path,
    faces: &mut Vec<Face>,
    notes: &mut Vec<String>,
) -> Result<(), DataError> {
    let before = faces.len();
    faces.retain(|face| face.landmarks.is_some());
    let left = before - faces.len();
    if faces.is_empty() {
        let what = match files.points.is_empty() {
            true => {
                "MTFL's training.txt, by whose points data.alignment = \"five-point\" places faces,"
            }
            false => {
                "a face with five points in MTFL's lists, by which data.alignment = \"five-point\" \
                      places faces,"
            }
        };
        let remedy = "put it there, or set data.alignment to \"given\"";
        return Err(DataError::missing(what, root, &[], remedy));
    }
    if left > 0 {
        notes.push(format!(
            "{left} of {before} faces have no five points in MTFL's list and are left out"
        ));
    }
    Ok(())
}
